import { type Fragment, sql } from '../../database/sql.js';
import type { Comparison } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';
import { storable } from '../../database/storable.js';

/** A boolean SQL expression over a row. */
export type Condition = Fragment;

/** Conditions that hold for every row, and for none. */
export const always = sql`1 = 1`;
export const never = sql`1 = 0`;

/** Compares a column with a number; dates are milliseconds since 1970. */
export function compareNumber(column: Condition, op: Comparison, value: number): Condition {
  return sql`${column} ${operatorOf(op)} ${value}`;
}

/** The SQL operator for a comparison of numbers. `co`, `sw` and `ew` compare texts only: they are equality here. */
export function operatorOf(op: Comparison): Condition {
  return sql.raw({ eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=', co: '=', sw: '=', ew: '=' }[op]);
}

/** Compares a column with a text. For a case-insensitive comparison both have to be folded. */
export function compareText(column: Condition, op: Comparison, text: string, dialect: Dialect): Condition {
  const value = storable(text);
  switch (op) {
    case 'co':
      if (value === '') return sql`${column} is not null`;
      return dialect === 'postgres' ? sql`strpos(${column}, ${value}) > 0` : sql`instr(${column}, ${value}) > 0`;
    case 'sw':
      if (value === '') return sql`${column} is not null`;
      if (dialect === 'sqlite') return sql`substr(${column}, 1, length(${value})) = ${value}`;
      return sql`${column} like ${`${escapeLike(value)}%`} escape '!'`;
    case 'ew':
      if (value === '') return sql`${column} is not null`;
      if (dialect === 'sqlite') return sql`substr(${column}, -length(${value})) = ${value}`;
      return sql`${column} like ${`%${escapeLike(value)}`} escape '!'`;
    default: {
      const operator = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' }[op];
      return sql`${column} ${sql.raw(operator)} ${value}`;
    }
  }
}

/** Escapes the wildcards of `like ... escape '!'`. */
export function escapeLike(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}
