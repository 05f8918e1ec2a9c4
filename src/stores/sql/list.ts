import createDebug from 'debug';
import { type Fragment, sql } from '../../database/sql.js';
import { TooManyError } from '../../errors.js';
import type { Filter, ListQuery, Page, Position } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import { nextTurn } from '../../contract/turns.js';
import { selectPage } from '../select-page.js';
import { always, type Condition } from './compare.js';
import { candidatesOf, isOneRange, type KeyRanges, keyRanges } from './key-ranges.js';
import { listInRanges } from './list-in-ranges.js';
import { jsonBytes } from '../../schema/json-bytes.js';
import { mostBytes, tooManyBytes } from './list-bytes.js';
import { countThatFits, cursorEnds, type ListSource, type Row, resourcesOf } from './list-source.js';
import type { Order } from './order.js';
import { pageInParts } from './page-in-parts.js';

const debug = createDebug('express-scim:sql');

/** The default of `onScan`. */
export function logScan(type: string): void {
  debug('a list of %s was evaluated in memory', type);
}

/**
 * Lists resources: filters, sorts and pages in SQL, or in memory when SQL cannot decide.
 *
 * @throws TooManyError when more than `scanLimit` resources would have to be evaluated in memory
 */
export async function listRows<R>(query: ListQuery<R>, source: ListSource<R>): Promise<Page<R>> {
  const where = query.filter === undefined ? always : source.where(query.filter);
  const order = source.order(query.sort);
  if (where === undefined || order === undefined) return scan(query, where, source);
  const { page: requested, selection } = query;
  const { rowsInPart } = source;
  if (hasRanges(source)) {
    const candidates = await candidatesOf(source);
    if (!(await isOneRange(source, candidates))) return listInRanges(query, { where, order, source, candidates });
  }
  if (rowsInPart !== undefined) return pageInParts(requested, { source, rowsInPart, where, order, selection });
  const plan = { where, isAll: query.filter === undefined, order, source };
  const page =
    query.page.kind === 'index' ? await indexPage<R>(query.page, plan) : await cursorPage<R>(query.page, plan);
  return { ...page, resources: await source.complete(page.resources, query.selection) };
}

function hasRanges<R>(source: ListSource<R>): source is ListSource<R> & { readonly ranges: KeyRanges } {
  return source.ranges !== undefined;
}

interface Plan<R> {
  readonly where: Condition;
  /** True: no row is filtered out. */
  readonly isAll: boolean;
  readonly order: Order;
  readonly source: ListSource<R>;
}

async function indexPage<R>(
  { offset, limit }: { readonly offset: number; readonly limit: number },
  plan: Plan<R>,
): Promise<Page<R>> {
  const { where, isAll, source } = plan;
  const { db, from, byKey, visible } = source;
  const counted = sql<Row>`select count(*) as total from ${isAll ? (byKey?.counted ?? from) : from} where ${visible} and ${where}`;
  const isCounted = isAll && byKey !== undefined;
  const { rows } =
    limit === 0 ? { rows: [] } : await pageStatement(offset, limit, plan, isCounted ? counted : undefined).execute(db);
  if (countThatFits(rows) < rows.length) throw tooManyBytes();
  const resources = await resourcesOf(rows, source);
  // A page that is not full is the last one, so a lookup by name needs no count.
  if (rows.length > 0 && rows.length < limit) return { resources, totalResults: offset + rows.length };
  if (offset === 0 && limit > 0 && rows.length === 0) return { resources, totalResults: 0 };
  const total = rows[0]?.['total'] ?? (await counted.execute(db)).rows[0]?.['total'];
  // A deletion between the two queries must not make the total smaller than the page.
  return { resources, totalResults: Math.max(Number(total ?? 0), rows.length === 0 ? 0 : offset + rows.length) };
}

/** The statement that reads an index page. @param counted the query of the total, which the rows then have as well */
function pageStatement<R>(
  offset: number,
  limit: number,
  { where, order, source }: Plan<R>,
  counted: Fragment | undefined,
): Fragment<Row> {
  const { from, columns, byKey, visible } = source;
  const selected = counted === undefined ? columns : sql`${columns}, (${counted}) as total`;
  const matches = sql`from ${from} where ${visible} and ${where} order by ${order.by(false)} limit ${limit}`;
  // With an offset as a parameter PostgreSQL plans anew each time, which makes a lookup by name half as slow again.
  if (offset === 0) return sql<Row>`select ${selected} ${matches}`;
  if (byKey === undefined) return sql<Row>`select ${selected} ${matches} offset ${offset}`;
  return sql<Row>`select ${selected} from (select ${byKey.key} as page_key ${matches} offset ${offset}) p
    ${byKey.join} ${from} on ${byKey.key} = p.page_key where ${visible} order by ${order.by(false)}`;
}

