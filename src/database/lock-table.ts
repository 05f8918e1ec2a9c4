import { type Kysely, sql } from 'kysely';
import { mistakeInTableName, namedTableRules, parseDatabase } from './database-arguments.js';
import { columnTypes, type Dialect } from './dialect.js';
import { createTables, type TableDefinition } from './table-definition.js';
import type { TableOptions } from './table-names.js';

/** Name of the table of locks by default. */
export const defaultLockTable = 'scim_locks';

/**
 * Creates the table of locks on its own, for `mappedStore`: with it, guards that count decide inside the write. It has one
 * row for each tenant. A table that exists stays as it is. `createScimTables` creates one already.
 *
 * @param name name of the table. Default `scim_locks`.
 * @param options `dialect`: default, detected from the Kysely dialect
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { createLockTable } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>) {
 *   await createLockTable(db);
 * }
 */
export async function createLockTable<DB>(
  db: Kysely<DB>,
  name: string = defaultLockTable,
  options: Pick<TableOptions, 'dialect'> = {},
): Promise<void> {
  const rules = namedTableRules('createLockTable', 'lifecycle.md#guards');
  const target = parseDatabase(db, options, rules, () => [mistakeInTableName(name)]);
  await createTables(target.db, target.dialect, [lockTable(target.dialect, name)]);
}

/** The definition of a table of locks. */
export function lockTable(dialect: Dialect, name: string): TableDefinition {
  const { key, integer, changing } = columnTypes[dialect];
  return {
    name,
    columns: sql`tenant ${key(100)} not null primary key, writes ${integer} not null`,
    options: changing,
  };
}
