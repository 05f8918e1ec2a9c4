// PostgreSQL inside the process, so that the example runs anywhere. With a server of your own only this file changes:
// `drizzle(new Pool({ connectionString }))` from 'drizzle-orm/node-postgres' gives the same `Database`.
import { PGlite } from '@electric-sql/pglite';
import { eq, type Logger, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import { isStorable } from './row.js';
import { migration } from './schema.js';

/** A connection, a pool or a transaction of any PostgreSQL driver of Drizzle. */
export type Database = PgDatabase<PgQueryResultHKT>;

/** An empty database in memory. @param logger is told every statement before it is sent */
export async function openDatabase(logger?: Logger): Promise<{ db: Database; close(): Promise<void> }> {
  const client = await PGlite.create();
  await client.exec(migration);
  return { db: drizzle({ client, ...(logger && { logger }) }), close: () => client.close() };
}

/** `column = any($1)`: one parameter, however long the list; `inArray` would need one for each id. */
export function isOneOf(column: PgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param(ids.filter(isStorable))}::text[])`;
}

/** `column = $1`, for ids that clients made up too. */
export function isId(column: PgColumn, id: unknown): SQL {
  return typeof id === 'string' && isStorable(id) ? eq(column, id) : sql`false`;
}

/** Whether a statement failed because this unique index holds the key already. Drizzle wraps what the driver throws. */
export function violates(error: unknown, index: string): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint } = cause as { readonly code?: unknown; readonly constraint?: unknown };
    if (code === '23505') return constraint === index;
  }
  return false;
}
