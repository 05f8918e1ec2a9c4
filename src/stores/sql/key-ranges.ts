import type { Kysely } from 'kysely';
import { nextTurn } from '../../contract/turns.js';
import { type Fragment, sql } from '../../database/sql.js';
import { always, type Condition } from './compare.js';

/** How the rows of a table are read in ranges of their keys, each of which one statement evaluates in a few milliseconds. */
export interface KeyRanges {
  /** The unique column of `r`: a text of ASCII characters. */
  readonly key: Fragment;
  /** Bytes of a row that conditions and orders read. */
  readonly size: Fragment;
  /** Bytes that one statement evaluates. */
  readonly mostBytes: number;
  /** Rows that one statement evaluates. */
  readonly mostRows: number;
  /** What every match satisfies and indexes decide; undefined: nothing. */
  readonly candidates: Condition | undefined;
  /** The condition that the key is one of these. */
  among(keys: readonly string[]): Condition;
}

/** The table, as in `ListSource`. */
interface RangedTable {
  readonly db: Kysely<unknown>;
  readonly from: Fragment;
  readonly visible: Condition;
  readonly ranges: KeyRanges;
}

/** Where the ranges begin. */
interface RangeRequest {
  /** The key after which they begin. */
  readonly after?: string | undefined;
  readonly backwards?: boolean;
}

/** Some of the rows. */
export interface KeyRange {
  readonly where: Condition;
  /** True: it is one row, of more than `mostBytes`. */
  readonly isLarge: boolean;
}

/** Whether one statement may evaluate all rows that may match. */
export async function isOneRange(table: RangedTable): Promise<boolean> {
  const { mostBytes, mostRows } = table.ranges;
  const candidates = await candidatesOf(table, {});
  if (candidates === undefined) {
    const { count, bytes } = await sumOf(table, sizes(table, always, {}), 'max');
    return count < mostRows && bytes <= mostBytes;
  }
  const [first, second] = grouped(candidates, table.ranges);
  return second === undefined && first?.isLarge !== true;
}

/** All rows that may match, in ranges in the order of their keys. Others get their turn between the ranges. */
export async function* keyRanges(table: RangedTable, request: RangeRequest = {}): AsyncGenerator<KeyRange> {
  let isFirst = true;
  for await (const range of rangesOf(table, request)) {
    if (!isFirst) await nextTurn();
    isFirst = false;
    yield range;
  }
}

async function* rangesOf(table: RangedTable, request: RangeRequest): AsyncGenerator<KeyRange> {
  const candidates = await candidatesOf(table, request);
  if (candidates === undefined) {
    yield* rangesOfTable(table, request);
    return;
  }
  for (const { ids, isLarge } of grouped(candidates, table.ranges)) {
    yield { where: table.ranges.among(ids), isLarge };
  }
}

/** Rows that one statement finds by indexes. Where there are more, ranges of the table are read instead. */
const mostCandidates = 20_000;

interface Sized {
  readonly id: unknown;
  readonly size: unknown;
}

async function* rangesOfTable(table: RangedTable, request: RangeRequest): AsyncGenerator<KeyRange> {
  const { db, ranges } = table;
  const { key, mostBytes, mostRows } = ranges;
  const { backwards = false } = request;
  const [past, until, farthest] = backwards ? (['<', '>=', 'min'] as const) : (['>', '<=', 'max'] as const);
  const between = (after: string | undefined, last: string): Condition =>
    sql`${after === undefined ? always : sql`${key} ${sql.raw(past)} ${after}`} and ${key} ${sql.raw(until)} ${last}`;
  for (let { after } = request, isLast = false; !isLast;) {
    const rows = sizes(table, after === undefined ? always : sql`${key} ${sql.raw(past)} ${after}`, request);
    const { count, bytes, last } = await sumOf(table, rows, farthest);
    if (count === 0) return;
    if (bytes <= mostBytes) {
      yield { where: between(after, last), isLarge: false };
    } else {
      let start = after;
      for (const { ids, isLarge } of grouped((await rows.execute(db)).rows, ranges)) {
        const end = String(ids.at(-1));
        yield { where: between(start, end), isLarge };
        start = end;
      }
    }
    after = last;
    isLast = count < mostRows;
  }
}

interface Sum {
  readonly count: number;
  readonly bytes: number;
  /** The key of the last row. */
  readonly last: string;
}

async function sumOf({ db }: RangedTable, rows: Fragment<Sized>, farthest: 'min' | 'max'): Promise<Sum> {
  const found = await sql<Record<keyof Sum, unknown>>`select count(*) as count, coalesce(sum(size), 0) as bytes,
    ${sql.raw(farthest)}(id) as last from (${rows})`.execute(db);
  const [sum] = found.rows;
  return { count: Number(sum?.count), bytes: Number(sum?.bytes), last: String(sum?.last) };
}

/** @returns undefined where there are more than `mostCandidates` */
async function candidatesOf(
  table: RangedTable,
  { after, backwards = false }: RangeRequest,
): Promise<readonly Sized[] | undefined> {
  const { db, from, visible, ranges } = table;
  const { key, size, candidates } = ranges;
  if (candidates === undefined) return undefined;
  const past = after === undefined ? always : sql`${key} ${sql.raw(backwards ? '<' : '>')} ${after}`;
  const { rows } = await sql<Sized>`select ${key} as id, ${size} as size from ${from}
    where ${visible} and ${candidates} and ${past} limit ${mostCandidates + 1}`.execute(db);
  if (rows.length > mostCandidates) return undefined;
  const way = backwards ? -1 : 1;
  return rows.sort((a, b) => (String(a.id) < String(b.id) ? -way : way));
}

/** The statement that reads keys and sizes, in order. */
function sizes(
  { from, visible, ranges: { key, size, mostRows } }: RangedTable,
  where: Condition,
  { backwards = false }: RangeRequest,
): Fragment<Sized> {
  return sql<Sized>`select ${key} as id, ${size} as size from ${from} where ${visible} and ${where}
    order by ${key} ${sql.raw(backwards ? 'desc' : 'asc')} limit ${mostRows}`;
}

interface Group {
  readonly ids: string[];
  readonly isLarge: boolean;
}

/** Consecutive rows in groups of at most so many bytes; a row that is larger is a group of its own. */
function* grouped(rows: readonly Sized[], { mostRows, mostBytes }: KeyRanges): Generator<Group> {
  let ids: string[] = [];
  let bytes = 0;
  for (const { id, size } of rows) {
    const own = Number(size);
    if (ids.length > 0 && (ids.length === mostRows || bytes + own > mostBytes)) {
      yield { ids, isLarge: bytes > mostBytes };
      ids = [];
      bytes = 0;
    }
    ids.push(String(id));
    bytes += own;
  }
  if (ids.length > 0) yield { ids, isLarge: bytes > mostBytes };
}
