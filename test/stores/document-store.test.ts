import { contractCases } from './contract-cases.js';
import { createDocumentStore } from './trial/document-store.js';

contractCases('documents', createDocumentStore);
