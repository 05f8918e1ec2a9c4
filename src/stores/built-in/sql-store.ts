import type { Kysely } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { Group, GroupRef, User } from '../../contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../../contract/store.js';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { resourceTableName, tableNames, type TableOptions } from '../../database/table-names.js';
import { isMariaDb } from '../../database/server.js';
import { reading } from '../../database/transaction.js';
import { logScan } from '../sql/list.js';
import { defaultLookups } from './lookups.js';
import { groupsOf } from './members.js';
import { type SqlDatabase, SqlResources } from './resources.js';
import type { OptionRules } from '../../contract/option-mistakes.js';

/** Options of `sqlStore`; all have defaults. */
export interface SqlStoreOptions extends TableOptions {
  /** True: a write saves its events in its own transaction, and `dispatchOutbox` delivers them. Default false. */
  readonly outbox?: boolean | undefined;
  /**
   * SQLite and MySQL: paths of the attributes without a column of their own that clients search by, such as
   * `emails.value`. Filters find equal values of these by an index, and scan the users of the tenant for all others. On
   * PostgreSQL one index has the values of all attributes. Default: `emails.value` and the `employeeNumber` of the enterprise
   * extension. After adding a path to a database with resources, call `reindexResources`.
   */
  readonly lookups?: readonly string[] | undefined;
  /**
   * How many resources the store reads to evaluate in memory a filter or sort key that SQL cannot decide, such as the
   * names of members. More are an error: 400 tooMany. Default 10,000.
   */
  readonly scanLimit?: number | undefined;
  /** Called when a list is evaluated in memory. Default: logged with `DEBUG=express-scim:sql`. */
  readonly onScan?: ((resourceType: string) => void) | undefined;
}

/**
 * A store for users, groups and further resource types over the built-in tables, which `createScimTables` creates.
 *
 * @param db your app's own instance of Kysely; its other tables do not matter
 * @throws TypeError when `tables` is not a valid prefix, or the dialect is unknown
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { connectorKeys, createScimRouter } from 'express-scim';
 * import { createScimTables, sqlStore } from 'express-scim/sql';
 *
 * export async function scimRouter(db: Kysely<unknown>, key: string) {
 *   await createScimTables(db);
 *   return createScimRouter(sqlStore(db), { authenticate: connectorKeys([{ key }]) });
 * }
 */
export function sqlStore<DB>(db: Kysely<DB>, options: SqlStoreOptions = {}): SqlStore {
  const { dialect, ...target } = parseDatabase(db, options, rules);
  const others = new Map<string, string>();
  const database: SqlDatabase = {
    db: target.db,
    dialect,
    tables: tableNames(options.tables),
    others,
    outbox: options.outbox ?? false,
    lookups: options.lookups ?? defaultLookups,
    scanLimit: options.scanLimit ?? 10_000,
    onScan: options.onScan ?? logScan,
    hasCompoundStatements: once(() => isMariaDb(target.db)),
  };
  const stores = new Map<string, ResourceStore<Attributes>>();
  return new SqlUsers(database, (type) => {
    const table = resourceTableName(type, options.tables);
    others.set(type, table);
    const store = stores.get(type) ?? new SqlResources<Attributes>(database, type, table);
    stores.set(type, store);
    return store;
  });
}

/** The result of the first call that succeeded. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () =>
    (asked ??= ask().catch((error: unknown) => {
      asked = undefined;
      throw error;
    }));
}

/** The store that `sqlStore` returns. */
export interface SqlStore extends UserStore {
  readonly groups: GroupStore;
  /**
   * The store of a further resource type, over the table that `createResourceTable` creates. It shares IDs and
   * memberships with users and groups.
   *
   * @param type name of the resource type, as in `options.resourceTypes`. The same name returns the same store.
   * @throws TypeError for `User`, `Group`, and a name that is not up to 20 letters and digits
   *
   * @example
   * import type { Kysely } from 'kysely';
   * import { createResourceTable, sqlStore } from 'express-scim/sql';
   *
   * export async function deviceStore(db: Kysely<unknown>) {
   *   await createResourceTable(db, 'Device');
   *   return sqlStore(db).resources('Device');
   * }
   */
  resources(type: string): ResourceStore<Attributes>;
}

class SqlUsers extends SqlResources<User> implements SqlStore {
  readonly groups: GroupStore;
  readonly resources: SqlStore['resources'];

  constructor(database: SqlDatabase, resources: SqlStore['resources']) {
    super(database, 'User', database.tables.users);
    this.groups = new SqlGroups(database, 'Group', database.tables.groups);
    this.resources = resources;
  }
}

class SqlGroups extends SqlResources<Group> implements GroupStore {
  groupsOf(userIds: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    return reading(() => groupsOf(userIds, this.scope(ctx)));
  }
}

const rules: OptionRules<keyof SqlStoreOptions> = {
  of: 'sqlStore',
  page: 'sql.md#built-in-tables',
  kinds: {
    ...tableOptionRules('sqlStore').kinds,
    outbox: 'boolean',
    lookups: 'list of strings',
    scanLimit: 'positive number',
    onScan: 'function',
  },
};
