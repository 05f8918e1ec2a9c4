import { testUserStore } from '../../src/testing/index.js';
import { createDocumentStore } from './trial/document-store.js';

testUserStore({ name: 'documents', create: createDocumentStore, capabilities: { nestedGroups: false } });
