import { type RawBuilder, sql } from 'kysely';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, Filter, FilterValue } from '../../contract/filter.js';
import { compareNumber, compareText, type Condition, operatorOf } from '../built-in/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { asText, type Compiled, isKey, isSame, keyOf, type Scope, visible } from './compiled.js';
import type { Field } from './fields.js';

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;

/** The tables that a filter is compiled for. */
export interface FilterTables {
  readonly users: Compiled;
  readonly groups: Compiled | undefined;
}

const always = sql`1 = 1`;
const never = sql`1 = 0`;

/** Compiles a filter over a mapped table, or answers undefined where only the evaluator can decide it. */
export function compileMapped(
  filter: Filter,
  compiled: Compiled,
  tables: FilterTables,
  scope: Scope,
): Condition | undefined {
  const leaf = (each: Leaf): Condition | undefined => leafCondition(each, compiled, tables, scope);
  switch (filter.op) {
    case 'some':
      return someCondition(filter.attribute, filter.filter, compiled, tables, scope);
    default:
      return combined(filter, leaf, (inner) => compileMapped(inner, compiled, tables, scope));
  }
}

/**
 * Of a comparison that SQL cannot decide, what every match satisfies: its value is in a column, or in the JSON beside
 * them, which then names the attribute.
 */
export function narrowMapped(filter: Filter, compiled: Compiled): Condition | undefined {
  if ('filters' in filter || filter.op === 'not') return undefined;
  const { path, keys } = filter.attribute;
  const [top = ''] = keys;
  const { restIn, fields, mapping, dialect, side } = compiled;
  if (restIn === undefined || ['id', 'meta', 'members', 'groups'].includes(top)) return undefined;
  if (top === 'externalId' && side !== undefined) return undefined;
  const rest = sql.ref(restIn === 'side' ? 's.rest' : `r.${mapping.rest ?? ''}`);
  const text = sql`cast(${rest} as ${sql.raw(dialect === 'mysql' ? 'char' : 'text')})`;
  const parts: Condition[] = [compareText(text, 'co', JSON.stringify(top), dialect)];
  for (const field of fields) {
    const own = field.place.path.toLowerCase();
    // What stands inside an attribute is a value of it too, and a value that has a column has its type without one.
    const isInside = own.startsWith(path.toLowerCase()) || field.place.slot?.attribute === top;
    if (!isInside && !(field.kind === 'children' && own === top.toLowerCase())) continue;
    if (field.kind !== 'column' && field.kind !== 'lookup') return undefined;
    const column = field.kind === 'column' ? `r.${field.column}` : `${field.alias}.${field.lookup.value}`;
    const test =
      filter.op !== 'some' && own === path.toLowerCase() ? fieldCondition(filter, field, compiled) : undefined;
    parts.push(test ?? sql`${sql.ref(column)} is not null`);
  }
  return sql`(${sql.join(parts, sql` or `)})`;
}

