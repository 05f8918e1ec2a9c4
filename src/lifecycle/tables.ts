import { type Kysely, type Migration, sql } from 'kysely';
import { columnTypes, dialectOf } from '../database/dialect.js';
import { checkTablePrefix, type TableOptions } from '../database/table-names.js';
import { untyped } from '../database/untyped.js';

/** Names of the tables of guards and adoption. */
export interface LifecycleTables {
  readonly conflicts: string;
  readonly holds: string;
  /** Deactivations that count towards a hold. */
  readonly attempts: string;
}

export function lifecycleTables(prefix = 'scim_'): LifecycleTables {
  // Refuses a prefix that is no name.
  checkTablePrefix(prefix);
  return { conflicts: `${prefix}conflicts`, holds: `${prefix}holds`, attempts: `${prefix}hold_attempts` };
}

/** Creates the tables of `sqlConflictStore` and `sqlHoldStore`. */
export async function createLifecycleTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const db = untyped(given);
  const { conflicts, holds, attempts } = lifecycleTables(options.tables);
  const { key, json, integer, suffix } = columnTypes[options.dialect ?? dialectOf(db)];
  const tenant = sql`tenant ${key(100)} not null`;
  // `waiting` is the fingerprint of what waits, and the id of what is settled: one question waits once.
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

/** Drops the tables of `sqlConflictStore` and `sqlHoldStore` with everything in them. */
export async function dropLifecycleTables<DB>(given: Kysely<DB>, options: TableOptions = {}): Promise<void> {
  const { conflicts, holds, attempts } = lifecycleTables(options.tables);
  for (const name of [conflicts, holds, attempts]) await given.schema.dropTable(name).execute();
}

/** The tables of `sqlConflictStore` and `sqlHoldStore` as migrations for Kysely's `Migrator`, by name. */
export function lifecycleMigrations(options: TableOptions = {}): Record<string, Migration> {
  return {
    express_scim_lifecycle_0001: {
      up: (db: Kysely<unknown>) => createLifecycleTables(db, options),
      down: (db: Kysely<unknown>) => dropLifecycleTables(db, options),
    },
  };
}
