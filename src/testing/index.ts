export { testUserStore, type TestRunner, type TestUserStoreOptions } from './register.js';
export { runStoreCases, userStoreCases, type BoundCase, type CaseResult, type StoreTestOptions } from './run.js';
export { SkippedCase } from './skipped.js';
export { capabilityReport } from './capability-report.js';
export { ContractViolation, type Need, type StoreCase, type StoreUnderTest } from './case.js';
