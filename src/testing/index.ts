/**
 * The store test suites: test cases that check a store against its contract, in any test runner or in a program of yours.
 *
 * @module express-scim/testing
 */
export { testUserStore, type TestUserStoreOptions } from './test-user-store.js';
export { runStoreCases, userStoreCases, type StoreTestOptions } from './run.js';
export { type BoundCase, type CaseResult, type SuiteOptions } from './suite.js';
export { type TestRunner } from './test-runner.js';
export { SkippedCase } from './skipped-case.js';
export { capabilityReport, capabilityVerdicts, type CapabilityVerdict } from './capability-report.js';
export { type Need, type StoreCase } from './store-case.js';
export type { StoreCapabilities, StoreUnderTest } from './store-under-test.js';
export { ContractViolation } from './contract-violation.js';
export {
  resourceStoreCases,
  runResourceStoreCases,
  testResourceStore,
  type ResourceIn,
  type ResourceStoreTestOptions,
  type ResourceUnderTest,
} from './test-resource-store.js';
export { FaultyStore, storeFaults, type FaultyCall, type StoreFault } from './faulty-store.js';
export {
  runStorePrimitivesCases,
  testAuditTrailStore,
  testConflictStore,
  testConnectionEndingStore,
  testConnectionStore,
  testDeliveryStore,
  testHoldStore,
  testLogStore,
  testOffboardingTaskStore,
  testRoleMappingStore,
  testSetupLinkStore,
  testStorePrimitives,
  testTombstoneStore,
  testUserLinkStore,
  type HoldStoreTestOptions,
  type PrimitivesUnderTest,
  type SideStoreTestOptions,
  type StorePrimitivesTestOptions,
} from './side-stores/index.js';
