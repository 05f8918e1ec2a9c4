import type { UserStore } from '../contract/store.js';
import { capabilityReport } from './capability-report.js';
import { checkSuiteOptions } from './check-options.js';
import { type StoreTestOptions, underTestOf, userSuite } from './run.js';
import type { StoreUnderTest } from './store-under-test.js';
import { registerSuite, type TestRunner } from './test-runner.js';

/**
 * Options of `testUserStore`.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import type { TestUserStoreOptions } from 'express-scim/testing';
 *
 * export const options: TestUserStoreOptions = {
 *   name: 'memory',
 *   create: () => new MemoryStore(),
 *   timeoutMilliseconds: 60_000,
 * };
 */
export interface TestUserStoreOptions<
  Created extends UserStore | StoreUnderTest = UserStore | StoreUnderTest,
> extends StoreTestOptions<Created> {
  /** Default: the global functions of the current test runner, or those of node:test. */
  readonly runner?: TestRunner | undefined;
  /** Receives the capability report. Default: it is printed to standard output. */
  readonly onCapabilityReport?: ((report: string) => void) | undefined;
}

/**
 * Registers the test cases of the store contract with your test runner.
 *
 * Each case gets a new, empty store from `create`. A case that needs something that the store does not support is skipped,
 * in the test runner and in the capability report.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { testUserStore } from 'express-scim/testing';
 *
 * testUserStore({ name: 'memory', create: () => new MemoryStore() });
 */
export function testUserStore<C extends UserStore | StoreUnderTest>(options: TestUserStoreOptions<C>): void {
  const suite = userSuite(options);
  checkSuiteOptions(options, suite.optionKinds);
  let sample: StoreUnderTest | undefined;
  const create = async (): Promise<C> => {
    const created = await options.create();
    sample = underTestOf(created, options);
    return created;
  };
  registerSuite(suite, { ...options, create }, (results) => {
    const print = options.onCapabilityReport ?? ((report: string) => process.stdout.write(`${report}\n`));
    print(capabilityReport(options.name, sample, results));
  });
}
