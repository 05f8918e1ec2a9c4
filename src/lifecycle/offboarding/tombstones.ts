import type { Awaitable } from '../../contract/awaitable.js';
import type { ConflictCandidate } from '../conflicts/conflicts.js';
import type { AppliedAction, HeldItem } from './handlers.js';

/**
 * What is kept about a deleted user: who held what, and the identifiers that recognize the user on return.
 *
 * @example
 * import type { Tombstone } from 'express-scim/lifecycle';
 *
 * export const stillHeld = ({ custody }: Tombstone): readonly string[] =>
 *   custody.filter(({ action }) => action === 'flag').map(({ item }) => item.label ?? item.id);
 */
export interface Tombstone {
  /** The ID of the deletion's event. */
  readonly id: string;
  readonly tenant: string;
  /** The ID that the user had. */
  readonly userId: string;
  /** When the user was deleted, as an RFC 3339 timestamp. */
  readonly time: string;
  /** The ID of the client that deleted the user. */
  readonly actor: string;
  readonly label?: string | undefined;
  readonly externalId?: string | undefined;
  readonly employeeNumber?: string | undefined;
  readonly custody: readonly CustodyEntry[];
  /** The new ID of the user who has returned. */
  readonly claimedBy?: string | undefined;
}

/**
 * One entry of the custody history: an item that a deleted user held, and what off-boarding did with it.
 *
 * @example
 * import type { CustodyEntry } from 'express-scim/lifecycle';
 *
 * export const entry: CustodyEntry = {
 *   handler: 'assets',
 *   item: { id: '815', label: 'Laptop 815' },
 *   time: '2026-01-31T09:00:00Z',
 *   action: 'transfer',
 *   managerId: 'u-42',
 * };
 */
export interface CustodyEntry {
  /** The name of the handler. */
  readonly handler: string;
  readonly item: HeldItem;
  /** When the user left, as an RFC 3339 timestamp. */
  readonly time: string;
  /** What was applied; undefined when the item was kept. */
  readonly action?: AppliedAction | undefined;
  /** For `transfer`: who received the item. */
  readonly managerId?: string | undefined;
}

/**
 * A tombstone as it is added: without custody history, and not yet claimed.
 *
 * @example
 * import type { NewTombstone } from 'express-scim/lifecycle';
 *
 * export const tombstone: NewTombstone = {
 *   id: 'event-1',
 *   tenant: 'acme',
 *   userId: 'u-1',
 *   time: '2026-01-31T09:00:00Z',
 *   actor: 'okta',
 *   employeeNumber: '1815',
 * };
 */
export type NewTombstone = Omit<Tombstone, 'custody' | 'claimedBy'>;

/**
 * Stores tombstones. Every call is bound to a tenant. Implement it to keep them in a database of your own.
 *
 * @example
 * import { memoryTombstoneStore, type TombstoneStore } from 'express-scim/lifecycle';
 *
 * const tombstones: TombstoneStore = memoryTombstoneStore();
 * export const erase = (tenant: string, id: string) => tombstones.forget(tenant, id);
 */
export interface TombstoneStore {
  /** Adds a tombstone. One whose ID already exists stays unchanged. */
  add(tombstone: NewTombstone): Awaitable<void>;
  /** Appends to the custody history. The same item of the same handler at the same time is stored once. */
  addCustody(tenant: string, id: string, custody: readonly CustodyEntry[]): Awaitable<void>;
  get(tenant: string, id: string): Awaitable<Tombstone | undefined>;
  /**
   * Finds unclaimed tombstones with exactly this `externalId` or `employeeNumber`; nothing for any other `by`. The
   * signature is that of `AdoptByOptions.tombstones`.
   */
  find(tenant: string, key: { readonly by: string; readonly value: string }): Awaitable<readonly ConflictCandidate[]>;
  /** Newest first. `limit` defaults to 100. */
  list(tenant: string, limit?: number): Awaitable<readonly Tombstone[]>;
  /**
   * Records that the user has returned with the ID `userId`. The first claim wins.
   *
   * @returns false when the tombstone is unknown or claimed by another ID
   */
  claim(tenant: string, id: string, userId: string): Awaitable<boolean>;
  /**
   * Erases a tombstone and its custody history, for example when personal data must be erased.
   *
   * @returns false when it is unknown
   */
  forget(tenant: string, id: string): Awaitable<boolean>;
}

/** How a tombstone appears among the candidates of a conflict. */
export function tombstoneLabel(tombstone: Pick<Tombstone, 'label' | 'userId' | 'time'>): string {
  return `${tombstone.label ?? tombstone.userId}, deleted ${tombstone.time.slice(0, 10)}`;
}

/** Identifies an entry of a custody history. */
export function custodyKey({ handler, item, time }: CustodyEntry): string {
  return JSON.stringify([handler, item.id, time]);
}