/** `and`, `or` and `not` of what `inner` makes; a leaf by `leaf`. */
function combined(
  filter: Filter,
  leaf: (filter: Leaf) => Condition | undefined,
  inner: (filter: Filter) => Condition | undefined,
): Condition | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map(inner);
      const known = parts.filter((part) => part !== undefined);
      if (known.length < parts.length) return undefined;
      if (known.length === 0) return filter.op === 'and' ? always : never;
      return sql`(${sql.join(known, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not': {
      const condition = inner(filter.filter);
      // A comparison with null is null, and its negation too; in SCIM what is unassigned does not compare (7644 3.4.2.2).
      return condition === undefined ? undefined : sql`not coalesce((${condition}), ${sql.raw('1 = 0')})`;
    }
    case 'some':
      return inner(filter);
    default:
      return leaf(filter);
  }
}

function leafCondition(filter: Leaf, compiled: Compiled, tables: FilterTables, scope: Scope): Condition | undefined {
  const { attribute } = filter;
  const [top] = attribute.keys;
  const { mapping, type } = compiled;
  if (attribute.path === 'id') {
    if (filter.op === 'present') return always;
    const key = filter.op === 'eq' ? keyOf(compiled, String(filter.value)) : undefined;
    if (filter.op !== 'eq') return undefined;
    return key === undefined ? never : isKey(sql.ref(`r.${mapping.id.column}`), key, compiled);
  }
  if (top === 'meta') return undefined;
  if (top === 'members' && type === 'Group') return membership(filter, compiled, tables.users, scope, 'members');
  if (top === 'groups' && type === 'User') {
    return tables.groups === undefined ? never : membership(filter, tables.groups, compiled, scope, 'groups');
  }
  if (attribute.path === 'externalId' && compiled.side !== undefined && !isMapped('externalId', compiled)) {
    return textCondition(sql`s.external_id`, filter, true, compiled.dialect);
  }
  const fields = compiled.fields.filter(({ place }) => place.path.toLowerCase() === attribute.path.toLowerCase());
  const [field] = fields;
  if (field === undefined) return inSlotOrRest(filter, compiled);
  if (field.place.slot === undefined) return fieldCondition(filter, field, compiled);
  // Values of other types are in the rest, where SQL does not look.
  if (compiled.restIn !== undefined) return undefined;
  const parts = fields.map((each) => fieldCondition(filter, each, compiled));
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : sql`(${sql.join(known, sql` or `)})`;
}

function isMapped(path: string, { fields }: Compiled): boolean {
  return fields.some(({ place }) => place.path === path);
}

function inSlotOrRest(filter: Leaf, compiled: Compiled): Condition | undefined {
  const [top = ''] = filter.attribute.keys;
  const near = compiled.fields.some(({ place }) => (place.slot?.attribute ?? place.keys[0]) === top);
  return near || compiled.restIn !== undefined ? undefined : never;
}

function fieldCondition(filter: Leaf, field: Field, compiled: Compiled): Condition | undefined {
  const { dialect } = compiled;
  switch (field.kind) {
    case 'column': {
      const column = sql.ref(`r.${field.column}`);
      if (filter.op !== 'present' && typeof filter.value !== 'string') {
        return plainCondition(column, filter.op, filter.value, filter.attribute, dialect);
      }
      return textCondition(column, filter, filter.attribute.caseExact, dialect);
    }
    case 'lookup':
      return textCondition(
        sql.ref(`${field.alias}.${field.lookup.value}`),
        filter,
        filter.attribute.caseExact,
        dialect,
      );
    case 'flag': {
      if (filter.op === 'present') return always;
      if (filter.op !== 'eq') return undefined;
      const states = filter.value === true ? field.on : field.off;
      const column = sql.ref(`r.${field.column}`);
      // What is in neither list counts as off.
      return filter.value === true
        ? sql`${column} in (${sql.join(states)})`
        : sql`(${column} not in (${sql.join(field.on)}) or ${column} is null)`;
    }
    case 'reference': {
      const column = sql.ref(`r.${field.column}`);
      if (filter.op === 'present') return compiled.restIn === undefined ? sql`${column} is not null` : undefined;
      if (filter.op !== 'eq') return undefined;
      const key = keyOf(compiled.users(), String(filter.value));
      // Somebody who is not there yet is kept in the rest.
      if (compiled.restIn !== undefined && key === undefined) return undefined;
      return key === undefined ? never : isKey(column, key, compiled.users());
    }
    case 'constant':
      if (filter.op === 'present') return always;
      return filter.op === 'eq' && typeof field.value !== 'string'
        ? isSame(field.value, filter.value)
          ? always
          : never
        : undefined;
    case 'converted': {
      const column = sql.ref(`r.${field.column}`);
      if (!field.reversible || field.write === undefined || filter.op !== 'eq') return undefined;
      if (typeof filter.value === 'string' && !filter.attribute.caseExact) return undefined;
      return sql`${column} = ${field.write(filter.value)}`;
    }
    default:
      return undefined;
  }
}

function plainCondition(
  column: Condition,
  op: Comparison,
  value: Exclude<FilterValue, string>,
  { type }: AttributeRef,
  dialect: Dialect,
): Condition | undefined {
  if (type === 'boolean') return sql`${column} = ${dialect === 'postgres' ? value : Number(value)}`;
  // How a host keeps dates nobody has said.
  if (value instanceof Date) return undefined;
  // A number that the column cannot hold is one to compare with all the same.
  return dialect === 'postgres'
    ? sql`${column} ${operatorOf(op)} cast(${value} as ${sql.raw(Number.isSafeInteger(Number(value)) ? 'bigint' : 'numeric')})`
    : compareNumber(column, op, Number(value));
}

/**
 * A comparison with a text of the host's, as its database compares: PostgreSQL by `lower`, MySQL by the collation of the
 * column, SQLite by `lower`, which knows ASCII only.
 */
function textCondition(
  given: RawBuilder<unknown>,
  filter: Leaf,
  exact: boolean,
  dialect: Dialect,
): Condition | undefined {
  const column = asText(given, dialect);
  if (filter.op === 'present') return isAssigned(column, filter.attribute, dialect);
  const value = String(filter.value);
  if (exact) {
    const bytes = dialect === 'mysql' ? sql`cast(${column} as binary)` : column;
    const test = compareText(bytes, filter.op, value, dialect);
    // The index knows the collation of the column only.
    return dialect === 'mysql' && filter.op === 'eq' ? sql`(${column} = ${value} and ${test})` : test;
  }
  // SQLite's `lower` knows ASCII only: of anything else the evaluator decides.
  if (dialect === 'sqlite' && !/^[\x01-\x7f]*$/.test(value)) return undefined;
  const folded = dialect === 'mysql' ? column : sql`lower(${column})`;
  const variants = filter.attribute.path === 'userName' || dialect === 'mysql' ? [value] : sharpS(value);
  const ordered =
    dialect === 'postgres' && ['gt', 'ge', 'lt', 'le'].includes(filter.op) ? sql`${folded} collate "C"` : folded;
  const tests = variants.map((variant) => compareText(ordered, filter.op, variant, dialect));
  return sql`(${sql.join(tests, sql` or `)})`;
}

// RFC 7643 2.5: an empty text counts as unassigned. No number is a text: 0 would be one that is empty.
function isAssigned(column: RawBuilder<unknown>, { type }: AttributeRef, dialect: Dialect): Condition {
  if (type === 'boolean' || type === 'integer' || type === 'decimal') return sql`${column} is not null`;
  const text = type === 'dateTime' && dialect === 'mysql' ? sql`cast(${column} as char)` : column;
  return sql`(${column} is not null and ${text} <> '')`;
}

/** `lower` keeps ß, a folded text has ss for it: both are looked for, in up to three places. */
function sharpS(value: string): readonly string[] {
  const parts = value.split('ss');
  if (parts.length === 1 || parts.length > 4) return [value];
  return parts
    .slice(1)
    .reduce((texts, part) => texts.flatMap((text) => [`${text}ss${part}`, `${text}ß${part}`]), [parts[0] ?? '']);
}

/** One value of a multi-valued attribute satisfies a filter. */
function someCondition(
  attribute: AttributeRef,
  filter: Filter,
  compiled: Compiled,
  tables: FilterTables,
  scope: Scope,
): Condition | undefined {
  const [top = ''] = attribute.keys;
  if (top === 'members' || top === 'groups') {
    const only = filter.op === 'eq' || filter.op === 'present' ? filter : undefined;
    return only === undefined ? undefined : leafCondition(only, compiled, tables, scope);
  }
  const child = compiled.fields.find((field) => field.kind === 'children' && field.place.path === top);
  if (child?.kind === 'children') return inChildren(filter, child, compiled);
  const slots = compiled.fields.filter(({ place }) => place.slot?.attribute === top);
  if (slots.length === 0) return compiled.restIn === undefined ? never : undefined;
  const types = [...new Set(slots.map(({ place }) => place.slot?.type ?? ''))];
  const wanted = typeOf(filter);
  // With a type that has a column, nothing in the rest can match.
  if (compiled.restIn !== undefined && !types.some((type) => type.toLowerCase() === wanted)) return undefined;
  const parts = types
    .filter((type) => wanted === undefined || type.toLowerCase() === wanted)
    .map((type) => inSlot(filter, type, slots, compiled));
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  return known.length === 0 ? never : sql`(${sql.join(known, sql` or `)})`;
}

/** The type that a value must have, where the filter says so with `and`. */
function typeOf(filter: Filter): string | undefined {
  if (filter.op === 'and') return filter.filters.map(typeOf).find((type) => type !== undefined);
  if (filter.op !== 'eq' || filter.attribute.keys.at(-1) !== 'type') return undefined;
  return String(filter.value).toLowerCase();
}

function inSlot(filter: Filter, type: string, slots: readonly Field[], compiled: Compiled): Condition | undefined {
  const own = slots.filter(({ place }) => place.slot?.type === type);
  const leaf = (each: Leaf): Condition | undefined => {
    const sub = each.attribute.keys.at(-1);
    if (sub === 'type') {
      if (each.op === 'present') return always;
      return each.op === 'eq' ? (type.toLowerCase() === each.value ? always : never) : undefined;
    }
    const field = own.find(({ place }) => place.keys[0] === sub);
    if (field !== undefined) return fieldCondition(each, field, compiled);
    // Kept beside the columns, if anywhere.
    return compiled.restIn === undefined ? never : undefined;
  };
  const walk = (each: Filter): Condition | undefined => combined(each, leaf, walk);
  const condition = walk(filter);
  if (condition === undefined) return undefined;
  const there = own.flatMap((field) =>
    field.kind === 'column' ? [nonEmptyColumn(field.column, compiled.dialect)] : [],
  );
  return there.length < own.length ? undefined : sql`((${sql.join(there, sql` or `)}) and ${condition})`;
}

function nonEmptyColumn(column: string, dialect: Dialect): Condition {
  const name = asText(sql.ref(`r.${column}`), dialect);
  return sql`(${name} is not null and ${name} <> '')`;
}

function inChildren(
  filter: Filter,
  { children: { table, owner, columns } }: Extract<Field, { readonly kind: 'children' }>,
  { dialect, mapping }: Compiled,
): Condition | undefined {
  const leaf = (each: Leaf): Condition | undefined => {
    const sub = each.attribute.keys.at(-1) ?? '';
    const name = columns[sub];
    if (name === undefined) return never;
    const column = sql.ref(`c.${name}`);
    if (each.op === 'present' || typeof each.value === 'string') {
      return textCondition(column, each, each.attribute.caseExact, dialect);
    }
    return plainCondition(column, each.op, each.value, each.attribute, dialect);
  };
  const walk = (each: Filter): Condition | undefined => combined(each, leaf, walk);
  const condition = walk(filter);
  return condition === undefined
    ? undefined
    : sql`exists (select 1 from ${sql.table(table)} as c where ${sql.ref(`c.${owner}`)} = ${sql.ref(`r.${mapping.id.column}`)}
      and ${condition})`;
}

/** Who is in which group: `members.value` of groups, `groups.value` of users. */
function membership(
  filter: Leaf,
  groups: Compiled,
  users: Compiled,
  scope: Scope,
  asked: 'members' | 'groups',
): Condition | undefined {
  const join = groups.mapping.members;
  if (join === undefined) return never;
  const [own, other, target] =
    asked === 'members' ? ([join.group, join.member, users] as const) : ([join.member, join.group, groups] as const);
  const sub = filter.attribute.keys.at(-1);
  if (sub !== 'value' && sub !== asked) return undefined;
  const self = asked === 'members' ? groups : users;
  const start = sql`exists (select 1 from ${sql.table(join.table)} as j
    join ${sql.table(target.mapping.table)} as o on ${sql.ref(`o.${target.mapping.id.column}`)} = ${sql.ref(`j.${other}`)}
    where ${sql.ref(`j.${own}`)} = ${sql.ref(`r.${self.mapping.id.column}`)} and ${visible(target, scope, 'o')}`;
  if (filter.op === 'present') return sql`${start})`;
  if (filter.op !== 'eq') return undefined;
  const key = keyOf(target, String(filter.value));
  return key === undefined ? never : sql`${start} and ${isKey(sql.ref(`j.${other}`), key, target)})`;
}
