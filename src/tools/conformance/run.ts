import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';
import { checkTarget, mistakesInEndpoint, toolsPage } from '../wire/check-target.js';
import { randomBytes } from 'node:crypto';
import type { ConformanceTest, Level, Mode, Service } from './conformance-test.js';
import { testClient, TestStop } from './client.js';
import { testContext, TestSkip } from './context.js';
import { discover } from './discover.js';
import { conformanceTests } from './catalog.js';
import type { Endpoint } from '../wire/client.js';

/** The server under test. */
export interface ConformanceTarget extends Endpoint {
  /**
   * `'strict'` if the server rejects every deviation from the RFCs and follows the interoperability profile, as
   * `createScimRouter` does with `strict: true`. Default: `'default'`.
   */
  readonly mode?: Mode | undefined;
  /** Another tenant of the same server. Default: the tests of tenant isolation are skipped. */
  readonly secondTenant?: Endpoint | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** How a test ended. A test is skipped if the server does not offer the feature. */
export type TestOutcome =
  | { readonly status: 'passed' }
  | {
      readonly status: 'failed';
      /** One for each expectation that was not met; they contain no key. */
      readonly messages: readonly string[];
    }
  | { readonly status: 'skipped'; readonly reason: string };

/** The outcome of one test, with the facts about the test. */
export type TestResult = TestOutcome & {
  /** Such as `7644-3.6-01`; it stays the same between releases. */
  readonly id: string;
  readonly level: Level;
  /** Such as `filter`. */
  readonly feature: string;
  /** The requirement in one sentence. */
  readonly requirement: string;
  readonly milliseconds: number;
};

/** Which tests to run, and how. */
export interface ConformanceOptions {
  /** Only tests of these levels. Default: all. */
  readonly level?: Level | readonly Level[] | undefined;
  /** Only tests with these features, IDs or beginnings of IDs: `['7643-2.3', 'filter']`. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Number of tests that run concurrently. Default: 4. */
  readonly concurrency?: number | undefined;
  /** A test that takes longer fails. Default: 15,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Default: `conformanceTests`. */
  readonly tests?: readonly ConformanceTest[] | undefined;
  /** Called after each test, in the order in which they end. */
  readonly onResult?: ((result: TestResult) => void) | undefined;
}

/** The results of a run. */
export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** In the order of the catalog. */
  readonly results: readonly TestResult[];
}

/**
 * Tests a SCIM server against RFC 7643, RFC 7644, RFC 9865 and the requests of Microsoft Entra ID and Okta.
 *
 * Every test creates its own users and groups, with unique names, and deletes them afterwards. Run it against a server
 * or tenant for tests all the same: a faulty server may leave some behind.
 *
 * @returns the result of each test; a failed test does not throw
 * @throws TypeError that names every wrong option, and when the server cannot be reached, as `fetch` does
 * @throws DOMException `TimeoutError` when discovery takes longer than `timeoutMilliseconds`
 * @example
 * import { runConformanceTests } from 'express-scim/conformance';
 *
 * const key = process.env['SCIM_KEY'] ?? '';
 * const report = await runConformanceTests({ baseUrl: 'https://app.example.com/scim/v2', key });
 * console.log(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
 */
export async function runConformanceTests(
  target: ConformanceTarget,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  checkConformanceTarget('runConformanceTests', target);
  checkOptions(options, optionRules, ({ level }) => [mistakeInLevel(level)]);
  const started = performance.now();
  const run = await prepareConformanceTests(target, options.timeoutMilliseconds);
  const chosen = chooseTests(options.tests ?? conformanceTests, options);
  const results: TestResult[] = [];
  const waiting = chosen.entries();
  // The workers share one iterator: each takes the next test when it is free.
  const worker = async (): Promise<void> => {
    for (const [place, test] of waiting) {
      const result = await run(test);
      results[place] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 4) }, worker));
  const count = (status: TestResult['status']): number => results.filter((result) => result.status === status).length;
  const milliseconds = Math.round(performance.now() - started);
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    milliseconds,
    results,
  };
}

const levels: readonly string[] = ['MUST', 'SHOULD', 'MAY', 'implied', 'client'] satisfies Level[];

const optionRules: OptionRules<keyof ConformanceOptions> = {
  of: 'runConformanceTests',
  page: toolsPage,
  kinds: {
    level: ['string', 'list of strings'],
    only: 'list of strings',
    concurrency: 'positive number',
    timeoutMilliseconds: 'positive number',
    tests: 'list',
    onResult: 'function',
  },
};

function mistakeInLevel(level: unknown): string | undefined {
  const unknown = [level].flat().find((each) => typeof each === 'string' && !levels.includes(each));
  return unknown === undefined ? undefined : `level must be one or more of ${levels.join(', ')}`;
}

function checkConformanceTarget(of: string, target: ConformanceTarget): void {
  checkTarget(of, target, { mode: { oneOf: ['default', 'strict'] }, secondTenant: 'object', fetch: 'function' });
  const mistakes = mistakesInEndpoint(target.secondTenant, 'secondTenant').filter((each) => each !== undefined);
  if (mistakes.length > 0) throw usageError(of, mistakes, toolsPage);
}

