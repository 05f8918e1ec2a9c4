import createDebug from 'debug';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { TooManyError } from '../../errors.js';
import type { Filter, ListQuery, Page, Position, SortKey } from '../../contract/filter.js';
import type { Selection } from '../../contract/attribute.js';
import type { Stored } from '../../contract/resource.js';
import { selectPage } from '../select-page.js';
import type { Condition } from '../built-in/filter.js';
import type { Order } from './order.js';

type Row = Readonly<Record<string, unknown>>;

const debug = createDebug('express-scim:sql');

/** What is told of a list that is evaluated in memory, where the host has no `onScan`. */
export function noticeScan(type: string): void {
  debug('a list of %s was evaluated in memory', type);
}

/** Which rows are listed, and how they become resources. */
export interface ListSource<R> {
  readonly db: Kysely<unknown>;
  /** Table and joins; the table is `r`. */
  readonly from: RawBuilder<unknown>;
  readonly columns: RawBuilder<unknown>;
  /** What keeps other tenants' rows out. */
  readonly visible: Condition;
  /** Undefined where SQL cannot decide. */
  where(filter: Filter): Condition | undefined;
  /** Of a filter that SQL cannot decide, what every match satisfies; undefined where that is nothing. */
  narrow?(filter: Filter): Condition | undefined;
  /** Undefined where SQL has not got the values. */
  order(sort: readonly SortKey[]): Order | undefined;
  toResource(row: Row): Stored<R>;
  /** Adds what stands in other tables, for a whole page at once. */
  complete(resources: readonly Stored<R>[], selection: Selection): Promise<readonly Stored<R>[]>;
  /** Adds everything besides that a filter or an order may read. */
  forEvaluation(resources: readonly Stored<R>[]): Promise<readonly Stored<R>[]>;
  /** How many resources a filter may be evaluated over that SQL cannot decide. */
  readonly scanLimit: number;
  onScan(): void;
}

/** Answers `list`: filter, order and page in SQL; where SQL cannot decide, over all resources up to a bound. */
export async function listRows<R>(query: ListQuery<R>, source: ListSource<R>): Promise<Page<R>> {
  const where = query.filter === undefined ? sql`1 = 1` : source.where(query.filter);
  const order = source.order(query.sort);
  if (where === undefined || order === undefined) return scan(query, where, source);
  const plan = { where, order, source };
  const page =
    query.page.kind === 'index' ? await indexPage<R>(query.page, plan) : await cursorPage<R>(query.page, plan);
  return { ...page, resources: await source.complete(page.resources, query.selection) };
}

interface Plan<R> {
  readonly where: Condition;
  readonly order: Order;
  readonly source: ListSource<R>;
}

async function indexPage<R>(
  { offset, limit }: { readonly offset: number; readonly limit: number },
  { where, order, source }: Plan<R>,
): Promise<Page<R>> {
  const { db, from, columns, visible } = source;
  // With an unknown offset PostgreSQL makes a new plan each time: half as long again for a lookup by name.
  const start = offset === 0 ? sql`` : sql` offset ${offset}`;
  const { rows } =
    limit === 0
      ? { rows: [] }
      : await sql<Row>`select ${columns} from ${from}${order.joins} where ${visible} and ${where}
          order by ${order.by(false)} limit ${limit}${start}`.execute(db);
  const resources = rows.map((row) => source.toResource(row));
  // A page that is not full is the last one: a lookup by name needs no second query.
  if (rows.length > 0 && rows.length < limit) return { resources, totalResults: offset + rows.length };
  if (offset === 0 && limit > 0 && rows.length === 0) return { resources, totalResults: 0 };
  const counted = await sql<{ total: unknown }>`select count(*) as total from ${from}
    where ${visible} and ${where}`.execute(db);
  // What was deleted between the two queries cannot make the page longer than the whole.
  return {
    resources,
    totalResults: Math.max(Number(counted.rows[0]?.total ?? 0), rows.length === 0 ? 0 : offset + rows.length),
  };
}

async function cursorPage<R>(
  page: Extract<ListQuery<R>['page'], { kind: 'cursor' }>,
  { where, order, source }: Plan<R>,
): Promise<Page<R>> {
  const { db, from, columns, visible } = source;
  const { after, before, limit } = page;
  const backwards = before !== undefined;
  const start = before ?? after;
  const found: Row[] = [];
  // One row more tells whether the order goes on.
  for (const range of order.ranges(start, backwards)) {
    const { rows } = await sql<Row>`select ${columns}${order.columns} from ${from}${order.joins}
      where ${visible} and ${where} and ${range.where} order by ${range.by} limit ${limit + 1 - found.length}`.execute(
      db,
    );
    found.push(...rows);
    if (found.length > limit) break;
  }
  const more = found.length > limit;
  const shown = found.slice(0, limit);
  if (backwards) shown.reverse();
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return { resources: [] };
  const hasNext = backwards || more;
  const hasPrevious = backwards ? more : start !== undefined;
  const position = (row: Row): Position => order.positionIn(row);
  return {
    resources: shown.map((row) => source.toResource(row)),
    ...(hasNext && { next: position(last) }),
    ...(hasPrevious && { previous: position(first) }),
  };
}

/** Evaluates in memory what SQL cannot decide, and orders by what is in no column. */
async function scan<R>(query: ListQuery<R>, where: Condition | undefined, source: ListSource<R>): Promise<Page<R>> {
  const { db, from, columns, visible, scanLimit } = source;
  source.onScan();
  const least = where ?? (query.filter && narrowed(query.filter, source)) ?? sql`1 = 1`;
  const { rows } = await sql<Row>`select ${columns} from ${from} where ${visible} and ${least}
    limit ${scanLimit + 1}`.execute(db);
  if (rows.length > scanLimit) {
    throw new TooManyError('This filter or order would have to look at too many resources: narrow it down.');
  }
  const resources = rows.map((row) => source.toResource(row));
  const page = selectPage(query, await source.forEvaluation(resources));
  const own = new Map(resources.map((resource) => [resource.id, resource]));
  const shown = page.resources.map(({ id }) => own.get(id)).filter((resource) => resource !== undefined);
  return { ...page, resources: await source.complete(shown, query.selection) };
}

/** What every match satisfies, as far as SQL can tell; undefined where that is nothing. */
function narrowed<R>(filter: Filter, source: ListSource<R>): Condition | undefined {
  const whole = source.where(filter);
  if (whole !== undefined || (filter.op !== 'and' && filter.op !== 'or')) return whole ?? source.narrow?.(filter);
  const parts = filter.filters.map((each) => narrowed(each, source));
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0 || (filter.op === 'or' && known.length < parts.length)) return undefined;
  return sql`(${sql.join(known, filter.op === 'and' ? sql` and ` : sql` or `)})`;
}
