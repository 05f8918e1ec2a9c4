// Compiles filters to SQL. The filters that identity providers send most become index lookups; `selectPage` evaluates
// all others in memory.
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { type Filter, type FilterValue, positionOf, type SortKey } from 'express-scim';
import { isStorable } from './row.js';

/** A condition that every matching row satisfies. With `exact`, every row that satisfies it matches. */
export interface CompiledFilter {
  readonly where: SQL | undefined;
  readonly exact: boolean;
}

/** For each path, the SQL of an equality; undefined if the value cannot be compared in SQL. */
export type Equalities = Readonly<Record<string, (value: FilterValue) => SQL | undefined>>;

const anyRow: CompiledFilter = { where: undefined, exact: false };

/**
 * Compiles `and`, `eq` and constants. Any other operator makes the condition wider (and not exact), never narrower: the
 * condition must not exclude a row that matches.
 */
export function compileFilter(filter: Filter | undefined, equalities: Equalities): CompiledFilter {
  if (filter === undefined) return { where: undefined, exact: true };
  switch (filter.op) {
    case 'and': {
      const parts = filter.filters.map((each) => compileFilter(each, equalities));
      return { where: and(...parts.map(({ where }) => where)), exact: parts.every(({ exact }) => exact) };
    }
    case 'or':
      // An empty `or` is the constant false: the schema alone decides that nothing matches.
      return filter.filters.length === 0 ? { where: sql`false`, exact: true } : anyRow;
    case 'eq': {
      const { path } = filter.attribute;
      const where = Object.hasOwn(equalities, path) ? equalities[path]?.(filter.value) : undefined;
      return where === undefined ? anyRow : { where, exact: true };
    }
    default:
      return anyRow;
  }
}

/** Equality with a column of normalized text. */
export function equalsKey(column: PgColumn) {
  // A normalized column is never empty: leave a comparison with an empty text to `selectPage`.
  return (value: FilterValue): SQL | undefined =>
    typeof value === 'string' && value !== '' && isStorable(value) ? eq(column, value) : undefined;
}

/** Equality with a column of unchanged text: case-sensitive (`caseExact`, RFC 7643 2.2). */
export function equalsExactly(column: PgColumn) {
  return (value: FilterValue): SQL | undefined =>
    typeof value === 'string' && isStorable(value) ? sql`normalize(${column}) = ${value}` : undefined;
}

/** A display name as filters and sort orders compare it: the value of its normalized column. */
export function normalizedDisplayName(displayName: string | undefined): string | null {
  const [key] = positionOf({ id: '', ...(displayName !== undefined && { displayName }) }, byDisplayName);
  return typeof key === 'string' ? key : null;
}

const byDisplayName: readonly SortKey[] = [
  {
    attribute: {
      path: 'displayName',
      keys: ['displayName'],
      type: 'string',
      multiValued: false,
      caseExact: false,
    },
    descending: false,
  },
];
