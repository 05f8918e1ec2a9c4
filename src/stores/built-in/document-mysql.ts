import { type Fragment, sql } from '../../database/sql.js';
import type { Filter } from '../../contract/filter.js';
import { always, type Condition, escapeLike, never, operatorOf } from '../sql/compare.js';
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

/** MariaDB and MySQL: `json_extract` for single values, `json_table` for those of an array. */
export const mysqlDocument: DocumentDialect = {
  condition: (filter) => conditionIn(filter, 0),
  contains: (text) => sql`instr(cast(r.normalized as binary), cast(${text} as binary)) > 0`,
  sortValue: (attribute) => {
    const values = sortPaths(attribute).map((path) => extracted(path));
    const value = values.length === 1 ? sql.join(values) : sql`coalesce(${sql.join(values)})`;
    switch (attribute.type) {
      case 'boolean':
        return sql`case ${value} when 'true' then 1 when 'false' then 0 end`;
      case 'decimal':
      case 'integer':
      case 'dateTime':
        return sql`(${value} + 0e0)`;
      default:
        // RFC 7643 2.5: an empty string counts as unassigned.
        return sql`nullif(cast(${value} as binary), '')`;
    }
  },
  column: (json) => sql`${json}`,
};

/** The text of a value of the document. */
function extracted(path: readonly (string | 0)[]): Fragment {
  return sql`json_unquote(json_extract(r.normalized, ${jsonPath(path)}))`;
}

function conditionIn(filter: Filter, depth: number): Condition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return combined(
        filter.op,
        filter.filters.map((each) => conditionIn(each, depth)),
      );
    case 'not':
      return sql`(not ${conditionIn(filter.filter, depth)})`;
    case 'some': {
      const { attribute } = filter;
      const columns = new ValueColumns(`${jsonPath(attribute.keys.map(storable))}[*]`);
      const inner = insideValue(filter.filter, attribute.keys.length, columns);
      return columns.exists(inner);
    }
    default:
      return filter.attribute.multiValued ? anyValue(filter) : singleValue(filter);
  }
}

function combined(op: 'and' | 'or', parts: readonly Condition[]): Condition {
  if (parts.length === 0) return op === 'and' ? always : never;
  return sql`(${sql.join(parts, op === 'and' ? sql` and ` : sql` or `)})`;
}

function singleValue(filter: Leaf): Condition {
  const names = namesOf(filter, 0);
  if (filter.op !== 'present') return comparison(extracted(names), filter);
  if (filter.attribute.type !== 'complex') return isAssigned(extracted(names));
  const contains = (path: readonly string[]) => sql`json_contains_path(r.normalized, 'one', ${jsonPath(path)})`;
  return sql`(${contains(names)} and not ${contains([...names, emptyMark])})`;
}

function isAssigned(value: Fragment): Condition {
  return sql`coalesce(length(${value}) > 0, 0)`;
}

function anyValue(filter: Leaf): Condition {
  const names = namesOf(filter, 0);
  const isComplex = filter.attribute.type === 'complex';
  const parts = arrayLevels(filter.attribute).flatMap((level) => {
    const rows = `${jsonPath(names.slice(0, level))}[*]`;
    if (isComplex) return [new ValueColumns(rows).exists(always)];
    const inside = names.slice(level);
    return [
      anyRow(rows, inside, filter),
      // A list inside the value.
      ...(inside.length > 0 ? [anyRow(`${rows}${jsonPath(inside).slice(1)}[*]`, [], filter)] : []),
    ];
  });
  return combined('or', parts);
}

/** @param rows the path of the values @param names those below each value */
function anyRow(rows: string, names: readonly string[], filter: Leaf): Condition {
  const columns = new ValueColumns(rows);
  return columns.any(leafCondition(columns.value(names), filter));
}

/** Conditions on one value of an array: on the columns that `json_table` makes of it. */
function insideValue(filter: Filter, depth: number, columns: ValueColumns): Condition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return combined(
        filter.op,
        filter.filters.map((each) => insideValue(each, depth, columns)),
      );
    case 'not':
      return sql`(not ${insideValue(filter.filter, depth, columns)})`;
    case 'some':
      return insideValue(filter.filter, depth, columns);
    default: {
      const names = namesOf(filter, depth);
      if (!filter.attribute.multiValued) return leafCondition(columns.value(names), filter);
      return columns.anyInside(names, (value) => leafCondition(value, filter));
    }
  }
}

