import { testUserStore } from '../../src/testing/index.js';
import { createMapStore } from './trial/map-store.js';
import { patient } from '../patient.js';

testUserStore({ ...patient, name: 'a Map', create: () => createMapStore() });
