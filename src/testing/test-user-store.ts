import type { UserStore } from '../contract/store.js';
import { capabilityReport } from './capability-report.js';
import { type CaseResult, chosenCases, resultOf, type StoreTestOptions } from './run.js';
import type { StoreUnderTest } from './store-under-test.js';

type Body = () => Promise<void> | void;

/**
 * The functions of a test runner that `testUserStore` calls. jest, vitest, mocha and node:test have them.
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
export interface TestUserStoreOptions extends StoreTestOptions {
  /** Default: the global functions of the current test runner, or those of node:test. */
  readonly runner?: TestRunner | undefined;
  /** The timeout of each test case. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Receives the capability report. Default: it is printed to standard output. */
  readonly onCapabilityReport?: ((report: string) => void) | undefined;
}

/**
 * Registers the test cases of the store contract with your test runner.
 *
 * Each case gets a new, empty store from `create`. A case that needs something that the store does not support passes,
 * and the capability report counts it as skipped.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { testUserStore } from 'express-scim/testing';
 *
 * testUserStore({ name: 'memory', create: () => new MemoryStore() });
 */
export function testUserStore(options: TestUserStoreOptions): void {
  const { describe, it, afterAll } = options.runner ?? findRunner();
  const timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
  // The case's own timeout comes first, because its message names the case.
  const runnerTimeoutMilliseconds = timeoutMilliseconds + 5_000;
  const results: CaseResult[] = [];
  let sample: UserStore | StoreUnderTest | undefined;
  const create = async (): Promise<UserStore | StoreUnderTest> => {
    const created = await options.create();
    sample = { ...options.capabilities, ...('store' in created ? created : { store: created }) };
    return created;
  };
  const run = async (one: (typeof cases)[number]): Promise<void> => {
    const { result, error } = await resultOf(one, { ...options, create });
    results.push(result);
    if (result.status === 'failed') throw error;
  };
  const cases = chosenCases(options);
  describe(`${options.name}: the store contract`, () => {
    for (const group of new Set(cases.map((one) => one.group))) {
      describe(group, () => {
        for (const one of cases.filter((each) => each.group === group)) {
          const body: Body = () => withTimeout(timeoutMilliseconds, one.id, () => run(one));
          const test = it(one.title, body, runnerTimeoutMilliseconds);
          // mocha ignores the third parameter; its tests have a method for the timeout.
          const setTimeoutOfTest = (test as { readonly timeout?: unknown } | undefined)?.timeout;
          if (typeof setTimeoutOfTest === 'function') setTimeoutOfTest.call(test, runnerTimeoutMilliseconds);
        }
      });
    }
    afterAll?.(() => {
      const print = options.onCapabilityReport ?? ((report: string) => process.stdout.write(`${report}\n`));
      print(capabilityReport(options.name, sample, results));
    });
  });
}

async function withTimeout(milliseconds: number, id: string, body: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${id}: the store did not finish within ${String(milliseconds)} ms.`));
    }, milliseconds);
  });
  try {
    await Promise.race([body(), timeout]);
  } finally {
    clearTimeout(timer);
  }
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
