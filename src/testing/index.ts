export { testUserStore, type TestRunner, type TestUserStoreOptions } from './register.js';
export { runStoreCases, type CaseResult, type StoreTestOptions } from './run.js';
export { capabilityCard } from './card.js';
export { type Need, type StoreCase, type StoreUnderTest } from './case.js';
