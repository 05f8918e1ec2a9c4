import type { Kysely } from 'kysely';
import type { ScimContext } from '../../contract/context.js';
import type { Group, GroupRef, User } from '../../contract/resource.js';
import type { GroupStore, UserStore } from '../../contract/store.js';
import { dialectKind, parseDatabase } from '../../database/database-arguments.js';
import type { Dialect } from '../../database/dialect.js';
import { defaultLockTable } from '../../database/lock-table.js';
import { reading } from '../../database/transaction.js';
import { logScan } from '../sql/list.js';
import { type CompiledMapping, compileMapping } from './compile-mapping.js';
import { ignoresCaseOfNames } from './inspect.js';
import { type MappedDatabase, MappedResources } from './mapped-resources.js';
import type { Mapping } from './mapping.js';
import { mistakeInMapping } from './mapping-arguments.js';
import { warnOfMapping } from './mapping-warnings.js';
import { mappedGroupsOf } from './members.js';
import { findPlainTables, tablesOf } from './plain-tables.js';
import { sideTables } from './side-tables.js';
import { type OptionRules, usageError } from '../../contract/option-mistakes.js';

/** Options of `mappedStore`. */
export interface MappedStoreOptions {
  /** The mapping of users, made with `defineMapping`. */
  readonly users: Mapping;
  /** The mapping of groups. Default: the service has no groups. */
  readonly groups?: Mapping | undefined;
  /** The prefix of the side tables, as for `createSideTables`. Default: there are none. */
  readonly sideTables?: string | undefined;
  /**
   * Name of the outbox table, which `createOutboxTable` creates: a write saves its events in its own transaction, and
   * `dispatchOutbox` delivers them. Default: no outbox.
   */
  readonly outbox?: string | undefined;
  /**
   * Name of the table of locks, which `createLockTable` creates: guards that count need it. Default `scim_locks`. A store
   * whose writes have no such guard never uses the table.
   */
  readonly locks?: string | undefined;
  /**
   * How many resources the store reads to evaluate in memory a filter or sort key that SQL cannot decide. More are an
   * error: 400 tooMany. Default 10,000.
   */
  readonly scanLimit?: number | undefined;
  /** Called when a list is evaluated in memory. Default: logged with `DEBUG=express-scim:sql`. */
  readonly onScan?: ((resourceType: string) => void) | undefined;
  /**
   * Called with each warning of `inspectMapping` about the table of users, once, at the first call of the store.
   * Default: `process.emitWarning`.
   */
  readonly onWarning?: ((warning: string) => void) | undefined;
  /** The SQL dialect. Default: detected from the Kysely dialect. */
  readonly dialect?: Dialect | undefined;
}

/**
 * A store over tables that your app already has.
 *
 * @param db your app's own instance of Kysely
 * @returns the store of users; `groups` of it is the store of groups, if there is a mapping of groups
 * @throws TypeError when a mapping cannot work: it lacks `userName` or `displayName`, its version does not exist in this
 * database, or users and groups would share IDs
 *
 * @example
 * import type { Generated, Kysely } from 'kysely';
 * import { connectorKeys, createScimRouter } from 'express-scim';
 * import { defineMapping, mappedStore } from 'express-scim/sql';
 *
 * interface Database {
 *   members: { id: Generated<number>; email: string; suspended: boolean; revision: Generated<number> };
 * }
 *
 * const users = defineMapping<Database>()({
 *   table: 'members',
 *   id: { column: 'id', prefix: 'u' },
 *   version: { column: 'revision' },
 *   attributes: { userName: 'email', active: { column: 'suspended', on: [false], off: [true] } },
 * });
 *
 * export function scimRouter(db: Kysely<Database>, key: string) {
 *   return createScimRouter(mappedStore(db, { users }), { authenticate: connectorKeys([{ key }]) });
 * }
 */
export function mappedStore<DB>(db: Kysely<DB>, options: MappedStoreOptions): UserStore {
  const { dialect, ...target } = parseDatabase(db, options, rules, (given) => [
    mistakeInMapping(given.users, 'users'),
    mistakeInMapping(given.groups, 'groups'),
  ]);
  const side = options.sideTables === undefined ? undefined : sideTables(options.sideTables);
  const users = compileMapping('User', options.users, { dialect, side: side?.users, users: undefined });
  const groups =
    options.groups && compileMapping('Group', options.groups, { dialect, side: side?.groups, users: () => users });
  const { id } = options.users;
  if (
    groups !== undefined &&
    id.prefix === groups.mapping.id.prefix &&
    (id.type !== 'uuid' || groups.mapping.id.type !== 'uuid')
  ) {
    const mistake = 'users and groups would share IDs: give their mappings different ID prefixes, such as u and g';
    throw usageError('mappedStore', mistake, 'sql.md#groups');
  }
  const database: MappedDatabase = {
    db: target.db,
    users,
    groups,
    outbox: options.outbox,
    locks: options.locks ?? defaultLockTable,
    plainTables: plainTablesOf(target.db, dialect, groups === undefined ? [users] : [users, groups]),
    scanLimit: options.scanLimit ?? 10_000,
    onScan: options.onScan ?? logScan,
    ignoresCaseOfNames: caseOfNames(target.db, dialect, options.users),
    atFirstCall: once(() => void warnOfMapping(target.db, options.users, dialect, options.onWarning)),
  };
  return groups === undefined
    ? new MappedResources<User>(database, users)
    : new MappedUsers(database, users, new MappedGroups(database, groups));
}

function plainTablesOf(
  db: Kysely<unknown>,
  dialect: Dialect,
  mappings: readonly CompiledMapping[],
): () => Promise<ReadonlySet<string>> {
  const tables = [...new Set(mappings.flatMap((mapping) => tablesOf(mapping)))];
  let found: Promise<ReadonlySet<string>> | undefined;
  // A database that does not say which tables have triggers is read after each write.
  return () => (found ??= findPlainTables(db, dialect, tables).catch(() => new Set<string>()));
}

/** A database that does not say which indexes it has is searched for each name. */
function caseOfNames(db: Kysely<unknown>, dialect: Dialect, users: Mapping): () => Promise<boolean> {
  let found: Promise<boolean> | undefined;
  return () => (found ??= ignoresCaseOfNames(db, dialect, users).catch(() => false));
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

class MappedUsers extends MappedResources<User> implements UserStore {
  readonly groups: GroupStore;

  constructor(database: MappedDatabase, users: MappedDatabase['users'], groups: GroupStore) {
    super(database, users);
    this.groups = groups;
  }
}

class MappedGroups extends MappedResources<Group> implements GroupStore {
  groupsOf(userIds: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    const scope = this.scope(this.database.db, ctx);
    return reading(() => mappedGroupsOf(userIds, { users: this.database.users, groups: this.compiled }, scope));
  }
}

const rules: OptionRules<keyof MappedStoreOptions> = {
  of: 'mappedStore',
  page: 'sql.md#mapped-tables',
  required: ['users'],
  kinds: {
    // A function is named by mistakeInMapping.
    users: ['object', 'function'],
    groups: ['object', 'function'],
    sideTables: 'string',
    outbox: 'string',
    locks: 'string',
    scanLimit: 'positive number',
    onScan: 'function',
    onWarning: 'function',
    dialect: dialectKind,
  },
};
