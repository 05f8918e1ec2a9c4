import type { Awaitable } from '../../contract/awaitable.js';
import type { OffboardingHandler, OffboardingPolicy, UserDetails } from './handlers.js';
import type { OffboardingTask, OffboardingTaskStore } from './tasks.js';
import type { TombstoneStore } from './tombstones.js';

/** Options of `offboarding`. */
export interface OffboardingOptions {
  /** Where users hold things. */
  readonly handlers: readonly OffboardingHandler[];
  /** What happens to them; one entry for each holder. */
  readonly policy: OffboardingPolicy;
  /** `memoryObligationStore()`, or `sqlObligationStore(db)` of express-scim/sql. */
  readonly store: OffboardingTaskStore;
  /** Where deleted users are remembered. Default: nowhere, and nobody comes back from a deletion. */
  readonly tombstones?: TombstoneStore | undefined;
  /**
   * What is known of a person: who the manager is, for `transfer`. Default: what the event of a deletion tells, and
   * nothing of a deactivation.
   */
  readonly user?: ((tenant: string, id: string) => Awaitable<UserDetails | undefined>) | undefined;
  /** How often what is due is looked for, milliseconds. Default 5,000. */
  readonly intervalMilliseconds?: number | undefined;
  /** How long a holder may take, milliseconds. Default 30,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** How long to wait after the first failure, milliseconds; twice as long after each further one. Default 1,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /** How long to wait at most between two attempts, milliseconds. Default 3,600,000: one hour. It is never given up. */
  readonly maxRetryMilliseconds?: number | undefined;
  /** Why an attempt failed. Default: only `error` of the obligation. */
  readonly onError?: ((error: unknown, task: OffboardingTask | undefined) => void) | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}
