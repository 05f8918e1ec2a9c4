import type { Expression, Kysely } from 'kysely';
import type { Dialect } from './dialect.js';
import { sql } from './sql.js';
import { reading } from './transaction.js';

/** A column that a table did not have in an earlier version. It allows null. */
export interface AddedColumn {
  readonly name: string;
  readonly type: Expression<unknown>;
}

/**
 * Adds the columns that an existing table of an earlier version lacks. Any number of processes may call it at the same
 * time: where nothing is missing it changes and locks nothing.
 *
 * @throws UnavailableError when the database cannot be reached
 */
export async function addColumns(
  db: Kysely<unknown>,
  dialect: Dialect,
  table: string,
  columns: readonly AddedColumn[],
): Promise<void> {
  if (columns.length === 0) return;
  const existing = await reading(() => columnNames(db, dialect, table));
  for (const { name, type } of columns.filter((column) => !existing.has(column.name))) {
    const unlessExists = sql.raw(dialect === 'postgres' ? 'if not exists ' : '');
    try {
      await sql`alter table ${sql.table(table)} add column ${unlessExists}${sql.ref(name)} ${type}`.execute(db);
    } catch (error) {
      // Another process was faster. PostgreSQL has a clause for it, without which its transaction would be lost.
      if (dialect === 'postgres' || !(await columnNames(db, dialect, table)).has(name)) throw error;
    }
  }
}

async function columnNames(db: Kysely<unknown>, dialect: Dialect, table: string): Promise<ReadonlySet<string>> {
  const query = {
    postgres: sql<{ name: unknown }>`select attname as name from pg_attribute
      where attrelid = to_regclass(quote_ident(cast(${table} as text))) and attnum > 0 and not attisdropped`,
    mysql: sql<{ name: unknown }>`select column_name as name from information_schema.columns
      where table_schema = database() and table_name = ${table}`,
    sqlite: sql<{ name: unknown }>`select name from pragma_table_info(${table})`,
  }[dialect];
  const { rows } = await query.execute(db);
  return new Set(rows.map(({ name }) => String(name)));
}
