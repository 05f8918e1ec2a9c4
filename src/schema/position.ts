import { instantOf, normalize } from './normalize.js';
import type { AttributeRef } from '../contract/attribute.js';
import type { Position, SortKey } from '../contract/filter.js';

/**
 * Returns the position of a resource in an order: the value of each sort key, then the ID.
 *
 * The values are those that `ListQuery.compare` compares: a string is normalized as in filters, a date is in
 * milliseconds since 1970, and a multi-valued attribute has its primary value, or else the first (RFC 7644 3.4.2.3). An
 * unassigned attribute has null. A position contains values and no row number, so it stays valid when rows before it
 * are added or removed, and when its own row is deleted. An SQL store builds the same list from its sort columns, and
 * pages with `(column, ..., id) > (?, ..., ?)`.
 *
 * @param resource the stored resource
 * @param sort the sort keys of the query
 *
 * @example
 * import { type ListQuery, type Page, positionOf, type Stored, type User } from 'express-scim/stores';
 *
 * export function pageOf(rows: readonly Stored<User>[], query: ListQuery<User>): Page<User> {
 *   const last = rows.at(-1);
 *   return { resources: rows, next: last && positionOf(last, query.sort) };
 * }
 */
export function positionOf(resource: { readonly id: string }, sort: readonly SortKey[]): Position {
  if (sort.length === 0) return [resource.id];
  return [...sort.map(({ attribute }) => sortValue(resource, attribute)), resource.id];
}

/**
 * Compares two positions: below 0 if `a` comes first.
 *
 * Null counts as the greatest value: last in ascending, first in descending order. The tie-breaker is the ID, in the
 * direction of the last key, so that one database index serves both directions.
 *
 * @example
 * import { comparePositions, type Position, positionOf, type SortKey, type Stored, type User } from 'express-scim/stores';
 *
 * export function rowsAfter(rows: readonly Stored<User>[], position: Position, sort: readonly SortKey[]): Stored<User>[] {
 *   return rows.filter((row) => comparePositions(positionOf(row, sort), position, sort) > 0);
 * }
 */
export function comparePositions(a: Position, b: Position, sort: readonly SortKey[]): number {
  for (let i = 0; i < sort.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return sort[i]?.descending === true ? -order : order;
  }
  const [first, second] = sort.at(-1)?.descending === true ? [b, a] : [a, b];
  return compareValues(first[sort.length], second[sort.length]);
}

type SortValue = Position[number] | undefined;

function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  return a < b ? -1 : 1;
}

/** The text that an order compares, before it is normalized; empty where it is no text. */
export function sortText(resource: object, attribute: AttributeRef): string {
  const value = assignedValue(resource, attribute);
  return typeof value === 'string' ? value : '';
}

function assignedValue(resource: object, attribute: AttributeRef): unknown {
  let value: unknown = resource;
  for (const key of attribute.keys) value = property(single(value), key);
  value = single(value);
  return attribute.type === 'complex' ? property(value, 'value') : value;
}

function sortValue(resource: object, attribute: AttributeRef): Position[number] {
  const value = assignedValue(resource, attribute);
  if (attribute.type === 'dateTime') return instantOf(value) ?? null;
  switch (typeof value) {
    case 'string':
      // RFC 7643 2.5: an empty string counts as unassigned.
      return value === '' ? null : normalize(attribute, value);
    case 'number':
    case 'boolean':
      return value;
    default:
      return null;
  }
}

function single(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const values: readonly unknown[] = value;
  return values.find((each) => property(each, 'primary') === true) ?? values[0];
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
