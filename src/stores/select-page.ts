import type { ListQuery, Page, PageRequest, Position } from '../contract/filter.js';
import type { Selection } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { comparePositions, positionOf } from '../schema/position.js';

/**
 * Implements `list` over resources in memory: filters, sorts and counts them, and returns the requested page.
 *
 * The order is that of the sort keys, then of the ID; without a sort key that of the ID alone. The order of the rows
 * does not matter. Rows must contain everything that the filter and the sort keys read, including `members` of groups
 * and `groups` of users; the page contains these two only if `query.selection` does.
 *
 * @param query the query that `list` received
 * @param rows all resources of the tenant, or those that an index found for `query.equals`
 * @returns the page for `list` to return: for an index page with `totalResults`, for a cursor page with the positions
 * of the next and previous page (RFC 7644 3.4.2, RFC 9865)
 *
 * @example
 * import { type ListQuery, type Page, type ScimContext, selectPage, type Stored, type User } from 'express-scim';
 *
 * const users: (Stored<User> & { readonly tenant: string })[] = [];
 *
 * export function list(query: ListQuery<User>, ctx: ScimContext): Page<User> {
 *   return selectPage(query, users.filter(({ tenant }) => tenant === ctx.tenant));
 * }
 */
export function selectPage<R>(query: ListQuery<R>, rows: Iterable<Stored<R>>): Page<R> {
  const { items, ...page } = selectItems(query, rows, (row) => row);
  return { ...page, resources: items.map((row) => withoutUnselected(row, query.selection)) };
}

function withoutUnselected<R>(row: Stored<R>, selection: Selection): Stored<R> {
  const unselected = derived.filter((name) => !selection.has(name) && Object.hasOwn(row, name));
  if (unselected.length === 0) return row;
  const copy: Stored<R> & { members?: unknown; groups?: unknown } = { ...row };
  for (const name of unselected) delete copy[name];
  return copy;
}

const derived = ['members', 'groups'] as const;

/** A page of the caller's items, one for each resource. */
export interface ItemPage<T> extends Omit<Page<never>, 'resources'> {
  readonly items: readonly T[];
}

/** `selectPage` over items of any kind. @param read returns the resource of an item, which is filtered and sorted */
export function selectItems<R, T>(
  query: Pick<ListQuery<R>, 'matches' | 'sort' | 'page'>,
  items: Iterable<T>,
  read: (item: T) => Stored<R>,
): ItemPage<T> {
  const { sort } = query;
  const found: { readonly item: T; readonly position: Position }[] = [];
  for (const item of items) {
    const resource = read(item);
    if (query.matches(resource)) found.push({ item, position: positionOf(resource, sort) });
  }
  found.sort((a, b) => comparePositions(a.position, b.position, sort));
  const page = cutPage(found, query.page, {
    positionOf: ({ position }) => position,
    compare: ({ position }, other) => comparePositions(position, other, sort),
  });
  return { ...page, items: page.items.map(({ item }) => item) };
}

/** Compares the items of an ordered list with keyset positions. */
export interface Ordering<T> {
  positionOf(item: T): Position;
  /** Below 0 when the item comes before the position. */
  compare(item: T, position: Position): number;
}

/** The requested page of all matches, which are in order. */
export function cutPage<T>(ordered: readonly T[], page: PageRequest, ordering: Ordering<T>): ItemPage<T> {
  const totalResults = ordered.length;
  const { limit } = page;
  if (page.kind === 'index') return { items: ordered.slice(page.offset, page.offset + limit), totalResults };
  let start = 0;
  let end = Math.min(limit, totalResults);
  if (page.before !== undefined) {
    end = firstIndex(ordered, page.before, 0, ordering);
    start = Math.max(0, end - limit);
  } else if (page.after !== undefined) {
    start = firstIndex(ordered, page.after, 1, ordering);
    end = Math.min(start + limit, totalResults);
  }
  return { items: ordered.slice(start, end), totalResults, ...neighbors(ordered, start, end, ordering) };
}

// RFC 9865 2: `nextCursor` on every page but the last, `previousCursor` never on the first.
function neighbors<T>(
  ordered: readonly T[],
  start: number,
  end: number,
  ordering: Ordering<T>,
): Pick<Page<T>, 'next' | 'previous'> {
  const first = ordered[start];
  const last = ordered[end - 1];
  if (start >= end || first === undefined || last === undefined) return {};
  return {
    ...(end < ordered.length && { next: ordering.positionOf(last) }),
    ...(start > 0 && { previous: ordering.positionOf(first) }),
  };
}

// Index of the first item that is not before the position (`least` 0), or after it (`least` 1).
function firstIndex<T>(ordered: readonly T[], position: Position, least: 0 | 1, ordering: Ordering<T>): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = ordered[middle];
    if (item !== undefined && Math.sign(ordering.compare(item, position)) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
