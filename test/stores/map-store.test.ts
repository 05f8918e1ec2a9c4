import { testUserStore } from '../../src/testing/index.js';
import { createMapStore } from './trial/map-store.js';

testUserStore({ name: 'a Map', create: () => createMapStore() });
