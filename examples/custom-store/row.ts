// Translates between attributes and columns: an attribute with a column is stored there, all others in the JSON column
// `profile`.
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';

/** Separates the attributes with a column from all others. */
export function split<R extends object, K extends keyof R & string>(
  attributes: Readonly<R>,
  columns: readonly K[],
): { readonly columnValues: Partial<Pick<R, K>>; readonly profile: Record<string, unknown> } {
  const columnValues: Partial<Pick<R, K>> = {};
  for (const name of columns) if (attributes[name] !== undefined) columnValues[name] = attributes[name];
  const rest = Object.entries(attributes).filter(([name]) => !columns.some((column) => column === name));
  return { columnValues, profile: Object.fromEntries(rest) };
}

/** Whether PostgreSQL can store the text. The library checks attributes; IDs and filters of clients are unchecked. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** `profile` after a change, as an SQL expression: an unconditional write needs no read. */
export function profileAfter<R extends object>(
  profile: PgColumn,
  { set, unset }: { readonly set: Readonly<R>; readonly unset: readonly string[] },
  columns: readonly (keyof R & string)[],
): SQL {
  let after = sql`${profile} || ${JSON.stringify(split(set, columns).profile)}::jsonb`;
  for (const name of unset) after = sql`(${after}) - ${name}::text`;
  return sql`(${after})`;
}

/** For each new value, whether it differs from the stored one. */
export function differs(table: PgTable, values: Readonly<Record<string, unknown>>): readonly SQL[] {
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns(table);
  return Object.entries(values).flatMap(([name, value]) => {
    const column = columns[name];
    return column === undefined ? [] : [sql`${column} is distinct from ${sql.param(value, column)}`];
  });
}

/** Columns that every write sets. */
export function stamp(version: PgColumn): { readonly version: SQL; readonly updatedAt: Date } {
  return { version: sql`${version} + 1`, updatedAt: new Date() };
}

/** Omits attributes without a value: in a resource they are absent and never null. */
export function withoutNulls<T extends object>(values: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { readonly [K in keyof T]?: NonNullable<T[K]> };
}
