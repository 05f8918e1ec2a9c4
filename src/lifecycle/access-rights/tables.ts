import { type Kysely, sql } from 'kysely';
import { columnTypes, type Dialect, dialectOf } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';
import { untyped } from '../../database/untyped.js';

/** Name of the table of `sqlRoleMappings`. */
export function accessRightsTables(prefix = 'scim_'): { readonly mappings: string } {
  checkTablePrefix(prefix);
  return { mappings: `${prefix}role_mappings` };
}

/**
 * Creates the table of `sqlRoleMappings`. What exists stays as it is, so every process may call it at every start.
 *
 * @example
 * import { createAccessRightsTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createAccessRightsTables(db, { tables: 'scim_' });
 */
export async function createAccessRightsTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const dialect = options.dialect ?? dialectOf(db);
  await createTables(untyped(db), dialect, accessRightsTableDefinitions(dialect, options.tables));
}

/** The definition of the table of `sqlRoleMappings`. */
export function accessRightsTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { key, text } = columnTypes[dialect];
  return [
    {
      name: accessRightsTables(prefix).mappings,
      columns: sql`tenant ${key(100)} not null, group_id ${key(250)} not null, role ${key(100)} not null,
        set_by ${text} not null, set_at ${key(40)} not null, connection ${key(100)},
        primary key (tenant, group_id, role)`,
    },
  ];
}

/**
 * Drops the table of `sqlRoleMappings` with all its data.
 *
 * @example
 * import { dropAccessRightsTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const dropTables = (db: Kysely<unknown>): Promise<void> => dropAccessRightsTables(db);
 */
export async function dropAccessRightsTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  await db.schema.dropTable(accessRightsTables(options.tables).mappings).execute();
}

/**
 * The table of `sqlRoleMappings` as a migration for Kysely's `Migrator`, by name.
 *
 * @example
 * import { accessRightsMigrations } from 'express-scim/sql';
 * import type { MigrationProvider } from 'kysely';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => accessRightsMigrations() };
 */
export function accessRightsMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  return {
    express_scim_access_rights_0001: {
      up: (db: Kysely<unknown>) => createAccessRightsTables(db, options),
      down: (db: Kysely<unknown>) => dropAccessRightsTables(db, options),
    },
  };
}
