import { type Kysely, sql } from 'kysely';
import { checkOptions, type OptionRules } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { createLockTable } from '../../database/lock-table.js';
import { resourceTableName, tableNames, type TableOptions } from '../../database/table-names.js';
import { createTables } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { untyped } from '../../database/untyped.js';
import { hasLookups } from './lookups.js';
import { resourceTableDefinition, scimTableDefinitions } from './table-definitions.js';
import { dropValues, upgradeResourceTable } from './upgrade.js';

/** Options of `scimMigrations`. */
export interface MigrationOptions extends TableOptions {
  /** Further resource types, each with a table and a migration of its own. Default: none. */
  readonly resourceTypes?: readonly string[] | undefined;
}

/**
 * The built-in tables as migrations for Kysely's `Migrator`, by name.
 *
 * @throws TypeError when a resource type cannot have a table of its own
 *
 * @example
 * import { type Kysely, type Migration, Migrator } from 'kysely';
 * import { scimMigrations } from 'express-scim/sql';
 *
 * export function migrator(db: Kysely<unknown>, own: Record<string, Migration>) {
 *   const provider = { getMigrations: async () => ({ ...own, ...scimMigrations({ resourceTypes: ['Device'] }) }) };
 *   return new Migrator({ db, allowUnorderedMigrations: true, provider });
 * }
 */
export function scimMigrations(options: MigrationOptions = {}): Record<string, TableMigration> {
  checkOptions(options, migrationRules);
  const { resourceTypes = [], ...tableOptions } = options;
  const migrations: Record<string, TableMigration> = {
    express_scim_0001: {
      up: (db: Kysely<unknown>) => createScimTables(db, tableOptions),
      down: (db: Kysely<unknown>) => dropScimTables(db, tableOptions),
    },
    // For databases that ran the first migration before it had this table, or before one row held all of a resource.
    express_scim_0002_locks: {
      up: (db: Kysely<unknown>) =>
        createLockTable(db, tableNames(tableOptions.tables).locks, { dialect: tableOptions.dialect }),
      down: (db: Kysely<unknown>) => dropLocks(db, tableOptions),
    },
    express_scim_0003_rows: {
      up: (db: Kysely<unknown>) => createScimTables(db, tableOptions),
      down: () => Promise.resolve(),
    },
    // SQLite: the column by which lists bound what one statement reads.
    express_scim_0004_sizes: {
      up: (db: Kysely<unknown>) => createScimTables(db, tableOptions),
      down: () => Promise.resolve(),
    },
  };
  for (const type of resourceTypes) {
    const name = resourceTableName(type).slice('scim_type_'.length);
    migrations[`express_scim_0001_${name}`] = {
      up: (db: Kysely<unknown>) => createResourceTable(db, type, tableOptions),
      down: (db: Kysely<unknown>) => dropResourceTable(db, type, tableOptions),
    };
    for (const change of ['0003_rows', '0004_sizes']) {
      migrations[`express_scim_${change}_${name}`] = {
        up: (db: Kysely<unknown>) => createResourceTable(db, type, tableOptions),
        down: () => Promise.resolve(),
      };
    }
  }
  return migrations;
}

/**
 * Creates the built-in tables: users, groups, members, unique keys, lookups, the outbox and the locks of guards. What
 * exists stays as it is, so every process may call it at every start, also several at the same time. Tables of an earlier
 * version are upgraded, with their data; stop all processes of that version before.
 *
 * @throws TypeError when `tables` is not a valid prefix
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { createScimTables } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>) {
 *   await createScimTables(db, { tables: 'scim_' });
 * }
 */
export async function createScimTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const { dialect, ...database } = parseDatabase(db, options, tableOptionRules('createScimTables'));
  const tables = tableNames(options.tables);
  const target = { db: database.db, dialect, tables };
  await upgradeResourceTable(tables.users, 'User', target);
  await upgradeResourceTable(tables.groups, 'Group', target);
  await createTables(target.db, dialect, scimTableDefinitions(dialect, tables));
  await dropValues(target, options.tables ?? 'scim_');
}

/**
 * Creates the table of another resource type in addition to the built-in ones, for `sqlStore(db).resources(type)`, unless it
 * exists.
 *
 * @param type name of the resource type: up to 20 letters and digits
 * @throws TypeError for `User`, `Group` and any other name
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { createResourceTable } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>) {
 *   await createResourceTable(db, 'Device');
 * }
 */
export async function createResourceTable<DB>(db: Kysely<DB>, type: string, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createResourceTable'));
  const { dialect } = target;
  const name = resourceTableName(type, options.tables);
  await upgradeResourceTable(name, type, { ...target, tables: tableNames(options.tables) });
  await createTables(target.db, dialect, [resourceTableDefinition(dialect, name, type)]);
}

/**
 * Drops the table of a further resource type, with the unique keys, lookups and memberships of its resources.
 *
 * @param type name of the resource type, as for `createResourceTable`
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { dropResourceTable } from 'express-scim/sql';
 *
 * export async function down(db: Kysely<unknown>) {
 *   await dropResourceTable(db, 'Device');
 * }
 */
export async function dropResourceTable<DB>(db: Kysely<DB>, type: string, options: TableOptions = {}): Promise<void> {
  const { dialect } = parseDatabase(db, options, tableOptionRules('dropResourceTable'));
  const name = resourceTableName(type, options.tables);
  const { keys, members, lookups } = tableNames(options.tables);
  const ids = sql`(select id from ${sql.table(name)})`;
  const statements = [
    sql`delete from ${sql.table(keys)} where id in ${ids}`,
    ...(hasLookups(dialect) ? [sql`delete from ${sql.table(lookups)} where id in ${ids}`] : []),
    sql`delete from ${sql.table(members)} where member_id in ${ids}`,
    sql`drop table ${sql.table(name)}`,
  ];
  for (const statement of statements) await statement.execute(untyped(db));
}

/**
 * Drops the built-in tables and all data in them. Drop the tables of further resource types first.
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { dropScimTables } from 'express-scim/sql';
 *
 * export async function down(db: Kysely<unknown>) {
 *   await dropScimTables(db);
 * }
 */
export async function dropScimTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropScimTables'));
  const { members, users, groups, keys, lookups, outbox } = tableNames(options.tables);
  for (const name of [members, users, groups, keys, outbox]) {
    await sql`drop table ${sql.table(name)}`.execute(untyped(db));
  }
  await sql`drop table if exists ${sql.table(lookups)}`.execute(untyped(db));
  await dropLocks(db, options);
}

async function dropLocks<DB>(db: Kysely<DB>, options: TableOptions): Promise<void> {
  await sql`drop table if exists ${sql.table(tableNames(options.tables).locks)}`.execute(untyped(db));
}

const migrationRules: OptionRules<keyof MigrationOptions> = {
  of: 'scimMigrations',
  page: 'sql.md#create-the-tables-with-a-migration-tool',
  kinds: { ...tableOptionRules('scimMigrations').kinds, resourceTypes: 'list of strings' },
};
