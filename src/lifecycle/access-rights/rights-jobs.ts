import type { Awaitable } from '../../contract/awaitable.js';

/**
 * A run over all users of a tenant that applies the mapping of groups to roles, as a job with its progress.
 *
 * @example
 * import type { RightsJob } from 'express-scim/lifecycle';
 *
 * export const describeJob = ({ state, processed, total = processed }: RightsJob): string =>
 *   `${state}: ${String(processed)} of ${String(total)} users`;
 */
export interface RightsJob {
  readonly id: string;
  readonly tenant: string;
  /** Who asked for it. */
  readonly by: string;
  readonly requestedAt: Date;
  readonly state: 'running' | 'done';
  /** Number of users whose roles were reconciled. */
  readonly processed: number;
  /** Number of users of the tenant; undefined until a process has begun with the job. */
  readonly total?: number | undefined;
  /** Where the next page of users begins: `after` of `RightsRun`. */
  readonly after?: string | undefined;
  /** How often a process has claimed the job. A process saves only what belongs to its own claim. */
  readonly attempts: number;
  /** Failures since the last page that was done. */
  readonly failures: number;
  /** Milliseconds since 1970; undefined: nothing to do. While a process works on it: when another one may claim it. */
  readonly nextAttemptAt?: number | undefined;
  /** Why the last attempt failed. */
  readonly error?: string | undefined;
  readonly finishedAt?: Date | undefined;
}

/**
 * Stores one job for each tenant: `memoryRightsJobStore()`, `sqlRightsJobStore(db)` of `express-scim/sql`, or your own
 * implementation.
 *
 * @example
 * import type { RightsJobStore } from 'express-scim/lifecycle';
 *
 * export async function isApplied(jobs: RightsJobStore, tenant: string): Promise<boolean> {
 *   return (await jobs.latest(tenant))?.state !== 'running';
 * }
 */
export interface RightsJobStore {
  /** Saves the job of its tenant in place of the one before. What a process still saves of that one is not saved. */
  begin(job: RightsJob): Awaitable<void>;
  /**
   * Claims up to `limit` jobs of all tenants that are due: counts an attempt and sets `nextAttemptAt` to
   * `now + leaseMilliseconds`, so that no other process claims them too.
   */
  claim(now: number, leaseMilliseconds: number, limit: number): Awaitable<readonly RightsJob[]>;
  /** Saves the progress of a job. @returns false where another job has begun, or another process has claimed it */
  save(job: RightsJob): Awaitable<boolean>;
  /** The job of a tenant. */
  latest(tenant: string): Awaitable<RightsJob | undefined>;
}

/**
 * Keeps the jobs in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryRightsJobStore } from 'express-scim/lifecycle';
 *
 * export const jobs = memoryRightsJobStore();
 */
export function memoryRightsJobStore(): RightsJobStore {
  const jobs = new Map<string, RightsJob>();
  return {
    begin: (job) => void jobs.set(job.tenant, job),
    claim(now, leaseMilliseconds, limit) {
      const due = [...jobs.values()].filter(({ nextAttemptAt = Infinity }) => nextAttemptAt <= now).slice(0, limit);
      const claimed = due.map((job) => ({
        ...job,
        attempts: job.attempts + 1,
        nextAttemptAt: now + leaseMilliseconds,
      }));
      for (const job of claimed) jobs.set(job.tenant, job);
      return claimed;
    },
    save(job) {
      const current = jobs.get(job.tenant);
      if (current?.id !== job.id || current.attempts !== job.attempts) return false;
      jobs.set(job.tenant, job);
      return true;
    },
    latest: (tenant) => jobs.get(tenant),
  };
}
