// Between attributes and columns: what has a column goes there, the rest into `profile`, whole attribute by attribute.
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';

/** The attributes that have a column, and those that have none. */
export function split<R extends object, K extends keyof R & string>(
  attributes: Readonly<R>,
  columns: readonly K[],
): { readonly kept: Partial<Pick<R, K>>; readonly profile: Record<string, unknown> } {
  const kept: Partial<Pick<R, K>> = {};
  for (const name of columns) if (attributes[name] !== undefined) kept[name] = attributes[name];
  const rest = Object.entries(attributes).filter(([name]) => !columns.some((column) => column === name));
  return { kept, profile: Object.fromEntries(rest) };
}

/** Whether PostgreSQL takes the text. Attributes never hold a NUL, the library sees to that; ids and filters of clients may. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** `profile` after a change, worked out by the database: nothing is read here and written back. */
export function profileAfter<R extends object>(
  profile: PgColumn,
  { set, unset }: { readonly set: Readonly<R>; readonly unset: readonly string[] },
  columns: readonly (keyof R & string)[],
): SQL {
  let after = sql`${profile} || ${JSON.stringify(split(set, columns).profile)}::jsonb`;
  for (const name of unset) after = sql`(${after}) - ${name}::text`;
  return sql`(${after})`;
}

/** For each new value: is it another than the stored one? */
export function differs(table: PgTable, values: Readonly<Record<string, unknown>>): readonly SQL[] {
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns(table);
  return Object.entries(values).flatMap(([name, value]) => {
    const column = columns[name];
    return column === undefined ? [] : [sql`${column} is distinct from ${sql.param(value, column)}`];
  });
}

/** Set by every write. */
export function stamp(version: PgColumn): { readonly version: SQL; readonly updatedAt: Date } {
  return { version: sql`${version} + 1`, updatedAt: new Date() };
}

/** An attribute without a value is left out, and never null. */
export function present<T extends object>(values: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { readonly [K in keyof T]?: NonNullable<T[K]> };
}
