import type { Awaitable } from '../../contract/awaitable.js';
import type { Json } from '../../contract/attribute.js';

/**
 * What happens to a thing whose holder leaves.
 *
 * - `flag`: mark it for users, as "return due"; nothing else changes.
 * - `transfer`: hand it to the manager; without a manager it is flagged.
 * - `revoke`: end it: a session, an API key.
 * - `block`: bar it from use and from being handed out; the person cannot be deleted meanwhile (`offboarding.guard`).
 * - `keep`: nothing.
 */
export type OffboardingAction = 'flag' | 'transfer' | 'revoke' | 'block' | 'keep';

/** An action that a holder carries out. */
export type AppliedAction = Exclude<OffboardingAction, 'keep'>;

/** Why things are taken care of: the person was switched off, or deleted. */
export type Departure = 'deactivated' | 'deleted';

/** A thing that a person holds. */
export interface HeldItem {
  /** Unique in its holder. */
  readonly id: string;
  /** For users: "Laptop 0815". */
  readonly label?: string | undefined;
  /** Since when, as an RFC 3339 timestamp: for the custody history. */
  readonly since?: string | undefined;
}

/** What is known of a person beside the id. */
export interface UserDetails {
  readonly managerId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly employeeNumber?: string | undefined;
  readonly label?: string | undefined;
}

/** Who leaves. */
export interface LeavingUser extends UserDetails {
  readonly tenant: string;
  /** The id of the user, which the store gave it. */
  readonly id: string;
  readonly departure: Departure;
}

/** A mark that off-boarding has set, as it is undone. */
export interface OffboardingMarker {
  /** The same that `apply` was given. */
  readonly id: string;
  readonly tenant: string;
  readonly item: HeldItem;
  readonly action: AppliedAction;
  /** Who left. */
  readonly userId: string;
  /** Set after a deletion: the id that the person came back with. */
  readonly returnedAs?: string | undefined;
  /** What `apply` returned. */
  readonly note?: Json | undefined;
}

/** A part of the host where users hold things: assets, API keys, sessions, teams. */
export interface OffboardingHandler {
  /** Unique among the holders; it is kept with each obligation, so it must not change. */
  readonly name: string;
  /** What the person holds now. */
  heldBy(person: LeavingUser): Awaitable<readonly HeldItem[]>;
  /**
   * Carries an action out. It may be called again with the same `markId` after a crash, and must then change nothing.
   *
   * Keep `markId` beside what you set, to know your own mark again.
   *
   * @returns what `undo` will need, if anything; false where all was already so by somebody else's hand, and there is
   *   nothing of ours to undo
   */
  apply(
    item: HeldItem,
    action: AppliedAction,
    person: LeavingUser,
    markerId: string,
  ): Awaitable<Json | undefined | void>;
  /** Takes one mark back, if it still stands and is the one with this id. It may be called again. */
  undo?(marker: OffboardingMarker): Awaitable<void>;
  /** Actions that `undo` takes back. Default `['flag', 'block']`: what was transferred or revoked stays so. */
  readonly undoes?: readonly AppliedAction[] | undefined;
}

/** One action for all, one by departure, or a function that decides for each thing. */
export type OffboardingHandlerPolicy =
  | OffboardingAction
  | { readonly [departure in Departure]: OffboardingAction }
  | ((item: HeldItem, person: LeavingUser) => OffboardingAction);

/** The policy of each holder, by its name. */
export type OffboardingPolicy = Readonly<Record<string, OffboardingHandlerPolicy>>;

/** The action that a policy has for a thing. */
export function actionFor(policy: OffboardingHandlerPolicy, item: HeldItem, person: LeavingUser): OffboardingAction {
  if (typeof policy === 'function') return policy(item, person);
  return typeof policy === 'string' ? policy : policy[person.departure];
}
