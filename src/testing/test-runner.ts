import { isObject } from '../contract/is-object.js';
import { checkSuiteOptions } from './check-options.js';
import { SkippedCase } from './skipped-case.js';
import type { Checks } from './checks.js';
import { type CaseResult, chosenCases, resultOf, type Suite, type SuiteOptions } from './suite.js';

type Body = () => Promise<void> | void;

/**
 * The functions of a test runner that a store test suite calls. jest, vitest, mocha and node:test have them.
 *
 * `body` takes no declared parameters, but uses `this` and the first argument if the runner passes its test context:
 * through it a case that the store cannot pass is reported as skipped. So hand `body` itself to the runner.
 *
 * @example
 * import { after, describe, it } from 'node:test';
 * import type { TestRunner } from 'express-scim/testing';
 *
 * export const runner: TestRunner = {
 *   describe: (name, body) => void describe(name, body),
 *   it: (name, body) => void it(name, body),
 *   afterAll: (body) => after(body),
 * };
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  /** `timeoutMilliseconds` is the timeout of the test, as jest and vitest take it. */
  it(name: string, body: Body, timeoutMilliseconds?: number): unknown;
  /** `after` in mocha and node:test, `afterAll` elsewhere. Without it the capability report is not printed. */
  readonly afterAll?: ((body: Body) => unknown) | undefined;
}

/** Registers the test cases with a runner; `report` gets their results when all have run. */
export function registerSuite<C, T extends Checks>(
  suite: Suite<C, T>,
  options: SuiteOptions<C> & { readonly runner?: TestRunner | undefined },
  report: (results: readonly CaseResult[]) => void,
): void {
  checkSuiteOptions(options, suite.optionKinds);
  const { describe, it, afterAll } = options.runner ?? findRunner();
  // The case's own timeout comes first, because its message names the case.
  const runnerTimeoutMilliseconds = (options.timeoutMilliseconds ?? 30_000) + 5_000;
  const results: CaseResult[] = [];
  const cases = chosenCases(suite.cases, options);
  describe(`${options.name}: ${suite.title}`, () => {
    for (const group of new Set(cases.map((one) => one.group))) {
      describe(group, () => {
        for (const one of cases.filter((each) => each.group === group)) {
          // No declared parameter: mocha and node:test would take one for a callback.
          const body = async function (this: unknown, ...context: readonly unknown[]): Promise<void> {
            const { result, error } = await resultOf(one, suite, options);
            results.push(result);
            if (error instanceof SkippedCase) skipRunningTest(context[0], this, error.message);
            else if (result.status === 'failed') throw error;
          };
          const test = it(one.title, body, runnerTimeoutMilliseconds);
          // mocha ignores the third parameter; its tests have a method for the timeout.
          const setTimeoutOfTest = isObject(test) ? test['timeout'] : undefined;
          if (typeof setTimeoutOfTest === 'function') setTimeoutOfTest.call(test, runnerTimeoutMilliseconds);
        }
      });
    }
    afterAll?.(() => report(results));
  });
}

/** Marks the running test as skipped. Where the runner has no way, as in Bun, it passes. */
function skipRunningTest(argument: unknown, self: unknown, reason: string): void {
  // vitest and node:test pass the context, mocha binds it.
  for (const context of [argument, self]) if (canSkip(context)) return void context.skip(reason);
  const test = runningTestOfJest();
  // jest has no function for it. It sets the status when the test function returns, which is ignored here.
  if (test !== undefined) Object.defineProperty(test, 'status', { get: () => 'skip', set: () => undefined });
}

interface Skipping {
  skip(reason: string): unknown;
}

function canSkip(context: unknown): context is Skipping {
  // The context of vitest is a function with properties.
  return (isObject(context) || typeof context === 'function') && typeof Reflect.get(context, 'skip') === 'function';
}

/** The running test in the state of jest-circus, the default runner of jest; undefined elsewhere. */
function runningTestOfJest(): object | undefined {
  const name = Object.getOwnPropertySymbols(globalThis).find((each) => each.description === 'JEST_STATE_SYMBOL');
  const state: unknown = name && Reflect.get(globalThis, name);
  const test = isObject(state) ? state['currentlyRunningTest'] : undefined;
  return isObject(test) ? test : undefined;
}

function findRunner(): TestRunner {
  const globals = globalThis as unknown as Readonly<Record<string, unknown>>;
  const { describe, it, afterAll, after } = globals;
  if (typeof describe === 'function' && typeof it === 'function') {
    const end = typeof afterAll === 'function' ? afterAll : after;
    return { describe, it, afterAll: end } as unknown as TestRunner;
  }
  const test = process.getBuiltinModule('node:test');
  return {
    describe: (name, body) => void test.describe(name, body),
    it: (name, body, timeout) => void test.it(name, { timeout: timeout ?? Number.POSITIVE_INFINITY }, body),
    afterAll: (body) => {
      test.after(body);
    },
  };
}
