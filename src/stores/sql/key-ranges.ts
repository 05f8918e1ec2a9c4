import type { Kysely } from 'kysely';
import type { ScimContext } from '../../contract/context.js';
import { nextTurn } from '../../contract/turns.js';
import { chunksBySize } from '../../database/chunks.js';
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
  /** The request: the ranges end when its signal aborts. */
  readonly ctx: Pick<ScimContext, 'signal'>;
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

/** Rows that may match, in the order of their keys; undefined where there are too many to name them. */
export type Candidates = readonly Sized[] | undefined;

/** Whether one statement may evaluate all rows that may match. */
export async function isOneRange(table: RangedTable, candidates: Candidates): Promise<boolean> {
  const { mostBytes, mostRows } = table.ranges;
  if (candidates === undefined) {
    const { count, bytes } = await sumOf(table, sizes(table, always, {}), 'max');
    return count < mostRows && bytes <= mostBytes;
  }
  const [first, second] = grouped(candidates, table.ranges);
  return second === undefined && first?.isLarge !== true;
}

/** All rows that may match, in ranges in the order of their keys. Others get their turn between the ranges. */
export async function* keyRanges(
  table: RangedTable,
  candidates: Candidates,
  request: RangeRequest = {},
): AsyncGenerator<KeyRange> {
  let isFirst = true;
  for await (const range of candidates === undefined
    ? rangesOfTable(table, request)
    : rangesOfCandidates(table, candidates, request)) {
    if (!isFirst) await nextTurn();
    isFirst = false;
    table.ranges.ctx.signal.throwIfAborted();
    yield range;
  }
}

function* rangesOfCandidates(
  { ranges }: RangedTable,
  candidates: readonly Sized[],
  { after, backwards = false }: RangeRequest,
): Generator<KeyRange> {
  const inOrder = backwards ? candidates.toReversed() : candidates;
  const isPast = ({ id }: Sized): boolean => after === undefined || (backwards ? id < after : id > after);
  for (const { ids, isLarge } of grouped(inOrder.filter(isPast), ranges)) {
    yield { where: ranges.among(ids), isLarge };
  }
}

/** Rows that one statement finds by indexes. Where there are more, ranges of the table are read instead. */
const mostCandidates = 20_000;

interface Sized {
  readonly id: string;
  readonly size: number;
}

async function* rangesOfTable(table: RangedTable, request: RangeRequest): AsyncGenerator<KeyRange> {
  const { db, ranges } = table;
  const { key, mostBytes, mostRows } = ranges;
  const { backwards = false } = request;
  const [past, until, farthest] = backwards ? (['<', '>=', 'min'] as const) : (['>', '<=', 'max'] as const);
  const between = (after: string | undefined, last: string): Condition =>
    sql`${after === undefined ? always : sql`${key} ${sql.raw(past)} ${after}`} and ${key} ${sql.raw(until)} ${last}`;
  let most = mostRows;
  for (let { after } = request, isLast = false; !isLast;) {
    const rows = sizes(table, after === undefined ? always : sql`${key} ${sql.raw(past)} ${after}`, {
      ...request,
      most,
    });
    const { count, bytes, last } = await sumOf(table, rows, farthest);
    if (count === 0) return;
    if (bytes <= mostBytes) {
      yield { where: between(after, last), isLarge: false };
    } else {
      let start = after;
      for (const { ids, isLarge } of grouped((await rows.execute(db)).rows.map(toSized), ranges)) {
        const end = ids.at(-1) ?? last;
        yield { where: between(start, end), isLarge };
        start = end;
      }
    }
    after = last;
    isLast = count < most;
    const fitting = Math.floor((0.9 * count * mostBytes) / Math.max(1, bytes));
    // So many rows of the size of these fit into one statement, and no keys have to be read to divide them. Where they are
    // few, to divide more of them takes fewer statements.
    most = fitting < fewRows ? mostRows : Math.min(mostRows, fitting);
  }
}

const fewRows = 100;

interface Sum {
  readonly count: number;
  readonly bytes: number;
  /** The key of the last row. */
  readonly last: string;
}

async function sumOf({ db }: RangedTable, rows: Fragment<SizedRow>, farthest: 'min' | 'max'): Promise<Sum> {
  const found = await sql<Record<keyof Sum, unknown>>`select count(*) as count, coalesce(sum(size), 0) as bytes,
    ${sql.raw(farthest)}(id) as last from (${rows})`.execute(db);
  const [sum] = found.rows;
  return { count: Number(sum?.count), bytes: Number(sum?.bytes), last: String(sum?.last) };
}

/** The rows that indexes find for a filter; undefined where they find no part of it, or more than `mostCandidates`. */
export async function candidatesOf(table: RangedTable): Promise<Candidates> {
  const { db, from, visible, ranges } = table;
  const { key, size, candidates } = ranges;
  if (candidates === undefined) return undefined;
  const { rows } = await sql<SizedRow>`select ${key} as id, ${size} as size from ${from}
    where ${visible} and ${candidates} limit ${mostCandidates + 1}`.execute(db);
  if (rows.length > mostCandidates) return undefined;
  return rows.map(toSized).sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface SizedRow {
  readonly id: unknown;
  readonly size: unknown;
}

function toSized({ id, size }: SizedRow): Sized {
  return { id: String(id), size: Number(size) };
}

/** The statement that reads keys and sizes, in order. */
function sizes(
  { from, visible, ranges: { key, size, mostRows } }: RangedTable,
  where: Condition,
  { backwards = false, most = mostRows }: RangeRequest & { readonly most?: number },
): Fragment<SizedRow> {
  return sql<SizedRow>`select ${key} as id, ${size} as size from ${from} where ${visible} and ${where}
    order by ${key} ${sql.raw(backwards ? 'desc' : 'asc')} limit ${most}`;
}

interface Group {
  readonly ids: readonly string[];
  readonly isLarge: boolean;
}

/** Consecutive rows in groups of at most so many bytes; a row that is larger is a group of its own. */
function* grouped(rows: readonly Sized[], { mostRows, mostBytes }: KeyRanges): Generator<Group> {
  for (const part of chunksBySize(rows, ({ size }) => size, mostBytes, mostRows)) {
    yield { ids: part.map(({ id }) => id), isLarge: (part[0]?.size ?? 0) > mostBytes };
  }
}
