import { testUserStore } from '../../src/testing/index.js';
import { createDocumentStore } from './trial/document-store.js';
import { patient } from '../patient.js';

testUserStore({
  ...patient,
  name: 'documents',
  create: createDocumentStore,
  capabilities: { nestedGroups: false },
});
