import type { Kysely } from 'kysely';
import { type Fragment, sql } from '../../database/sql.js';
import type { Selection } from '../../contract/attribute.js';
import type { Page, PageRequest, Position } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import type { Condition } from './compare.js';
import { jsonBytes } from '../../schema/json-bytes.js';
import { mostBytes, tooManyBytes } from './list-bytes.js';
import { cursorEnds, type Row } from './list-source.js';
import type { Order } from './order.js';

/** What reading a page uses of a `ListSource`. */
interface PageSource<R> {
  readonly db: Kysely<unknown>;
  readonly from: Fragment;
  readonly columns: Fragment;
  readonly visible: Condition;
  toResource(row: Row): Stored<R>;
  complete(resources: readonly Stored<R>[], selection: Selection): Promise<readonly Stored<R>[]>;
}

/** A page of a table that does not bound the size of its rows. */
export interface PartedPage<R> {
  readonly source: PageSource<R>;
  /** Rows that one statement reads. */
  readonly rowsInPart: number;
  readonly where: Condition;
  readonly order: Order;
  readonly selection: Selection;
}

/**
 * Reads a page in parts, and stops where its resources take more than `mostBytes`.
 *
 * @throws TooManyError for an index page that takes more; a cursor page ends early
 */
export async function pageInParts<R>(page: PageRequest, plan: PartedPage<R>): Promise<Page<R>> {
  return page.kind === 'index' ? indexPage(page.offset, page.limit, plan) : cursorPage(page, plan);
}

async function indexPage<R>(offset: number, limit: number, plan: PartedPage<R>): Promise<Page<R>> {
  const { resources, fits } = await readRows(limit, { offset, from: undefined, backwards: false }, plan);
  if (!fits) throw tooManyBytes();
  const { length } = resources;
  // A page that is not full is the last one, so a lookup by name needs no count.
  if (length < limit && (length > 0 || offset === 0)) return { resources, totalResults: offset + length };
  const { db, from, visible } = plan.source;
  const counted = await sql<{ total: unknown }>`select count(*) as total from ${from}
    where ${visible} and ${plan.where}`.execute(db);
  // A deletion between the statements must not make the total smaller than the page.
  const least = length === 0 ? 0 : offset + length;
  return { resources, totalResults: Math.max(Number(counted.rows[0]?.total ?? 0), least) };
}

async function cursorPage<R>(page: Extract<PageRequest, { kind: 'cursor' }>, plan: PartedPage<R>): Promise<Page<R>> {
  const { after, before, limit } = page;
  const backwards = before !== undefined;
  // One row more than the page shows whether there is a next page.
  const found = await readRows(limit + 1, { offset: 0, from: before ?? after, backwards }, plan);
  const more = !found.fits || found.resources.length > limit;
  const resources = found.resources.slice(0, limit);
  const positions = found.positions.slice(0, limit);
  if (backwards) {
    resources.reverse();
    positions.reverse();
  }
  return { resources, ...cursorEnds(positions, (position) => position, { page, more }) };
}

/** Where a page begins. */
interface Start {
  readonly offset: number;
  readonly from: Position | undefined;
  readonly backwards: boolean;
}

interface FoundRows<R> {
  readonly resources: Stored<R>[];
  readonly positions: Position[];
  /** False: the resources take too many bytes, and only the first are here. */
  readonly fits: boolean;
}

async function readRows<R>(most: number, start: Start, plan: PartedPage<R>): Promise<FoundRows<R>> {
  const { source, order, rowsInPart, selection } = plan;
  const resources: Stored<R>[] = [];
  const positions: Position[] = [];
  let bytes = 0;
  let next = start;
  while (resources.length < most) {
    const limit = Math.min(rowsInPart, most - resources.length);
    const rows = await readPart(limit, next, plan);
    const complete = await source.complete(
      rows.map((row) => source.toResource(row)),
      selection,
    );
    for (const [i, resource] of complete.entries()) {
      bytes += jsonBytes(resource);
      if (bytes > mostBytes && resources.length > 0) return { resources, positions, fits: false };
      resources.push(resource);
      positions.push(order.positionIn(rows[i] ?? {}));
    }
    if (rows.length < limit) break;
    next = { ...start, offset: 0, from: positions.at(-1) };
  }
  return { resources, positions, fits: true };
}

async function readPart<R>(
  limit: number,
  { offset, from: position, backwards }: Start,
  { source, where, order }: PartedPage<R>,
): Promise<readonly Row[]> {
  const { db, from, columns, visible } = source;
  const selected = sql`select ${columns}${order.columns} from ${from} where ${visible} and ${where}`;
  if (offset > 0) {
    const { rows } = await sql<Row>`${selected} order by ${order.by(false)} limit ${limit} offset ${offset}`.execute(
      db,
    );
    return rows;
  }
  const found: Row[] = [];
  for (const range of order.ranges(position, backwards)) {
    const { rows } = await sql<Row>`${selected} and ${range.where}
      order by ${range.by} limit ${limit - found.length}`.execute(db);
    found.push(...rows);
    if (found.length >= limit) break;
  }
  return found;
}
