import { sql } from 'kysely';
import { TooManyError } from '../../errors.js';
import type { ListQuery, Page, Stored } from '../contract.js';
import { positionOf } from '../position.js';
import { select } from '../select.js';
import { compileToSql, type Condition } from './filter.js';
import { groupsOf, type MemberScope, membersOf } from './members.js';
import { compileOrder, type Order } from './order.js';
import { chunks, type ResourceRow, toStored } from './rows.js';

/** Which rows are listed. */
export interface ListTarget {
  readonly table: string;
  readonly type: 'User' | 'Group';
  /** How many resources a filter may be evaluated over that SQL cannot decide. */
  readonly scanLimit: number;
  onScan(type: string): void;
}

const columns = sql`r.id, r.attributes, r.created, r.last_modified, r.version`;

/** Answers `list`: filter, order and page in SQL; where SQL cannot decide, over all resources up to a bound. */
export async function listRows<R>(query: ListQuery<R>, target: ListTarget, scope: MemberScope): Promise<Page<R>> {
  const filterScope = { ...scope, type: target.type };
  const where = query.filter === undefined ? sql`1 = 1` : compileToSql(query.filter, filterScope);
  const order = compileOrder(query.sort, filterScope);
  if (where === undefined || order === undefined) return scan(query, where, target, scope);
  const page =
    query.page.kind === 'index'
      ? await indexPage<R>(query.page, { where, order, target, scope })
      : await cursorPage<R>(query, query.page, { where, order, target, scope });
  return { ...page, resources: await withMembers(query, page.resources, target, scope) };
}

interface Plan {
  readonly where: Condition;
  readonly order: Order;
  readonly target: ListTarget;
  readonly scope: MemberScope;
}

async function indexPage<R>(
  { offset, limit }: { readonly offset: number; readonly limit: number },
  { where, order, target, scope }: Plan,
): Promise<Page<R>> {
  const counted = await sql<{ total: unknown }>`select count(*) as total from ${sql.table(target.table)} r
    where r.tenant = ${scope.tenant} and ${where}`.execute(scope.db);
  const totalResults = Number(counted.rows[0]?.total ?? 0);
  if (limit === 0 || offset >= totalResults) return { resources: [], totalResults };
  const { rows } = await sql<ResourceRow>`select ${columns} from ${sql.table(target.table)} r${order.joins}
    where r.tenant = ${scope.tenant} and ${where} order by ${order.by(false)}
    limit ${limit} offset ${offset}`.execute(scope.db);
  return { resources: rows.map((row) => toStored<R>(row)), totalResults };
}

async function cursorPage<R>(
  query: ListQuery<R>,
  page: Extract<ListQuery<R>['page'], { kind: 'cursor' }>,
  { where, order, target, scope }: Plan,
): Promise<Page<R>> {
  const { after, before, limit } = page;
  const backwards = before !== undefined;
  const from = before ?? after;
  const beyond = from === undefined ? sql`1 = 1` : order.beyond(from, backwards);
  // One row more tells whether the order goes on.
  const { rows } = await sql<ResourceRow>`select ${columns} from ${sql.table(target.table)} r${order.joins}
    where r.tenant = ${scope.tenant} and ${where} and ${beyond} order by ${order.by(backwards)}
    limit ${limit + 1}`.execute(scope.db);
  const more = rows.length > limit;
  const resources = rows.slice(0, limit).map((row) => toStored<R>(row));
  if (backwards) resources.reverse();
  const [first, last] = [resources[0], resources.at(-1)];
  if (first === undefined || last === undefined) return { resources };
  const hasNext = backwards || more;
  const hasPrevious = backwards ? more : from !== undefined;
  return {
    resources,
    ...(hasNext && { next: positionOf(last, query.sort) }),
    ...(hasPrevious && { previous: positionOf(first, query.sort) }),
  };
}

async function withMembers<R>(
  { want }: ListQuery<R>,
  resources: readonly Stored<R>[],
  { type }: ListTarget,
  scope: MemberScope,
): Promise<readonly Stored<R>[]> {
  if (type === 'User' || !want.has('members') || resources.length === 0) return resources;
  const members = await membersOf(
    resources.map(({ id }) => id),
    scope,
  );
  return resources.map((resource) => ({ ...resource, members: members.get(resource.id) ?? [] }));
}

/** Evaluates over resources in memory what SQL cannot decide: names of members and groups, and orders by them. */
async function scan<R>(
  query: ListQuery<R>,
  where: Condition | undefined,
  target: ListTarget,
  scope: MemberScope,
): Promise<Page<R>> {
  target.onScan(target.type);
  const { rows } = await sql<ResourceRow>`select ${columns} from ${sql.table(target.table)} r
    where r.tenant = ${scope.tenant} and ${where ?? sql`1 = 1`} limit ${target.scanLimit + 1}`.execute(scope.db);
  if (rows.length > target.scanLimit) {
    throw new TooManyError('This filter or order would have to look at too many resources: narrow it down.');
  }
  const resources = rows.map((row) => toStored<R>(row));
  const ids = resources.map(({ id }) => id);
  if (target.type === 'User') {
    const groups = await groupsOf(ids, scope);
    return select(
      query,
      resources.map((user) => ({ ...user, groups: groups.get(user.id) ?? [] })),
    );
  }
  const members = await membersOf(ids, scope);
  const names = await namesIn(new Set([...members.values()].flat().map(({ value }) => value)), scope);
  const named = resources.map((group) => ({
    ...group,
    members: (members.get(group.id) ?? []).map((member) => {
      const display = names.get(member.value);
      return display === undefined ? member : { ...member, display };
    }),
  }));
  const page = select(query, named);
  return { ...page, resources: page.resources.map((group) => withoutNames(group, members)) };
}

// Names are the library's to add.
function withoutNames<R>(group: Stored<R>, members: ReadonlyMap<string, unknown>): Stored<R> {
  return Object.hasOwn(group, 'members') ? { ...group, members: members.get(group.id) ?? [] } : group;
}

async function namesIn(ids: ReadonlySet<string>, { db, tables, tenant }: MemberScope): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const part of chunks([...ids])) {
    for (const table of [tables.users, tables.groups]) {
      const { rows } = await sql<{ id: unknown; name: unknown }>`select id, name from ${sql.table(table)}
        where tenant = ${tenant} and id in (${sql.join(part)}) and name is not null`.execute(db);
      for (const { id, name } of rows) names.set(String(id), String(name));
    }
  }
  return names;
}
