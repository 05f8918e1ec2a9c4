// Filters as SQL: what identity providers ask all day becomes an index lookup, the rest is left to `select`.
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { type Filter, type FilterValue, positionOf, type SortKey } from 'express-scim';
import { isStorable } from './row.js';

/** A condition that every match satisfies. `exact`: whatever satisfies it is a match. */
export interface Compiled {
  readonly where: SQL | undefined;
  readonly exact: boolean;
}

/** By path, how an equality reads in SQL; undefined where it cannot be said. */
export type Equalities = Readonly<Record<string, (value: FilterValue) => SQL | undefined>>;

const anything: Compiled = { where: undefined, exact: false };

/** Knows `and`, `eq` and constants; whatever else stands in the filter makes the condition wider, never narrower. */
export function compile(filter: Filter | undefined, equalities: Equalities): Compiled {
  if (filter === undefined) return { where: undefined, exact: true };
  switch (filter.op) {
    case 'and': {
      const parts = filter.filters.map((each) => compile(each, equalities));
      return { where: and(...parts.map(({ where }) => where)), exact: parts.every(({ exact }) => exact) };
    }
    case 'or':
      // What the schema alone decides: nothing matches.
      return filter.filters.length === 0 ? { where: sql`false`, exact: true } : anything;
    case 'eq': {
      const { path } = filter.attribute;
      const where = Object.hasOwn(equalities, path) ? equalities[path]?.(filter.value) : undefined;
      return where === undefined ? anything : { where, exact: true };
    }
    default:
      return anything;
  }
}

/** Equality with a column that holds prepared text. */
export function equalsKey(column: PgColumn) {
  // A key column holds no empty text: leave that question to `select`.
  return (value: FilterValue): SQL | undefined =>
    typeof value === 'string' && value !== '' && isStorable(value) ? eq(column, value) : undefined;
}

/** Equality with a column that holds text as it came, where letter case counts. */
export function equalsExactly(column: PgColumn) {
  return (value: FilterValue): SQL | undefined =>
    typeof value === 'string' && isStorable(value) ? sql`normalize(${column}) = ${value}` : undefined;
}

/** Whether the filter or the order looks at this top-level attribute, or into it. */
export function reads(name: string, filter: Filter | undefined, sort: readonly SortKey[]): boolean {
  return sort.some(({ attribute }) => attribute.keys[0] === name) || (filter !== undefined && readsIn(filter, name));
}

function readsIn(filter: Filter, name: string): boolean {
  if ('filters' in filter) return filter.filters.some((each) => readsIn(each, name));
  if (filter.op === 'not') return readsIn(filter.filter, name);
  return filter.attribute.keys[0] === name;
}

/** A display name as filters and orders compare it: what stands in a key column. */
export function displayKey(displayName: string | undefined): string | null {
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
