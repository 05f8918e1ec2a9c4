import { type Kysely, type Migration, sql } from 'kysely';
import { columnTypes, dialectOf } from '../../database/dialect.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';
import { untyped } from '../../database/untyped.js';

/** Names of the tables of the settings panel. */
export interface AdminTables {
  readonly connections: string;
  readonly keys: string;
  readonly log: string;
  /** The changes of the entries in `log`. */
  readonly changes: string;
}

export function adminTables(prefix = 'scim_'): AdminTables {
  checkTablePrefix(prefix);
  return {
    connections: `${prefix}connections`,
    keys: `${prefix}connection_keys`,
    log: `${prefix}log`,
    changes: `${prefix}log_changes`,
  };
}

/**
 * Creates the tables of `sqlConnectionStore` and `sqlLogStore`: `scim_connections`, `scim_connection_keys`, `scim_log`
 * and `scim_log_changes`, or with the prefix `options.tables`.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { createAdminTables } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>): Promise<void> {
 *   await createAdminTables(db);
 * }
 */
export async function createAdminTables<DB>(kysely: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = untyped(kysely);
  const { connections, keys, log, changes } = adminTables(options.tables);
  const { key, text, json, integer, number, suffix } = columnTypes[options.dialect ?? dialectOf(db)];
  const tenant = sql`tenant ${key(100)} not null`;
  await sql`create table ${sql.table(connections)} (${tenant}, id ${key(64)} not null, name ${text} not null,
    provider ${key(40)} not null, enabled ${integer} not null, primary key (tenant, id))${suffix}`.execute(db);
  await sql`create table ${sql.table(keys)} (id ${key(64)} not null primary key, ${tenant},
    connection ${key(64)} not null, name ${text} not null, digest ${key(64)} not null, scopes ${json},
    created ${integer} not null, expires ${integer}, used ${integer}, revoked ${integer}, temporary ${integer} not null,
    foreign key (tenant, connection) references ${sql.table(connections)} (tenant, id) on delete cascade)${suffix}`.execute(
    db,
  );
  await sql`create index ${sql.ref(`${keys}_connection`)} on ${sql.table(keys)} (tenant, connection)`.execute(db);
  await sql`create table ${sql.table(log)} (${tenant}, id ${key(64)} not null, logged ${integer} not null,
    connection ${key(64)}, outcome ${key(20)} not null, operation ${key(20)}, request_id ${key(100)} not null,
    resource_id ${key(250)}, actor ${key(250)}, milliseconds ${number} not null, listed ${integer} not null,
    omitted ${integer} not null, entry ${json} not null, primary key (tenant, id))${suffix}`.execute(db);
  // Rows of their own, so that an entry is not written again for each change that arrives after its response.
  await sql`create table ${sql.table(changes)} (${tenant}, entry ${key(64)} not null, place ${integer} not null,
    change ${json} not null, primary key (tenant, entry, place),
    foreign key (tenant, entry) references ${sql.table(log)} (tenant, id) on delete cascade)${suffix}`.execute(db);
  for (const [name, columns] of Object.entries({
    logged: ['logged'],
    hours: ['tenant', 'logged'],
    request: ['tenant', 'request_id'],
    resource: ['tenant', 'resource_id', 'id'],
  })) {
    const listed = sql.join(columns.map((column) => sql.ref(column)));
    await sql`create index ${sql.ref(`${log}_${name}`)} on ${sql.table(log)} (${listed})`.execute(db);
  }
}

/**
 * Drops the tables of `sqlConnectionStore` and `sqlLogStore` with all connections, keys and log entries.
 *
 * @throws TypeError if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { dropAdminTables } from 'express-scim/sql';
 *
 * export async function down(db: Kysely<unknown>): Promise<void> {
 *   await dropAdminTables(db);
 * }
 */
export async function dropAdminTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const { connections, keys, log, changes } = adminTables(options.tables);
  for (const name of [changes, log, keys, connections]) await db.schema.dropTable(name).execute();
}

/**
 * The tables of `sqlConnectionStore` and `sqlLogStore` as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * import { type Kysely, Migrator } from 'kysely';
 * import { adminMigrations } from 'express-scim/sql';
 *
 * export async function migrate(db: Kysely<unknown>): Promise<void> {
 *   const migrator = new Migrator({ db, provider: { getMigrations: async () => adminMigrations() } });
 *   const { error } = await migrator.migrateToLatest();
 *   if (error !== undefined) throw error;
 * }
 */
export function adminMigrations(options: TableOptions = {}): Record<string, Migration> {
  return {
    express_scim_admin_0001: {
      up: (db: Kysely<unknown>) => createAdminTables(db, options),
      down: (db: Kysely<unknown>) => dropAdminTables(db, options),
    },
  };
}
