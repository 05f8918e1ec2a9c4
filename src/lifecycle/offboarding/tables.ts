import { type Kysely, sql } from 'kysely';
import { checkOptions } from '../../contract/option-mistakes.js';
import { checkDatabase, parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { columnTypes, type Dialect } from '../../database/dialect.js';
import { createTables, type TableDefinition } from '../../database/table-definition.js';
import type { TableMigration } from '../../database/table-migration.js';
import { checkTablePrefix, type TableOptions } from '../../database/table-names.js';

/** Names of the tables of off-boarding. */
export interface OffboardingTables {
  readonly tasks: string;
  readonly returns: string;
  readonly tombstones: string;
  readonly custody: string;
}

export function offboardingTables(prefix = 'scim_'): OffboardingTables {
  checkTablePrefix(prefix);
  return {
    tasks: `${prefix}tasks`,
    returns: `${prefix}returns`,
    tombstones: `${prefix}tombstones`,
    custody: `${prefix}custody`,
  };
}

/**
 * Creates the tables of `sqlOffboardingTaskStore` and `sqlTombstoneStore`. What exists stays as it is, so every process
 * may call it at every start.
 *
 * @example
 * import { createOffboardingTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createOffboardingTables(db, { tables: 'scim_' });
 */
export async function createOffboardingTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const target = parseDatabase(db, options, tableOptionRules('createOffboardingTables'));
  await createTables(target.db, target.dialect, offboardingTableDefinitions(target.dialect, options.tables));
}

/** The definitions of the tables of `sqlOffboardingTaskStore` and `sqlTombstoneStore`. */
export function offboardingTableDefinitions(dialect: Dialect, prefix?: string): readonly TableDefinition[] {
  const { tasks, returns, tombstones, custody } = offboardingTables(prefix);
  const { key, text, json, integer } = columnTypes[dialect];
  const tenant = sql`tenant ${key(100)} not null`;
  return [
    {
      name: tasks,
      columns: sql`${tenant}, id ${key(64)} not null, ordinal ${key(40)} not null,
        user_id ${key(64)} not null, departed ${key(40)} not null, handler ${key(100)} not null, item ${text},
        task ${json} not null, state ${key(20)} not null, undoing ${integer} not null, undoable ${integer} not null,
        attempts ${integer} not null, due ${integer}, returned_as ${key(64)}, error ${json}, note ${json},
        settled_by ${json}, primary key (tenant, id)`,
      indexes: [
        { name: 'due', columns: ['due'] },
        { name: 'user', columns: ['tenant', 'user_id'] },
        { name: 'state', columns: ['tenant', 'state', 'ordinal'] },
      ],
    },
    {
      name: returns,
      columns: sql`${tenant}, user_id ${key(64)} not null, returned ${key(40)} not null,
        returned_as ${key(64)}, primary key (tenant, user_id)`,
    },
    {
      name: tombstones,
      columns: sql`${tenant}, id ${key(64)} not null, deleted ${key(40)} not null,
        external_id ${text}, employee_number ${text}, claimed_by ${key(64)}, tombstone ${json} not null,
        primary key (tenant, id)`,
      indexes: [{ name: 'deleted', columns: ['tenant', 'deleted'] }],
    },
    {
      name: custody,
      columns: sql`${tenant}, tombstone ${key(64)} not null, id ${key(64)} not null,
        ordinal ${key(40)} not null, entry ${json} not null, primary key (tenant, tombstone, id)`,
    },
  ];
}

/**
 * Drops the tables of `sqlOffboardingTaskStore` and `sqlTombstoneStore` with all their data.
 *
 * @example
 * import { dropOffboardingTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const dropTables = (db: Kysely<unknown>): Promise<void> => dropOffboardingTables(db);
 */
export async function dropOffboardingTables<DB>(db: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  checkDatabase(db, options, tableOptionRules('dropOffboardingTables'));
  const { tasks, returns, tombstones, custody } = offboardingTables(options.tables);
  for (const name of [tasks, returns, custody, tombstones]) await db.schema.dropTable(name).execute();
}

/**
 * The tables of `sqlOffboardingTaskStore` and `sqlTombstoneStore` as migrations for Kysely's `Migrator`, by name.
 *
 * @example
 * import { offboardingMigrations } from 'express-scim/sql';
 * import type { MigrationProvider } from 'kysely';
 *
 * export const provider: MigrationProvider = { getMigrations: async () => offboardingMigrations() };
 */
export function offboardingMigrations(options: TableOptions = {}): Record<string, TableMigration> {
  checkOptions(options, tableOptionRules('offboardingMigrations'));
  return {
    express_scim_offboarding_0001: {
      up: (db: Kysely<unknown>) => createOffboardingTables(db, options),
      down: (db: Kysely<unknown>) => dropOffboardingTables(db, options),
    },
  };
}
