import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';

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
 * and `scim_log_changes`, or with the prefix `options.tables`. What exists stays as it is, so every process may call it
 * at every start. Tables of an earlier version get the columns that they lack.
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
export async function createAdminTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createAdminTables'));
  await createTables(target.db, target.dialect, adminTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables of `sqlConnectionStore` and `sqlLogStore`, in the order of their foreign keys. */
export function adminTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { connections, keys, log, changes } = adminTables(prefix);
  const { key, text, json, integer, number } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  return [
    {
      name: connections,
      columns: sql`${tenant}, id ${key(64)} not null, name ${text} not null,
        provider ${key(40)} not null, enabled ${integer} not null, networks ${json}, primary key (tenant, id)`,
      added: [{ name: 'networks', type: json }],
    },
    {
      name: keys,
      columns: sql`id ${key(64)} not null primary key, ${tenant},
        connection ${key(64)} not null, name ${text} not null, digest ${key(64)} not null, scopes ${json},
        networks ${json}, created ${integer} not null, expires ${integer}, used ${integer}, revoked ${integer},
        temporary ${integer} not null,
        foreign key (tenant, connection) references ${sql.table(connections)} (tenant, id) on delete cascade`,
      added: [{ name: 'networks', type: json }],
      indexes: [{ name: 'connection', columns: ['tenant', 'connection'] }],
    },
    {
      name: log,
      columns: sql`${tenant}, id ${key(64)} not null, logged ${integer} not null,
        connection ${key(64)}, outcome ${key(20)} not null, operation ${key(20)}, request_id ${key(100)} not null,
        resource_id ${key(250)}, actor ${key(250)}, milliseconds ${number} not null, listed ${integer} not null,
        omitted ${integer} not null, entry ${json} not null, primary key (tenant, id)`,
      indexes: [
        { name: 'logged', columns: ['logged'] },
        { name: 'hours', columns: ['tenant', 'logged'] },
        { name: 'request', columns: ['tenant', 'request_id'] },
        { name: 'resource', columns: ['tenant', 'resource_id', 'id'] },
      ],
    },
    // Rows of their own, so that an entry is not written again for each change that arrives after its response.
    {
      name: changes,
      columns: sql`${tenant}, entry ${key(64)} not null, place ${integer} not null, details ${json} not null,
        primary key (tenant, entry, place),
        foreign key (tenant, entry) references ${sql.table(log)} (tenant, id) on delete cascade`,
    },
  ];
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
  checkDatabase(db, options, tableOptionRules('dropAdminTables'));
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
export function adminMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('adminMigrations'));
  return {
    express_scim_admin_0001: {
      up: (db: Kysely<unknown>) => createAdminTables(db, options),
      down: (db: Kysely<unknown>) => dropAdminTables(db, options),
    },
    // For databases that ran the first migration before connections and keys had networks.
    express_scim_admin_0002_networks: {
      up: (db: Kysely<unknown>) => createAdminTables(db, options),
      down: () => Promise.resolve(),
    },
  };
}
