/**
 * The store test suite: about 200 test cases that check a `UserStore` against the contract, in any test runner or in a
 * program of yours.
 *
 * @module express-scim/testing
 */
export { testUserStore, type TestRunner, type TestUserStoreOptions } from './test-user-store.js';
export { runStoreCases, userStoreCases, type BoundCase, type CaseResult, type StoreTestOptions } from './run.js';
export { SkippedCase } from './skipped-case.js';
export { capabilityReport } from './capability-report.js';
export { type Need, type StoreCase } from './store-case.js';
export { type StoreUnderTest } from './store-under-test.js';
export { ContractViolation } from './contract-violation.js';
