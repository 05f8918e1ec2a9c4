import type { Awaitable } from '../../contract/awaitable.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { UserStore } from '../../contract/store.js';
import type { Guard } from '../guards/guards.js';
import type { AuditTrailStore } from './audit-trail.js';
import type { ClosableConnections } from './close-connection.js';
import type { ConnectionEndingStore, EndingJob } from './ending-jobs.js';
import type { ManagedUsers, UserLinkStore } from './user-links.js';

/**
 * Options of `connectionEnding`. All durations are in milliseconds.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { memoryConnectionStore } from 'express-scim/admin';
 * import { type ConnectionEndingOptions, memoryConnectionEndingStore, memoryUserLinkStore } from 'express-scim/lifecycle';
 *
 * export const options: ConnectionEndingOptions = {
 *   connections: memoryConnectionStore(),
 *   store: new MemoryStore(),
 *   links: memoryUserLinkStore(),
 *   jobs: memoryConnectionEndingStore(),
 * };
 */
export interface ConnectionEndingOptions {
  /** The ConnectionStore: its connection is disabled, and its keys are revoked. */
  readonly connections: ClosableConnections;
  /** The store of the router: its users are changed. */
  readonly store: UserStore;
  /** The store that `userLinks` writes to: it knows the users of the connection, who are unlinked one by one. */
  readonly links: UserLinkStore;
  /** The users of a connection, if your app knows them better than `links`. Default: `links`. */
  readonly users?: ManagedUsers | undefined;
  /** `memoryConnectionEndingStore()`, or `sqlConnectionEndingStore(db)` of `express-scim/sql`. */
  readonly jobs: ConnectionEndingStore;
  /**
   * Guards that also apply when the connection ends, such as `lastOwner`. A user that a guard refuses is not changed, and
   * is listed. Leave out `massDeactivationBreaker`: an administrator has already decided. Default: none.
   */
  readonly guard?: Guard | undefined;
  /** The `onChange` of the router, for a store without an outbox, such as that of off-boarding. Default: none. */
  readonly onChange?: ((event: ChangeEvent) => Awaitable<void>) | undefined;
  /** The set-up links of the panel (`setupLinks`): those of the connection are revoked. Default: none. */
  readonly setupLinks?: { revoke(tenant: string, connection: string): Awaitable<void> } | undefined;
  /** Where the beginning and the end of each job are recorded. Default: nowhere. */
  readonly auditTrail?: AuditTrailStore | undefined;
  /** How often `start` looks for due jobs. Default 5,000. */
  readonly intervalMilliseconds?: number | undefined;
  /**
   * How long other processes may still accept the revoked keys (`maxAgeMilliseconds` of `connectionAuthenticator`). The job
   * looks once more for users after this time. Default 15,000.
   */
  readonly settleMilliseconds?: number | undefined;
  /** How long the change of one user may take. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Delay after the first failure; it doubles after each further one, up to an hour. Default 1,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /**
   * Called with the error of each failed attempt. `hook` names the function of your app that failed, such as `connectionEnding.guard`.
   * Default: the message is only stored in the job's `error`.
   */
  readonly onError?: ((error: unknown, job: EndingJob | undefined, hook: string | undefined) => void) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}
