import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';

/** Names of the tables of `sqlRoleMappings` and `sqlRightsJobStore`. */
export interface AccessRightsTables {
  readonly mappings: string;
  readonly jobs: string;
}

export function accessRightsTables(prefix = 'scim_'): AccessRightsTables {
  checkTablePrefix(prefix);
  return { mappings: `${prefix}role_mappings`, jobs: `${prefix}rights_jobs` };
}

/**
 * Creates the tables of `sqlRoleMappings` and `sqlRightsJobStore`. What exists stays as it is, so every process may call it
 * at every start.
 *
 * @example
 * import { createAccessRightsTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createAccessRightsTables(db, { tables: 'scim_' });
 */
export async function createAccessRightsTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createAccessRightsTables'));
  await createTables(target.db, target.dialect, accessRightsTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables of `sqlRoleMappings` and `sqlRightsJobStore`. */
export function accessRightsTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { key, text, json, integer } = columnTypes[dialect];
  const { mappings, jobs } = accessRightsTables(prefix);
  return [
    {
      name: mappings,
      columns: sql`tenant ${key(100)} not null, group_id ${key(250)} not null, role ${key(100)} not null,
        set_by ${text} not null, set_at ${key(40)} not null, connection ${key(100)},
        primary key (tenant, group_id, role)`,
    },
    {
      // One job for each tenant: the newest.
      name: jobs,
      columns: sql`tenant ${key(100)} not null primary key, id ${key(64)} not null, attempts ${integer} not null,
        due ${integer}, job ${json} not null`,
      indexes: [{ name: 'due', columns: ['due'] }],
    },
  ];
}

/**
 * Drops the tables of `sqlRoleMappings` and `sqlRightsJobStore` with all their data.
 *
 * @example
 * import { dropAccessRightsTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const dropTables = (db: Kysely<unknown>): Promise<void> => dropAccessRightsTables(db);
 */
export async function dropAccessRightsTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropAccessRightsTables'));
  for (const name of Object.values(accessRightsTables(options.tables))) await db.schema.dropTable(name).execute();
}

/**
 * The tables of `sqlRoleMappings` and `sqlRightsJobStore` as a migration for Kysely's `Migrator`, by name.
 *
 * @example
 * import { accessRightsMigrations } from 'express-scim/sql';
 * import type { MigrationProvider } from 'kysely';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => accessRightsMigrations() };
 */
export function accessRightsMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('accessRightsMigrations'));
  return {
    express_scim_access_rights_0001: {
      up: (db: Kysely<unknown>) => createAccessRightsTables(db, options),
      down: (db: Kysely<unknown>) => dropAccessRightsTables(db, options),
    },
  };
}
