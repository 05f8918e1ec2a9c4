import { randomBytes } from 'node:crypto';
import type { Audit, Level, Mode, Service } from './conformance-test.js';
import { auditClient, AuditStop, type Endpoint } from './client.js';
import { auditContext, AuditSkip } from './context.js';
import { discover } from './discover.js';
import { allAudits } from './catalogue.js';

/** The server to audit. */
export interface AuditTarget extends Endpoint {
  /** Which readings the server follows. Default `'default'`. */
  readonly mode?: Mode | undefined;
  /** Another tenant of the same server, for the audits of tenancy. */
  readonly secondTenant?: Endpoint | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

export type AuditOutcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly messages: readonly string[] }
  | { readonly status: 'skipped'; readonly reason: string };

export type AuditResult = AuditOutcome & {
  readonly id: string;
  readonly level: Level;
  readonly feature: string;
  readonly requirement: string;
  readonly milliseconds: number;
};

export interface AuditRunOptions {
  /** Only audits of these levels. Default: all. */
  readonly level?: Level | readonly Level[] | undefined;
  /** Only these ids, features, or ids that start so: `['7643-2.3', 'filter']`. */
  readonly only?: readonly string[] | undefined;
  /** Audits at the same time. Default 4. */
  readonly concurrency?: number | undefined;
  /** Longest time of one audit, milliseconds. Default 15,000. */
  readonly timeout?: number | undefined;
  /** Default: every audit of the library. */
  readonly audits?: readonly Audit[] | undefined;
  readonly onResult?: ((result: AuditResult) => void) | undefined;
}

export interface AuditReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
  /** In the order of the catalogue. */
  readonly results: readonly AuditResult[];
}

/**
 * Runs the audits over a SCIM server and clears up behind each of them.
 *
 * @throws TypeError when the server cannot be reached at all
 * @example
 * const report = await runAudits({ baseUrl: 'https://app.example.com/scim/v2', key: process.env.SCIM_KEY ?? '' });
 * console.log(`${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
 */
export async function runAudits(target: AuditTarget, options: AuditRunOptions = {}): Promise<AuditReport> {
  const started = performance.now();
  const run = await prepareAudits(target, options.timeout);
  const chosen = chooseAudits(options.audits ?? allAudits, options);
  const results: AuditResult[] = [];
  const waiting = chosen.entries();
  // The workers share one iterator: each takes the next audit when it is free.
  const worker = async (): Promise<void> => {
    for (const [place, audit] of waiting) {
      const result = await run(audit);
      results[place] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 4) }, worker));
  const count = (status: AuditResult['status']): number => results.filter((result) => result.status === status).length;
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
export function chooseAudits(
  audits: readonly Audit[],
  { level, only }: Pick<AuditRunOptions, 'level' | 'only'>,
): readonly Audit[] {
  const levels = level === undefined ? undefined : new Set<Level>(typeof level === 'string' ? [level] : level);
  return audits.filter(
    (audit) =>
      (levels === undefined || levels.has(audit.level)) &&
      (only === undefined || only.some((choice) => choice === audit.feature || audit.id.startsWith(choice))),
  );
}

/** Discovers the server once, and returns a function that runs one audit: for test runners with a case for each. */
export async function prepareAudits(
  target: AuditTarget,
  timeout = 15_000,
): Promise<(audit: Audit) => Promise<AuditResult>> {
  const names = uniqueNames();
  const mode = target.mode ?? 'default';
  const probe = auditClient({
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
  return (audit) => runAudit(audit, { target, service, mode, timeout, names });
}

interface Run {
  readonly target: AuditTarget;
  readonly service: Service;
  readonly mode: Mode;
  readonly timeout: number;
  readonly names: (prefix?: string) => string;
}

async function runAudit(audit: Audit, run: Run): Promise<AuditResult> {
  const started = performance.now();
  const outcome = await outcomeOf(audit, run);
  const { id, level, feature, requirement } = audit;
  return {
    id,
    level,
    feature,
    requirement,
    milliseconds: Math.round(performance.now() - started),
    ...outcome,
  };
}

async function outcomeOf(audit: Audit, run: Run): Promise<AuditOutcome> {
  const missing = audit.needs.filter((capability) => !run.service.capabilities.has(capability));
  if (missing.length > 0)
    return {
      status: 'skipped',
      reason: `the server does not offer: ${missing.join(', ')}`,
    };
  const end = new AbortController();
  const mine = tracked(run.target, run, end.signal);
  const theirs = run.target.secondTenant === undefined ? undefined : tracked(run.target.secondTenant, run, end.signal);
  const { ctx, failures } = auditContext({
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
      timer = setTimeout(() => reject(new AuditStop(`the audit took longer than ${run.timeout} ms`)), run.timeout);
    });
    await Promise.race([audit.run(ctx), late]);
  } catch (error) {
    if (error instanceof AuditSkip && failures.length === 0) return { status: 'skipped', reason: error.message };
    messages.push(error instanceof AuditStop ? error.message : `the audit broke off: ${causeOf(error)}`);
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
    client: auditClient({
      ...shared,
      signal,
      onCreated: (path) => created.push(path),
    }),
    /** Newest first: what refers to others goes before them. What fails is left: the audit has its outcome already. */
    async clear(): Promise<void> {
      const cleaner = auditClient({
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
