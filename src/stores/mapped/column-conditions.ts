import { type Fragment, sql } from '../../database/sql.js';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Comparison, FilterValue } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { always, compareNumber, compareText, type Condition, never, operatorOf } from '../sql/compare.js';
import { asText } from './column-text.js';
import { writtenValue } from './column-change.js';
import type { Leaf } from './combine-conditions.js';
import type { CompiledMapping } from './compile-mapping.js';
import { isSame } from './driver-values.js';
import type { Field } from './fields.js';
import { isKey, keyOf } from './primary-key.js';
import { isSameName } from './unique-name.js';

/** A comparison with a mapped attribute; undefined when SQL cannot decide it. */
export function fieldCondition(filter: Leaf, field: Field, compiled: CompiledMapping): Condition | undefined {
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
      // A state in neither list counts as off.
      return filter.value === true
        ? sql`${column} in (${sql.join(states)})`
        : sql`(${column} not in (${sql.join(field.on)}) or ${column} is null)`;
    }
    case 'reference': {
      const column = sql.ref(`r.${field.column}`);
      if (filter.op === 'present') return compiled.restIn === undefined ? sql`${column} is not null` : undefined;
      if (filter.op !== 'eq') return undefined;
      const key = keyOf(compiled.users(), String(filter.value));
      // A reference to a user that does not exist yet is in the JSON of the other attributes.
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
      return sql`${column} = ${writtenValue(field, field.write, filter.value, compiled.mapping)}`;
    }
    default:
      return undefined;
  }
}

/** A comparison of a column with a boolean, number or date. */
export function plainCondition(
  column: Condition,
  op: Comparison,
  value: Exclude<FilterValue, string>,
  { type }: AttributeRef,
  dialect: Dialect,
): Condition | undefined {
  if (type === 'boolean') return sql`${column} = ${dialect === 'postgres' ? value : Number(value)}`;
  // The mapping does not say how the host stores dates.
  if (value instanceof Date) return undefined;
  // A number that the column cannot hold must not be an error.
  return dialect === 'postgres'
    ? sql`${column} ${operatorOf(op)} cast(${value} as ${sql.raw(Number.isSafeInteger(Number(value)) ? 'bigint' : 'numeric')})`
    : compareNumber(column, op, Number(value));
}

/**
 * A comparison of a column with a text. Case is folded by the database: with `lower` on PostgreSQL and SQLite (there
 * ASCII only), by the collation of the column on MySQL.
 */
export function textCondition(
  hostColumn: Fragment,
  filter: Leaf,
  exact: boolean,
  dialect: Dialect,
): Condition | undefined {
  const column = asText(hostColumn, dialect);
  if (filter.op === 'present') return isAssigned(column, filter.attribute, dialect);
  const value = String(filter.value);
  if (exact) {
    const bytes = dialect === 'mysql' ? sql`cast(${column} as binary)` : column;
    const test = compareText(bytes, filter.op, value, dialect);
    // The index has the collation of the column.
    return dialect === 'mysql' && filter.op === 'eq' ? sql`(${column} = ${value} and ${test})` : test;
  }
  // SQLite's `lower` folds ASCII only: the evaluator decides everything else.
  if (dialect === 'sqlite' && !/^[\x01-\x7f]*$/.test(value)) return undefined;
  const folded = dialect === 'mysql' ? column : sql`lower(${column})`;
  const variants = filter.attribute.path === 'userName' || dialect === 'mysql' ? [value] : sharpS(value);
  const ordered =
    dialect === 'postgres' && ['gt', 'ge', 'lt', 'le'].includes(filter.op) ? sql`${folded} collate "C"` : folded;
  const tests = variants.map((variant) => compareText(ordered, filter.op, variant, dialect));
  const isName = filter.attribute.path === 'userName' && filter.op === 'eq';
  const isSame = isName ? isSameName(column, value, dialect) : undefined;
  return isSame === undefined
    ? sql`(${sql.join(tests, sql` or `)})`
    : sql`(${sql.join(tests, sql` or `)} and ${isSame})`;
}

// RFC 7643 2.5: an empty text counts as unassigned. A number is never compared with '', which MySQL takes for 0.
function isAssigned(column: Fragment, { type }: AttributeRef, dialect: Dialect): Condition {
  if (type === 'boolean' || type === 'integer' || type === 'decimal') return sql`${column} is not null`;
  const text = type === 'dateTime' && dialect === 'mysql' ? sql`cast(${column} as char)` : column;
  return sql`(${column} is not null and ${text} <> '')`;
}

/** Folding turns ß into ss, which `lower` does not: so both are compared, in up to three places of the text. */
function sharpS(value: string): readonly string[] {
  const parts = value.split('ss');
  if (parts.length === 1 || parts.length > 4) return [value];
  return parts
    .slice(1)
    .reduce((texts, part) => texts.flatMap((text) => [`${text}ss${part}`, `${text}ß${part}`]), [parts[0] ?? '']);
}
