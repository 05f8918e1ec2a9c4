import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../database/database-arguments.js';
import { columnTypes, type Dialect } from '../database/dialect.js';
import { createTables, type TableDefinition } from '../database/table-definition.js';
import type { TableMigration } from '../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../database/table-names.js';

/** Names of the tables of conflicts and holds. */
export interface LifecycleTables {
  readonly conflicts: string;
  readonly holds: string;
  /** Deactivations in the current window. */
  readonly attempts: string;
}

export function lifecycleTables(prefix = 'scim_'): LifecycleTables {
  checkTablePrefix(prefix);
  return { conflicts: `${prefix}conflicts`, holds: `${prefix}holds`, attempts: `${prefix}hold_attempts` };
}

/**
 * Creates the tables of `sqlConflictStore` and `sqlHoldStore`. What exists stays as it is, so every process may call it
 * at every start.
 *
 * @example
 * import { createLifecycleTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createLifecycleTables(db, { tables: 'scim_' });
 */
export async function createLifecycleTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createLifecycleTables'));
  await createTables(target.db, target.dialect, lifecycleTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables of `sqlConflictStore` and `sqlHoldStore`. */
export function lifecycleTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { conflicts, holds, attempts } = lifecycleTables(prefix);
  const { key, json, integer } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  return [
    {
      name: conflicts,
      // `waiting` holds the fingerprint while the conflict waits and its id once it is settled: the unique index allows
      // one waiting conflict for each fingerprint.
      columns: sql`${tenant}, id ${key(64)} not null, fingerprint ${key(120)} not null,
        waiting ${key(120)} not null, created ${integer} not null, settled ${integer}, conflict ${json} not null,
        decision ${json}, primary key (tenant, id), unique (tenant, waiting)`,
      indexes: [{ name: 'fingerprint', columns: ['tenant', 'fingerprint'] }],
    },
    {
      name: holds,
      columns: sql`tenant ${key(100)} not null primary key, hold ${key(64)}, since ${integer}, until ${integer},
        open_until ${integer} not null`,
    },
    {
      name: attempts,
      columns: sql`${tenant}, id ${key(250)} not null, attempted ${integer} not null, primary key (tenant, id)`,
    },
  ];
}

/**
 * Drops the tables of `sqlConflictStore` and `sqlHoldStore` with all their data.
 *
 * @example
 * import { dropLifecycleTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const dropTables = (db: Kysely<unknown>): Promise<void> => dropLifecycleTables(db);
 */
export async function dropLifecycleTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropLifecycleTables'));
  const { conflicts, holds, attempts } = lifecycleTables(options.tables);
  for (const name of [conflicts, holds, attempts]) await db.schema.dropTable(name).execute();
}

/**
 * The tables of `sqlConflictStore` and `sqlHoldStore` as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * import { lifecycleMigrations } from 'express-scim/sql';
 * import type { MigrationProvider } from 'kysely';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => lifecycleMigrations() };
 */
export function lifecycleMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('lifecycleMigrations'));
  return {
    express_scim_lifecycle_0001: {
      up: (db: Kysely<unknown>) => createLifecycleTables(db, options),
      down: (db: Kysely<unknown>) => dropLifecycleTables(db, options),
    },
  };
}
