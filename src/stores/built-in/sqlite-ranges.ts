import { sql } from '../../database/sql.js';
import type { Filter, ListQuery } from '../../contract/filter.js';
import type { ScimContext } from '../../contract/context.js';
import type { Condition } from '../sql/compare.js';
import type { KeyRanges } from '../sql/key-ranges.js';
import { attributeColumnOf, isDecidedByStart } from './attribute-columns.js';
import { compileToSql, type FilterScope } from './filter.js';
import { lookupCondition } from './lookups.js';
import type { Comparing } from './document-dialect.js';
import { isMemberEquality } from './member-filter.js';
import { isOneOf } from './row-source.js';

// The drivers of SQLite are synchronous: a statement that evaluates a filter over all documents of a tenant would hold up all
// requests of all tenants. What no index decides is evaluated in ranges of IDs, whose bytes are bounded.

/** Bytes that one statement evaluates where a filter compares one single value: some 10 ms. */
const bytesOfStatement = 4 * 1024 * 1024;

/** Rows that one statement evaluates: a few milliseconds where they are small. */
const rowsOfStatement = 1_000;

/** How long a comparison with each value of an array takes, measured in comparisons with a single value of the same document. */
const arrayWeight = 8;

/** The ranges of a list; undefined where indexes decide its filter and have its order. */
export function sqliteRanges<R>(
  { filter, sort, page }: Pick<ListQuery<R>, 'filter' | 'sort' | 'page'>,
  scope: FilterScope,
  ctx: Pick<ScimContext, 'signal'>,
): KeyRanges | undefined {
  const isInOrder =
    sort.length === 0 ||
    (filter === undefined &&
      page.kind === 'cursor' &&
      sort.length === 1 &&
      sort.every(({ attribute }) => attributeColumnOf(attribute, scope.type) !== undefined));
  if (filter === undefined ? isInOrder : isOneRow(filter, scope) || (isInOrder && isDecidedByIndex(filter, scope))) {
    return undefined;
  }
  const weight = sort.length + (filter === undefined ? 0 : weightOf(filter));
  return {
    key: sql`r.id`,
    size: sql`r.size`,
    mostBytes: Math.floor(bytesOfStatement / Math.max(1, weight)),
    mostRows: rowsOfStatement,
    ctx,
    candidates: filter === undefined ? undefined : indexedPart(filter, scope),
    among: (ids) => isOneOf('sqlite', sql`r.id`, ids),
  };
}

/** How long a filter takes for a document, measured in comparisons with a single value. */
function weightOf(filter: Filter): number {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, each) => sum + weightOf(each), 0);
    case 'not':
      return weightOf(filter.filter);
    case 'some':
      return arrayWeight * weightOf(filter.filter);
    default: {
      // Each place where a text may begin is compared with the whole of it.
      const places = filter.op === 'co' && typeof filter.value === 'string' ? filter.value.length / 256 : 0;
      return (filter.attribute.multiValued ? arrayWeight : 1) + places;
    }
  }
}

/** Whether at most one row matches, and an index finds it. */
function isOneRow(filter: Filter, scope: FilterScope): boolean {
  if (filter.op === 'and') return filter.filters.some((each) => isOneRow(each, scope));
  if (filter.op !== 'eq') return false;
  return filter.attribute.path === 'id' || (isColumnEquality(filter, scope) && filter.attribute.path === 'userName');
}

function isColumnEquality({ attribute, value }: Comparing, scope: FilterScope): boolean {
  return value !== '' && attributeColumnOf(attribute, scope.type) !== undefined;
}

/** Whether indexes find the matches, and nothing else has to be read to decide. */
function isDecidedByIndex(filter: Filter, scope: FilterScope): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.every((each) => isDecidedByIndex(each, scope));
    case 'some':
      return filter.attribute.path === 'members';
    case 'eq': {
      const { path } = filter.attribute;
      return path === 'id' || path === 'groups.value' || isMemberEquality(filter) || isColumnEquality(filter, scope);
    }
    default:
      return false;
  }
}

/** A condition that every match satisfies and that indexes decide; undefined when there is none. */
function indexedPart(filter: Filter, scope: FilterScope): Condition | undefined {
  if (isDecidedByIndex(filter, scope) || isIndexedStart(filter, scope)) return compileToSql(filter, scope);
  const found = lookupCondition(filter, scope.lookups, scope);
  if (found !== undefined || filter.op !== 'and') return found;
  for (const each of filter.filters) {
    const part = indexedPart(each, scope);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** Whether an index finds the texts that start with this one. */
function isIndexedStart(filter: Filter, scope: FilterScope): boolean {
  return (
    filter.op === 'sw' &&
    typeof filter.value === 'string' &&
    isDecidedByStart(filter.value) &&
    attributeColumnOf(filter.attribute, scope.type) !== undefined
  );
}
