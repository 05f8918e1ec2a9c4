import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';

/** Names of the tables about the life of connections. */
export interface ConnectionTables {
  readonly links: string;
  readonly endings: string;
  readonly auditTrail: string;
  readonly setupLinks: string;
}

export function connectionTables(prefix = 'scim_'): ConnectionTables {
  checkTablePrefix(prefix);
  return {
    links: `${prefix}user_links`,
    endings: `${prefix}endings`,
    auditTrail: `${prefix}audit_trail`,
    setupLinks: `${prefix}setup_links`,
  };
}

/**
 * Creates the tables of `sqlUserLinkStore`, `sqlConnectionEndingStore`, `sqlAuditTrailStore` and `sqlSetupLinkStore`. What
 * exists stays as it is, so every process may call it at every start.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { createConnectionTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createConnectionTables(db, { tables: 'scim_' });
 */
export async function createConnectionTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createConnectionTables'));
  await createTables(target.db, target.dialect, connectionTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables about the life of connections. */
export function connectionTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { links, endings, auditTrail, setupLinks } = connectionTables(prefix);
  const { key, text, json, integer } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  return [
    {
      name: links,
      // `managed` is the connection while the user is linked and not off-boarded: what the index counts and pages.
      columns: sql`${tenant}, user_id ${key(250)} not null, managed ${key(64)}, link ${json} not null,
        primary key (tenant, user_id)`,
      indexes: [{ name: 'managed', columns: ['tenant', 'managed', 'user_id'] }],
    },
    {
      name: endings,
      // `running` is the connection while the job runs and the ID of the job afterwards: the unique index allows one
      // running job for each connection.
      columns: sql`${tenant}, id ${key(64)} not null, connection ${key(64)} not null, running ${key(64)} not null,
        requested ${integer} not null, attempts ${integer} not null, due ${integer}, job ${json} not null,
        primary key (tenant, id), unique (tenant, running)`,
      indexes: [
        { name: 'due', columns: ['due'] },
        { name: 'connection', columns: ['tenant', 'connection', 'requested'] },
      ],
    },
    {
      name: auditTrail,
      columns: sql`${tenant}, id ${key(64)} not null, logged ${integer} not null, connection ${key(64)},
        action ${key(60)} not null, entry ${json} not null, primary key (tenant, id)`,
      indexes: [
        { name: 'logged', columns: ['logged'] },
        { name: 'connection', columns: ['tenant', 'connection', 'id'] },
      ],
    },
    {
      name: setupLinks,
      columns: sql`${tenant}, id ${key(64)} not null, connection ${key(64)} not null, name ${text} not null,
        created_by ${text} not null, created ${integer} not null, expires ${integer} not null, used ${integer},
        revoked ${integer}, primary key (tenant, id)`,
      indexes: [{ name: 'connection', columns: ['tenant', 'connection', 'created'] }],
    },
  ];
}

/**
 * Drops the tables that `createConnectionTables` creates, with all their data.
 *
 * @throws TypeError if `options.tables` is not a valid prefix
 * @example
 * import { dropConnectionTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const dropTables = (db: Kysely<unknown>): Promise<void> => dropConnectionTables(db);
 */
export async function dropConnectionTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropConnectionTables'));
  for (const name of Object.values(connectionTables(options.tables))) await db.schema.dropTable(name).execute();
}

/**
 * The tables that `createConnectionTables` creates as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * import { connectionMigrations } from 'express-scim/sql';
 * import type { MigrationProvider } from 'kysely';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => connectionMigrations() };
 */
export function connectionMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('connectionMigrations'));
  return {
    express_scim_connections_0001: {
      up: (db: Kysely<unknown>) => createConnectionTables(db, options),
      down: (db: Kysely<unknown>) => dropConnectionTables(db, options),
    },
  };
}
