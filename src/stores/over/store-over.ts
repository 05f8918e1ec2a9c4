import { randomUUID } from 'node:crypto';
import type { Attributes } from '../../contract/attribute.js';
import type { Group, User } from '../../contract/resource.js';
import type { GroupStore, ResourceStore, Supports, UserStore } from '../../contract/store.js';
import {
  displayNameIndex,
  emailIndex,
  externalIdIndex,
  type IndexedAttribute,
  userNameIndex,
} from '../indexed-attribute.js';
import { CheckedPrimitives } from './checked-primitives.js';
import { Directory } from './directory.js';
import type { StorePrimitives } from './primitives.js';
import { type NamedStore, recordStore } from './record-store.js';
import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';

/** Options of `storeOver`; all have defaults. */
export interface StoreOverOptions {
  /** Returns an ID that it never returns twice. Default: `crypto.randomUUID`. */
  readonly mintId?: (() => string) | undefined;
  /** The time source, in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Further indexed string attributes of users, besides userName, externalId, displayName and emails. Default: none. */
  readonly userIndexes?: readonly IndexedAttribute[] | undefined;
  /** Further indexed string attributes of groups, besides externalId and displayName. Default: none. */
  readonly groupIndexes?: readonly IndexedAttribute[] | undefined;
  /**
   * Paths in `StoreRecord.keys` that your database has a unique index for. Default: all, for which a table of keys is
   * best: tenant, type, path and value.
   */
  readonly keys?: readonly string[] | undefined;
  /** How many records a list may read, before it fails with 400 tooMany. Default 10,000, which
   * block the event loop for less than a tenth of a second. */
  readonly maxScanned?: number | undefined;
}

/** Options of a further resource type in `storeOver`. */
export interface OverResourceOptions {
  /** Indexed string attributes. Default: `externalId` and `displayName`. */
  readonly indexes?: readonly IndexedAttribute[] | undefined;
}

/** A store that `storeOver` has made. */
export interface StoreOver extends UserStore {
  readonly groups: GroupStore;
  /**
   * The store of a further resource type. It shares IDs and memberships with users and groups.
   *
   * @param type name of the resource type, as in `options.resourceTypes`. The same name returns the same store.
   * @throws TypeError for `User` and `Group`
   */
  resources(type: string, options?: OverResourceOptions): ResourceStore<Attributes>;
}

/**
 * Creates a complete store from five operations on records: users, groups with members, and your own resource types, with
 * filters, sorting, pages, tenants, unique keys, versions and deletions.
 *
 * A record is plain JSON and contains one resource; that of a group includes all its members. A change reads the record,
 * applies the change, and writes it if no other process has written it since; otherwise it starts again, with jitter, up to
 * 100 times or until the deadline of the request, and then fails with 503. Writes in one process wait for each other, record
 * by record. No transaction is needed: see `docs/stores.md` for what that means for deletions.
 *
 * A list reads the records that an index finds for `userName`, `externalId`, `displayName` or `emails.value`, and all
 * records of its type for other filters: up to `maxScanned`. It is suitable for about ten thousand users in a tenant, and
 * groups of a few thousand members. There is no outbox.
 *
 * @throws TypeError for a missing primitive
 *
 * @example
 * import { ConflictError } from 'express-scim';
 * import { storeOver, type StoreRecord } from 'express-scim/stores';
 *
 * const records = new Map<string, StoreRecord>();
 * const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
 *
 * function put(record: StoreRecord): void {
 *   for (const other of records.values()) {
 *     if (other.tenant !== record.tenant || other.type !== record.type || other.id === record.id) continue;
 *     for (const [path, key] of Object.entries(record.keys)) {
 *       if (other.keys[path] === key) throw new ConflictError(path);
 *     }
 *   }
 *   records.set(keyOf(record.tenant, record.id), structuredClone(record));
 * }
 *
 * export const store = storeOver({
 *   insert(record) {
 *     if (records.has(keyOf(record.tenant, record.id))) throw new Error('The id exists.');
 *     put(record);
 *   },
 *   find: (tenant, ids) => ids.flatMap((id) => structuredClone(records.get(keyOf(tenant, id))) ?? []),
 *   replaceIf(record, version) {
 *     if (records.get(keyOf(record.tenant, record.id))?.version !== version) return false;
 *     put(record);
 *     return true;
 *   },
 *   remove: (tenant, id) => void records.delete(keyOf(tenant, id)),
 *   scan: ({ tenant, type }) =>
 *     structuredClone([...records.values()].filter((each) => each.tenant === tenant && each.type === type)),
 * });
 */
export function storeOver(primitives: StorePrimitives, options: StoreOverOptions = {}): StoreOver {
  checkOptions(options, rules);
  const { mintId = randomUUID, clock = Date.now, userIndexes = [], groupIndexes = [], keys } = options;
  const { maxScanned = 10_000 } = options;
  const supports: Supports = keys === undefined ? {} : { keys };
  const directory = new Directory(new CheckedPrimitives(primitives), clock);
  const stores = new Map<string, ResourceStore<Attributes>>();

  function storeOf<R extends object>(type: string, indexes: readonly IndexedAttribute[]): NamedStore<R> {
    directory.indexes.set(type, indexes);
    return recordStore<R>(directory, { type, supports, maxScanned, mintId });
  }

  return {
    ...storeOf<User>('User', [userNameIndex, ...commonIndexes, emailIndex, ...userIndexes]),
    groups: {
      ...storeOf<Group>('Group', [...commonIndexes, ...groupIndexes]),
      groupsOf: (ids, ctx) => directory.groupsOf(ids, ctx),
    },
    resources(type, { indexes = commonIndexes } = {}) {
      if (type === 'User' || type === 'Group')
        throw usageError(
          'resources',
          `${type} has a store already: use the store itself for users, and its groups for groups`,
          rules.page,
        );
      let store = stores.get(type);
      if (store === undefined) stores.set(type, (store = storeOf<Attributes>(type, indexes)));
      return store;
    },
  };
}

const commonIndexes: readonly IndexedAttribute[] = [externalIdIndex, displayNameIndex];

const rules: OptionRules<keyof StoreOverOptions> = {
  of: 'storeOver',
  page: 'stores.md#a-store-from-five-operations',
  kinds: {
    mintId: 'function',
    clock: 'function',
    userIndexes: 'list',
    groupIndexes: 'list',
    keys: 'list',
    maxScanned: 'positive number',
  },
};
