import { type RawBuilder, sql } from 'kysely';
import type { Position, SortKey } from '../contract.js';
import type { FilterScope } from './filter.js';
import { pathOf } from './values.js';

/** The order that sort keys ask for, in SQL. */
export interface Order {
  /** Joins that bring the values sorted by. */
  readonly joins: RawBuilder<unknown>;
  /** The terms of `order by`. */
  by(backwards: boolean): RawBuilder<unknown>;
  /** What lies after a position, or before it. */
  beyond(position: Position, backwards: boolean): RawBuilder<unknown>;
}

interface Term {
  readonly column: RawBuilder<unknown>;
  readonly descending: boolean;
}

/** Compiles sort keys; undefined where the values are not in the table. */
export function compileOrder(sort: readonly SortKey[], scope: FilterScope): Order | undefined {
  const joins: RawBuilder<unknown>[] = [];
  const terms: Term[] = [];
  for (const [i, { attribute, descending }] of sort.entries()) {
    const keys = attribute.type === 'complex' ? [...attribute.keys, 'value'] : attribute.keys;
    const [top] = keys;
    const path = pathOf(keys);
    const own = ownColumns.get(path);
    if (own !== undefined) {
      terms.push({ column: own, descending });
      continue;
    }
    if (top === 'meta' || top === 'members' || top === 'groups') return undefined;
    const name = `k${String(i)}`;
    joins.push(sql` left join ${sql.table(scope.tables.values)} ${sql.ref(name)} on ${sql.ref(`${name}.tenant`)} = r.tenant
      and ${sql.ref(`${name}.id`)} = r.id and ${sql.ref(`${name}.path`)} = ${path} and ${sql.ref(`${name}.leading_value`)} = 1`);
    terms.push({ column: valueColumn(name, attribute), descending });
  }
  return {
    joins: sql.join(joins, sql``),
    by: (backwards) => sql.join([...terms.flatMap((term) => direction(term, backwards)), idDirection(backwards)]),
    beyond: (position, backwards) => beyond(terms, position, backwards),
  };
}

const ownColumns: ReadonlyMap<string, RawBuilder<unknown>> = new Map([
  ['id', sql`r.id`],
  ['meta created', sql`r.created`],
  ['meta lastModified', sql`r.last_modified`],
]);

// RFC 7643 2.5: an empty string counts as unassigned.
function valueColumn(name: string, { type, caseExact }: SortKey['attribute']): RawBuilder<unknown> {
  if (['boolean', 'decimal', 'integer', 'dateTime'].includes(type)) return sql`${sql.ref(`${name}.instant`)}`;
  return sql`nullif(${sql.ref(`${name}.${caseExact ? 'exact_form' : 'folded'}`)}, '')`;
}

// Each database puts nulls elsewhere; here they are the greatest of all values.
function direction({ column, descending }: Term, backwards: boolean): RawBuilder<unknown>[] {
  const way = descending === backwards ? sql`asc` : sql`desc`;
  return [sql`case when ${column} is null then 1 else 0 end ${way}`, sql`${column} ${way}`];
}

function idDirection(backwards: boolean): RawBuilder<unknown> {
  return backwards ? sql`r.id desc` : sql`r.id asc`;
}

function beyond(terms: readonly Term[], position: Position, backwards: boolean): RawBuilder<unknown> {
  const same: RawBuilder<unknown>[] = [];
  const ranges: RawBuilder<unknown>[] = [];
  for (const [i, { column, descending }] of terms.entries()) {
    const at = position[i] ?? null;
    const value = typeof at === 'boolean' ? Number(at) : at;
    const greater = descending === backwards;
    if (value === null) {
      if (!greater) ranges.push(all([...same, sql`${column} is not null`]));
      same.push(sql`${column} is null`);
    } else {
      const past = greater ? sql`(${column} > ${value} or ${column} is null)` : sql`${column} < ${value}`;
      ranges.push(all([...same, past]));
      same.push(sql`${column} = ${value}`);
    }
  }
  const id = String(position[terms.length]);
  ranges.push(all([...same, backwards ? sql`r.id < ${id}` : sql`r.id > ${id}`]));
  return sql`(${sql.join(ranges, sql` or `)})`;
}

function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`(${sql.join(conditions, sql` and `)})`;
}
