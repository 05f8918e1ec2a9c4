import { isObject } from '../contract/is-object.js';
import type { UserStore } from '../contract/store.js';
import { CaseContext } from './case-context.js';
import { allCases } from './cases/index.js';
import { checkUnderTest, type FurtherKinds } from './check-options.js';
import { requireNeeds } from './needs.js';
import type { StoreUnderTest } from './store-under-test.js';
import { type BoundCase, boundCases, type CaseResult, runSuite, type Suite, type SuiteOptions } from './suite.js';

/**
 * Options of `runStoreCases` and `userStoreCases`. `Created` is what `create` returns: the store alone, or the store with
 * what the cases may do to it.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import type { StoreTestOptions } from 'express-scim/testing';
 *
 * export const options: StoreTestOptions = { name: 'memory', create: () => new MemoryStore(), only: ['uniqueness'] };
 */
export interface StoreTestOptions<
  Created extends UserStore | StoreUnderTest = UserStore | StoreUnderTest,
> extends SuiteOptions<Created> {
  /** Capabilities that `supports` does not express. Members that `create` returns take precedence. */
  readonly capabilities?: Partial<Omit<StoreUnderTest, 'store'>> | undefined;
  /**
   * How many random sets of users are queried with random filters and compared with the library's own evaluator. Needs
   * the package `fast-check`; without it the case is skipped. Default 100.
   */
  readonly randomRuns?: number | undefined;
  /**
   * Seed of the random test cases, a 32-bit integer. The same seed and `randomRuns` repeat the same test; a failure
   * prints both. Pass `Date.now() | 0` to test other values in each run. Default 1.
   */
  readonly seed?: number | undefined;
}

/** What `create` returned, as a store under test. */
export function underTestOf(
  created: UserStore | StoreUnderTest,
  { capabilities }: Pick<StoreTestOptions, 'capabilities'>,
): StoreUnderTest {
  if (!('store' in created)) return { ...capabilities, store: created };
  checkUnderTest(created);
  return { ...capabilities, ...created };
}

const optionKinds: FurtherKinds = {
  capabilities: 'object',
  onCapabilityReport: 'function',
  randomRuns: 'number',
  seed: 'any number',
};

/** The suite of a store of users. */
export function userSuite<C extends UserStore | StoreUnderTest>(options: StoreTestOptions<C>): Suite<C, CaseContext> {
  // The options are checked with those of all suites.
  const { randomRuns = 100, seed = 1 } = isObject(options) ? options : {};
  return {
    optionKinds,
    title: 'the store contract',
    cases: allCases({ runs: randomRuns, seed }),
    open(created, one, beforeCall) {
      const underTest = underTestOf(created, options);
      requireNeeds(underTest, one.needs);
      return new CaseContext(underTest, beforeCall);
    },
  };
}

/**
 * The test cases as plain objects, for a program that runs them in its own way.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { userStoreCases } from 'express-scim/testing';
 *
 * for (const one of userStoreCases({ name: 'memory', create: () => new MemoryStore() })) {
 *   console.log(one.id, one.title);
 *   await one.run();
 * }
 */
export function userStoreCases<C extends UserStore | StoreUnderTest>(
  options: StoreTestOptions<C>,
): readonly BoundCase[] {
  return boundCases(userSuite(options), options);
}

/**
 * Runs the test cases one after the other, without a test runner. It never rejects because of a failed case.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { capabilityReport, runStoreCases } from 'express-scim/testing';
 *
 * const results = await runStoreCases({ name: 'memory', create: () => new MemoryStore() });
 * console.log(capabilityReport('memory', new MemoryStore(), results));
 * if (results.some(({ status }) => status === 'failed')) process.exitCode = 1;
 */
export async function runStoreCases<C extends UserStore | StoreUnderTest>(
  options: StoreTestOptions<C>,
): Promise<readonly CaseResult[]> {
  return runSuite(userSuite(options), options);
}
