import { type Fragment, sql } from '../../database/sql.js';
import type { Filter } from '../../contract/filter.js';
import { always, type Condition, never, operatorOf } from '../sql/compare.js';
import { storable } from '../../database/storable.js';
import { emptyMark } from './document.js';
import {
  arrayLevels,
  type Comparing,
  type DocumentDialect,
  type Leaf,
  namesOf,
  sortPaths,
} from './document-dialect.js';

/** SQLite: `json_extract` for single values, `json_each` for those of an array. */
export const sqliteDocument: DocumentDialect = {
  condition: (filter) => conditionIn(filter, sql`r.normalized`, 0),
  contains: (text) => sql`instr(r.normalized, ${text}) > 0`,
  sortValue: (attribute) => {
    const values = sortPaths(attribute).map((path) => sql`json_extract(r.normalized, ${jsonPath(path)})`);
    const value = values.length === 1 ? sql.join(values) : sql`coalesce(${sql.join(values)})`;
    const isText = !['boolean', 'decimal', 'integer', 'dateTime'].includes(attribute.type);
    // RFC 7643 2.5: an empty string counts as unassigned.
    return isText ? sql`nullif(${value}, '')` : value;
  },
  column: (json) => sql`${json}`,
};

/** @param depth how many of the names of an attribute lead to `base` */
function conditionIn(filter: Filter, base: Fragment, depth: number): Condition {
  switch (filter.op) {
    case 'and':
    case 'or': {
      if (filter.filters.length === 0) return filter.op === 'and' ? always : never;
      const parts = filter.filters.map((each) => conditionIn(each, base, depth));
      return sql`(${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not':
      return sql`(not ${conditionIn(filter.filter, base, depth)})`;
    case 'some': {
      const { attribute } = filter;
      const names = attribute.keys.slice(depth).map(storable);
      const inner = conditionIn(filter.filter, sql`e.value`, attribute.keys.length);
      return sql`exists (select 1 from json_each(${base}, ${jsonPath(names)}) e where case when ${isAssignedObject('e')} then ${inner} else 0 end)`;
    }
    default:
      return filter.attribute.multiValued
        ? anyValue(filter, base, depth)
        : singleValue(filter, base, namesOf(filter, depth));
  }
}

function isAssignedObject(row: 'e' | 'v'): Condition {
  const each = sql.ref(row);
  return sql`${each}.type = 'object' and json_type(${each}.value, ${sql.raw(`'${jsonPath([emptyMark])}'`)}) is null`;
}

/** A condition on the value at a path below an object. */
function singleValue(filter: Leaf, base: Fragment, names: readonly string[]): Condition {
  const path = jsonPath(names);
  const value = sql`json_extract(${base}, ${path})`;
  if (filter.op !== 'present') return comparison(value, filter);
  if (filter.attribute.type !== 'complex') return isAssigned(value);
  return sql`(json_type(${base}, ${path}) = 'object' and json_type(${base}, ${jsonPath([...names, emptyMark])}) is null) is true`;
}

function isAssigned(value: Fragment): Condition {
  return sql`coalesce(${value} <> '', 0)`;
}

/** A condition on any value of an attribute: its rows are called `v`, beside those of a `some` around it. */
function anyValue(filter: Leaf, base: Fragment, depth: number): Condition {
  const names = namesOf(filter, depth);
  const levels = arrayLevels(filter.attribute).filter((level) => level > depth);
  const parts = levels.map((level) => {
    const inside = level - depth;
    const each = sql`json_each(${base}, ${jsonPath(names.slice(0, inside))}) v`;
    if (inside < names.length) {
      // There may be a list inside the value; of a single value `json_each` makes one row.
      const values = sql`json_each(case when v.type = 'object' then v.value end, ${jsonPath(names.slice(inside))}) i`;
      const test = filter.op === 'present' ? isAssigned(sql`i.atom`) : comparison(sql`i.atom`, filter);
      return sql`exists (select 1 from ${each}, ${values} where ${test})`;
    }
    if (filter.op !== 'present') return sql`exists (select 1 from ${each} where ${comparison(sql`v.atom`, filter)})`;
    return filter.attribute.type === 'complex'
      ? sql`exists (select 1 from ${each} where ${isAssignedObject('v')})`
      : sql`exists (select 1 from ${each} where ${isAssigned(sql`v.atom`)})`;
  });
  return sql`(${sql.join(parts, sql` or `)})`;
}

/** A comparison that is 0 or 1, also where the value is null. */
function comparison(actual: Fragment, { op, value }: Comparing): Condition {
  if (typeof value !== 'string') {
    const number = value instanceof Date ? value.getTime() : value;
    // Read from JSON as the stored number is, so that the two are converted alike.
    return sql`coalesce(${actual} ${operatorOf(op)} (${JSON.stringify(number)} ->> '$'), 0)`;
  }
  const text = storable(value);
  if (text === '' && (op === 'co' || op === 'sw' || op === 'ew')) return sql`(${actual} is not null)`;
  switch (op) {
    case 'co':
      return sql`coalesce(instr(${actual}, ${text}) > 0, 0)`;
    case 'sw':
      return sql`coalesce(substr(${actual}, 1, length(${text})) = ${text}, 0)`;
    case 'ew':
      return sql`coalesce(substr(${actual}, -length(${text})) = ${text}, 0)`;
    default:
      return sql`coalesce(${actual} ${operatorOf(op)} ${text}, 0)`;
  }
}

function jsonPath(names: readonly (string | 0)[]): string {
  return `$${names.map((name) => (name === 0 ? '[0]' : `."${name}"`)).join('')}`;
}
