import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely';
import { columnTypes, type Dialect, dialectOf } from '../../database/dialect.js';
import { createLockTable } from '../../database/lock-table.js';
import { outboxTable } from '../../database/outbox.js';
import { resourceTableName, tableNames, type TableOptions, type BuiltInTables } from '../../database/table-names.js';
import { untyped } from '../../database/untyped.js';
import { attributeColumnsOf } from './attribute-columns.js';

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
export function scimMigrations(options: MigrationOptions = {}): Record<string, Migration> {
  const migrations: Record<string, Migration> = {
    express_scim_0001: {
      up: (db: Kysely<unknown>) => createFirstTables(db, options),
      down: (db: Kysely<unknown>) => dropFirstTables(db, options),
    },
    express_scim_0002_locks: {
      up: (db: Kysely<unknown>) => createLockTable(db, tableNames(options.tables).locks, options),
      down: (db: Kysely<unknown>) => dropTables(db, [tableNames(options.tables).locks]),
    },
  };
  for (const type of options.resourceTypes ?? []) {
    migrations[`express_scim_0001_${resourceTableName(type).slice('scim_type_'.length)}`] = {
      up: (db: Kysely<unknown>) => createResourceTable(db, type, options),
      down: (db: Kysely<unknown>) => dropResourceTable(db, type, options),
    };
  }
  return migrations;
}

/**
 * Creates the built-in tables: users, groups, members, unique keys, values, the outbox and the locks of guards.
 *
 * @throws TypeError when `tables` is not a valid prefix
 * @throws an error of the database when a table exists already
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
  await createFirstTables(db, options);
  await createLockTable(db, tableNames(options.tables).locks, options);
}

/** The tables of the first migration. */
async function createFirstTables<DB>(db: Kysely<DB>, options: TableOptions): Promise<void> {
  for (const statement of statements(options.dialect ?? dialectOf(db), tableNames(options.tables))) {
    await statement.execute(untyped(db));
  }
}

/**
 * Creates the table of a further resource type beside the built-in ones, for `sqlStore(db).resources(type)`.
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
  const name = resourceTableName(type, options.tables);
  for (const statement of resourceTable(options.dialect ?? dialectOf(db), name, type)) {
    await statement.execute(untyped(db));
  }
}

/**
 * Drops the table of a further resource type, with the unique keys, values and memberships of its resources.
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
  const name = resourceTableName(type, options.tables);
  const { keys, members, values } = tableNames(options.tables);
  const ids = sql`(select id from ${sql.table(name)})`;
  const statements = [
    sql`delete from ${sql.table(keys)} where id in ${ids}`,
    sql`delete from ${sql.table(values)} where id in ${ids}`,
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
  await dropFirstTables(db, options);
  await dropTables(db, [tableNames(options.tables).locks]);
}

async function dropFirstTables<DB>(db: Kysely<DB>, options: TableOptions): Promise<void> {
  const { members, users, groups, keys, values, outbox } = tableNames(options.tables);
  await dropTables(db, [members, users, groups, keys, values, outbox]);
}

async function dropTables<DB>(db: Kysely<DB>, names: readonly string[]): Promise<void> {
  for (const name of names) await sql`drop table ${sql.table(name)}`.execute(untyped(db));
}

function* statements(dialect: Dialect, tables: BuiltInTables): Iterable<RawBuilder<unknown>> {
  const { key, text, integer, number, suffix, partialIndexes } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  yield* resourceTable(dialect, tables.users, 'User');
  yield* resourceTable(dialect, tables.groups, 'Group');
  yield sql`create table ${sql.table(tables.members)} (${tenant}, group_id ${key(64)} not null,
    member_id ${key(250)} not null, user_id ${key(64)}, subgroup_id ${key(64)}, type ${key(20)}, display ${text},
    primary key (tenant, group_id, member_id),
    foreign key (tenant, group_id) references ${sql.table(tables.groups)} (tenant, id) on delete cascade,
    foreign key (tenant, user_id) references ${sql.table(tables.users)} (tenant, id) on delete cascade,
    foreign key (tenant, subgroup_id) references ${sql.table(tables.groups)} (tenant, id) on delete cascade)${suffix}`;
  yield index(tables.members, 'member', ['tenant', 'member_id']);
  yield index(tables.members, 'user', ['tenant', 'user_id']);
  yield index(tables.members, 'subgroup', ['tenant', 'subgroup_id'], partialIndexes ? 'subgroup_id' : undefined);
  yield sql`create table ${sql.table(tables.keys)} (${tenant}, type ${key(20)} not null, path ${key(250)} not null,
    normalized ${key(120)} not null, id ${key(64)} not null, primary key (tenant, type, path, normalized))${suffix}`;
  yield index(tables.keys, 'id', ['tenant', 'id']);
  yield sql`create table ${sql.table(tables.values)} (${tenant}, id ${key(64)} not null,
    attribute ${key(250)} not null, n ${integer} not null, path ${key(300)} not null, slot ${integer} not null,
    leading_value ${integer} not null, short ${key(100)}, folded ${text}, exact_form ${text}, instant ${number},
    primary key (tenant, id, attribute, n))${suffix}`;
  for (const column of ['short', 'instant']) {
    yield index(tables.values, column, ['tenant', 'path', column, 'id'], partialIndexes ? column : undefined);
  }
  yield outboxTable(dialect, tables.outbox);
}

function* resourceTable(dialect: Dialect, name: string, type: string): Iterable<RawBuilder<unknown>> {
  const { key, text, json, integer, changing } = columnTypes[dialect];
  const columns = attributeColumnsOf(type).map(({ column }) => column);
  const attributeColumns = columns.map((column) => sql`${sql.ref(column)} ${key(250)}`);
  yield sql`create table ${sql.table(name)} (tenant ${key(100)} not null, id ${key(64)} not null, attributes ${json} not null,
    name ${text}, active ${integer}, ${sql.join(attributeColumns)}, created ${integer} not null, last_modified ${integer} not null,
    version ${integer} not null, primary key (tenant, id))${changing}`;
  for (const column of columns) yield index(name, column, ['tenant', column, 'id']);
}

/** @param present the index contains only rows with a value in this column */
function index(table: string, name: string, columns: readonly string[], present?: string): RawBuilder<unknown> {
  const listed = sql.join(columns.map((column) => sql.ref(column)));
  const where = present === undefined ? sql`` : sql` where ${sql.ref(present)} is not null`;
  return sql`create index ${sql.ref(`${table}_${name}`)} on ${sql.table(table)} (${listed})${where}`;
}
