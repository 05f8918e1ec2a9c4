import { setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import { jobChannel, traceCall } from '../../contract/diagnostics.js';
import { recordAction } from './audit-trail.js';
import { closeConnection } from './close-connection.js';
import { endUser } from './end-user.js';
import type { EndingJob, RefusedUser } from './ending-jobs.js';
import type { ConnectionEndingOptions } from './ending-options.js';
import { emptyLink, type ManagedUsers } from './user-links.js';

const pageSize = 50;
const maxListedRefusals = 50;
const maxReasonLength = 300;
const maxRetryMilliseconds = 3_600_000;

/** Carries out the jobs that end connections. Any number of processes may work on one store. */
export class EndingWorker {
  readonly #options: ConnectionEndingOptions;
  readonly #users: ManagedUsers;
  readonly #clock: () => number;
  readonly #timeoutMilliseconds: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<number> | undefined;
  #runAgain = false;
  #stopping = false;

  constructor(options: ConnectionEndingOptions) {
    this.#options = options;
    this.#users = options.users ?? options.links;
    this.#clock = options.clock ?? Date.now;
    this.#timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
  }

  start(): void {
    this.#stopping = false;
    this.#timer ??= setInterval(() => this.nudge(), this.#options.intervalMilliseconds ?? 5_000).unref();
    this.nudge();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stopping = true;
    await this.#running?.catch(() => undefined);
    this.#stopping = false;
  }

  /** Looks for due jobs now, if the worker is started. */
  nudge(): void {
    if (this.#timer === undefined) return;
    this.run().catch((error: unknown) => this.#options.onError?.(error, undefined));
  }

  /** Carries out due jobs. A call during a run makes that run look once more before it ends. */
  run(): Promise<number> {
    if (this.#running !== undefined) {
      this.#runAgain = true;
      return this.#running;
    }
    this.#running = this.#runAll().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #runAll(): Promise<number> {
    for (let total = 0; ;) {
      this.#runAgain = false;
      const [claimed] = await this.#options.jobs.claim(this.#clock(), this.#leaseMilliseconds, 1);
      if (claimed !== undefined) {
        await this.#attempt(claimed);
        total += 1;
      } else if (!this.#runAgain) return total;
      if (this.#stopping) return total;
    }
  }

  /** Long enough for a page in which every user takes as long as one may. */
  get #leaseMilliseconds(): number {
    return (pageSize + 2) * this.#timeoutMilliseconds;
  }

  async #attempt(claimed: EndingJob): Promise<void> {
    // The newest progress, to which a failure is added.
    const progress = { job: claimed };
    try {
      await observed(claimed, () => this.#carryOut(progress));
    } catch (error) {
      const { job } = progress;
      this.#options.onError?.(error, job);
      const message = error instanceof Error ? error.message : 'The attempt failed without an error message.';
      const failures = job.failures + 1;
      const nextAttemptAt = this.#clock() + this.#retryMilliseconds(failures);
      // PostgreSQL cannot store NUL in a text.
      const saved = { ...job, failures, error: message.replaceAll('\0', '').slice(0, 500), nextAttemptAt };
      await this.#options.jobs.save(saved);
    }
  }

  async #carryOut(progress: { job: EndingJob }): Promise<void> {
    const { jobs } = this.#options;
    const { tenant, connection } = progress.job;
    await closeConnection(this.#options, tenant, connection, new Date(this.#clock()));
    progress.job = await this.#recount(progress.job);
    for (;;) {
      const page = await this.#users.page(tenant, connection, progress.job.after, pageSize);
      progress.job = await this.#endPage(progress.job, page);
      const isLast = page.length < pageSize;
      if (isLast) progress.job = await this.#afterPass(progress.job);
      const { job } = progress;
      if (!(await jobs.save(job))) return;
      if (job.state === 'done') return this.#recordEnd(job);
      if (isLast) return;
      if (this.#stopping) {
        // Another process may go on at once.
        await jobs.save({ ...job, nextAttemptAt: this.#clock() });
        return;
      }
    }
  }

  /** After a crash in the middle of a page, its users are done and not counted. */
  async #recount(job: EndingJob): Promise<EndingJob> {
    const remaining = await this.#users.count(job.tenant, job.connection);
    const processed = Math.max(job.processed, job.total - remaining);
    return { ...job, processed, total: Math.max(job.total, processed + remaining) };
  }

  async #endPage(job: EndingJob, page: readonly string[]): Promise<EndingJob> {
    const refusals: RefusedUser[] = [];
    for (const userId of page) {
      const refusal = await this.#endUser(job, userId);
      if (refusal !== undefined) refusals.push(refusal);
    }
    const processed = job.processed + page.length - refusals.length;
    const refused = job.refused + refusals.length;
    return {
      ...job,
      processed,
      refused,
      total: Math.max(job.total, processed + refused),
      refusals: [...job.refusals, ...refusals].slice(0, maxListedRefusals),
      after: page.at(-1) ?? job.after,
      failures: 0,
      error: undefined,
      nextAttemptAt: this.#clock() + this.#leaseMilliseconds,
    };
  }

  async #endUser(job: EndingJob, userId: string): Promise<RefusedUser | undefined> {
    const { store, guard, onChange, links } = this.#options;
    const abort = new AbortController();
    const ended = endUser({ store, guard, onChange }, userId, job.users, contextOfJob(job, abort.signal));
    const result = await this.#inTime(ended, abort);
    if (result.kind === 'refused') {
      return { userId, reason: result.reason.replaceAll('\0', '').slice(0, maxReasonLength) };
    }
    const time = new Date(this.#clock()).toISOString();
    await links.change(job.tenant, userId, (link) => {
      const known = link ?? emptyLink(job.tenant, userId);
      const unlinked = { ...known, connection: undefined, time };
      if (job.users === 'off-board' || result.kind === 'gone') return { ...unlinked, offboardedAt: time };
      if (job.users === 'keep') return unlinked;
      // Who was deactivated before keeps the older reason.
      const deactivated = known.deactivated ?? { by: 'connection-ended' as const, time };
      return { ...unlinked, stateTime: time, deactivated };
    });
    return undefined;
  }

  async #inTime<T>(work: Promise<T>, abort: AbortController): Promise<T> {
    const timer = new AbortController();
    const timeout = async (): Promise<never> => {
      await sleep(this.#timeoutMilliseconds, undefined, { signal: timer.signal, ref: false });
      const error = new Error(`A user could not be changed within ${String(this.#timeoutMilliseconds)} ms.`);
      abort.abort(error);
      throw error;
    };
    const late = timeout();
    // Rejected with an AbortError when the work is done first.
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      timer.abort();
    }
  }

  /** All users are done; but another process may have accepted a revoked key until now, and created one more. */
  async #afterPass(job: EndingJob): Promise<EndingJob> {
    const settled = job.requestedAt.getTime() + (this.#options.settleMilliseconds ?? 15_000);
    if (this.#clock() >= settled) {
      return { ...job, state: 'done', nextAttemptAt: undefined, finishedAt: new Date(this.#clock()) };
    }
    // Those that are refused are asked again, and counted again.
    const remaining = await this.#users.count(job.tenant, job.connection);
    const processed = Math.max(0, job.total - remaining);
    return { ...job, after: undefined, processed, refused: 0, refusals: [], nextAttemptAt: settled };
  }

  async #recordEnd(job: EndingJob): Promise<void> {
    const { auditTrail, onError } = this.#options;
    if (auditTrail === undefined) return;
    const { id, tenant, connection, by, users, processed, refused } = job;
    const subjects = { job: id, users, processed: String(processed), refused: String(refused) };
    const entry = { tenant, connection, by, action: 'connection.ended', subjects, outcome: 'done' } as const;
    try {
      await recordAction(auditTrail, { time: new Date(this.#clock()), ...entry });
    } catch (error) {
      // The job itself says the same.
      onError?.(error, job);
    }
  }

  // Jitter spreads the retries of several processes when a store recovers.
  #retryMilliseconds(failures: number): number {
    const delay = (this.#options.firstRetryMilliseconds ?? 1_000) * 2 ** Math.min(failures - 1, 30);
    return Math.ceil(Math.min(maxRetryMilliseconds, delay) * (0.75 + Math.random() / 4));
  }
}

/** The context of the writes of a job. Its actor is no connector key, so `userLinks` links nobody. */
function contextOfJob({ id, tenant, connection }: EndingJob, signal: AbortSignal): ScimContext {
  return { tenant, requestId: id, signal, actor: { id: `connection-ended:${connection}`, tenant } };
}

/** Runs an attempt, published on the channel of jobs where somebody listens. */
function observed({ tenant, users, attempts }: EndingJob, attempt: () => Promise<void>): Awaitable<void> {
  if (!jobChannel.hasSubscribers) return attempt();
  return traceCall(jobChannel, { job: 'connection-ending', subject: users, tenant, attempt: attempts }, attempt);
}