function leafCondition(value: Fragment, filter: Leaf): Condition {
  return filter.op === 'present' ? isAssigned(value) : comparison(value, filter);
}

const textColumn = 'longtext character set utf8mb4 collate utf8mb4_bin path';

/** The columns of a `json_table` over the values of an array. */
class ValueColumns {
  /** The JSON path of the values. */
  readonly #rows: string;
  readonly #columns = new Map<string, { readonly name: string; readonly type: string }>();

  constructor(rows: string) {
    this.#rows = rows;
  }

  /** The value at a path below a value of the array. */
  value(names: readonly string[]): Fragment {
    return this.#column(`${textColumn} ${literal(jsonPath(names))}`);
  }

  /** Whether any value of a list below a value of the array satisfies a condition. */
  anyInside(names: readonly string[], test: (value: Fragment) => Condition): Condition {
    // A column of `json_table` is null for a list, so the list is read by the place of the value in the array.
    const place = this.#column('for ordinality');
    const list = sql`json_extract(r.normalized, concat(${this.#rows.slice(0, -'*]'.length)}, ${place} - 1, ${`]${jsonPath(names).slice(1)}`}))`;
    return sql`exists (select 1 from json_table(${list}, '$[*]' columns (item ${sql.raw(`${textColumn} '$'`)})) v
      where ${test(sql`v.item`)})`;
  }

  #column(type: string): Fragment {
    const existing = this.#columns.get(type);
    const name = existing?.name ?? `c${String(this.#columns.size)}`;
    this.#columns.set(type, { name, type });
    return sql.raw(`e.${name}`);
  }

  /** Whether a complex value in which something is assigned satisfies the condition. */
  exists(test: Condition): Condition {
    const isEmpty = this.#column(`int exists path ${literal(jsonPath([emptyMark]))}`);
    return this.any(sql`${isEmpty} = 0 and ${test}`);
  }

  /** Whether any value satisfies the condition. */
  any(test: Condition): Condition {
    const columns = [...this.#columns.values()].map(({ name, type }) => `${name} ${type}`);
    return sql`exists (select 1 from json_table(r.normalized, ${sql.raw(literal(this.#rows))}
      columns (${sql.raw(columns.join(', '))})) e where ${test})`;
  }
}

/** A comparison that is 0 or 1, also where the value is null. */
function comparison(actual: Fragment, { op, value }: Comparing): Condition {
  // `json_table` gives 1 for true where MariaDB's other functions give 'true'.
  if (typeof value === 'boolean')
    return sql`coalesce(${actual} in (${sql.raw(value ? "'true', '1'" : "'false', '0'")}), 0)`;
  if (typeof value !== 'string') {
    const number = value instanceof Date ? value.getTime() : value;
    return sql`coalesce(${actual} + 0e0 ${operatorOf(op)} (${String(number)} + 0e0), 0)`;
  }
  const text = storable(value);
  if (text === '' && (op === 'co' || op === 'sw' || op === 'ew')) return sql`(${actual} is not null)`;
  // utf8mb4_bin pads texts with spaces; bytes are compared as they are.
  const bytes = sql`cast(${actual} as binary)`;
  const literalBytes = (literalText: string) => sql`cast(${literalText} as binary)`;
  switch (op) {
    case 'co':
      return sql`coalesce(instr(${bytes}, ${literalBytes(text)}) > 0, 0)`;
    case 'sw':
      return sql`coalesce(${bytes} like ${literalBytes(`${escapeLike(text)}%`)} escape '!', 0)`;
    case 'ew':
      return sql`coalesce(${bytes} like ${literalBytes(`%${escapeLike(text)}`)} escape '!', 0)`;
    default:
      return sql`coalesce(${bytes} ${operatorOf(op)} ${literalBytes(text)}, 0)`;
  }
}

function jsonPath(names: readonly (string | 0)[]): string {
  return `$${names.map((name) => (name === 0 ? '[0]' : `."${name}"`)).join('')}`;
}

// A path of `json_table` must be a literal. Names are those of a schema.
function literal(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
}
