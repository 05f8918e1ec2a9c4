import { randomBytes } from 'node:crypto';
import type { ConformanceTest, Level, Mode, Service } from './conformance-test.js';
import { testClient, TestStop, type Endpoint } from './client.js';
import { testContext, TestSkip } from './context.js';
import { discover } from './discover.js';
import { conformanceTests } from './catalog.js';

/** The server to audit. */
export interface ConformanceTarget extends Endpoint {
  /** Which readings the server follows. Default `'default'`. */
  readonly mode?: Mode | undefined;
  /** Another tenant of the same server, for the audits of tenancy. */
  readonly secondTenant?: Endpoint | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

export type TestOutcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly messages: readonly string[] }
  | { readonly status: 'skipped'; readonly reason: string };

export type TestResult = TestOutcome & {
  readonly id: string;
  readonly level: Level;
  readonly feature: string;
  readonly requirement: string;
  readonly milliseconds: number;
};

export interface ConformanceOptions {
  /** Only audits of these levels. Default: all. */
  readonly level?: Level | readonly Level[] | undefined;
  /** Only these ids, features, or ids that start so: `['7643-2.3', 'filter']`. */
  readonly only?: readonly string[] | undefined;
  /** Audits at the same time. Default 4. */
  readonly concurrency?: number | undefined;
  /** Longest time of one audit, milliseconds. Default 15,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Default: every audit of the library. */
  readonly tests?: readonly ConformanceTest[] | undefined;
  readonly onResult?: ((result: TestResult) => void) | undefined;
}

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** In the order of the catalog. */
  readonly results: readonly TestResult[];
}

/**
 * Runs the audits over a SCIM server and clears up behind each of them.
 *
 * @throws TypeError when the server cannot be reached at all
 * @example
 * const report = await runAudits({ baseUrl: 'https://app.example.com/scim/v2', key: process.env.SCIM_KEY ?? '' });
 * console.log(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
 */
export async function runConformanceTests(
  target: ConformanceTarget,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const started = performance.now();
  const run = await prepareConformanceTests(target, options.timeoutMilliseconds);
  const chosen = chooseTests(options.tests ?? conformanceTests, options);
  const results: TestResult[] = [];
  const waiting = chosen.entries();
  // The workers share one iterator: each takes the next audit when it is free.
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

/** The audits that `level` and `only` leave. */
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

/** Discovers the server once, and returns a function that runs one audit: for test runners with a case for each. */
export async function prepareConformanceTests(
  target: ConformanceTarget,
  timeout = 15_000,
): Promise<(test: ConformanceTest) => Promise<TestResult>> {
  const names = uniqueNames();
  const mode = target.mode ?? 'default';
  const probe = testClient({
    endpoint: target,
    fetch: target.fetch ?? fetch,
    signal: AbortSignal.timeout(timeout),
    onCreated: () => {},
    unique: names,
  });
  const service = await discover(probe, {
    mode,
    secondTenant: target.secondTenant !== undefined,
  });
  return (test) => runConformance(test, { target, service, mode, timeout, names });
}

interface Run {
  readonly target: ConformanceTarget;
  readonly service: Service;
  readonly mode: Mode;
  readonly timeout: number;
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
  const mine = tracked(run.target, run, end.signal);
  const theirs = run.target.secondTenant === undefined ? undefined : tracked(run.target.secondTenant, run, end.signal);
  const { ctx, failures } = testContext({
    client: mine.client,
    otherTenant: theirs?.client,
    service: run.service,
    mode: run.mode,
    unique: run.names,
    signal: end.signal,
  });
  const messages: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TestStop(`the audit took longer than ${run.timeout} ms`)), run.timeout);
    });
    await Promise.race([test.run(ctx), late]);
  } catch (error) {
    if (error instanceof TestSkip && failures.length === 0) return { status: 'skipped', reason: error.message };
    messages.push(error instanceof TestStop ? error.message : `the audit broke off: ${causeOf(error)}`);
  } finally {
    clearTimeout(timer);
    end.abort();
    await Promise.all([mine.clear(), theirs?.clear()]);
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
    /** Newest first: what refers to others goes before them. What fails is left: the audit has its outcome already. */
    async clear(): Promise<void> {
      const cleaner = testClient({
        ...shared,
        signal: AbortSignal.timeout(run.timeout),
        onCreated: () => {},
      });
      for (const path of created.reverse()) await cleaner.delete(path).catch(() => undefined);
    },
  };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}

/** Names that no other run and no other audit has. */
function uniqueNames(): (prefix?: string) => string {
  const run = randomBytes(5).toString('hex');
  let count = 0;
  return (prefix = 'audit') => `${prefix}-${run}-${++count}`;
}
