import { randomUUID } from 'node:crypto';
import { isObject } from '../../contract/is-object.js';
import { type AuditTrailStore, recordAction } from './audit-trail.js';
import { closeConnection } from './close-connection.js';
import type { EndingJob, FateOfUsers } from './ending-jobs.js';
import type { ConnectionEndingOptions } from './ending-options.js';
import { EndingWorker } from './ending-worker.js';
import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';

/**
 * Which connection to end, and what happens to its users.
 *
 * @example
 * import type { EndConnectionRequest } from 'express-scim/lifecycle';
 *
 * export const request: EndConnectionRequest = {
 *   tenant: 'acme',
 *   connection: 'default',
 *   users: 'deactivate',
 *   by: 'ada@example.com',
 * };
 */
export interface EndConnectionRequest {
  readonly tenant: string;
  readonly connection: string;
  readonly users: FateOfUsers;
  /** Who ends it, for the audit trail. */
  readonly by: string;
}

/**
 * The object that `connectionEnding` returns.
 *
 * @example
 * import type { ConnectionEnding } from 'express-scim/lifecycle';
 *
 * export function stopOnShutdown(endings: ConnectionEnding): void {
 *   process.once('SIGTERM', () => void endings.stop());
 * }
 */
export interface ConnectionEnding {
  /** The option `auditTrail`. */
  readonly auditTrail: AuditTrailStore | undefined;
  /** Number of users that ending the connection affects. Changes nothing. */
  count(tenant: string, connection: string): Promise<number>;
  /**
   * Disables the connection, revokes its keys, and starts the job that processes its users. `run` or `start` carries it
   * out. While a job is running, another call returns that job and changes nothing.
   *
   * @throws TypeError for an unknown `users`, empty texts, or an unknown connection without users
   */
  endConnection(request: EndConnectionRequest): Promise<EndingJob>;
  /** The newest job of a connection, with its progress. */
  progress(tenant: string, connection: string): Promise<EndingJob | undefined>;
  /** Carries out the jobs that are due now. @returns the number of attempts */
  run(): Promise<number>;
  /** Carries out due jobs at an interval. The timer does not keep the process alive. */
  start(): void;
  /** Stops the interval, and waits until the current page of users is saved. */
  stop(): Promise<void>;
}

const page = 'connections.md#ending-a-connection';

const rules: OptionRules<keyof ConnectionEndingOptions> = {
  of: 'connectionEnding',
  page,
  required: ['connections', 'store', 'links', 'jobs'],
  kinds: {
    connections: 'object',
    store: 'object',
    links: 'object',
    users: 'object',
    jobs: 'object',
    guard: 'function',
    onChange: 'function',
    setupLinks: 'object',
    auditTrail: 'object',
    intervalMilliseconds: 'number',
    settleMilliseconds: 'number',
    timeoutMilliseconds: 'number',
    firstRetryMilliseconds: 'number',
    onError: 'function',
    clock: 'function',
  },
};

const fates: readonly unknown[] = ['keep', 'deactivate', 'off-board'] satisfies FateOfUsers[];

/**
 * Ends connections: revokes the keys, then keeps, deactivates or off-boards the users, in pages, as a job that any number of
 * processes may carry out. It resumes after a crash, and retries until it is done.
 *
 * @throws TypeError when an option is missing
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { memoryConnectionStore } from 'express-scim/admin';
 * import { connectionEnding, memoryConnectionEndingStore, memoryUserLinkStore } from 'express-scim/lifecycle';
 *
 * const endings = connectionEnding({
 *   connections: memoryConnectionStore(),
 *   store: new MemoryStore(),
 *   links: memoryUserLinkStore(),
 *   jobs: memoryConnectionEndingStore(),
 * });
 * endings.start();
 * await endings.endConnection({ tenant: 'acme', connection: 'default', users: 'deactivate', by: 'ada@example.com' });
 */
export function connectionEnding(options: ConnectionEndingOptions): ConnectionEnding {
  checkOptions(options, rules);
  const { connections, links, users = links, jobs, auditTrail, clock = Date.now } = options;
  const { loop } = new EndingWorker(options);
  return {
    auditTrail,
    count: async (tenant, connection) => users.count(tenant, connection),
    async endConnection(request) {
      const { tenant, connection, users: fate, by } = checked(request);
      const latest = await jobs.latest(tenant, connection);
      if (latest?.state === 'running') return latest;
      const total = await users.count(tenant, connection);
      if (total === 0 && !isObject(await connections.get(tenant, connection))) {
        throw usageError('endConnection', 'there is no such connection, and no user that it manages', page);
      }
      const now = clock();
      const id = randomUUID();
      if (auditTrail !== undefined) {
        const subjects = { job: id, users: fate, count: String(total) };
        await recordAction(auditTrail, {
          ...{ time: new Date(now), tenant, connection, by, action: 'connection.end', subjects, outcome: 'requested' },
        });
      }
      const job = await jobs.add({
        ...{ id, tenant, connection, users: fate, by, requestedAt: new Date(now), state: 'running', total },
        ...{ processed: 0, refused: 0, refusals: [], attempts: 0, failures: 0, nextAttemptAt: now },
      });
      // The job does this too: after a crash here, the keys are revoked when it is resumed.
      await closeConnection(options, tenant, connection, new Date(now));
      loop.nudge();
      return job;
    },
    progress: async (tenant, connection) => jobs.latest(tenant, connection),
    run: () => loop.run(),
    start: () => loop.start(),
    stop: () => loop.stop(),
  };
}

/** A request from outside the type system: a misspelled fate must not become another one. */
function checked(request: EndConnectionRequest): EndConnectionRequest {
  const { tenant, connection, users, by } = request;
  const mistakes = Object.entries({ tenant, connection, by } as Readonly<Record<string, unknown>>)
    .filter(([, value]) => typeof value !== 'string' || value === '')
    .map(([name]) => `${name} must be a non-empty string`);
  if (!fates.includes(users)) mistakes.push("users must be 'keep', 'deactivate' or 'off-board'");
  if (mistakes.length > 0) throw usageError('endConnection', mistakes, page);
  return request;
}
