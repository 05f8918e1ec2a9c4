import { testUserStore } from '../../src/testing/index.js';
import { createDocumentStore } from './trial/document-store.js';

testUserStore({
  timeoutMilliseconds: 120_000,
  name: 'documents',
  create: createDocumentStore,
  capabilities: { nestedGroups: false },
});
