import type { Awaitable } from '../../contract/awaitable.js';
import type { Json } from '../../contract/attribute.js';
import { callHook, noteSource } from '../../contract/hook-source.js';

/**
 * What off-boarding does with an item when the user who holds it leaves.
 *
 * - `flag`: flag the item for your users, for example as "return due". Nothing else changes.
 * - `transfer`: transfer the item to the user's manager. Without a manager the item is flagged instead.
 * - `revoke`: end the item, such as a session or an API key.
 * - `block`: nobody may use the item or assign it to somebody else. `offboarding().guard` refuses to delete the user.
 * - `keep`: do nothing.
 *
 * @example
 * import type { OffboardingAction } from 'express-scim/lifecycle';
 *
 * export const forLaptops: OffboardingAction = 'flag';
 */
export type OffboardingAction = 'flag' | 'transfer' | 'revoke' | 'block' | 'keep';

/**
 * An action that a handler carries out: every action except `keep`.
 *
 * @example
 * import type { AppliedAction } from 'express-scim/lifecycle';
 *
 * export const describeAction = (action: AppliedAction): string => (action === 'flag' ? 'return due' : action);
 */
export type AppliedAction = Exclude<OffboardingAction, 'keep'>;

/**
 * How a user left: `active` became false, or the user was deleted.
 *
 * @example
 * import type { Departure } from 'express-scim/lifecycle';
 *
 * export const isFinal = (departure: Departure): boolean => departure === 'deleted';
 */
export type Departure = 'deactivated' | 'deleted';

/**
 * Something in your app that a user holds: a laptop, an API key, the lead of a team.
 *
 * @example
 * import type { HeldItem } from 'express-scim/lifecycle';
 *
 * export const laptop: HeldItem = { id: '815', label: 'Laptop 815', since: '2026-01-31T09:00:00Z' };
 */
export interface HeldItem {
  /** Unique among the items of its handler. */
  readonly id: string;
  /** How your users recognize the item, such as "Laptop 815". */
  readonly label?: string | undefined;
  /** Since when the user holds it, as an RFC 3339 timestamp. It appears in the custody history. */
  readonly since?: string | undefined;
}

/**
 * What is known about a user besides the ID.
 *
 * @example
 * import type { UserDetails } from 'express-scim/lifecycle';
 *
 * export const details: UserDetails = { label: 'Ada Lovelace', managerId: 'u-42', employeeNumber: '1815' };
 */
export interface UserDetails {
  /** The ID of the manager's SCIM resource. */
  readonly managerId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly employeeNumber?: string | undefined;
  /** The user's name, for display. */
  readonly label?: string | undefined;
}

/**
 * A user who leaves, as the handlers receive it.
 *
 * @example
 * import type { LeavingUser } from 'express-scim/lifecycle';
 *
 * export const subjectOf = (user: LeavingUser): string => `${user.label ?? user.id} was ${user.departure}`;
 */
export interface LeavingUser extends UserDetails {
  readonly tenant: string;
  /** The ID that the store assigned. */
  readonly id: string;
  readonly departure: Departure;
}

/**
 * One action that off-boarding has applied to one item; `undo` receives it when the user returns.
 *
 * @example
 * import type { OffboardingMarker } from 'express-scim/lifecycle';
 *
 * export const describeMarker = ({ action, item }: OffboardingMarker): string => `${action} ${item.label ?? item.id}`;
 */
export interface OffboardingMarker {
  /** The `markerId` that `apply` received. */
  readonly id: string;
  readonly tenant: string;
  readonly item: HeldItem;
  readonly action: AppliedAction;
  /** The ID of the user who left. */
  readonly userId: string;
  /** The new ID of a user who was deleted and has returned; undefined after a reactivation. */
  readonly returnedAs?: string | undefined;
  /** What `apply` returned. */
  readonly note?: Json | undefined;
}

/**
 * Connects off-boarding to one kind of item in your app: assets, API keys, sessions, teams.
 *
 * Handlers must be idempotent: after a crash off-boarding calls them again with the same arguments.
 *
 * @example
 * import type { OffboardingHandler } from 'express-scim/lifecycle';
 *
 * const keysByUser = new Map([['u-1', ['key-1', 'key-2']]]);
 * const revoked = new Set<string>();
 *
 * export const apiKeys: OffboardingHandler = {
 *   name: 'apiKeys',
 *   heldBy: (user) => (keysByUser.get(user.id) ?? []).filter((id) => !revoked.has(id)).map((id) => ({ id })),
 *   apply: (item) => void revoked.add(item.id),
 * };
 */
export interface OffboardingHandler {
  /** Unique among the handlers. Each task stores it, so do not change it. */
  readonly name: string;
  /** Lists the items that the user holds now. */
  heldBy(user: LeavingUser): Awaitable<readonly HeldItem[]>;
  /**
   * Applies an action to an item. A second call with the same `markerId` must change nothing.
   *
   * Store `markerId` with what you change, so that `undo` can recognize it.
   *
   * @returns a JSON value that `undo` needs, if any. Return false when somebody else has already marked the item: then
   *   off-boarding has nothing to undo.
   */
  apply(item: HeldItem, action: AppliedAction, user: LeavingUser, markerId: string): Awaitable<Json | undefined | void>;
  /** Undoes one action if the item still carries the marker with this ID. It may be called more than once. */
  undo?(marker: OffboardingMarker): Awaitable<void>;
  /** The actions that `undo` supports. Default `['flag', 'block']`: transferred and revoked items stay as they are. */
  readonly undoes?: readonly AppliedAction[] | undefined;
}

/**
 * One action for all items, one for each kind of departure, or a function that decides for each item.
 *
 * @example
 * import type { OffboardingHandlerPolicy } from 'express-scim/lifecycle';
 *
 * export const assets: OffboardingHandlerPolicy = { deactivated: 'flag', deleted: 'transfer' };
 * export const keys: OffboardingHandlerPolicy = (item) => (item.label === 'production' ? 'transfer' : 'revoke');
 */
export type OffboardingHandlerPolicy =
  | OffboardingAction
  | { readonly [departure in Departure]: OffboardingAction }
  | ((item: HeldItem, user: LeavingUser) => OffboardingAction);

/**
 * The policy of each handler, by the handler's name.
 *
 * @example
 * import type { OffboardingPolicy } from 'express-scim/lifecycle';
 *
 * export const policy: OffboardingPolicy = { assets: 'flag', apiKeys: 'revoke' };
 */
export type OffboardingPolicy = Readonly<Record<string, OffboardingHandlerPolicy>>;

/** The action that a policy has for an item. */
export function actionFor(
  handler: string,
  policy: OffboardingHandlerPolicy,
  item: HeldItem,
  user: LeavingUser,
): OffboardingAction {
  if (typeof policy === 'function') {
    try {
      return policy(item, user);
    } catch (error) {
      throw noteSource(error, `offboarding.policy[${JSON.stringify(handler)}]`);
    }
  }
  return typeof policy === 'string' ? policy : policy[user.departure];
}

/** The items that a user holds, as the handler says. */
export function heldItems(handler: OffboardingHandler, user: LeavingUser): Awaitable<readonly HeldItem[]> {
  return callHook(`${placeOf(handler.name)}.heldBy`, () => handler.heldBy(user));
}

/** A handler by its name, for the log. */
export function placeOf(handler: string): string {
  return `offboarding.handlers[${JSON.stringify(handler)}]`;
}
