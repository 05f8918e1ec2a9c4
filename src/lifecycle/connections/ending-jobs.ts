import type { Awaitable } from '../../contract/awaitable.js';

/**
 * What happens to the users of a connection that ends.
 *
 * - `keep`: they stay as they are, and are no longer linked with the identity provider (`externalId` is removed).
 * - `deactivate`: `active` becomes false. Off-boarding applies its policy for deactivated users.
 * - `off-board`: they are deleted, as by a DELETE of the identity provider. Off-boarding applies its policy for deleted
 *   users.
 */
export type FateOfUsers = 'keep' | 'deactivate' | 'off-board';

/**
 * A user that a guard refused to deactivate or delete, such as the last owner.
 *
 * @example
 * import type { RefusedUser } from 'express-scim/lifecycle';
 *
 * export const describeRefusal = ({ userId, reason }: RefusedUser): string => `${userId}: ${reason}`;
 */
export interface RefusedUser {
  readonly userId: string;
  /** The message of the guard. */
  readonly reason: string;
}

/**
 * The end of one connection, as a job with its progress.
 *
 * @example
 * import type { EndingJob } from 'express-scim/lifecycle';
 *
 * export const describeJob = ({ state, processed, total, refused }: EndingJob): string =>
 *   `${state}: ${String(processed)} of ${String(total)}, ${String(refused)} refused`;
 */
export interface EndingJob {
  readonly id: string;
  readonly tenant: string;
  readonly connection: string;
  readonly users: FateOfUsers;
  /** Who ended the connection. */
  readonly by: string;
  readonly requestedAt: Date;
  readonly state: 'running' | 'done';
  /** Number of users when the job began, and of those that were added while it ran. */
  readonly total: number;
  /** How many of them are done. */
  readonly processed: number;
  /** How many of them a guard refused. They stay linked. */
  readonly refused: number;
  /** The first 50 of them. */
  readonly refusals: readonly RefusedUser[];
  /** The last user of the page that was done last. */
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
 * Stores the jobs that end connections: `memoryConnectionEndingStore()`, `sqlConnectionEndingStore(db)` of
 * `express-scim/sql`, or your own implementation.
 *
 * @example
 * import type { ConnectionEndingStore } from 'express-scim/lifecycle';
 *
 * export async function isEnding(jobs: ConnectionEndingStore, tenant: string): Promise<boolean> {
 *   return (await jobs.latest(tenant, 'default'))?.state === 'running';
 * }
 */
export interface ConnectionEndingStore {
  /** Adds a job, unless one is running for the same connection. @returns the running job */
  add(job: EndingJob): Awaitable<EndingJob>;
  /**
   * Claims up to `limit` jobs of all tenants that are due: counts an attempt and sets `nextAttemptAt` to
   * `now + leaseMilliseconds`, so that no other process claims them too.
   */
  claim(now: number, leaseMilliseconds: number, limit: number): Awaitable<readonly EndingJob[]>;
  /** Saves the progress of a running job. @returns false when it is done, or claimed by another process (`attempts`) */
  save(job: EndingJob): Awaitable<boolean>;
  /** The newest job of a connection. */
  latest(tenant: string, connection: string): Awaitable<EndingJob | undefined>;
}

/**
 * Keeps the jobs in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryConnectionEndingStore } from 'express-scim/lifecycle';
 *
 * export const jobs = memoryConnectionEndingStore();
 */
export function memoryConnectionEndingStore(): ConnectionEndingStore {
  // In insertion order.
  const jobs: EndingJob[] = [];
  const isRunning = ({ state }: EndingJob): boolean => state === 'running';
  return {
    add(job) {
      const running = jobs.find(
        (each) => isRunning(each) && each.tenant === job.tenant && each.connection === job.connection,
      );
      if (running !== undefined) return running;
      jobs.push(job);
      return job;
    },
    claim(now, leaseMilliseconds, limit) {
      const claimed: EndingJob[] = [];
      for (const [index, job] of jobs.entries()) {
        if (claimed.length === limit) break;
        if (!isRunning(job) || job.nextAttemptAt === undefined || job.nextAttemptAt > now) continue;
        const taken = { ...job, attempts: job.attempts + 1, nextAttemptAt: now + leaseMilliseconds };
        jobs[index] = taken;
        claimed.push(taken);
      }
      return claimed;
    },
    save(job) {
      const index = jobs.findIndex(({ tenant, id }) => tenant === job.tenant && id === job.id);
      const current = jobs[index];
      if (current === undefined || !isRunning(current) || current.attempts !== job.attempts) return false;
      jobs[index] = job;
      return true;
    },
    latest: (tenant, connection) => jobs.findLast((each) => each.tenant === tenant && each.connection === connection),
  };
}
