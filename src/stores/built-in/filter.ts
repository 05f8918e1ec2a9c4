import { sql } from '../../database/sql.js';
import type { Comparison, Filter } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { storable } from '../../database/storable.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { always, compareNumber, compareText, type Condition, never } from '../sql/compare.js';
import {
  type AttributeColumn,
  attributeColumnOf,
  columnText,
  cutMarker,
  isDecidedByStart,
} from './attribute-columns.js';
import { containedText } from './contained-text.js';
import type { DocumentDialect, Leaf } from './document-dialect.js';
import { mysqlDocument } from './document-mysql.js';
import { hasIndexedPart, postgresDocument } from './document-postgres.js';
import { sqliteDocument } from './document-sqlite.js';
import { hasLookups, lookupCondition } from './lookups.js';
import { isMemberEquality, memberCondition, memberIdsCondition, membershipOf, someMember } from './member-filter.js';

/** The rows that conditions are compiled for: those of one tenant and resource type, called `r`. */
export interface FilterScope {
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
  readonly type: string;
  /** Paths in the table of lookups. */
  readonly lookups: ReadonlySet<string>;
}

/** How each database reads the column of normalized values. */
export const documentDialects: Readonly<Record<Dialect, DocumentDialect>> = {
  postgres: postgresDocument,
  sqlite: sqliteDocument,
  mysql: mysqlDocument,
};

/** Attributes that are columns of `r`. */
const metaColumns: ReadonlyMap<string, Condition> = new Map([
  ['id', sql`r.id`],
  ['meta.created', sql`r.created`],
  ['meta.lastModified', sql`r.last_modified`],
]);

/** Compiles a filter. Values are always parameters. @returns undefined when only the evaluator can decide it */
export function compileToSql(filter: Filter, scope: FilterScope): Condition | undefined {
  return isDecidable(filter) ? compile(filter, scope) : undefined;
}

/** A condition that every match satisfies, for a comparison that only the evaluator can decide. */
export function narrowToSql(filter: Filter, scope: FilterScope): Condition | undefined {
  if (isDecidable(filter) || filter.op === 'not' || 'filters' in filter) return undefined;
  // Texts that differ may be the same in the database; these comparisons hold for the same ones and for more.
  return filter.op === 'eq' || filter.op === 'co' || filter.op === 'sw' || filter.op === 'ew'
    ? compile(filter, scope)
    : undefined;
}

/** Whether the texts of a filter are stored as they are: the database takes U+FFFD for those that it cannot hold. */
function isDecidable(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.every(isDecidable);
    case 'not':
    case 'some':
      return isDecidable(filter.filter);
    case 'present':
      return true;
    default:
      return typeof filter.value !== 'string' || !storable(filter.value).includes('\ufffd');
  }
}

