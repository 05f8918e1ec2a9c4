import type { Awaitable } from '../contract/awaitable.js';
import { checkOnly, checkSuiteOptions, type FurtherKinds } from './check-options.js';
import type { Checks } from './checks.js';
import { ContractViolation } from './contract-violation.js';
import { SkippedCase } from './skipped-case.js';
import type { RunnableCase, StoreCase } from './store-case.js';

/**
 * What all store test suites take: how to make a store, and which cases to run.
 *
 * `Created` is what `create` returns.
 *
 * @example
 * import { memoryConflictStore } from 'express-scim/lifecycle';
 * import { type SuiteOptions, testConflictStore } from 'express-scim/testing';
 *
 * const options: SuiteOptions<ReturnType<typeof memoryConflictStore>> = {
 *   name: 'conflicts in memory',
 *   create: () => memoryConflictStore(),
 * };
 * testConflictStore(options);
 */
export interface SuiteOptions<Created> {
  /** The name of the store in test titles and in the capability report. */
  readonly name: string;
  /** Makes a new, EMPTY store for each test case. */
  create(): Awaitable<Created>;
  /** Disposes of what `create` returned. Called after each case, also after one that failed. Default: nothing. */
  readonly destroy?: ((created: Created) => Awaitable<void>) | undefined;
  /** IDs of test cases, or beginnings of IDs. Default: all. */
  readonly only?: readonly string[] | undefined;
  /**
   * The timeout of each test case. A case whose store never waits ends at its next call after the timeout. Default 30,000.
   */
  readonly timeoutMilliseconds?: number | undefined;
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

/** The test cases of one kind of store. */
export interface Suite<Created, T extends Checks> {
  /** What is tested, for the title: `the store contract`. */
  readonly title: string;
  readonly cases: readonly RunnableCase<T>[];
  /** The options that this suite has in addition to those of all. Default: none. */
  readonly optionKinds?: FurtherKinds | undefined;
  /**
   * Makes what a case works with.
   *
   * @param beforeCall to be called ahead of each call of the store
   * @throws SkippedCase when the store lacks what the case needs
   */
  open(created: Created, one: StoreCase, beforeCall: () => void): T;
}

/** The test cases that `only` selects. @throws TypeError when a text in it selects none */
export function chosenCases<T>(
  cases: readonly RunnableCase<T>[],
  { only }: { readonly only?: readonly string[] | undefined },
): readonly RunnableCase<T>[] {
  checkOnly(
    only,
    cases.map(({ id }) => id),
  );
  return cases.filter(({ id }) => only === undefined || only.some((begin) => id.startsWith(begin)));
}

/**
 * Runs one test case with a new store.
 *
 * @returns a remark for the capability report, if any
 * @throws SkippedCase when the store lacks what the case needs
 * @throws ContractViolation when the store violates the contract
 */
async function runCase<C, T extends Checks>(
  one: RunnableCase<T>,
  suite: Suite<C, T>,
  options: SuiteOptions<C>,
): Promise<string | undefined> {
  const timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
  const end = performance.now() + timeoutMilliseconds;
  const timeout = (): ContractViolation =>
    new ContractViolation(`the store did not finish within ${String(timeoutMilliseconds)} ms`);
  const beforeCall = (): void => {
    if (performance.now() > end) throw timeout();
  };
  let isOver = false;
  const disposing = (created: C): Awaitable<void> => options.destroy?.(created);
  const created = await limited(Promise.resolve(options.create()), end, timeout, (late) => {
    // A store that comes after the timeout is still to be disposed of.
    if (isOver) void Promise.resolve(disposing(late)).catch(() => undefined);
  }).finally(() => (isOver = true));
  try {
    const context = suite.open(created, one, beforeCall);
    await limited(one.run(context), end, timeout);
    return context.note;
  } catch (error) {
    if (error instanceof SkippedCase) throw error;
    throw violationOf(one, error);
  } finally {
    await disposing(created);
  }
}

/** The violation of a case: what the store did, what the contract says, and why. */
function violationOf(one: StoreCase, error: unknown): ContractViolation {
  const observed = error instanceof Error ? error.message : String(error);
  const violation = new ContractViolation(
    `${one.id}\n  What the store did:     ${observed}\n  What the contract says: ${one.title}\n  Why it matters:         ${one.why}`,
  );
  if (!(error instanceof ContractViolation)) violation.cause = error;
  return violation;
}

/** The work, or the error of the timeout where that comes first. @param late called with a result that comes too late */
async function limited<T>(
  work: Promise<T>,
  end: number,
  timeout: () => Error,
  late: (result: T) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeout()), Math.max(0, end - performance.now()));
  });
  work.then(late, () => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** The test cases as plain objects. */
export function boundCases<C, T extends Checks>(suite: Suite<C, T>, options: SuiteOptions<C>): readonly BoundCase[] {
  checkSuiteOptions(options, suite.optionKinds);
  return chosenCases(suite.cases, options).map((one) => ({
    ...one,
    run: async () => {
      await runCase(one, suite, options);
    },
  }));
}

/** Runs the test cases one after the other. It never rejects because of a failed case. */
export async function runSuite<C, T extends Checks>(
  suite: Suite<C, T>,
  options: SuiteOptions<C>,
): Promise<readonly CaseResult[]> {
  checkSuiteOptions(options, suite.optionKinds);
  const results: CaseResult[] = [];
  for (const one of chosenCases(suite.cases, options)) results.push((await resultOf(one, suite, options)).result);
  return results;
}

/** Runs one test case and describes its result; `error` is what it threw. */
export async function resultOf<C, T extends Checks>(
  one: RunnableCase<T>,
  suite: Suite<C, T>,
  options: SuiteOptions<C>,
): Promise<{ readonly result: CaseResult; readonly error?: unknown }> {
  const started = performance.now();
  const describe = (status: CaseResult['status'], message: string | undefined): CaseResult => ({
    case: one,
    status,
    message,
    milliseconds: performance.now() - started,
  });
  try {
    return { result: describe('passed', await runCase(one, suite, options)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { result: describe(error instanceof SkippedCase ? 'skipped' : 'failed', message), error };
  }
}
