import { sql } from '../../database/sql.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { always, type Condition, never } from '../sql/compare.js';
import { fieldCondition, plainCondition, textCondition } from './column-conditions.js';
import { asText } from './column-text.js';
import { combined, type Leaf } from './combine-conditions.js';
import type { CompiledMapping } from './compile-mapping.js';
import type { Field } from './fields.js';

/** A condition that one value of a multi-valued attribute satisfies a filter; undefined when SQL cannot decide it. */
export function multiValuedCondition(
  attribute: AttributeRef,
  filter: Filter,
  compiled: CompiledMapping,
): Condition | undefined {
  const [top = ''] = attribute.keys;
  const child = compiled.fields.find((field) => field.kind === 'children' && field.place.path === top);
  if (child?.kind === 'children') return inChildren(filter, child, compiled);
  const slots = compiled.fields.filter(({ place }) => place.slot?.attribute === top);
  if (slots.length === 0) return compiled.restIn === undefined ? never : undefined;
  const types = [...new Set(slots.map(({ place }) => place.slot?.type ?? ''))];
  const type = typeOf(filter);
  // Values of a type that has a column are never in the JSON of the other attributes.
  if (compiled.restIn !== undefined && !types.some((each) => each.toLowerCase() === type)) return undefined;
  const parts = types
    .filter((each) => type === undefined || each.toLowerCase() === type)
    .map((each) => inSlot(filter, each, slots, compiled));
  const decided = parts.filter((part) => part !== undefined);
  if (decided.length < parts.length) return undefined;
  return decided.length === 0 ? never : sql`(${sql.join(decided, sql` or `)})`;
}

/** The type that the filter requires of a value, itself or in a part of an `and`. */
function typeOf(filter: Filter): string | undefined {
  if (filter.op === 'and') return filter.filters.map(typeOf).find((type) => type !== undefined);
  if (filter.op !== 'eq' || filter.attribute.keys.at(-1) !== 'type') return undefined;
  return String(filter.value).toLowerCase();
}

function inSlot(
  filter: Filter,
  type: string,
  slots: readonly Field[],
  compiled: CompiledMapping,
): Condition | undefined {
  const fields = slots.filter(({ place }) => place.slot?.type === type);
  const leaf = (each: Leaf): Condition | undefined => {
    const sub = each.attribute.keys.at(-1);
    if (sub === 'type') {
      if (each.op === 'present') return always;
      return each.op === 'eq' ? (type.toLowerCase() === each.value ? always : never) : undefined;
    }
    const field = fields.find(({ place }) => place.keys[0] === sub);
    if (field !== undefined) return fieldCondition(each, field, compiled);
    // In the JSON of the other attributes, if anywhere.
    return compiled.restIn === undefined ? never : undefined;
  };
  const walk = (each: Filter): Condition | undefined => combined(each, leaf, walk);
  const condition = walk(filter);
  if (condition === undefined) return undefined;
  const assigned = fields.flatMap((field) =>
    field.kind === 'column' ? [nonEmptyColumn(field.column, compiled.dialect)] : [],
  );
  return assigned.length < fields.length ? undefined : sql`((${sql.join(assigned, sql` or `)}) and ${condition})`;
}

function nonEmptyColumn(column: string, dialect: Dialect): Condition {
  const name = asText(sql.ref(`r.${column}`), dialect);
  return sql`(${name} is not null and ${name} <> '')`;
}

function inChildren(
  filter: Filter,
  { children: { table, owner, columns } }: Extract<Field, { readonly kind: 'children' }>,
  { dialect, mapping }: CompiledMapping,
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