function compile(filter: Filter, scope: FilterScope): Condition | undefined {
  if (isInDocument(filter, scope)) return documentCondition(filter, scope);
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts: Condition[] = [];
      const memberIds = filter.op === 'or' && scope.type === 'Group' ? filter.filters.filter(isMemberEquality) : [];
      const isJoined = memberIds.length > 1;
      if (isJoined) {
        parts.push(
          memberIdsCondition(
            memberIds.map(({ value }) => String(value)),
            scope,
          ),
        );
      }
      for (const each of filter.filters) {
        if (isJoined && isMemberEquality(each)) continue;
        const part = compile(each, scope);
        if (part === undefined) return undefined;
        parts.push(part);
      }
      if (parts.length === 0) return filter.op === 'and' ? always : never;
      return sql`(${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not': {
      const inner = compile(filter.filter, scope);
      return inner === undefined ? undefined : sql`not (${inner})`;
    }
    case 'some':
      // Groups of a user, and members of a group.
      return filter.attribute.path === 'members' ? someMember(filter.filter, scope) : undefined;
    default:
      return attributeCondition(filter, scope);
  }
}

/** Whether the document has all attributes of a filter. */
function isInDocument(filter: Filter, scope: FilterScope): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.length > 0 && filter.filters.every((each) => isInDocument(each, scope));
    case 'not':
      return isInDocument(filter.filter, scope);
    default: {
      const [top = ''] = filter.attribute.keys;
      if (top === 'id' || top === 'meta' || top === 'members' || top === 'groups') return false;
      if (filter.op === 'some') return true;
      return !isActive(filter) && attributeColumnOf(filter.attribute, scope.type) === undefined;
    }
  }
}

function documentCondition(filter: Filter, scope: FilterScope): Condition {
  const { dialect, tenant, lookups } = scope;
  const { condition, contains } = documentDialects[dialect];
  const test = condition(filter, tenant);
  const found =
    (hasLookups(dialect) ? lookupCondition(filter, lookups, scope) : undefined) ??
    (contains === undefined ? undefined : containedText(filter, contains));
  return found === undefined ? test : sql`(${found} and ${test})`;
}

/** PostgreSQL: whether the index on the documents finds the few rows that may satisfy a filter. */
export function isFoundByIndex(filter: Filter, scope: FilterScope): boolean {
  if (isInDocument(filter, scope)) return hasIndexedPart(filter);
  return filter.op === 'and' && filter.filters.some((each) => isFoundByIndex(each, scope));
}

/** Whether every match has a certain value in a column with an index. */
export function hasColumnEquality(filter: Filter, scope: FilterScope): boolean {
  if (filter.op === 'and') return filter.filters.some((each) => hasColumnEquality(each, scope));
  if (filter.op !== 'eq') return false;
  return filter.attribute.path === 'id' || attributeColumnOf(filter.attribute, scope.type) !== undefined;
}

function isActive({ attribute }: Leaf): boolean {
  return attribute.path === 'active' && attribute.type === 'boolean';
}

function attributeCondition(filter: Leaf, scope: FilterScope): Condition | undefined {
  const { path, keys } = filter.attribute;
  const [top] = keys;
  if (top === 'members') return scope.type === 'Group' ? memberCondition(filter, scope) : never;
  if (top === 'groups') return scope.type === 'User' ? membershipOf(filter, scope) : never;
  if (path === 'meta.version') return versionCondition(filter);
  if (isActive(filter)) {
    return assignedAnd(sql`r.active`, filter, ({ op, value }) => compareNumber(sql`r.active`, op, Number(value)));
  }
  const column = attributeColumnOf(filter.attribute, scope.type);
  if (column !== undefined) return columnCondition(column, filter, scope);
  const metaColumn = metaColumns.get(path);
  if (metaColumn === undefined) return undefined;
  if (filter.op === 'present') return always;
  return filter.value instanceof Date
    ? compareNumber(metaColumn, filter.op, filter.value.getTime())
    : compareText(metaColumn, filter.op, String(filter.value), scope.dialect);
}

type Compared = Exclude<Leaf, { readonly op: 'present' }>;

/** A comparison that is false for null, and never null itself: so `not` negates it. */
function assignedAnd(column: Condition, filter: Leaf, compare: (filter: Compared) => Condition): Condition {
  return filter.op === 'present' ? sql`${column} is not null` : sql`(${column} is not null and ${compare(filter)})`;
}

function columnCondition({ inRow }: AttributeColumn, filter: Leaf, scope: FilterScope): Condition {
  const { dialect, tenant } = scope;
  if (filter.op === 'present') return sql`${inRow} is not null`;
  const { op } = filter;
  const value = String(filter.value);
  if (op === 'eq' && value !== '') return sql`(${inRow} is not null and ${inRow} = ${columnText(value)})`;
  if (op === 'sw' && isDecidedByStart(value)) {
    return sql`(${inRow} is not null and ${compareColumn(inRow, op, value, dialect)})`;
  }
  // The document has the texts that do not fit into the column, and the empty ones.
  const inDocument = documentDialects[dialect].condition(filter, tenant);
  const isCut = compareText(inRow, 'co', cutMarker, dialect);
  return sql`case when ${inRow} is null or ${isCut} then ${inDocument} else ${compareText(inRow, op, value, dialect)} end`;
}

function compareColumn(column: Condition, op: Comparison, value: string, dialect: Dialect): Condition {
  const test = compareText(column, op, value, dialect);
  // SQLite uses no index for `like` and `substr`.
  return op === 'sw' && dialect === 'sqlite' ? sql`${column} >= ${storable(value)} and ${test}` : test;
}

function versionCondition(filter: Leaf): Condition | undefined {
  if (filter.op === 'present') return always;
  if (filter.op !== 'eq') return undefined;
  const value = String(filter.value);
  return /^[1-9]\d{0,14}$/.test(value) ? sql`r.version = ${Number(value)}` : never;
}
