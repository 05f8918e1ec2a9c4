import { type Kysely, type Migration, sql } from 'kysely';
import { columnTypes, dialectOf } from '../database/dialect.js';
import { checkTablePrefix, type TableOptions } from '../database/table-names.js';
import { untyped } from '../database/untyped.js';

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
 * Creates the tables of `sqlConflictStore` and `sqlHoldStore`. It rejects if they exist.
 *
 * @example
 * import { createLifecycleTables } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const createTables = (db: Kysely<unknown>): Promise<void> => createLifecycleTables(db, { tables: 'scim_' });
 */
export async function createLifecycleTables<DB>(database: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = untyped(database);
  const { conflicts, holds, attempts } = lifecycleTables(options.tables);
  const { key, json, integer, suffix } = columnTypes[options.dialect ?? dialectOf(db)];
  const tenant = sql`tenant ${key(100)} not null`;
  // `waiting` holds the fingerprint while the conflict waits and its id once it is settled: the unique index allows one
  // waiting conflict for each fingerprint.
  await sql`create table ${sql.table(conflicts)} (${tenant}, id ${key(64)} not null, fingerprint ${key(120)} not null,
    waiting ${key(120)} not null, created ${integer} not null, settled ${integer}, conflict ${json} not null,
    decision ${json}, primary key (tenant, id), unique (tenant, waiting))${suffix}`.execute(db);
  await sql`create index ${sql.ref(`${conflicts}_fingerprint`)} on ${sql.table(conflicts)}
    (tenant, fingerprint)`.execute(db);
  await sql`create table ${sql.table(holds)} (tenant ${key(100)} not null primary key, hold ${key(64)},
    since ${integer}, until ${integer}, open_until ${integer} not null)${suffix}`.execute(db);
  await sql`create table ${sql.table(attempts)} (${tenant}, id ${key(250)} not null, attempted ${integer} not null,
    primary key (tenant, id))${suffix}`.execute(db);
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
export function lifecycleMigrations(options: TableOptions = {}): Record<string, Migration> {
  return {
    express_scim_lifecycle_0001: {
      up: (db: Kysely<unknown>) => createLifecycleTables(db, options),
      down: (db: Kysely<unknown>) => dropLifecycleTables(db, options),
    },
  };
}
