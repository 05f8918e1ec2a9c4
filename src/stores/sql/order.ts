import { type Fragment, sql } from '../../database/sql.js';
import type { Position, SortKey } from '../../contract/filter.js';
import type { Dialect } from '../../database/dialect.js';

/** The column that a sort key sorts by. */
export interface SortColumn {
  /** Null for an unassigned value. */
  readonly value: Fragment;
}

/** Compiled sort keys. */
export interface Order {
  /** Further columns of the select list, which `positionIn` reads. */
  readonly columns: Fragment;
  /** The keyset position of a row. */
  positionIn(row: Readonly<Record<string, unknown>>): Position;
  /** The terms of `order by`. */
  by(backwards: boolean): Fragment;
  /**
   * Consecutive parts of the table in this order, from a position on. Each is one range of an index: first the values
   * and then the rows without one, or the reverse.
   */
  ranges(from: Position | undefined, backwards: boolean): readonly OrderedRange[];
}

/** A part of the rows, in order. */
interface OrderedRange {
  readonly where: Fragment;
  readonly by: Fragment;
}

interface Term extends SortColumn {
  readonly descending: boolean;
}

/** The table that an order is compiled for. */
export interface OrderScope {
  readonly dialect: Dialect;
  /** The unique column that is the tie-breaker, in the direction of the last sort key. */
  readonly key: Fragment;
  /** Name of that column in the select list, if it is there anyway. */
  readonly keyName?: string;
}

/** Compiles sort keys. @returns undefined when SQL does not have the values of one */
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
  const tieBreaker = (backwards: boolean): Fragment => (last === backwards ? sql`${key} asc` : sql`${key} desc`);
  // The order by id alone is compiled once for all lists.
  const cache: Fragment[] = [];
  const by = (backwards: boolean): Fragment =>
    (cache[Number(backwards)] ??= sql.join([
      ...terms.flatMap((term) => direction(term, backwards, dialect)),
      tieBreaker(backwards),
    ]));
  const [first] = terms;
  return {
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
      first !== undefined && terms.length === 1
        ? rangesOfOne(first, key, tieBreaker, from, backwards)
        : [{ where: from === undefined ? sql`1 = 1` : beyond(terms, key, from, backwards), by: by(backwards) }],
  };
}

/** A value of a driver as a position holds it. */
function portable(value: unknown): Position[number] {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

// Databases differ in where they sort nulls. Here nulls are the greatest values, as in PostgreSQL's indexes.
function direction({ value, descending }: Term, backwards: boolean, dialect: Dialect): Fragment[] {
  const ascending = descending === backwards;
  if (dialect === 'postgres') return [ascending ? sql`${value} asc nulls last` : sql`${value} desc nulls first`];
  const way = ascending ? sql`asc` : sql`desc`;
  return [sql`case when ${value} is null then 1 else 0 end ${way}`, sql`${value} ${way}`];
}

function rangesOfOne(
  term: Term,
  key: Fragment,
  tieBreaker: (backwards: boolean) => Fragment,
  from: Position | undefined,
  backwards: boolean,
): readonly OrderedRange[] {
  const { value, descending } = term;
  const ascending = descending === backwards;
  const way = sql.raw(ascending ? 'asc' : 'desc');
  const past = sql.raw(ascending ? '>' : '<');
  const [at = null, id = null] = from ?? [];
  const inValues = from === undefined || at !== null;
  const values: OrderedRange = {
    where:
      from === undefined || at === null ? sql`${value} is not null` : sql`(${value}, ${key}) ${past} (${at}, ${id})`,
    by: sql.join([sql`${value} ${way}`, tieBreaker(backwards)]),
  };
  const nulls: OrderedRange = {
    where: from === undefined || at !== null ? sql`${value} is null` : sql`${value} is null and ${key} ${past} ${id}`,
    by: tieBreaker(backwards),
  };
  // Null is the greatest value: the last one in ascending order.
  if (ascending) return inValues ? [values, nulls] : [nulls];
  return from === undefined || at === null ? [nulls, values] : [values];
}

function beyond(terms: readonly Term[], key: Fragment, position: Position, backwards: boolean): Fragment {
  const same: Fragment[] = [];
  const ranges: Fragment[] = [];
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

function all(conditions: readonly Fragment[]): Fragment {
  return sql`(${sql.join(conditions, sql` and `)})`;
}
