import type { ConnectionStore, LogStore } from '../../admin/contract.js';
import type { SetupLinkStore } from '../../admin/setup-link-store.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { DeliveryStore } from '../../events/delivery-store.js';
import type { RoleMappingStore } from '../../lifecycle/access-rights/role-mapping-store.js';
import type { ConflictStore } from '../../lifecycle/conflicts/conflicts.js';
import type { AuditTrailStore } from '../../lifecycle/connections/audit-trail.js';
import type { ConnectionEndingStore } from '../../lifecycle/connections/ending-jobs.js';
import type { UserLinkStore } from '../../lifecycle/connections/user-links.js';
import type { HoldStore } from '../../lifecycle/guards/holds.js';
import type { OffboardingTaskStore } from '../../lifecycle/offboarding/tasks.js';
import type { TombstoneStore } from '../../lifecycle/offboarding/tombstones.js';
import { checkSuiteOptions } from '../check-options.js';
import type { Suite, SuiteOptions } from '../suite.js';
import { registerSuite, type TestRunner } from '../test-runner.js';
import { watched } from '../watched.js';
import { auditTrailCases } from './audit-trail-cases.js';
import { conflictCases } from './conflict-cases.js';
import { connectionCases } from './connection-cases.js';
import { deliveryCases } from './delivery-cases.js';
import { deliveryReportCases } from './delivery-report-cases.js';
import { endingCases } from './ending-cases.js';
import { holdCases, HoldContext, TestClock } from './hold-cases.js';
import { logCases } from './log-cases.js';
import { roleMappingCases } from './role-mapping-cases.js';
import { setupLinkCases } from './setup-link-cases.js';
import { storeSuite } from './side-suite.js';
import { taskCases } from './task-cases.js';
import { tombstoneCases } from './tombstone-cases.js';
import { userLinkCases } from './user-link-cases.js';

export { type PrimitivesUnderTest } from './primitives/primitives-under-test.js';
export {
  runStorePrimitivesCases,
  type StorePrimitivesTestOptions,
  testStorePrimitives,
} from './test-store-primitives.js';

/**
 * Options of the suites for all other stores: connections, log, deliveries, role mappings and so on.
 *
 * @example
 * import { memoryLogStore } from 'express-scim/admin';
 * import { type SideStoreTestOptions, testLogStore } from 'express-scim/testing';
 *
 * const options: SideStoreTestOptions<ReturnType<typeof memoryLogStore>> = {
 *   name: 'log in memory',
 *   create: () => memoryLogStore(),
 * };
 * testLogStore(options);
 */
export interface SideStoreTestOptions<S> extends SuiteOptions<S> {
  /** Default: the global functions of the current test runner, or those of node:test. */
  readonly runner?: TestRunner | undefined;
}

/**
 * Options of `testHoldStore`.
 *
 * @example
 * import { memoryHoldStore } from 'express-scim/lifecycle';
 * import { type HoldStoreTestOptions, testHoldStore } from 'express-scim/testing';
 *
 * const options: HoldStoreTestOptions = { name: 'holds in memory', create: (clock) => memoryHoldStore(clock) };
 * testHoldStore(options);
 */
export interface HoldStoreTestOptions extends Omit<SideStoreTestOptions<HoldStore>, 'create'> {
  /**
   * Makes a new, EMPTY store for each test case.
   *
   * @param clock the current time in milliseconds since 1970, which the store must use: the cases move it
   */
  create(clock: () => number): Awaitable<HoldStore>;
}

/** The suite of each kind of store, and what `create` of it returns. */
export const connectionSuite = storeSuite<ConnectionStore>('the contract of a connection store', connectionCases);
export const logSuite = storeSuite<LogStore>('the contract of a log store', logCases);
export const conflictSuite = storeSuite<ConflictStore>('the contract of a conflict store', conflictCases);
export const taskSuite = storeSuite<OffboardingTaskStore>('the contract of a store of off-boarding tasks', taskCases);
export const tombstoneSuite = storeSuite<TombstoneStore>('the contract of a tombstone store', tombstoneCases);

