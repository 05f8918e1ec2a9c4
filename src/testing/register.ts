import type { UserStore } from '../contract/store.js';
import type { StoreUnderTest } from './case.js';
import { capabilityReport } from './capability-report.js';
import { type CaseResult, chosenCases, runCase, type StoreTestOptions } from './run.js';
import { SkippedCase } from './skipped.js';

type Body = () => Promise<void> | void;

/** What is used of a test runner: jest, vitest, mocha and node:test all have it. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  /** The third parameter is what jest and vitest take as the longest time. */
  it(name: string, body: Body, timeout?: number): unknown;
  /** `after` in mocha and node:test, `afterAll` elsewhere. Left out: the card is not printed. */
  afterAll?: ((body: Body) => unknown) | undefined;
}

/** `testUserStore` takes them besides what `runStoreCases` takes. */
export interface TestUserStoreOptions extends StoreTestOptions {
  /** Left out: the functions that the runner has made global, else those of node:test. */
  readonly runner?: TestRunner | undefined;
  /** Longest time of a case, milliseconds. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Where the capability card goes. Default: standard output. */
  readonly onCard?: ((card: string) => void) | undefined;
}

/**
 * Registers the cases of the store contract with the test runner that is there.
 *
 * Each case gets a new, empty store of `create`. A case that the store says it cannot do counts as passed, and stands
 * on the card as skipped.
 *
 * @example
 * testUserStore({ name: 'my store', create: () => openStore(), destroy: (store) => store.close() });
 */
export function testUserStore(options: TestUserStoreOptions): void {
  const { describe, it, afterAll } = options.runner ?? findRunner();
  const timeout = options.timeoutMilliseconds ?? 30_000;
  const results: CaseResult[] = [];
  let sample: UserStore | StoreUnderTest | undefined;
  const create = async (): Promise<UserStore | StoreUnderTest> => {
    const made = await options.create();
    sample = 'store' in made ? { ...options.capabilities, ...made } : { ...options.capabilities, store: made };
    return made;
  };
  const cases = chosenCases(options);
  describe(`${options.name}: the store contract`, () => {
    for (const group of new Set(cases.map((one) => one.group))) {
      describe(group, () => {
        for (const one of cases.filter((each) => each.group === group)) {
          const made = it(one.title, () => inTime(timeout, one.id, () => recorded(one)), timeout + 5_000);
          // Mocha's way to say it.
          const own = (made as { readonly timeout?: unknown } | undefined)?.timeout;
          if (typeof own === 'function') own.call(made, timeout + 5_000);
        }
      });
    }
    afterAll?.(() => {
      const print = options.onCard ?? ((card: string) => process.stdout.write(`${card}\n`));
      print(capabilityReport(options.name, sample, results));
    });
  });

  async function recorded(one: (typeof cases)[number]): Promise<void> {
    const began = performance.now();
    const done = (status: CaseResult['status'], message?: string): void => {
      results.push({ case: one, status, message, milliseconds: performance.now() - began });
    };
    try {
      done('passed', await runCase(one, { ...options, create }));
    } catch (error) {
      done(error instanceof SkippedCase ? 'skipped' : 'failed', (error as Error).message);
      if (!(error instanceof SkippedCase)) throw error;
    }
  }
}

async function inTime(milliseconds: number, id: string, body: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${id}: the store did not answer within ${String(milliseconds)} ms.`));
    }, milliseconds);
  });
  try {
    await Promise.race([body(), late]);
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