/** The tests that `level` and `only` select. */
export function chooseTests(
  tests: readonly ConformanceTest[],
  { level, only }: Pick<ConformanceOptions, 'level' | 'only'>,
): readonly ConformanceTest[] {
  const levels = level === undefined ? undefined : new Set<Level>(typeof level === 'string' ? [level] : level);
  return tests.filter(
    (test) =>
      (levels === undefined || levels.has(test.level)) &&
      (only === undefined || only.some((choice) => choice === test.feature || test.id.startsWith(choice))),
  );
}

/**
 * Reads the discovery endpoints of a server once and returns a function that runs one test: for test runners, which
 * report each test as a case.
 *
 * @param timeoutMilliseconds a test that takes longer fails. Default: 15,000
 * @throws TypeError when the server cannot be reached, as `fetch` does
 * @example
 * import { conformanceTests, prepareConformanceTests } from 'express-scim/conformance';
 *
 * const key = process.env['SCIM_KEY'] ?? '';
 * const runTest = await prepareConformanceTests({ baseUrl: 'https://app.example.com/scim/v2', key });
 * for (const test of conformanceTests) console.log(test.id, (await runTest(test)).status);
 */
export async function prepareConformanceTests(
  target: ConformanceTarget,
  timeoutMilliseconds = 15_000,
): Promise<(test: ConformanceTest) => Promise<TestResult>> {
  const names = uniqueNames();
  const mode = target.mode ?? 'default';
  const probe = testClient({
    endpoint: target,
    fetch: target.fetch ?? fetch,
    signal: AbortSignal.timeout(timeoutMilliseconds),
    onCreated: () => {},
    unique: names,
  });
  const service = await discover(probe, {
    mode,
    secondTenant: target.secondTenant !== undefined,
  });
  return (test) => runConformance(test, { target, service, mode, timeoutMilliseconds, names });
}

interface Run {
  readonly target: ConformanceTarget;
  readonly service: Service;
  readonly mode: Mode;
  readonly timeoutMilliseconds: number;
  readonly names: (prefix?: string) => string;
}

async function runConformance(test: ConformanceTest, run: Run): Promise<TestResult> {
  const started = performance.now();
  const outcome = await outcomeOf(test, run);
  const { id, level, feature, requirement } = test;
  return {
    id,
    level,
    feature,
    requirement,
    milliseconds: Math.round(performance.now() - started),
    ...outcome,
  };
}

async function outcomeOf(test: ConformanceTest, run: Run): Promise<TestOutcome> {
  const missing = test.needs.filter((capability) => !run.service.capabilities.has(capability));
  if (missing.length > 0)
    return {
      status: 'skipped',
      reason: `the server does not offer: ${missing.join(', ')}`,
    };
  const end = new AbortController();
  const own = tracked(run.target, run, end.signal);
  const other = run.target.secondTenant === undefined ? undefined : tracked(run.target.secondTenant, run, end.signal);
  const { ctx, failures } = testContext({
    client: own.client,
    otherTenant: other?.client,
    service: run.service,
    mode: run.mode,
    unique: run.names,
    signal: end.signal,
  });
  const messages: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      const message = `the test took longer than ${run.timeoutMilliseconds} ms`;
      timer = setTimeout(() => reject(new TestStop(message)), run.timeoutMilliseconds);
    });
    await Promise.race([test.run(ctx), late]);
  } catch (error) {
    if (error instanceof TestSkip && failures.length === 0) return { status: 'skipped', reason: error.message };
    messages.push(error instanceof TestStop ? error.message : `the test threw an error: ${causeOf(error)}`);
  } finally {
    clearTimeout(timer);
    end.abort();
    await Promise.all([own.clear(), other?.clear()]);
  }
  messages.unshift(...failures);
  return messages.length === 0 ? { status: 'passed' } : { status: 'failed', messages };
}

/** A client that remembers what it created. */
function tracked(endpoint: Endpoint, run: Run, signal: AbortSignal) {
  const created: string[] = [];
  const send = run.target.fetch ?? fetch;
  const shared = { endpoint, fetch: send, unique: run.names };
  return {
    client: testClient({
      ...shared,
      signal,
      onCreated: (path) => created.push(path),
    }),
    /**
     * Newest first, so that a resource is deleted before those it refers to. Failures are ignored: the test has its outcome.
     */
    async clear(): Promise<void> {
      const cleaner = testClient({
        ...shared,
        signal: AbortSignal.timeout(run.timeoutMilliseconds),
        onCreated: () => {},
      });
      for (const path of created.reverse()) await cleaner.delete(path).catch(() => undefined);
    },
  };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is not an Error';
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}

/** Names that no other run and no other test uses. */
function uniqueNames(): (prefix?: string) => string {
  const run = randomBytes(5).toString('hex');
  let count = 0;
  return (prefix = 'test') => `${prefix}-${run}-${++count}`;
}
