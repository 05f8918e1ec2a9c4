import type { Awaitable } from '../../contract/index.js';
import type { Holder, OffboardingPolicy, PersonDetails } from './handlers.js';
import type { Obligation, ObligationStore } from './tasks.js';
import type { TombstoneStore } from './tombstones.js';

/** Options of `offboarding`. */
export interface OffboardingOptions {
  /** Where people hold things. */
  readonly holders: readonly Holder[];
  /** What happens to them; one entry for each holder. */
  readonly policy: OffboardingPolicy;
  /** `memoryObligationStore()`, or `sqlObligationStore(db)` of express-scim/sql. */
  readonly store: ObligationStore;
  /** Where deleted people are remembered. Default: nowhere, and nobody comes back from a deletion. */
  readonly tombstones?: TombstoneStore | undefined;
  /**
   * What is known of a person: who the manager is, for `transfer`. Default: what the event of a deletion tells, and
   * nothing of a deactivation.
   */
  readonly person?: ((tenant: string, id: string) => Awaitable<PersonDetails | undefined>) | undefined;
  /** How often what is due is looked for, milliseconds. Default 5,000. */
  readonly every?: number | undefined;
  /** How long a holder may take, milliseconds. Default 30,000. */
  readonly timeout?: number | undefined;
  /** How long to wait after the first failure, milliseconds; twice as long after each further one. Default 1,000. */
  readonly firstRetry?: number | undefined;
  /** How long to wait at most between two attempts, milliseconds. Default 3,600,000: one hour. It is never given up. */
  readonly lastRetry?: number | undefined;
  /** Why an attempt failed. Default: only `error` of the obligation. */
  readonly onError?: ((error: unknown, obligation: Obligation | undefined) => void) | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}