async function cursorPage<R>(
  page: Extract<ListQuery<R>['page'], { kind: 'cursor' }>,
  { where, order, source }: Plan<R>,
): Promise<Page<R>> {
  const { db, from, columns, visible } = source;
  const { after, before, limit } = page;
  const backwards = before !== undefined;
  const start = before ?? after;
  const rowsFound: Row[] = [];
  // One row more than the page shows whether there is a next page.
  for (const range of order.ranges(start, backwards)) {
    const { rows } = await sql<Row>`select ${columns}${order.columns} from ${from}
      where ${visible} and ${where} and ${range.where} order by ${range.by} limit ${limit + 1 - rowsFound.length}`.execute(
      db,
    );
    rowsFound.push(...rows);
    if (rowsFound.length > limit) break;
  }
  // A page of large resources ends early, and the next one begins after it.
  const fits = Math.min(limit, countThatFits(rowsFound));
  const more = rowsFound.length > fits;
  const pageRows = rowsFound.slice(0, fits);
  if (backwards) pageRows.reverse();
  return {
    resources: await resourcesOf(pageRows, source),
    ...cursorEnds(pageRows, (row) => order.positionIn(row), { page, more }),
  };
}

/**
 * Evaluates in memory a filter that SQL cannot decide, or sort keys without a column.
 *
 * The rows are read in parts, and only those that match are kept: a scan takes as much memory as its matches, which
 * `mostBytes` bounds.
 */
async function scan<R>(query: ListQuery<R>, where: Condition | undefined, source: ListSource<R>): Promise<Page<R>> {
  source.onScan();
  const necessary = where ?? (query.filter && narrowed(query.filter, source)) ?? always;
  const matches: Stored<R>[] = [];
  const byId = new Map<string, Stored<R>>();
  let read = 0;
  let bytes = 0;
  for await (const rows of partsOf(necessary, source)) {
    read += rows.length;
    if (read > source.scanLimit) throw tooManyToScan();
    const resources = await resourcesOf(rows, source);
    const plain = new Map(resources.map((resource) => [resource.id, resource]));
    for (const evaluated of await source.forEvaluation(resources)) {
      const resource = plain.get(evaluated.id);
      if (resource === undefined || !query.matches(evaluated)) continue;
      bytes += jsonBytes(evaluated);
      if (bytes > mostBytes && matches.length > 0) throw tooManyBytes();
      matches.push(evaluated);
      byId.set(resource.id, resource);
    }
  }
  const page = selectPage({ ...query, matches: () => true }, matches);
  // Without the attributes that were added for the evaluation.
  const pageResources = page.resources.map(({ id }) => byId.get(id)).filter((resource) => resource !== undefined);
  return { ...page, resources: await source.complete(pageResources, query.selection) };
}

/** Rows that one statement of a scan reads, by default. */
const rowsOfScan = 200;

/** The rows in the order of their key, in parts, up to one more than `scanLimit`. */
async function* partsOf<R>(where: Condition, source: ListSource<R>): AsyncGenerator<readonly Row[]> {
  if (hasRanges(source)) {
    const mostRows = Math.min(rowsOfScan, source.ranges.mostRows);
    const ranged = { ...source, ranges: { ...source.ranges, mostRows } };
    for await (const range of keyRanges(ranged, await candidatesOf(ranged))) {
      // Of a large row only the evaluator decides.
      const { rows } = await sql<Row>`select ${source.columns} from ${source.from}
        where ${source.visible} and ${range.where} and ${range.isLarge ? always : where}`.execute(source.db);
      yield rows;
    }
    return;
  }
  const { db, from, columns, visible, scanLimit } = source;
  const order = source.order([]);
  if (order === undefined) throw new Error('A table can always be read in the order of its key.');
  let after: Position | undefined;
  for (let read = 0; read <= scanLimit;) {
    const most = Math.min(source.rowsInPart ?? rowsOfScan, scanLimit + 1 - read);
    const [range] = order.ranges(after, false);
    if (range === undefined) return;
    const { rows } = await sql<Row>`select ${columns}${order.columns} from ${from}
      where ${visible} and ${where} and ${range.where} order by ${range.by} limit ${most}`.execute(db);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < most) return;
    after = order.positionIn(last);
    read += rows.length;
    // The driver of SQLite is synchronous: other requests run here.
    await nextTurn();
  }
}

function tooManyToScan(): TooManyError {
  return new TooManyError(
    'Too many resources would have to be read to evaluate this filter or sort order: add a more selective condition.',
  );
}

/** A condition that every match satisfies, as strict as SQL can express; undefined when there is none. */
function narrowed<R>(filter: Filter, source: ListSource<R>): Condition | undefined {
  const whole = source.where(filter);
  if (whole !== undefined || (filter.op !== 'and' && filter.op !== 'or')) return whole ?? source.narrow?.(filter);
  const parts = filter.filters.map((each) => narrowed(each, source));
  const decided = parts.filter((part) => part !== undefined);
  if (decided.length === 0 || (filter.op === 'or' && decided.length < parts.length)) return undefined;
  return sql`(${sql.join(decided, filter.op === 'and' ? sql` and ` : sql` or `)})`;
}
