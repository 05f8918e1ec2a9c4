import type { Awaitable } from '../contract/awaitable.js';
import type { Supports, UserStore } from '../contract/store.js';
import { isKept } from '../contract/supports.js';
import { CaseContext } from './case-context.js';
import { allCases } from './cases/index.js';
import { SkippedCase } from './skipped-case.js';
import { type Need, type RunnableCase, type StoreCase, type StoreUnderTest } from './store-case.js';
import { ContractViolation } from './contract-violation.js';

/**
 * Options of `runStoreCases` and `userStoreCases`.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import type { StoreTestOptions } from 'express-scim/testing';
 *
 * export const options: StoreTestOptions = { name: 'memory', create: () => new MemoryStore(), only: ['uniqueness'] };
 */
export interface StoreTestOptions {
  /** The name of the store in test titles and in the capability report. */
  readonly name: string;
  /** Makes a new, EMPTY store for each test case: the store alone, or the store with what the cases may do to it. */
  create(): Awaitable<UserStore | StoreUnderTest>;
  /** Disposes of a store that `create` made. Default: nothing. */
  readonly destroy?: ((store: UserStore) => Awaitable<void>) | undefined;
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
  /** Ids of test cases, or beginnings of ids. Default: all. */
  readonly only?: readonly string[] | undefined;
}

/**
 * The result of one test case.
 *
 * @example
 * import type { CaseResult } from 'express-scim/testing';
 *
 * export const summary = ({ case: { id }, status, message }: CaseResult): string => `${status} ${id} ${message ?? ''}`;
 */
export interface CaseResult {
  readonly case: StoreCase;
  readonly status: 'passed' | 'failed' | 'skipped';
  /**
   * Failed: what the store did, what the contract requires, and why it matters. Skipped: what the store lacks. Passed:
   * a remark for the capability report, if any.
   */
  readonly message?: string | undefined;
  readonly milliseconds: number;
}

/** The test cases that `only` selects. */
export function chosenCases({
  only,
  randomRuns = 100,
  seed = 1,
}: Pick<StoreTestOptions, 'only' | 'randomRuns' | 'seed'>): readonly RunnableCase[] {
  const cases = allCases({ runs: randomRuns, seed });
  return cases.filter(({ id }) => only === undefined || only.some((begin) => id.startsWith(begin)));
}

/**
 * Runs one test case with a new store.
 *
 * @returns a remark for the capability report, if any
 * @throws SkippedCase when the store lacks what the case needs
 * @throws ContractViolation when the store violates the contract
 */
async function runCase(one: RunnableCase, options: StoreTestOptions): Promise<string | undefined> {
  const created = await options.create();
  const underTest: StoreUnderTest = {
    ...options.capabilities,
    ...('store' in created ? created : { store: created }),
  };
  try {
    const missing = one.needs.filter((need) => !has(underTest, need));
    if (missing.length > 0) throw new SkippedCase(`the store has no ${missing.join(', no ')}`);
    const context = new CaseContext(underTest);
    await one.run(context);
    return context.note;
  } catch (error) {
    if (error instanceof SkippedCase) throw error;
    const observed = error instanceof Error ? error.message : String(error);
    const violation = new ContractViolation(
      `${one.id}\n  What the store did:     ${observed}\n  What the contract says: ${one.title}\n  Why it matters:         ${one.why}`,
    );
    if (!(error instanceof ContractViolation)) violation.cause = error;
    throw violation;
  } finally {
    await options.destroy?.(underTest.store);
  }
}

function isAttribute(need: Need): need is `attribute:${string}` {
  return need.startsWith('attribute:');
}

function has(underTest: StoreUnderTest, need: Need): boolean {
  const { store } = underTest;
  const supports: Supports = store.supports ?? {};
  if (isAttribute(need)) return isKept(supports, need.slice('attribute:'.length));
  switch (need) {
    case 'groups':
      return store.groups !== undefined;
    case 'tenants':
      return supports.tenants !== 'one';
    case 'sort':
      return supports.sort !== false;
    case 'cursor':
      return supports.cursor !== false;
    case 'cursorBackward':
      return supports.cursor === undefined || supports.cursor === true;
    case 'filter':
      return supports.filter !== 'equals';
    case 'pendingMembers':
      return store.groups !== undefined && (store.groups.supports ?? supports).pendingMembers !== false;
    case 'outbox':
      return supports.outbox === true;
    case 'checks':
      return supports.checks === true && (store.groups === undefined || store.groups.supports?.checks === true);
    case 'exactText':
    case 'longText':
    case 'nestedGroups':
      return underTest[need] !== false;
    case 'databaseText':
      return underTest.exactText === false;
    case 'anyAttribute':
      return underTest.anyAttribute === true;
    default:
      return underTest[need] !== undefined;
  }
}

/**
 * A test case bound to a store: each `run` creates a new store and disposes of it.
 *
 * @example
 * import { type BoundCase, SkippedCase } from 'express-scim/testing';
 *
 * export async function passes(one: BoundCase): Promise<boolean> {
 *   try {
 *     await one.run();
 *     return true;
 *   } catch (error) {
 *     return error instanceof SkippedCase;
 *   }
 * }
 */
export interface BoundCase extends StoreCase {
  /**
   * @throws SkippedCase when the store lacks what the case needs
   * @throws ContractViolation when the store violates the contract
   */
  run(): Promise<void>;
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
export function userStoreCases(options: StoreTestOptions): readonly BoundCase[] {
  return chosenCases(options).map((one) => ({
    ...one,
    run: async () => {
      await runCase(one, options);
    },
  }));
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
export async function runStoreCases(options: StoreTestOptions): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of chosenCases(options)) results.push((await resultOf(one, options)).result);
  return results;
}

/** Runs one test case and describes its result; `error` is what it threw. */
export async function resultOf(
  one: RunnableCase,
  options: StoreTestOptions,
): Promise<{ readonly result: CaseResult; readonly error?: unknown }> {
  const started = performance.now();
  const describe = (status: CaseResult['status'], message: string | undefined): CaseResult => ({
    case: one,
    status,
    message,
    milliseconds: performance.now() - started,
  });
  try {
    return { result: describe('passed', await runCase(one, options)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { result: describe(error instanceof SkippedCase ? 'skipped' : 'failed', message), error };
  }
}
