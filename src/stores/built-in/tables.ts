import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely';
import { columnTypes, type Dialect, dialectOf } from '../../database/dialect.js';
import { resourceTableName, tableNames, type TableOptions, type Tables } from '../../database/table-names.js';
import { ownColumnsOf } from './own-columns.js';

/** Options of `scimMigrations`. */
export interface MigrationOptions extends TableOptions {
  /** Further resource types that get a table, each in a migration of its own. Default: none. */
  readonly resourceTypes?: readonly string[] | undefined;
}

/**
 * The ready-made tables as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * new Migrator({
 *   db,
 *   allowUnorderedMigrations: true,
 *   provider: { getMigrations: async () => ({ ...mine, ...scimMigrations() }) },
 * });
 */
export function scimMigrations(options: MigrationOptions = {}): Record<string, Migration> {
  const migrations: Record<string, Migration> = {
    express_scim_0001: {
      up: (db: Kysely<unknown>) => createScimTables(db, options),
      down: (db: Kysely<unknown>) => dropScimTables(db, options),
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

/** Creates the ready-made tables. */
export async function createScimTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  for (const statement of statements(options.dialect ?? dialectOf(db), tableNames(options.tables))) {
    await statement.execute(db);
  }
}

/**
 * Creates the table of a further resource type beside the ready-made ones, for `sqlStore(db).resources(type)`.
 *
 * @example
 * await createResourceTable(db, 'Device');
 */
export async function createResourceTable<DB>(
  given: Kysely<DB>,
  type: string,
  options: TableOptions = {},
): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  const name = resourceTableName(type, options.tables);
  for (const statement of resources(options.dialect ?? dialectOf(db), name, type)) await statement.execute(db);
}

/** Drops the table of a further resource type; values, keys and memberships of what is still in it are deleted. */
export async function dropResourceTable<DB>(
  given: Kysely<DB>,
  type: string,
  options: TableOptions = {},
): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  const name = resourceTableName(type, options.tables);
  const { keys, members, values } = tableNames(options.tables);
  const still = sql`(select id from ${sql.table(name)})`;
  await sql`delete from ${sql.table(keys)} where id in ${still}`.execute(db);
  await sql`delete from ${sql.table(values)} where id in ${still}`.execute(db);
  await sql`delete from ${sql.table(members)} where member_id in ${still}`.execute(db);
  await db.schema.dropTable(name).execute();
}

/** Drops the ready-made tables with everything in them. */
export async function dropScimTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  const { members, users, groups, keys, values, outbox } = tableNames(options.tables);
  for (const name of [members, users, groups, keys, values, outbox]) await db.schema.dropTable(name).execute();
}

function* statements(dialect: Dialect, tables: Tables): Iterable<RawBuilder<unknown>> {
  const { key, text, integer, number, suffix, partialIndexes } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  yield* resources(dialect, tables.users, 'User');
  yield* resources(dialect, tables.groups, 'Group');
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
    prepared ${key(120)} not null, id ${key(64)} not null, primary key (tenant, type, path, prepared))${suffix}`;
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

function* resources(dialect: Dialect, name: string, type: string): Iterable<RawBuilder<unknown>> {
  const { key, text, json, integer, changing } = columnTypes[dialect];
  const columns = ownColumnsOf(type).map(({ column }) => column);
  const own = columns.map((column) => sql`${sql.ref(column)} ${key(250)}`);
  yield sql`create table ${sql.table(name)} (tenant ${key(100)} not null, id ${key(64)} not null, attributes ${json} not null,
    name ${text}, active ${integer}, ${sql.join(own)}, created ${integer} not null, last_modified ${integer} not null,
    version ${integer} not null, primary key (tenant, id))${changing}`;
  for (const column of columns) yield index(name, column, ['tenant', column, 'id']);
}

function outboxTable(dialect: Dialect, name: string): RawBuilder<unknown> {
  const { key, json, integer, suffix } = columnTypes[dialect];
  return sql`create table ${sql.table(name)} (id ${key(100)} not null primary key,
    created ${integer} not null, event ${json} not null)${suffix}`;
}

/** Creates the table of an outbox alone, for a mapped store. */
export async function createOutboxTable<DB>(
  given: Kysely<DB>,
  name = 'scim_outbox',
  options: Pick<TableOptions, 'dialect'> = {},
): Promise<void> {
  const db = given as unknown as Kysely<unknown>;
  await outboxTable(options.dialect ?? dialectOf(db), name).execute(db);
}

/** @param present the index has only rows with a value in this column */
function index(table: string, name: string, columns: readonly string[], present?: string): RawBuilder<unknown> {
  const listed = sql.join(columns.map((column) => sql.ref(column)));
  const where = present === undefined ? sql`` : sql` where ${sql.ref(present)} is not null`;
  return sql`create index ${sql.ref(`${table}_${name}`)} on ${sql.table(table)} (${listed})${where}`;
}
