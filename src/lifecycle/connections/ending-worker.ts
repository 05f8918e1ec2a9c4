import type { ScimContext } from '../../contract/context.js';
import { storable } from '../../database/storable.js';
import { JobRunner } from '../jobs/job-runner.js';
import type { RunLoop } from '../jobs/run-loop.js';
import { within } from '../jobs/within.js';
import { recordAction } from './audit-trail.js';
import { closeConnection } from './close-connection.js';
import { endUser } from './end-user.js';
import type { EndingJob, RefusedUser } from './ending-jobs.js';
import type { ConnectionEndingOptions } from './ending-options.js';
import { emptyLink, type ManagedUsers } from './user-links.js';

const pageSize = 50;
const maxListedRefusals = 50;
const maxReasonLength = 300;

/** Carries out the jobs that end connections. Any number of processes may work on one store. */
export class EndingWorker {
  readonly loop: RunLoop;
  readonly #options: ConnectionEndingOptions;
  readonly #users: ManagedUsers;
  readonly #clock: () => number;
  readonly #timeoutMilliseconds: number;

  constructor(options: ConnectionEndingOptions) {
    this.#options = options;
    this.#users = options.users ?? options.links;
    this.#clock = options.clock ?? Date.now;
    this.#timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
    const { loop } = new JobRunner<EndingJob>(options, {
      kind: 'connection-ending',
      subject: ({ users }) => users,
      leaseMilliseconds: this.#leaseMilliseconds,
      begin: (job) => this.#begin(job),
      page: (job) => this.#page(job),
      ended: (job) => this.#recordEnd(job),
    });
    this.loop = loop;
  }

  /** Long enough for a page in which every user takes as long as one may. */
  get #leaseMilliseconds(): number {
    return (pageSize + 2) * this.#timeoutMilliseconds;
  }

  async #begin(job: EndingJob): Promise<EndingJob> {
    await closeConnection(this.#options, job.tenant, job.connection, new Date(this.#clock()));
    return this.#recount(job);
  }

  async #page(job: EndingJob): Promise<{ readonly job: EndingJob; readonly more: boolean }> {
    const page = await this.#users.page(job.tenant, job.connection, job.after, pageSize);
    const ended = await this.#endPage(job, page);
    const isLast = page.length < pageSize;
    return { job: isLast ? await this.#afterPass(ended) : ended, more: !isLast };
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
    const result = await within(ended, this.#timeoutMilliseconds, () => {
      const error = new Error(`A user could not be changed within ${String(this.#timeoutMilliseconds)} ms.`);
      abort.abort(error);
      return error;
    });
    if (result.kind === 'refused') return { userId, reason: storable(result.reason.slice(0, maxReasonLength)) };
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
      onError?.(error, job, undefined);
    }
  }
}

/** The context of the writes of a job. Its actor is no connector key, so `userLinks` links nobody. */
function contextOfJob({ id, tenant, connection }: EndingJob, signal: AbortSignal): ScimContext {
  return { tenant, requestId: id, signal, actor: { id: `connection-ended:${connection}`, tenant } };
}
