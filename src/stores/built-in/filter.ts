import { sql } from 'kysely';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { storable } from '../../database/storable.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { always, compareNumber, compareText, type Condition, escapeLike, never } from '../sql/compare.js';
import { attributeColumnOf, fitsColumn } from './attribute-columns.js';
import { foldedAs, pathOf, shortOf } from './value-rows.js';

/** The rows that conditions are compiled for: those of one tenant and resource type, called `r`. */
export interface FilterScope {
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
  readonly type: string;
}

/** Attributes that are columns of `r`. */
const columns: ReadonlyMap<string, Condition> = new Map([
  ['id', sql`r.id`],
  ['meta created', sql`r.created`],
  ['meta lastModified', sql`r.last_modified`],
]);

/** Compiles a filter. Values are always parameters. @returns undefined when only the evaluator can decide it */
export function compileToSql(filter: Filter, scope: FilterScope): Condition | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts: Condition[] = [];
      const memberIds = filter.op === 'or' ? comparedMemberIds(filter.filters, scope) : [];
      if (memberIds.length > 0) parts.push(hasMember(sql`m.member_id in (${sql.join(memberIds)})`, scope));
      for (const each of filter.filters) {
        if (memberIds.length > 0 && isMemberId(each)) continue;
        const part = compileToSql(each, scope);
        if (part === undefined) return undefined;
        parts.push(part);
      }
      if (parts.length === 0) return filter.op === 'and' ? always : never;
      return sql`(${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not': {
      const inner = compileToSql(filter.filter, scope);
      return inner === undefined ? undefined : sql`not (${inner})`;
    }
    case 'some':
      return someValue(filter.attribute, filter.filter, scope);
    default:
      return attributeCondition(filter, scope);
  }
}

/** The IDs that several parts of an `or` compare with members: one look at the members is enough for all of them. */
function comparedMemberIds(filters: readonly Filter[], { type }: FilterScope): readonly string[] {
  if (type !== 'Group') return [];
  const ids = filters.filter(isMemberId).map(({ value }) => storable(String(value)));
  return ids.length > 1 ? ids : [];
}

function isMemberId(filter: Filter): filter is Extract<Filter, { readonly value: FilterValue }> {
  return filter.op === 'eq' && pathOf(filter.attribute.keys) === 'members value';
}

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;

function attributeCondition(filter: Leaf, scope: FilterScope): Condition | undefined {
  const path = pathOf(filter.attribute.keys);
  const [top] = filter.attribute.keys;
  if (top === 'members' && scope.type === 'Group') return memberCondition(path, filter, scope);
  if (top === 'groups' && scope.type === 'User') return groupCondition(path, filter, scope);
  if (path === 'meta version') return versionCondition(filter);
  if (path === 'active' && filter.attribute.type === 'boolean') {
    return assignedAnd(sql`r.active`, filter, (value) => compareNumber(sql`r.active`, value.op, Number(value.value)));
  }
  const column = attributeColumnOf(filter.attribute, scope.type)?.inRow;
  if (column !== undefined && isDecidedByColumn(filter)) {
    return assignedAnd(column, filter, ({ op, value }) => compareColumn(column, op, String(value), scope.dialect));
  }
  const metaColumn = columns.get(path);
  if (metaColumn !== undefined) {
    if (filter.op === 'present') return always;
    return filter.value instanceof Date
      ? compareNumber(metaColumn, filter.op, filter.value.getTime())
      : compareText(metaColumn, filter.op, String(filter.value), scope.dialect);
  }
  if (top === 'meta') return undefined;
  return sql`r.id in (select v.id from ${sql.table(scope.tables.values)} v
    where v.tenant = ${scope.tenant} and v.path = ${path} and ${valueTest(filter, scope.dialect)})`;
}

type Compared = Exclude<Leaf, { readonly op: 'present' }>;

/** A comparison that is false for null, and never null itself: so `not` negates it. */
function assignedAnd(column: Condition, filter: Leaf, compare: (filter: Compared) => Condition): Condition {
  return filter.op === 'present' ? sql`${column} is not null` : sql`(${column} is not null and ${compare(filter)})`;
}

// The column holds the start of a long text only, which `eq` and `sw` of a shorter value can decide.
function isDecidedByColumn(filter: Leaf): boolean {
  if (filter.op === 'present') return true;
  return (filter.op === 'eq' || filter.op === 'sw') && fitsColumn(String(filter.value));
}

function compareColumn(column: Condition, op: Comparison, value: string, dialect: Dialect): Condition {
  const test = compareText(column, op, value, dialect);
  // SQLite uses no index for `like` and `substr`.
  return op === 'sw' && dialect === 'sqlite' ? sql`${column} >= ${storable(value)} and ${test}` : test;
}

/** A condition on a row `v` of the values table. */
function valueTest(filter: Leaf, dialect: Dialect): Condition {
  if (filter.op === 'present') return sql`(v.folded is null or v.folded <> '')`;
  const { attribute, op, value } = filter;
  if (typeof value !== 'string') return compareNumber(sql`v.instant`, op, numberOf(value));
  const column = attribute.caseExact ? sql`v.exact_form` : sql`v.folded`;
  const test = compareText(column, op, value, dialect);
  const indexed = indexedTest(attribute, op, value, dialect);
  return indexed === undefined ? test : sql`${indexed} and ${test}`;
}

function numberOf(value: Exclude<FilterValue, string>): number {
  return value instanceof Date ? value.getTime() : Number(value);
}

// Only the start of a text is indexed.
function indexedTest(
  { keys, caseExact }: AttributeRef,
  op: Comparison,
  value: string,
  dialect: Dialect,
): Condition | undefined {
  if (op === 'eq') return sql`v.short = ${shortOf(caseExact ? foldedAs(keys, value) : value)}`;
  if (op !== 'sw' || caseExact || value === '') return undefined;
  const short = shortOf(value);
  return dialect === 'sqlite' ? sql`v.short >= ${short}` : sql`v.short like ${`${escapeLike(short)}%`} escape '!'`;
}

/** Conditions on one value of a multi-valued attribute: rows `v` of one slot. */
function someValue(attribute: AttributeRef, filter: Filter, scope: FilterScope): Condition | undefined {
  const [top] = attribute.keys;
  if (top === 'members' && scope.type === 'Group') {
    const inner = insideMember(filter);
    if (inner === undefined) return undefined;
    return hasMember(inner, scope);
  }
  if (top === 'groups' && scope.type === 'User') return undefined;
  return sql`r.id in (select s.id from ${sql.table(scope.tables.values)} s
    where s.tenant = ${scope.tenant} and s.path = ${pathOf(attribute.keys)}
    and (s.folded is null or s.folded <> '') and ${insideValue(filter, scope)})`;
}

function insideValue(filter: Filter, scope: FilterScope): Condition {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((each) => insideValue(each, scope));
      if (parts.length === 0) return filter.op === 'and' ? always : never;
      return sql`(${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not':
      return sql`not (${insideValue(filter.filter, scope)})`;
    case 'some':
      return insideValue(filter.filter, scope);
    default:
      return sql`exists (select 1 from ${sql.table(scope.tables.values)} v where v.tenant = ${scope.tenant}
        and v.id = s.id and v.slot = s.slot and v.path = ${pathOf(filter.attribute.keys)}
        and ${valueTest(filter, scope.dialect)})`;
  }
}

