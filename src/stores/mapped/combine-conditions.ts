import { sql } from '../../database/sql.js';
import type { Filter } from '../../contract/filter.js';
import { always, type Condition, never } from '../sql/compare.js';

/** A filter that compares one attribute. */
export type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;

/** Compiles `and`, `or` and `not` from what `inner` returns, and a comparison with `leaf`. */
export function combined(
  filter: Filter,
  leaf: (filter: Leaf) => Condition | undefined,
  inner: (filter: Filter) => Condition | undefined,
): Condition | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map(inner);
      const decided = parts.filter((part) => part !== undefined);
      if (decided.length < parts.length) return undefined;
      if (decided.length === 0) return filter.op === 'and' ? always : never;
      return sql`(${sql.join(decided, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not': {
      const condition = inner(filter.filter);
      // In SQL the negation of a comparison with null is null; in SCIM it is true (RFC 7644 3.4.2.2).
      return condition === undefined ? undefined : sql`not coalesce((${condition}), ${never})`;
    }
    case 'some':
      return inner(filter);
    default:
      return leaf(filter);
  }
}
