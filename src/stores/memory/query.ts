import type { Filter, ListQuery, Page } from '../../contract/filter.js';
import type { Member, Stored } from '../../contract/resource.js';
import { mostMemberships, tooManyMemberships } from '../most-memberships.js';
import { cutPage, type ItemPage, selectItems } from '../select-page.js';
import type { Row, Table } from './table.js';

/**
 * Implements `list` over a table.
 *
 * The order is that of the sort keys, then of the ID; without a sort key that of creation. A lookup by an indexed value
 * costs as much as it finds rows; a page without filter and sort key costs its own length; everything else is one pass
 * over the tenant's resources of this type.
 */
export function queryTable<R extends object>(table: Table<R>, query: ListQuery<R>): Page<R> {
  const { items, ...page } = rowsOf(table, query);
  const fits = countThatFits(table, items, query);
  if (fits < items.length) return shorter(table, query, fits);
  return { ...page, resources: items.map((row) => table.resourceOf(row, query.selection)) };
}

/** How many of the rows, from the first, a page shows; one is shown however many members it has. */
function countThatFits<R extends object>(
  table: Table<R>,
  rows: readonly Row<R>[],
  { selection }: ListQuery<R>,
): number {
  if (!table.hasMembers || !selection.has('members')) return rows.length;
  let members = 0;
  for (const [index, { resource }] of rows.entries()) {
    members += table.tenant.memberships.count(resource.id);
    if (members > mostMemberships && index > 0) return index;
  }
  return rows.length;
}

/** A cursor page that ends early. @throws TooManyError for an index page, whose length the client has to choose */
function shorter<R extends object>(table: Table<R>, query: ListQuery<R>, limit: number): Page<R> {
  if (query.page.kind === 'cursor') return queryTable(table, { ...query, page: { ...query.page, limit } });
  throw tooManyMemberships('members');
}

function rowsOf<R extends object>(table: Table<R>, query: ListQuery<R>): ItemPage<Row<R>> {
  const { filter, page } = query;
  const candidates = findCandidates(table, query.equals) ?? rowsById(table, filter);
  const view = viewFor(table, query);
  if (query.sort.length > 0) return selectItems(query, candidates ?? table.order, view);
  if (filter === undefined && candidates === undefined) return wholePage(table, query);
  if (candidates === undefined && page.kind === 'index') return scanPage(table, query, view);
  const matches: Row<R>[] = [];
  for (const row of candidates ?? table.order) if (query.matches(view(row))) matches.push(row);
  if (candidates !== undefined) matches.sort((a, b) => a.sequence - b.sequence);
  return cutPage(matches, page, {
    positionOf: (row) => [row.sequence],
    compare: (row, [sequence]) => row.sequence - Number(sequence),
  });
}

// Collects the rows of one page only, however many match.
function scanPage<R extends object>(table: Table<R>, query: ListQuery<R>, view: View<R>): ItemPage<Row<R>> {
  const { page } = query;
  const offset = page.kind === 'index' ? page.offset : 0;
  const items: Row<R>[] = [];
  let totalResults = 0;
  for (const row of table.order) {
    if (!query.matches(view(row))) continue;
    if (totalResults >= offset && items.length < page.limit) items.push(row);
    totalResults++;
  }
  return { items, totalResults };
}

