import { instantOf, normalize } from './normalize.js';
import type { AttributeRef } from '../contract/attribute.js';
import type { Position, SortKey } from '../contract/filter.js';

/**
 * Where a resource stands in an order: the prepared value of each sort key, then the id.
 *
 * A value is what `ListQuery.compare` compares: a string prepared as in filters, a date in milliseconds since 1970, of
 * a multi-valued attribute the primary value, else the first (RFC 7644 3.4.2.3); null where there is none. A position
 * holds values and no row number, so it stays good when rows before it come and go, and when its own row is deleted.
 * A store over SQL makes the same list from its sort columns and asks for `(column, ..., id) > (?, ..., ?)`.
 */
export function positionOf(resource: { readonly id: string }, sort: readonly SortKey[]): Position {
  if (sort.length === 0) return [resource.id];
  return [...sort.map(({ attribute }) => sortValue(resource, attribute)), resource.id];
}

/**
 * Below 0 where `a` comes first. Nothing counts as the greatest value: last ascending, first descending. Ties go by id,
 * in the direction of the last key: so one index of a database gives both directions.
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

function sortValue(resource: object, attribute: AttributeRef): Position[number] {
  let value: unknown = resource;
  for (const key of attribute.keys) value = property(single(value), key);
  value = single(value);
  if (attribute.type === 'complex') value = property(value, 'value');
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
