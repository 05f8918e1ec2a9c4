import { isObject } from '../../contract/is-object.js';
import type { StorePrimitives } from '../../stores/over/primitives.js';
import { type CaseResult, runSuite, type Suite, type SuiteOptions } from '../suite.js';
import { registerSuite, type TestRunner } from '../test-runner.js';
import { primitivesCases } from './primitives-cases.js';
import { PrimitivesContext } from './primitives/primitives-context.js';
import { type PrimitivesUnderTest, primitivesUnderTestOf } from './primitives/primitives-under-test.js';

/**
 * Options of `testStorePrimitives` and `runStorePrimitivesCases`. `Created` is what `create` returns: the primitives
 * alone, or together with `another`.
 *
 * @example
 * import type { StorePrimitives } from 'express-scim/stores';
 * import { type StorePrimitivesTestOptions, testStorePrimitives } from 'express-scim/testing';
 *
 * declare const openEmpty: () => StorePrimitives;
 *
 * const options: StorePrimitivesTestOptions = { name: 'my store', create: openEmpty, keys: ['userName'] };
 * testStorePrimitives(options);
 */
export interface StorePrimitivesTestOptions<
  Created extends StorePrimitives | PrimitivesUnderTest = StorePrimitives | PrimitivesUnderTest,
> extends SuiteOptions<Created> {
  /** The option `keys` of `storeOver`, if you set it. Default: any path can have a unique key. */
  readonly keys?: readonly string[] | undefined;
  /** Default: the global functions of the current test runner, or those of node:test. */
  readonly runner?: TestRunner | undefined;
}

function suiteOf<C extends StorePrimitives | PrimitivesUnderTest>(
  options: Pick<StorePrimitivesTestOptions<C>, 'keys'>,
): Suite<C, PrimitivesContext> {
  // The options are checked with those of all suites.
  const { keys = ['userName', 'externalId'] } = isObject(options) ? options : {};
  return {
    optionKinds: { keys: 'list of strings' },
    title: 'the contract of the five operations under storeOver',
    cases: primitivesCases,
    open(created, _one, beforeCall) {
      return new PrimitivesContext(primitivesUnderTestOf(created), keys, beforeCall);
    },
  };
}

/**
 * Registers the test cases of the five operations that `storeOver` needs with your test runner. Run them before
 * `testUserStore`: they call the operations directly, and find mistakes that the store above them hides.
 *
 * Return `another` from `create`, a second handle on the same storage. Without it, the suite cannot tell whether the
 * operations are also atomic for several processes.
 *
 * @example
 * import type { StorePrimitives } from 'express-scim/stores';
 * import { testStorePrimitives } from 'express-scim/testing';
 *
 * declare const openEmptyDatabase: () => Promise<{ connect(): StorePrimitives; close(): Promise<void> }>;
 *
 * testStorePrimitives({
 *   name: 'my store',
 *   create: async () => {
 *     const database = await openEmptyDatabase();
 *     return { primitives: database.connect(), another: () => database.connect(), database };
 *   },
 *   destroy: ({ database }) => database.close(),
 * });
 */
export function testStorePrimitives<C extends StorePrimitives | PrimitivesUnderTest>(
  options: StorePrimitivesTestOptions<C>,
): void {
  registerSuite(suiteOf(options), options, () => undefined);
}

/**
 * Runs the test cases of the five operations one after the other, without a test runner. It never rejects because of a
 * failed case.
 *
 * @example
 * import type { StorePrimitives } from 'express-scim/stores';
 * import { runStorePrimitivesCases } from 'express-scim/testing';
 *
 * export async function failures(create: () => StorePrimitives): Promise<readonly string[]> {
 *   const results = await runStorePrimitivesCases({ name: 'my store', create });
 *   return results.filter(({ status }) => status === 'failed').map((result) => result.case.id);
 * }
 */
export async function runStorePrimitivesCases<C extends StorePrimitives | PrimitivesUnderTest>(
  options: StorePrimitivesTestOptions<C>,
): Promise<readonly CaseResult[]> {
  return runSuite(suiteOf(options), options);
}
