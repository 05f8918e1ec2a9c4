// One `list` for both tables: pages in SQL where SQL can say it, else `selectPage` over a bounded number of rows.
import { and, asc, desc, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import {
  type ListQuery,
  type Page,
  type Position,
  positionOf,
  selectPage,
  type Stored,
  TooManyError,
} from 'express-scim';
import { compile, type Equalities } from './filter.js';

/** What `list` has to know of a table. */
export interface Listed<R> {
  readonly id: PgColumn;
  /** By path, key columns without null that the table can be ordered by. */
  readonly orders: Readonly<Record<string, PgColumn>>;
  readonly equalities: Equalities;
  rows(part: Part): Promise<readonly Stored<R>[]>;
  count(where: SQL | undefined): Promise<number>;
}

/** A part of a table; without `limit` all of it. */
export interface Part {
  readonly where: SQL | undefined;
  readonly order: readonly SQL[];
  readonly limit?: number;
  readonly offset?: number;
}

/** How many rows a filter or an order that SQL is not asked for may look at. */
const scanLimit = 5_000;

/**
 * @param scope the condition on the tenant
 * @throws TooManyError where more than `scanLimit` rows would have to be read
 */
export async function listRows<R>(query: ListQuery<R>, table: Listed<R>, scope: SQL): Promise<Page<R>> {
  const filter = compile(query.filter, table.equalities);
  const where = and(scope, filter.where);
  const columns = orderOf(query, table);
  if (!filter.exact || columns === undefined) {
    const rows = await table.rows({ where, order: [], limit: scanLimit + 1 });
    if (rows.length > scanLimit)
      throw new TooManyError('Ask for fewer resources, with a filter on userName or externalId.');
    return selectPage(query, rows);
  }
  const descending = query.sort[0]?.descending === true;
  const { page } = query;
  if (page.kind === 'cursor') return cursorPage({ ...page, columns, descending, query, table, where });
  const [totalResults, resources] = await Promise.all([
    table.count(where),
    page.limit === 0
      ? []
      : table.rows({ where, order: ordered(columns, descending), limit: page.limit, offset: page.offset }),
  ]);
  return { resources, totalResults };
}

function orderOf<R>({ sort }: ListQuery<R>, { id, orders }: Listed<R>): readonly PgColumn[] | undefined {
  const [first, second] = sort;
  if (first === undefined) return [id];
  const column = Object.hasOwn(orders, first.attribute.path) ? orders[first.attribute.path] : undefined;
  return column === undefined || second !== undefined ? undefined : [column, id];
}

function ordered(columns: readonly PgColumn[], descending: boolean): readonly SQL[] {
  return columns.map((column) => (descending ? desc(column) : asc(column)));
}

interface Walk<R> {
  readonly after: Position | undefined;
  readonly before: Position | undefined;
  readonly limit: number;
  readonly columns: readonly PgColumn[];
  readonly descending: boolean;
  readonly query: ListQuery<R>;
  readonly table: Listed<R>;
  readonly where: SQL | undefined;
}

// A position is what `positionOf` makes: the key and the id, which is what the index holds.
async function cursorPage<R>(walk: Walk<R>): Promise<Page<R>> {
  const { after, before, limit, columns, descending, query, table, where } = walk;
  const backwards = before !== undefined;
  const from = before ?? after;
  const beyond = (position: Position, forwards: boolean): SQL => {
    const values = sql.join(
      position.map((value) => sql`${value}`),
      sql`, `,
    );
    const operator = sql.raw(forwards === descending ? '<' : '>');
    return sql`(${sql.join([...columns], sql`, `)}) ${operator} (${values})`;
  };
  const found = await table.rows({
    where: from === undefined ? where : and(where, beyond(from, !backwards)),
    order: ordered(columns, descending !== backwards),
    limit: limit + 1,
  });
  const resources = found.slice(0, limit);
  if (backwards) resources.reverse();
  const [first, last] = [resources[0], resources.at(-1)];
  if (first === undefined || last === undefined) return { resources };
  const isMore = found.length > limit;
  const start = positionOf(first, query.sort);
  const end = positionOf(last, query.sort);
  const isOther = from !== undefined && (await table.count(and(where, beyond(backwards ? end : start, backwards)))) > 0;
  return {
    resources,
    ...((backwards ? isOther : isMore) && { next: end }),
    ...((backwards ? isMore : isOther) && { previous: start }),
  };
}
