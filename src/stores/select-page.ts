import type { ListQuery, Page, PageRequest, Position } from '../contract/filter.js';
import type { Selection } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { comparePositions, positionOf } from '../schema/position.js';

/**
 * Answers `list` from rows in memory: filters, sorts, counts and cuts the page asked for.
 *
 * The order is that of the sort keys, then of the id; with no sort key that of the id alone. Whatever order the rows
 * come in, pages fit together. Rows must hold what filter and sort keys read, `members` of groups and `groups` of users included;
 * those two are taken out again where the answer does not want them.
 *
 * @param query as `list` was given it
 * @param rows all resources of the tenant, or those that an index found for `query.equals`
 *
 * @example
 * list: (query, ctx) => select(query, users.filter((user) => user.tenant === ctx.tenant).map(toScim)),
 */
export function selectPage<R>(query: ListQuery<R>, rows: Iterable<Stored<R>>): Page<R> {
  const { items, ...page } = selectItems(query, rows, (row) => row);
  return { ...page, resources: items.map((row) => withoutUnwanted(row, query.selection)) };
}

function withoutUnwanted<R>(row: Stored<R>, selection: Selection): Stored<R> {
  const unwanted = derived.filter((name) => !selection.has(name) && Object.hasOwn(row, name));
  if (unwanted.length === 0) return row;
  const copy: Stored<R> & { members?: unknown; groups?: unknown } = { ...row };
  for (const name of unwanted) delete copy[name];
  return copy;
}

const derived = ['members', 'groups'] as const;

/** A page of whatever the caller keeps for a resource. */
export interface ItemPage<T> extends Omit<Page<never>, 'resources'> {
  readonly items: readonly T[];
}

/** `select` over items of any kind; `read` gives the resource that is filtered and sorted. */
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

/** How the items of an ordered list stand to positions. */
export interface Ordering<T> {
  positionOf(item: T): Position;
  /** Below 0 where the item comes before the position. */
  compare(item: T, position: Position): number;
}

/** Cuts a page out of all matches in their order. */
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

// Index of the first item that compares with the position as `least` or more: 0 not before it, 1 after it.
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