export const auditTrailSuite = storeSuite<AuditTrailStore>('the contract of an audit trail store', auditTrailCases);
export const deliverySuite = storeSuite<DeliveryStore>('the contract of a delivery store', [
  ...deliveryCases,
  ...deliveryReportCases,
]);
export const endingSuite = storeSuite<ConnectionEndingStore>('the contract of a connection ending store', endingCases);
export const roleMappingSuite = storeSuite<RoleMappingStore>('the contract of a role mapping store', roleMappingCases);
export const setupLinkSuite = storeSuite<SetupLinkStore>('the contract of a set-up link store', setupLinkCases);
export const userLinkSuite = storeSuite<UserLinkStore>('the contract of a user link store', userLinkCases);

/** A store of holds with its clock. */
interface ClockedHolds {
  readonly store: HoldStore;
  readonly clock: TestClock;
}

export const holdSuite: Suite<ClockedHolds, HoldContext> = {
  title: 'the contract of a hold store',
  cases: holdCases,
  open: ({ store, clock }, _one, beforeCall) => new HoldContext(watched(store, beforeCall), clock),
};

/** The options of `testHoldStore` as those of its suite. */
export function holdSuiteOptions(options: HoldStoreTestOptions): SuiteOptions<ClockedHolds> {
  checkSuiteOptions(options);
  const { create, destroy } = options;
  return {
    ...options,
    async create() {
      const clock = new TestClock();
      return { clock, store: await create(() => clock.now) };
    },
    destroy: destroy && (({ store }) => destroy(store)),
  };
}

const noReport = (): void => undefined;

/**
 * Registers the test cases of a `ConnectionStore` with your test runner.
 *
 * @example
 * import { memoryConnectionStore } from 'express-scim/admin';
 * import { testConnectionStore } from 'express-scim/testing';
 *
 * testConnectionStore({ name: 'connections in memory', create: () => memoryConnectionStore() });
 */
export function testConnectionStore(options: SideStoreTestOptions<ConnectionStore>): void {
  registerSuite(connectionSuite, options, noReport);
}

/**
 * Registers the test cases of a `LogStore` with your test runner.
 *
 * @example
 * import { memoryLogStore } from 'express-scim/admin';
 * import { testLogStore } from 'express-scim/testing';
 *
 * testLogStore({ name: 'log in memory', create: () => memoryLogStore() });
 */
export function testLogStore(options: SideStoreTestOptions<LogStore>): void {
  registerSuite(logSuite, options, noReport);
}

/**
 * Registers the test cases of a `ConflictStore` with your test runner.
 *
 * @example
 * import { memoryConflictStore } from 'express-scim/lifecycle';
 * import { testConflictStore } from 'express-scim/testing';
 *
 * testConflictStore({ name: 'conflicts in memory', create: () => memoryConflictStore() });
 */
export function testConflictStore(options: SideStoreTestOptions<ConflictStore>): void {
  registerSuite(conflictSuite, options, noReport);
}

/**
 * Registers the test cases of a `HoldStore` with your test runner.
 *
 * @example
 * import { memoryHoldStore } from 'express-scim/lifecycle';
 * import { testHoldStore } from 'express-scim/testing';
 *
 * testHoldStore({ name: 'holds in memory', create: (clock) => memoryHoldStore(clock) });
 */
export function testHoldStore(options: HoldStoreTestOptions): void {
  registerSuite(holdSuite, { ...holdSuiteOptions(options), runner: options.runner }, noReport);
}

/**
 * Registers the test cases of an `OffboardingTaskStore` with your test runner.
 *
 * @example
 * import { memoryOffboardingTaskStore } from 'express-scim/lifecycle';
 * import { testOffboardingTaskStore } from 'express-scim/testing';
 *
 * testOffboardingTaskStore({ name: 'tasks in memory', create: () => memoryOffboardingTaskStore() });
 */
