// `list` for both tables: filters, sorts and pages in SQL where possible, and otherwise with `selectPage` over a limited
// number of rows.
import { and, asc, desc, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { type ListQuery, type Page, selectPage, type Stored, TooManyError } from 'express-scim';
import { type Position, positionOf } from 'express-scim/stores';
import { compileFilter, type Equalities } from './filter.js';

/** A table with the SQL that `listRows` needs. */
export interface ListedTable<R> {
  readonly id: PgColumn;
  /** For each path that SQL can sort by: its normalized column, without nulls. */
  readonly orders: Readonly<Record<string, PgColumn>>;
  readonly equalities: Equalities;
  rows(part: TablePart): Promise<readonly Stored<R>[]>;
  count(where: SQL | undefined): Promise<number>;
}

/** A part of a table. Without `limit`, all rows that satisfy `where`. */
interface TablePart {
  readonly where: SQL | undefined;
  readonly order: readonly SQL[];
  readonly limit?: number;
  readonly offset?: number;
}

/** Maximum number of rows that are read when a filter or sort order is evaluated in memory. */
const scanLimit = 5_000;

/**
 * Reads one page of a table.
 *
 * @param scope the condition on the tenant
 * @throws TooManyError if more than `scanLimit` rows would have to be read
 */
export async function listRows<R>(query: ListQuery<R>, table: ListedTable<R>, scope: SQL): Promise<Page<R>> {
  const filter = compileFilter(query.filter, table.equalities);
  const where = and(scope, filter.where);
  const columns = orderColumns(query, table);
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

/** The columns to sort by, the ID as the tie-breaker; undefined if SQL cannot sort like this. */
function orderColumns<R>({ sort }: ListQuery<R>, { id, orders }: ListedTable<R>): readonly PgColumn[] | undefined {
  const [first, second] = sort;
  if (first === undefined) return [id];
  const column = Object.hasOwn(orders, first.attribute.path) ? orders[first.attribute.path] : undefined;
  return column === undefined || second !== undefined ? undefined : [column, id];
}

function ordered(columns: readonly PgColumn[], descending: boolean): readonly SQL[] {
  return columns.map((column) => (descending ? desc(column) : asc(column)));
}

interface CursorQuery<R> {
  readonly after: Position | undefined;
  readonly before: Position | undefined;
  readonly limit: number;
  readonly columns: readonly PgColumn[];
  readonly descending: boolean;
  readonly query: ListQuery<R>;
  readonly table: ListedTable<R>;
  readonly where: SQL | undefined;
}

// Keyset pagination (RFC 9865). A position is the result of `positionOf`: the normalized value and the ID, as in the index.
async function cursorPage<R>(cursorQuery: CursorQuery<R>): Promise<Page<R>> {
  const { after, before, limit, columns, descending, query, table, where } = cursorQuery;
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
  const hasOpposite =
    from !== undefined && (await table.count(and(where, beyond(backwards ? end : start, backwards)))) > 0;
  return {
    resources,
    ...((backwards ? hasOpposite : isMore) && { next: end }),
    ...((backwards ? isMore : hasOpposite) && { previous: start }),
  };
}
