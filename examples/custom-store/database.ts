// The example runs PostgreSQL inside the process, so that it needs no server. To use a server, change only this file:
// `drizzle(new Pool({ connectionString }))` of 'drizzle-orm/node-postgres' returns the same `Database`.
import { PGlite } from '@electric-sql/pglite';
import { eq, type Logger, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import { isStorable } from './row.js';
import { migration } from './schema.js';

/** A connection, a pool or a transaction of any of Drizzle's PostgreSQL drivers. */
export type Database = PgDatabase<PgQueryResultHKT>;

/** Creates an empty database in memory. @param logger called with every statement before it is sent */
export async function openDatabase(logger?: Logger): Promise<{ db: Database; close(): Promise<void> }> {
  const client = await PGlite.create();
  await client.exec(migration);
  return { db: drizzle({ client, ...(logger && { logger }) }), close: () => client.close() };
}

/** `column = any($1)`: a single parameter for any number of IDs, whereas `inArray` needs one parameter per ID. */
export function isOneOf(column: PgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param(ids.filter(isStorable))}::text[])`;
}

/** `column = $1`. An ID from a client can be any value, also one that PostgreSQL cannot store. */
export function isId(column: PgColumn, id: unknown): SQL {
  return typeof id === 'string' && isStorable(id) ? eq(column, id) : sql`false`;
}

/** Whether a statement failed because it violates this unique index. Drizzle wraps the error of the driver. */
export function violates(error: unknown, index: string): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint } = cause as { readonly code?: unknown; readonly constraint?: unknown };
    if (code === '23505') return constraint === index;
  }
  return false;
}
