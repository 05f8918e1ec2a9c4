import createDebug from 'debug';
import type { Db, MongoClient } from 'mongodb';
import type { Attributes } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { Group, GroupRef, User } from '../../contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../../contract/store.js';
import { deletedType } from './document.js';
import { reaching } from './errors.js';
import { checkMongo, checkIndexes, type CollectionOptions, resourcesIn } from './indexes.js';
import { groupsOf } from './members.js';
import { type MongoDatabase, MongoResources } from './resources.js';
import type { LockDocument } from './transactions.js';
import { type OptionRules, usageError } from '../../contract/option-mistakes.js';

/** Options of `mongoStore`; all have defaults. */
export interface MongoStoreOptions extends CollectionOptions {
  /**
   * True: a write saves its events in the document that it writes, and `dispatchMongoOutbox` delivers them. Default false.
   */
  readonly outbox?: boolean | undefined;
  /**
   * The client of `db`, connected to a replica set or a sharded cluster. With it, guards run inside a transaction of the
   * write (`supports.checks`), and `transaction.handle` is its `ClientSession`. Default: no transactions.
   */
  readonly client?: Pick<MongoClient, 'startSession'> | undefined;
  /** Name of the collection of locks, which guards need. Default: the name of the collection with `_locks`. */
  readonly locks?: string | undefined;
  /**
   * How many resources the store reads to evaluate in memory a filter or sort key that MongoDB cannot decide, such as the
   * names of members. More are an error: 400 tooMany. Default 10,000.
   */
  readonly scanLimit?: number | undefined;
  /** Called when a list is evaluated in memory. Default: logged with `DEBUG=express-scim:mongodb`. */
  readonly onScan?: ((resourceType: string) => void) | undefined;
}

/** The store that `mongoStore` returns. */
export interface MongoStore extends UserStore {
  readonly groups: GroupStore;
  /**
   * The store of a further resource type, in the same collection. It shares IDs and memberships with users and groups.
   *
   * @param type name of the resource type, as in `options.resourceTypes`. The same name returns the same store.
   * @throws TypeError for `User`, `Group`, and a name that does not begin with a letter
   *
   * @example
   * import type { Db } from 'mongodb';
   * import { mongoStore } from 'express-scim/mongodb';
   *
   * export const deviceStore = (db: Db) => mongoStore(db).resources('Device');
   */
  resources(type: string): ResourceStore<Attributes>;
}

const debug = createDebug('express-scim:mongodb');

/**
 * A store for users, groups and further resource types in one collection of MongoDB, which `createScimIndexes` indexes.
 *
 * Each resource is one document, and each write is decided by one update of one document, so the store needs no
 * transactions. docs/mongodb.md describes what that means for deletions and for the size of groups.
 *
 * @param db your app's own database; its other collections do not matter
 * @throws TypeError when `scanLimit` is not a positive integer
 *
 * @example
 * import type { Db } from 'mongodb';
 * import { connectorKeys, createScimRouter } from 'express-scim';
 * import { createScimIndexes, mongoStore } from 'express-scim/mongodb';
 *
 * export async function scimRouter(db: Db, key: string) {
 *   await createScimIndexes(db);
 *   return createScimRouter(mongoStore(db), { authenticate: connectorKeys([{ key }]) });
 * }
 */
export function mongoStore(db: Db, options: MongoStoreOptions = {}): MongoStore {
  checkMongo(db, options, rules);
  const { outbox = false, client, scanLimit = 10_000, onScan = logScan } = options;
  const resources = resourcesIn(db, options);
  const locks = options.locks ?? `${resources.collectionName}_locks`;
  let checked: Promise<void> | undefined;
  const database: MongoDatabase = {
    resources,
    outbox,
    transactions: client && { client, locks: db.collection<LockDocument>(locks) },
    scanLimit,
    onScan,
    ready: () =>
      (checked ??= checkIndexes(resources).catch((error: unknown) => {
        checked = undefined;
        throw error;
      })),
  };
  const others = new Map<string, ResourceStore<Attributes>>();
  return new MongoUsers(database, (type) => {
    if (type === 'User' || type === 'Group' || type === deletedType || !/^[A-Za-z][A-Za-z0-9_-]*$/.test(type)) {
      throw usageError(
        'resources',
        'pass the name of a further resource type, of letters and digits: users and groups have their stores already',
        'mongodb.md#resource-types-of-your-own',
      );
    }
    const store = others.get(type) ?? new MongoResources<Attributes>(database, type);
    others.set(type, store);
    return store;
  });
}

function logScan(type: string): void {
  debug('a list of %s was evaluated in memory', type);
}

class MongoUsers extends MongoResources<User> implements MongoStore {
  readonly groups: GroupStore;
  readonly resources: MongoStore['resources'];

  constructor(database: MongoDatabase, resources: MongoStore['resources']) {
    super(database, 'User');
    this.groups = new MongoGroups(database, 'Group');
    this.resources = resources;
  }
}

class MongoGroups extends MongoResources<Group> implements GroupStore {
  async groupsOf(userIds: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    return reaching(() => groupsOf(userIds, this.scope(ctx)));
  }
}

const rules: OptionRules<keyof MongoStoreOptions> = {
  of: 'mongoStore',
  page: 'mongodb.md',
  kinds: {
    collection: 'string',
    outbox: 'boolean',
    client: 'object',
    locks: 'string',
    scanLimit: 'positive number',
    onScan: 'function',
  },
};
