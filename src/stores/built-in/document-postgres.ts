import { type Fragment, sql } from '../../database/sql.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import { storable } from '../../database/storable.js';
import { emptyMark } from './document.js';
import { documentNames, type DocumentDialect, sortPaths } from './document-dialect.js';

/**
 * PostgreSQL: a whole filter is one jsonpath, and so one parameter.
 *
 * The document stands under the name of its tenant, so that the entries of the index on it are those of one tenant: a
 * value that is frequent in a large tenant costs a small one nothing.
 */
export const postgresDocument: DocumentDialect = {
  condition: (filter, tenant) => {
    const path = `$.${quoted(tenant)} ? (${predicate(filter, 0)})`;
    // The index finds equal values only. For other conditions it would be read from end to end.
    return hasIndexedPart(filter)
      ? sql`r.normalized @? cast(cast(${path} as text) as jsonpath)`
      : sql`jsonb_path_exists(r.normalized, cast(cast(${path} as text) as jsonpath))`;
  },
  contains: undefined,
  sortValue: (attribute, tenant) => {
    const values = sortPaths(attribute).map((path) => {
      const names = [tenant, ...path].map((name) => `"${String(name).replace(/["\\]/g, '\\$&')}"`);
      return sql`r.normalized #>> cast(${`{${names.join(',')}}`} as text[])`;
    });
    const value = values.length === 1 ? sql`(${sql.join(values)})` : sql`coalesce(${sql.join(values)})`;
    switch (attribute.type) {
      case 'boolean':
        return sql`case ${value} when 'true' then 1 when 'false' then 0 end`;
      case 'decimal':
      case 'integer':
      case 'dateTime':
        return sql`cast(${value} as double precision)`;
      default:
        // RFC 7643 2.5: an empty string counts as unassigned.
        return sql`nullif(${value}, '') collate "C"`;
    }
  },
  column: (json, tenant) => sql`cast(cast(${`{${JSON.stringify(storable(tenant))}:${json}}`} as text) as jsonb)`,
};

/** Whether the index can find the rows that may satisfy a filter. */
export function hasIndexedPart(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.some(hasIndexedPart);
    case 'or':
      return filter.filters.length > 0 && filter.filters.every(hasIndexedPart);
    case 'some':
      return hasIndexedPart(filter.filter);
    case 'eq': {
      const { value } = filter;
      // In a jsonpath a negative number is an expression.
      const number = value instanceof Date ? value.getTime() : value;
      return number !== '' && !(typeof number === 'number' && (number < 0 || Object.is(number, -0)));
    }
    default:
      return false;
  }
}

function quoted(text: string): string {
  return JSON.stringify(storable(text));
}

/** `exists` makes a predicate false where it would be unknown, so that `!` negates it. */
function predicate(filter: Filter, depth: number): string {
  switch (filter.op) {
    case 'and':
      return filter.filters.length === 0
        ? '1 == 1'
        : `(${filter.filters.map((each) => predicate(each, depth)).join(' && ')})`;
    case 'or':
      return filter.filters.length === 0
        ? '1 == 0'
        : `(${filter.filters.map((each) => predicate(each, depth)).join(' || ')})`;
    case 'not':
      return `!(${predicate(filter.filter, depth)})`;
    case 'some': {
      const { attribute } = filter;
      return `exists(${pathTo(attribute, depth)} ? (${assigned} && ${predicate(filter.filter, attribute.keys.length)}))`;
    }
    case 'present':
      return `exists(${pathTo(filter.attribute, depth)} ? (${assigned}))`;
    default: {
      const { op, value } = filter;
      return `exists(${pathTo(filter.attribute, depth, value instanceof Date)} ? (${comparison(op, value)}))`;
    }
  }
}

const assigned = `((@.type() == "object" && !exists(@.${quoted(emptyMark)})) || (@.type() == "string" && @ != "") || @.type() == "number" || @.type() == "boolean")`;

function pathTo({ keys }: AttributeRef, depth: number, isInstant = false): string {
  return `@${documentNames(keys.slice(depth), isInstant)
    .map((name) => `.${quoted(name)}`)
    .join('')}`;
}

const operators = { eq: '==', gt: '>', ge: '>=', lt: '<', le: '<=', co: '==', sw: '==', ew: '==' } as const;

function comparison(op: Comparison, value: FilterValue): string {
  if (value instanceof Date) return `@ ${operators[op]} ${String(value.getTime())}`;
  if (typeof value !== 'string') return `@ ${operators[op]} ${String(value)}`;
  const literal = quoted(value);
  switch (op) {
    case 'sw':
      return `@ starts with ${literal}`;
    case 'co':
      return value === '' ? '@.type() == "string"' : `@ like_regex ${literal} flag "q"`;
    case 'ew':
      return value === '' ? '@.type() == "string"' : `@ like_regex ${quoted(`${escapeRegex(storable(value))}$`)}`;
    default:
      return `@ ${operators[op]} ${literal}`;
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The rows of a column in the order of an index that the database must not use: it would filter all of them. */
export function withoutIndex(column: Fragment): Fragment {
  return sql`(${column} || '')`;
}
