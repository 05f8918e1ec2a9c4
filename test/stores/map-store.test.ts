import { contractCases } from './contract-cases.js';
import { createMapStore } from './trial/map-store.js';

contractCases('a Map', () => ({ store: createMapStore() }));