function memberCondition(path: string, filter: Leaf, scope: FilterScope): Condition | undefined {
  const inner = path === 'members' && filter.op === 'present' ? always : insideMember(filter);
  if (inner === undefined) return undefined;
  return hasMember(inner, scope);
}

function hasMember(test: Condition, { tables, tenant }: FilterScope): Condition {
  return sql`r.id in (select m.group_id from ${sql.table(tables.members)} m where m.tenant = ${tenant} and ${test})`;
}

// Names of members are in other rows: only ids are compared here.
function insideMember(filter: Filter): Condition | undefined {
  if (filter.op === 'and' || filter.op === 'or') {
    const parts = filter.filters.map(insideMember);
    const decided = parts.filter((part) => part !== undefined);
    if (decided.length < parts.length || decided.length === 0) return undefined;
    return sql`(${sql.join(decided, filter.op === 'and' ? sql` and ` : sql` or `)})`;
  }
  if (filter.op !== 'eq' && filter.op !== 'present') return undefined;
  const path = pathOf(filter.attribute.keys);
  if (path !== 'members value') return undefined;
  return filter.op === 'present' ? always : sql`m.member_id = ${storable(String(filter.value))}`;
}

// Members of nested groups are in the outer group too (RFC 7643 4.1.2: indirect).
function groupCondition(path: string, filter: Leaf, scope: FilterScope): Condition | undefined {
  const members = sql.table(scope.tables.members);
  if (filter.op === 'present' && (path === 'groups' || path === 'groups value')) {
    return sql`r.id in (select m.member_id from ${members} m where m.tenant = ${scope.tenant})`;
  }
  if (filter.op !== 'eq' || path !== 'groups value') return undefined;
  return sql`r.id in (with recursive below as (
    select member_id from ${members} where tenant = ${scope.tenant} and group_id = ${storable(String(filter.value))}
    union select m.member_id from ${members} m join below b on m.group_id = b.member_id where m.tenant = ${scope.tenant}
    ) select member_id from below)`;
}

function versionCondition(filter: Leaf): Condition | undefined {
  if (filter.op === 'present') return always;
  if (filter.op !== 'eq') return undefined;
  const value = String(filter.value);
  return /^[1-9]\d{0,14}$/.test(value) ? sql`r.version = ${Number(value)}` : never;
}
