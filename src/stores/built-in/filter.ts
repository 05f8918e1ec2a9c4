import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { isHeld, ownColumnOf } from './own-columns.js';
import type { Tables } from '../../database/table-names.js';
import { foldedAs, pathOf, shortOf, storable } from './values.js';

/** A condition on a row. */
export type Condition = RawBuilder<unknown>;

/** What conditions are compiled for: the rows `r` of one tenant. */
export interface FilterScope {
  readonly dialect: Dialect;
  readonly tables: Tables;
  readonly tenant: string;
  readonly type: string;
}

/** Where an attribute stands in `r` itself. */
const columns: ReadonlyMap<string, Condition> = new Map([
  ['id', sql`r.id`],
  ['meta created', sql`r.created`],
  ['meta lastModified', sql`r.last_modified`],
]);

const always = sql`1 = 1`;
const never = sql`1 = 0`;

/** Compiles a filter, or answers undefined where only the evaluator can decide it. Values are always parameters. */
export function compileToSql(filter: Filter, scope: FilterScope): Condition | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts: Condition[] = [];
      for (const each of filter.filters) {
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

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;

function attributeCondition(filter: Leaf, scope: FilterScope): Condition | undefined {
  const path = pathOf(filter.attribute.keys);
  const [top] = filter.attribute.keys;
  if (top === 'members' && scope.type === 'Group') return memberCondition(path, filter, scope);
  if (top === 'groups' && scope.type === 'User') return groupCondition(path, filter, scope);
  if (path === 'meta version') return versionCondition(filter);
  if (path === 'active' && filter.attribute.type === 'boolean') {
    return onOwnColumn(sql`r.active`, filter, (value) => compareNumber(sql`r.active`, value.op, Number(value.value)));
  }
  const own = ownColumnOf(filter.attribute, scope.type);
  if (own !== undefined && responsesFrom(filter)) {
    return onOwnColumn(own.inRow, filter, ({ op, value }) => compareOwn(own.inRow, op, String(value), scope.dialect));
  }
  const column = columns.get(path);
  if (column !== undefined) {
    if (filter.op === 'present') return always;
    return filter.value instanceof Date
      ? compareNumber(column, filter.op, filter.value.getTime())
      : compareText(column, filter.op, String(filter.value), scope.dialect);
  }
  if (top === 'meta') return undefined;
  return sql`r.id in (select v.id from ${sql.table(scope.tables.values)} v
    where v.tenant = ${scope.tenant} and v.path = ${path} and ${valueTest(filter, scope.dialect)})`;
}

type Compared = Exclude<Leaf, { readonly op: 'present' }>;

/** Never null, so that `not` turns it round. */
function onOwnColumn(column: Condition, filter: Leaf, compare: (filter: Compared) => Condition): Condition {
  return filter.op === 'present' ? sql`${column} is not null` : sql`(${column} is not null and ${compare(filter)})`;
}

// Longer texts are cut there, and what other operators look for may stand in the part that is missing.
function responsesFrom(filter: Leaf): boolean {
  if (filter.op === 'present') return true;
  return (filter.op === 'eq' || filter.op === 'sw') && isHeld(String(filter.value));
}

function compareOwn(column: Condition, op: Comparison, value: string, dialect: Dialect): Condition {
  const test = compareText(column, op, value, dialect);
  // Its `like` and `substr` know no index.
  return op === 'sw' && dialect === 'sqlite' ? sql`${column} >= ${storable(value)} and ${test}` : test;
}

/** What must hold for a row `v` of the table of values. */
function valueTest(filter: Leaf, dialect: Dialect): Condition {
  if (filter.op === 'present') return sql`(v.folded is null or v.folded <> '')`;
  const { attribute, op, value } = filter;
  if (typeof value !== 'string') return compareNumber(sql`v.instant`, op, numberOf(value));
  const column = attribute.caseExact ? sql`v.exact_form` : sql`v.folded`;
  const test = compareText(column, op, value, dialect);
  const narrow = narrowed(attribute, op, value, dialect);
  return narrow === undefined ? test : sql`${narrow} and ${test}`;
}

function numberOf(value: Exclude<FilterValue, string>): number {
  return value instanceof Date ? value.getTime() : Number(value);
}

// Long texts fit no index, so their beginnings are indexed.
function narrowed(
  { keys, caseExact }: AttributeRef,
  op: Comparison,
  value: string,
  dialect: Dialect,
): Condition | undefined {
  if (op === 'eq') return sql`v.short = ${shortOf(caseExact ? foldedAs(keys, value) : value)}`;
  if (op !== 'sw' || caseExact || value === '') return undefined;
  const short = shortOf(value);
  return dialect === 'sqlite' ? sql`v.short >= ${short}` : sql`v.short like ${`${escaped(short)}%`} escape '!'`;
}

/** A comparison with a number, or a date in milliseconds. */
export function compareNumber(column: Condition, op: Comparison, value: number): Condition {
  return sql`${column} ${operatorOf(op)} ${value}`;
}

/** The operator of a comparison of numbers. */
export function operatorOf(op: Comparison): Condition {
  return sql.raw({ eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=', co: '=', sw: '=', ew: '=' }[op]);
}

/** A comparison with a text; the column is folded already where letter case does not count. */
export function compareText(column: Condition, op: Comparison, given: string, dialect: Dialect): Condition {
  const value = storable(given);
  switch (op) {
    case 'co':
      if (value === '') return sql`${column} is not null`;
      return dialect === 'postgres' ? sql`strpos(${column}, ${value}) > 0` : sql`instr(${column}, ${value}) > 0`;
    case 'sw':
      if (value === '') return sql`${column} is not null`;
      if (dialect === 'sqlite') return sql`substr(${column}, 1, length(${value})) = ${value}`;
      return sql`${column} like ${`${escaped(value)}%`} escape '!'`;
    case 'ew':
      if (value === '') return sql`${column} is not null`;
      if (dialect === 'sqlite') return sql`substr(${column}, -length(${value})) = ${value}`;
      return sql`${column} like ${`%${escaped(value)}`} escape '!'`;
    default: {
      const operator = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' }[op];
      return sql`${column} ${sql.raw(operator)} ${value}`;
    }
  }
}

function escaped(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}

/** Conditions on one and the same value: rows `v` of one slot. */
function someValue(attribute: AttributeRef, filter: Filter, scope: FilterScope): Condition | undefined {
  const [top] = attribute.keys;
  if (top === 'members' && scope.type === 'Group') {
    const inner = insideMember(filter);
    if (inner === undefined) return undefined;
    return sql`r.id in (select m.group_id from ${sql.table(scope.tables.members)} m
      where m.tenant = ${scope.tenant} and ${inner})`;
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
  return sql`r.id in (select m.group_id from ${sql.table(scope.tables.members)} m
    where m.tenant = ${scope.tenant} and ${inner})`;
}

// What a member is called is another resource's business, so only ids are compared here.
function insideMember(filter: Filter): Condition | undefined {
  if (filter.op === 'and' || filter.op === 'or') {
    const parts = filter.filters.map(insideMember);
    const known = parts.filter((part) => part !== undefined);
    if (known.length < parts.length || known.length === 0) return undefined;
    return sql`(${sql.join(known, filter.op === 'and' ? sql` and ` : sql` or `)})`;
  }
  if (filter.op !== 'eq' && filter.op !== 'present') return undefined;
  const path = pathOf(filter.attribute.keys);
  if (path !== 'members value') return undefined;
  return filter.op === 'present' ? always : sql`m.member_id = ${storable(String(filter.value))}`;
}

// Members of the group's groups are in it too (RFC 7643 4.1.2: indirect).
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
