import { sql } from '../../database/sql.js';
import type { Filter } from '../../contract/filter.js';
import { always, compareText, type Condition, never } from '../sql/compare.js';
import { fieldCondition, textCondition } from './column-conditions.js';
import { combined, type Leaf } from './combine-conditions.js';
import type { CompiledMapping, MappedScope } from './compile-mapping.js';
import { membershipCondition } from './membership-condition.js';
import { multiValuedCondition } from './multi-valued-conditions.js';
import { isKey, keyOf } from './primary-key.js';

/** The tables that a filter is compiled for. */
export interface FilterTables {
  readonly users: CompiledMapping;
  readonly groups: CompiledMapping | undefined;
}

/** Compiles a filter over a mapped table. @returns undefined when only the evaluator can decide it */
export function compileMapped(
  filter: Filter,
  compiled: CompiledMapping,
  tables: FilterTables,
  scope: MappedScope,
): Condition | undefined {
  const leaf = (each: Leaf): Condition | undefined => leafCondition(each, compiled, tables, scope);
  if (filter.op !== 'some') return combined(filter, leaf, (inner) => compileMapped(inner, compiled, tables, scope));
  const [top] = filter.attribute.keys;
  if (top !== 'members' && top !== 'groups') return multiValuedCondition(filter.attribute, filter.filter, compiled);
  return filter.filter.op === 'eq' || filter.filter.op === 'present' ? leaf(filter.filter) : undefined;
}

/**
 * A condition that every match of a comparison satisfies which SQL cannot decide: the value is in a column, or in the
 * JSON of the other attributes, which then contains the name of the attribute.
 *
 * @returns undefined when there is no such condition
 */
export function narrowMapped(filter: Filter, compiled: CompiledMapping): Condition | undefined {
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
    const fieldPath = field.place.path.toLowerCase();
    // A sub-attribute in a column is a value of the attribute too. A value in a column also has a type: the mapping
    // says which, and neither a column nor the JSON contains it.
    const isInside = fieldPath.startsWith(path.toLowerCase()) || field.place.slot?.attribute === top;
    if (!isInside && !(field.kind === 'children' && fieldPath === top.toLowerCase())) continue;
    if (field.kind !== 'column' && field.kind !== 'lookup') return undefined;
    const column = field.kind === 'column' ? `r.${field.column}` : `${field.alias}.${field.lookup.value}`;
    const test =
      filter.op !== 'some' && fieldPath === path.toLowerCase() ? fieldCondition(filter, field, compiled) : undefined;
    parts.push(test ?? sql`${sql.ref(column)} is not null`);
  }
  return sql`(${sql.join(parts, sql` or `)})`;
}

function leafCondition(
  filter: Leaf,
  compiled: CompiledMapping,
  tables: FilterTables,
  scope: MappedScope,
): Condition | undefined {
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
  if (top === 'members' && type === 'Group')
    return membershipCondition(filter, compiled, tables.users, scope, 'members');
  if (top === 'groups' && type === 'User') {
    return tables.groups === undefined ? never : membershipCondition(filter, tables.groups, compiled, scope, 'groups');
  }
  if (attribute.path === 'externalId' && compiled.side !== undefined && !isMapped('externalId', compiled)) {
    return textCondition(sql`s.external_id`, filter, true, compiled.dialect);
  }
  const fields = compiled.fields.filter(({ place }) => place.path.toLowerCase() === attribute.path.toLowerCase());
  const [field] = fields;
  if (field === undefined) return isNowhere(filter, compiled) ? never : undefined;
  if (field.place.slot === undefined) return fieldCondition(filter, field, compiled);
  // Values of other types are in the JSON of the other attributes.
  if (compiled.restIn !== undefined) return undefined;
  const parts = fields.map((each) => fieldCondition(filter, each, compiled));
  const decided = parts.filter((part) => part !== undefined);
  return decided.length < parts.length ? undefined : sql`(${sql.join(decided, sql` or `)})`;
}

function isMapped(path: string, { fields }: CompiledMapping): boolean {
  return fields.some(({ place }) => place.path === path);
}

/** Whether the mapping has no place for any value of the attribute. */
function isNowhere({ attribute }: Leaf, { fields, restIn }: CompiledMapping): boolean {
  const [top] = attribute.keys;
  return restIn === undefined && !fields.some(({ place }) => (place.slot?.attribute ?? place.keys[0]) === top);
}
