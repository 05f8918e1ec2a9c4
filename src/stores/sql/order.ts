import { type RawBuilder, sql } from 'kysely';
import type { Position, SortKey } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';

/** What rows are sorted by: one term for each key of the order. */
export interface SortColumn {
  /** Nothing counts as null. */
  readonly value: RawBuilder<unknown>;
  /** Columns that, compared one after the other, order as `value` does, and that an index has. Default: `value`. */
  readonly indexed?: readonly RawBuilder<unknown>[] | undefined;
  /** The join that brings it. */
  readonly join?: RawBuilder<unknown> | undefined;
}

/** The order that sort keys ask for, in SQL. */
export interface Order {
  /** Joins that bring the values sorted by. */
  readonly joins: RawBuilder<unknown>;
  /** What a select names besides, so that `positionIn` can say where a row stands. */
  readonly columns: RawBuilder<unknown>;
  positionIn(row: Readonly<Record<string, unknown>>): Position;
  /** The terms of `order by`. */
  by(backwards: boolean): RawBuilder<unknown>;
  /**
   * Parts of the table that follow each other in this order, from a position on. Each is one range of an index: the
   * values, then the rows without one, or the other way round.
   */
  ranges(from: Position | undefined, backwards: boolean): readonly OrderedRange[];
}

/** A part of an order. */
export interface OrderedRange {
  readonly where: RawBuilder<unknown>;
  readonly by: RawBuilder<unknown>;
}

interface Term extends SortColumn {
  readonly descending: boolean;
}

/** What an order is compiled for. */
export interface OrderScope {
  readonly dialect: Dialect;
  /** The unique column that ties go by, in the direction of the last key. */
  readonly key: RawBuilder<unknown>;
  /** What the rows call it, where they have it anyway. */
  readonly keyName?: string;
}

/** Compiles sort keys; undefined where the values are not in the table. */
export function compileOrder(
  sort: readonly SortKey[],
  { dialect, key, keyName }: OrderScope,
  columnOf: (attribute: SortKey['attribute'], name: string) => SortColumn | undefined,
): Order | undefined {
  const terms: Term[] = [];
  for (const [i, { attribute, descending }] of sort.entries()) {
    const column = columnOf(attribute, `k${String(i)}`);
    if (column === undefined) return undefined;
    terms.push({ ...column, descending });
  }
  const last = terms.at(-1)?.descending === true;
  const tie = (backwards: boolean): RawBuilder<unknown> => (last === backwards ? sql`${key} asc` : sql`${key} desc`);
  // The order of ids, which most lists have, is kept and asked for again.
  const known: RawBuilder<unknown>[] = [];
  const by = (backwards: boolean): RawBuilder<unknown> =>
    (known[Number(backwards)] ??= sql.join([
      ...terms.flatMap((term) => direction(term, backwards, dialect)),
      tie(backwards),
    ]));
  const [only] = terms;
  return {
    joins: sql.join(
      terms.flatMap(({ join }) => (join === undefined ? [] : [join])),
      sql``,
    ),
    columns: sql.join(
      [
        ...terms.map(({ value }, i) => sql`, ${value} as ${sql.ref(`o${String(i)}`)}`),
        ...(keyName === undefined ? [sql`, ${key} as o`] : []),
      ],
      sql``,
    ),
    positionIn: (row) => [...terms.map((_, i) => portable(row[`o${String(i)}`])), portable(row[keyName ?? 'o'])],
    by,
    ranges: (from, backwards) =>
      only !== undefined && terms.length === 1
        ? rangesOfOne(only, key, tie, from, backwards)
        : [{ where: from === undefined ? sql`1 = 1` : beyond(terms, key, from, backwards), by: by(backwards) }],
  };
}

/** A value of a driver as a position can hold it. */
function portable(value: unknown): Position[number] {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

// Each database puts nulls elsewhere; here they are the greatest of all values, as in the indexes of PostgreSQL.
function direction({ value, descending }: Term, backwards: boolean, dialect: Dialect): RawBuilder<unknown>[] {
  const ascending = descending === backwards;
  if (dialect === 'postgres') return [ascending ? sql`${value} asc nulls last` : sql`${value} desc nulls first`];
  const way = ascending ? sql`asc` : sql`desc`;
  return [sql`case when ${value} is null then 1 else 0 end ${way}`, sql`${value} ${way}`];
}

function rangesOfOne(
  term: Term,
  key: RawBuilder<unknown>,
  tie: (backwards: boolean) => RawBuilder<unknown>,
  from: Position | undefined,
  backwards: boolean,
): readonly OrderedRange[] {
  const { value, indexed = [value], descending } = term;
  const ascending = descending === backwards;
  const way = sql.raw(ascending ? 'asc' : 'desc');
  const past = sql.raw(ascending ? '>' : '<');
  const [at = null, id = null] = from ?? [];
  const inValues = from === undefined || at !== null;
  const values: OrderedRange = {
    where:
      from === undefined || at === null
        ? sql`${value} is not null`
        : sql`${bounded(indexed, at, ascending)} and (${value}, ${key}) ${past} (${at}, ${id})`,
    by: sql.join([...indexed.map((column) => sql`${column} ${way}`), tie(backwards)]),
  };
  const nulls: OrderedRange = {
    where: from === undefined || at !== null ? sql`${value} is null` : sql`${value} is null and ${key} ${past} ${id}`,
    by: tie(backwards),
  };
  // Nothing is the greatest value: last where values go up.
  if (ascending) return inValues ? [values, nulls] : [nulls];
  return from === undefined || at === null ? [nulls, values] : [values];
}

// The first of the columns holds the beginning of the value: a bound that an index knows.
function bounded(
  indexed: readonly RawBuilder<unknown>[],
  at: Position[number],
  ascending: boolean,
): RawBuilder<unknown> {
  const [first] = indexed;
  if (indexed.length < 2 || first === undefined || typeof at !== 'string') return sql`1 = 1`;
  const beginning = at.length <= 100 ? at : at.slice(0, 100).replace(/[\ud800-\udbff]$/, '');
  return ascending ? sql`${first} >= ${beginning}` : sql`${first} <= ${beginning}`;
}

function beyond(
  terms: readonly Term[],
  key: RawBuilder<unknown>,
  position: Position,
  backwards: boolean,
): RawBuilder<unknown> {
  const same: RawBuilder<unknown>[] = [];
  const ranges: RawBuilder<unknown>[] = [];
  for (const [i, { value: column, descending }] of terms.entries()) {
    const at = position[i] ?? null;
    const greater = descending === backwards;
    if (at === null) {
      if (!greater) ranges.push(all([...same, sql`${column} is not null`]));
      same.push(sql`${column} is null`);
    } else {
      const past = greater ? sql`(${column} > ${at} or ${column} is null)` : sql`${column} < ${at}`;
      ranges.push(all([...same, past]));
      same.push(sql`${column} = ${at}`);
    }
  }
  const id = position[terms.length] ?? null;
  const up = (terms.at(-1)?.descending === true) === backwards;
  ranges.push(all([...same, up ? sql`${key} > ${id}` : sql`${key} < ${id}`]));
  return sql`(${sql.join(ranges, sql` or `)})`;
}

function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`(${sql.join(conditions, sql` and `)})`;
}