// No filter and no sort key: reads the order of creation from the start of the page.
function wholePage<R extends object>({ order }: Table<R>, { page }: ListQuery<R>): ItemPage<Row<R>> {
  const totalResults = order.size;
  if (page.kind === 'index') return { items: take(order.from(page.offset), page.limit), totalResults };
  const items =
    page.before === undefined
      ? take(page.after === undefined ? order : order.after(Number(page.after[0])), page.limit)
      : take(order.before(Number(page.before[0])), page.limit).reverse();
  const first = items[0];
  const last = items.at(-1);
  if (first === undefined || last === undefined) return { items, totalResults };
  return {
    items,
    totalResults,
    ...(take(order.after(last.sequence), 1).length > 0 && { next: [last.sequence] }),
    ...(take(order.before(first.sequence), 1).length > 0 && { previous: [first.sequence] }),
  };
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count <= 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

// The rows that the most selective index finds; undefined when there is no index for the filter.
function findCandidates<R extends object>(
  table: Table<R>,
  equals: ListQuery<R>['equals'],
): Iterable<Row<R>> | undefined {
  let best: Lookup<R> | undefined;
  for (const path of Object.keys(equals)) {
    const value = equals[path];
    const found = typeof value === 'string' ? lookup(table, path, value) : undefined;
    if (found !== undefined && (best === undefined || found.count < best.count)) best = found;
  }
  return best?.rows();
}

/** The rows that a filter names by their IDs alone; undefined for any other filter. */
function rowsById<R extends object>(table: Table<R>, filter: Filter | undefined): Row<R>[] | undefined {
  if (filter?.op !== 'or') return undefined;
  const rows = new Set<Row<R>>();
  for (const each of filter.filters) {
    if (each.op !== 'eq' || each.attribute.path !== 'id') return undefined;
    const row = table.rows.get(String(each.value));
    if (row !== undefined) rows.add(row);
  }
  return [...rows];
}

interface Lookup<R> {
  readonly count: number;
  rows(): Iterable<Row<R>>;
}

function lookup<R extends object>(table: Table<R>, path: string, value: string): Lookup<R> | undefined {
  const count = table.indexes.count(path, value);
  if (count !== undefined) return { count, rows: () => table.indexes.get(path, value) };
  const { memberships } = table.tenant;
  const byId = (found: Iterable<string>): Row<R>[] => {
    const rows: Row<R>[] = [];
    for (const id of found) {
      const row = table.rows.get(id);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  };
  if (path === 'id') return { count: 1, rows: () => byId([value]) };
  if (path === 'members.value')
    return { count: memberships.countGroupsWith(value), rows: () => byId(memberships.groupsWith(value)) };
  // Members of nested groups are in it too, so the count is only an estimate, to prefer a more selective index.
  if (path === 'groups.value')
    return { count: 1 + memberships.count(value), rows: () => byId(memberships.allMembersOf(value)) };
  return undefined;
}

/** The resource of a row with everything that filter and sort keys read. */
type View<R> = (row: Row<R>) => Stored<R>;

function plain<R>(row: Row<R>): Stored<R> {
  return row.resource;
}

// `members` and `groups` are not stored in the resource: they are added when the filter or a sort key reads them.
function viewFor<R extends object>(table: Table<R>, { filter, sort, equals, reads }: ListQuery<R>): View<R> {
  const readsGroups = reads.includes('groups');
  if (!readsGroups && !reads.includes('members')) return plain;
  const { memberships } = table.tenant;
  const memberReads = countReads(filter, 'members') + countKeys(sort, 'members');
  const memberId = equals['members.value'];
  const readsNames = countReads(filter, 'members', 'display') + countKeys(sort, 'members') > 0;
  const named = (members: Iterable<Member>): readonly Member[] =>
    readsNames
      ? Array.from(members, (member) => ({ ...member, display: table.tenant.nameOf(member.value) ?? member.display }))
      : [...members];
  return (row) => {
    const { id } = row.resource;
    const view = { ...row.resource } as Stored<R> & { members?: readonly Member[]; groups?: unknown };
    if (memberReads === 1 && typeof memberId === 'string') {
      // The only condition on members is that this one is in the group: the others need not be read.
      const member = memberships.member(id, memberId);
      view.members = member === undefined ? [] : named([member]);
    } else if (memberReads > 0) view.members = named(memberships.of(id));
    if (readsGroups) view.groups = table.tenant.groupsOf(id);
    return view;
  };
}

function countKeys(sort: ListQuery<object>['sort'], name: string): number {
  let count = 0;
  for (const { attribute } of sort) if (attribute.keys[0] === name) count++;
  return count;
}

// The number of conditions that read the attribute, or one of its sub-attributes. A value path counts once, unless a
// sub-attribute is asked for.
function countReads(filter: Filter | undefined, name: string, sub?: string): number {
  if (filter === undefined) return 0;
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, each) => sum + countReads(each, name, sub), 0);
    case 'not':
      return countReads(filter.filter, name, sub);
    case 'some':
      if (sub !== undefined) return countReads(filter.filter, name, sub);
      return filter.attribute.keys[0] === name ? 1 : 0;
    default:
      return filter.attribute.keys[0] === name && (sub === undefined || filter.attribute.keys[1] === sub) ? 1 : 0;
  }
}