export function testOffboardingTaskStore(options: SideStoreTestOptions<OffboardingTaskStore>): void {
  registerSuite(taskSuite, options, noReport);
}

/**
 * Registers the test cases of a `TombstoneStore` with your test runner.
 *
 * @example
 * import { memoryTombstoneStore } from 'express-scim/lifecycle';
 * import { testTombstoneStore } from 'express-scim/testing';
 *
 * testTombstoneStore({ name: 'tombstones in memory', create: () => memoryTombstoneStore() });
 */
export function testTombstoneStore(options: SideStoreTestOptions<TombstoneStore>): void {
  registerSuite(tombstoneSuite, options, noReport);
}

/**
 * Registers the test cases of an `AuditTrailStore` with your test runner.
 *
 * @example
 * import { memoryAuditTrailStore } from 'express-scim/lifecycle';
 * import { testAuditTrailStore } from 'express-scim/testing';
 *
 * testAuditTrailStore({ name: 'audit trail in memory', create: () => memoryAuditTrailStore() });
 */
export function testAuditTrailStore(options: SideStoreTestOptions<AuditTrailStore>): void {
  registerSuite(auditTrailSuite, options, noReport);
}

/**
 * Registers the test cases of a `DeliveryStore` with your test runner.
 *
 * @example
 * import { memoryDeliveryStore } from 'express-scim/events';
 * import { testDeliveryStore } from 'express-scim/testing';
 *
 * testDeliveryStore({ name: 'deliveries in memory', create: () => memoryDeliveryStore() });
 */
export function testDeliveryStore(options: SideStoreTestOptions<DeliveryStore>): void {
  registerSuite(deliverySuite, options, noReport);
}

/**
 * Registers the test cases of a `ConnectionEndingStore` with your test runner.
 *
 * @example
 * import { memoryConnectionEndingStore } from 'express-scim/lifecycle';
 * import { testConnectionEndingStore } from 'express-scim/testing';
 *
 * testConnectionEndingStore({ name: 'endings in memory', create: () => memoryConnectionEndingStore() });
 */
export function testConnectionEndingStore(options: SideStoreTestOptions<ConnectionEndingStore>): void {
  registerSuite(endingSuite, options, noReport);
}

/**
 * Registers the test cases of a `RoleMappingStore` with your test runner.
 *
 * @example
 * import { memoryRoleMappings } from 'express-scim/lifecycle';
 * import { testRoleMappingStore } from 'express-scim/testing';
 *
 * testRoleMappingStore({ name: 'role mappings in memory', create: () => memoryRoleMappings() });
 */
export function testRoleMappingStore(options: SideStoreTestOptions<RoleMappingStore>): void {
  registerSuite(roleMappingSuite, options, noReport);
}

/**
 * Registers the test cases of a `SetupLinkStore` with your test runner.
 *
 * @example
 * import { memorySetupLinkStore } from 'express-scim/admin';
 * import { testSetupLinkStore } from 'express-scim/testing';
 *
 * testSetupLinkStore({ name: 'set-up links in memory', create: () => memorySetupLinkStore() });
 */
export function testSetupLinkStore(options: SideStoreTestOptions<SetupLinkStore>): void {
  registerSuite(setupLinkSuite, options, noReport);
}

/**
 * Registers the test cases of a `UserLinkStore` with your test runner.
 *
 * @example
 * import { memoryUserLinkStore } from 'express-scim/lifecycle';
 * import { testUserLinkStore } from 'express-scim/testing';
 *
 * testUserLinkStore({ name: 'user links in memory', create: () => memoryUserLinkStore() });
 */
export function testUserLinkStore(options: SideStoreTestOptions<UserLinkStore>): void {
  registerSuite(userLinkSuite, options, noReport);
}
