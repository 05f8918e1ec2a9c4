import type { Kysely } from 'kysely';
import type { Attributes } from '../../contract/attribute.js';
import type { Group, GroupRef, User } from '../../contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../../contract/store.js';
import type { ScimContext } from '../../contract/context.js';
import { dialectOf } from '../../database/dialect.js';
import { noticeScan } from '../sql/list.js';
import { groupsOf } from './members.js';
import { type SqlDatabase, SqlResources } from './resources.js';
import { resourceTableName, tableNames, type TableOptions } from '../../database/table-names.js';
import { reading } from '../../database/transaction.js';

/** Options of `sqlStore`; all have defaults. */
export interface SqlStoreOptions extends TableOptions {
  /** True: events are saved in the transaction of their write, and `dispatchOutbox` delivers them. Default false. */
  readonly outbox?: boolean | undefined;
  /**
   * How many resources a filter or order may be evaluated over that SQL cannot decide, such as names of members;
   * more are answered 400 tooMany. Default 10,000.
   */
  readonly scanLimit?: number | undefined;
  /** Called where a list is evaluated in memory. Default: `DEBUG=express-scim:sql` shows it. */
  readonly onScan?: ((resourceType: string) => void) | undefined;
}

/**
 * Users and groups in a database, over the tables that `createScimTables` makes.
 *
 * @param db the host's own instance of Kysely, whatever its tables are
 *
 * @example
 * await createScimTables(db);
 * app.use('/scim/v2', createScimRouter(sqlStore(db), { authenticate }));
 */
export function sqlStore<DB>(db: Kysely<DB>, options: SqlStoreOptions = {}): SqlStore {
  const untyped = db as unknown as Kysely<unknown>;
  const others = new Map<string, string>();
  const database: SqlDatabase = {
    db: untyped,
    dialect: options.dialect ?? dialectOf(untyped),
    tables: tableNames(options.tables),
    others,
    outbox: options.outbox ?? false,
    scanLimit: options.scanLimit ?? 10_000,
    onScan: options.onScan ?? noticeScan,
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

/** What `sqlStore` makes. */
export interface SqlStore extends UserStore {
  readonly groups: GroupStore;
  /**
   * The store of a further resource type over the table that `createResourceTable` makes, with ids and memberships
   * shared with users and groups.
   *
   * @param type name of the resource type, as in `options.resourceTypes`; asked for again it is the same store
   * @throws TypeError for User and Group, and for more than 20 letters and digits
   *
   * @example
   * await createResourceTable(db, 'Device');
   * const resourceTypes = [{ name: 'Device', schema, store: store.resources('Device') }];
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
    return reading(() => groupsOf(userIds, this.scope(this.database.db, ctx)));
  }
}
