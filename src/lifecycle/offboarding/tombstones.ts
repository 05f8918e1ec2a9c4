import type { Candidate } from '../conflicts/conflicts.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { AppliedAction, HeldItem } from './handlers.js';

/** What is left of a deleted person: enough to know who held what, and to know the person again. */
export interface Tombstone {
  /** Id of the event of the deletion. */
  readonly id: string;
  readonly tenant: string;
  /** The id that the user had. */
  readonly userId: string;
  /** When the user was deleted, as an RFC 3339 timestamp. */
  readonly time: string;
  /** The client that deleted. */
  readonly actor: string;
  readonly label?: string | undefined;
  readonly externalId?: string | undefined;
  readonly employeeNumber?: string | undefined;
  readonly custody: readonly Custody[];
  /** The id that the person came back with. */
  readonly claimedBy?: string | undefined;
}

/** A thing that a deleted person held. */
export interface Custody {
  readonly handler: string;
  readonly item: HeldItem;
  /** When off-boarding found it in the person's hands, as an RFC 3339 timestamp. */
  readonly time: string;
  /** What became of it; left out: it was kept. */
  readonly action?: AppliedAction | undefined;
  /** To whom it went, by `transfer`. */
  readonly managerId?: string | undefined;
}

/** A new tombstone. */
export type NewTombstone = Omit<Tombstone, 'custody' | 'claimedBy'>;

/** Where tombstones are kept. Every call is bound to a tenant. */
export interface TombstoneStore {
  /** Keeps a new one; one whose id is there already stays as it is. */
  add(tombstone: NewTombstone): Awaitable<void>;
  /** Adds to the custody history; the same thing of the same holder at the same time is kept once. */
  addCustody(tenant: string, id: string, custody: readonly Custody[]): Awaitable<void>;
  get(tenant: string, id: string): Awaitable<Tombstone | undefined>;
  /** Those that nobody has claimed yet and that have exactly this value; by anything else: none. Fits `adoptBy`. */
  find(tenant: string, key: { readonly by: string; readonly value: string }): Awaitable<readonly Candidate[]>;
  /** Newest first. Default 100 at most. */
  list(tenant: string, limit?: number): Awaitable<readonly Tombstone[]>;
  /** The person is back with this id. One claim wins. False: unknown, or claimed by another id. */
  claim(tenant: string, id: string, userId: string): Awaitable<boolean>;
  /** Removes one for good, as when personal data must be erased. */
  forget(tenant: string, id: string): Awaitable<boolean>;
}

/** How a tombstone is shown among the candidates of a conflict. */
export function tombstoneLabel(tombstone: Pick<Tombstone, 'label' | 'userId' | 'time'>): string {
  return `${tombstone.label ?? tombstone.userId}, deleted ${tombstone.time.slice(0, 10)}`;
}

/** Tombstones in memory: for tests and for one process that may forget. */
export function memoryTombstoneStore(): TombstoneStore {
  const kept = new Map<string, Tombstone>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    add(tombstone) {
      const key = keyOf(tombstone.tenant, tombstone.id);
      if (!kept.has(key)) kept.set(key, { ...tombstone, custody: [] });
    },
    addCustody(tenant, id, custody) {
      const tombstone = kept.get(keyOf(tenant, id));
      if (tombstone === undefined) return;
      const known = new Set(tombstone.custody.map(custodyKey));
      const added = custody.filter((each) => !known.has(custodyKey(each)));
      kept.set(keyOf(tenant, id), { ...tombstone, custody: [...tombstone.custody, ...added] });
    },
    get: (tenant, id) => kept.get(keyOf(tenant, id)),
    find(tenant, { by, value }) {
      if (by !== 'externalId' && by !== 'employeeNumber') return [];
      const found = [...kept.values()].filter(
        (each) => each.tenant === tenant && each.claimedBy === undefined && each[by] === value,
      );
      return found.map((each) => ({ id: each.id, label: tombstoneLabel(each) }));
    },
    list: (tenant, limit = 100) =>
      [...kept.values()]
        .filter((each) => each.tenant === tenant)
        .reverse()
        .slice(0, limit),
    claim(tenant, id, userId) {
      const tombstone = kept.get(keyOf(tenant, id));
      if (tombstone === undefined) return false;
      if (tombstone.claimedBy === undefined) kept.set(keyOf(tenant, id), { ...tombstone, claimedBy: userId });
      return (tombstone.claimedBy ?? userId) === userId;
    },
    forget: (tenant, id) => kept.delete(keyOf(tenant, id)),
  };
}

/** Tells one entry of a custody history from another. */
export function custodyKey({ handler, item, time }: Custody): string {
  return JSON.stringify([handler, item.id, time]);
}
