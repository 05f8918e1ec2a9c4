import type { Kysely } from 'kysely';
import type { Group, GroupRef, GroupStore, ScimContext, User, UserStore } from '../contract.js';
import { dialectOf } from './dialect.js';
import { noticeScan } from './list.js';
import { groupsOf } from './members.js';
import { SqlResources } from './resources.js';
import { tableNames, type TableOptions } from './tables.js';
import { reading } from './transaction.js';

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
export function sqlStore<DB>(db: Kysely<DB>, options: SqlStoreOptions = {}): UserStore {
  const untyped = db as unknown as Kysely<unknown>;
  const database = {
    db: untyped,
    dialect: options.dialect ?? dialectOf(untyped),
    tables: tableNames(options.tables),
    outbox: options.outbox ?? false,
    scanLimit: options.scanLimit ?? 10_000,
    onScan: options.onScan ?? noticeScan,
  };
  return new SqlUsers(database, 'User');
}

class SqlUsers extends SqlResources<User> implements UserStore {
  readonly groups: GroupStore = new SqlGroups(this.database, 'Group');
}

class SqlGroups extends SqlResources<Group> implements GroupStore {
  groupsOf(userIds: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    return reading(() => groupsOf(userIds, this.scope(this.database.db, ctx)));
  }
}
