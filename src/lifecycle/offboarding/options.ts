import type { Awaitable } from '../../contract/awaitable.js';
import type { OffboardingHandler, OffboardingPolicy, UserDetails } from './handlers.js';
import type { OffboardingTask, OffboardingTaskStore } from './tasks.js';
import type { TombstoneStore } from './tombstones.js';

/**
 * Options of `offboarding`. All durations are in milliseconds.
 *
 * @example
 * import { memoryOffboardingTaskStore, type OffboardingOptions } from 'express-scim/lifecycle';
 *
 * export const options: OffboardingOptions = {
 *   handlers: [{ name: 'sessions', heldBy: () => [], apply: () => undefined }],
 *   policy: { sessions: 'revoke' },
 *   store: memoryOffboardingTaskStore(),
 * };
 */
export interface OffboardingOptions {
  /** One handler for each kind of item that users hold. */
  readonly handlers: readonly OffboardingHandler[];
  /** What happens to the items: exactly one entry for each handler. */
  readonly policy: OffboardingPolicy;
  /** `memoryOffboardingTaskStore()`, or `sqlOffboardingTaskStore(db)` of `express-scim/sql`. */
  readonly store: OffboardingTaskStore;
  /**
   * Remembers deleted users: `memoryTombstoneStore()`, or `sqlTombstoneStore(db)` of `express-scim/sql`. Default: none, so
   * that a deleted user who returns is a new user.
   */
  readonly tombstones?: TombstoneStore | undefined;
  /**
   * Looks up details of a user in your app, such as the manager for `transfer`. Default: the details in the event of a
   * deletion, and none for a deactivation.
   */
  readonly user?: ((tenant: string, id: string) => Awaitable<UserDetails | undefined>) | undefined;
  /** How often `start` looks for due tasks. Default 5,000. */
  readonly intervalMilliseconds?: number | undefined;
  /** How long one call of a handler may take. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Delay after the first failure; it doubles after each further one. Default 1,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /** Longest delay between two attempts. Default 3,600,000 (one hour). Off-boarding never gives up. */
  readonly maxRetryMilliseconds?: number | undefined;
  /** Called with the error of each failed attempt. Default: the message is only stored in the task's `error`. */
  readonly onError?: ((error: unknown, task: OffboardingTask | undefined) => void) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}
