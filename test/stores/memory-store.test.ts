import { createMemoryStore } from '../../src/store/memory/memory-store.js';
import { contractCases } from './contract-cases.js';

contractCases('MemoryStore', () => ({ store: createMemoryStore() }));
