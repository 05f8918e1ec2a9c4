import { type Fragment, sql } from '../../database/sql.js';
import { InvalidValueError, UnknownReferenceError } from '../../errors.js';
import type { GroupRef, Member } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { nextTurn } from '../../contract/turns.js';
import { lock } from '../../database/dialect.js';
import { chunks, chunksBySize, chunksWithPauses } from '../../database/chunks.js';
import { storable } from '../../database/storable.js';
import { type AppliedMembers, applyMembersInParts, membersInPart } from '../apply-members.js';
import { checkMemberIds } from '../member-ids.js';
import { mostMemberships, refuseManyMemberships } from '../most-memberships.js';
import { withPauses } from '../with-pauses.js';
import { memberOf, type MemberRow, membersInPages, membersOfPage, type TenantTables } from './member-pages.js';
import { fromGroupsOfMembers } from './resource-row.js';
import { isOneOf, rowSource } from './row-source.js';
import { ifWritten } from './write-batch.js';
import { ancestors } from '../ancestors.js';

/** The tables of one tenant, with those of all its resource types. */
export interface MemberScope extends TenantTables {
  /** Tables of further resource types, by the name of the type. */
  readonly others: ReadonlyMap<string, string>;
}

/** What a change of members does, with the resource types of the members that it inserts. */
export interface MemberPlan extends AppliedMembers {
  /** The type of a resource by its ID; none for a pending member. */
  readonly types: ReadonlyMap<string, string>;
}

/** How many characters the column of a member's resource type holds. */
const maxTypeLength = 20;

/** Whether an ID fits into a column and an index, as it is. */
export function isStorable(id: string): boolean {
  return id.length <= 250 && storable(id) === id;
}

/**
 * Computes what a change of members does.
 *
 * @param group the group, or undefined when it is new
 * @param isLocked whether to lock the added members against deletion until the transaction ends
 * @throws UnknownReferenceError for IDs that are no resources, when the change rejects pending members, and for IDs
 * that no column can hold
 */
export async function planMembers(
  group: string | undefined,
  change: MemberChange,
  isLocked: boolean,
  scope: MemberScope,
): Promise<MemberPlan> {
  checkMemberIds(change);
  const named = change.add.map(({ value }) => value);
  const types = await typesOf(named, isLocked, scope);
  const ids = change.only === true ? undefined : [...named, ...change.remove].filter(isStorable);
  const current = group === undefined ? new Set<string>() : await membersIn(group, ids, scope);
  const applied = await withPauses(applyMembersInParts(current, change, (id) => types.has(id)));
  await pauseForMany(named, scope);
  const refused = applied.added.filter((id) => !isStorable(id));
  if (refused.length > 0) throw new UnknownReferenceError(refused);
  for (const { value, type = '' } of applied.inserted) {
    if (types.has(value) || type.length <= maxTypeLength) continue;
    throw new InvalidValueError('members.type is too long: it is the name of a resource type.');
  }
  return { ...applied, types };
}

/** Serves other requests before the next step of a change of many members. */
async function pauseForMany(ids: readonly string[], { db }: MemberScope): Promise<void> {
  if (ids.length > membersInPart) await nextTurn(db.isTransaction);
}

/** The resource types of IDs. */
async function typesOf(
  named: readonly string[],
  isLocked: boolean,
  scope: MemberScope,
): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  const { users, groups } = scope.tables;
  const tables: readonly (readonly [type: string, table: string])[] = [
    ['User', users],
    ['Group', groups],
    ...scope.others,
  ];
  const possible = [...new Set(named)].filter((id) => id.length <= 64 && isStorable(id)).sort();
  await pauseForMany(possible, scope);
  for (const [type, table] of tables) {
    const unresolved = possible.filter((id) => !types.has(id));
    for await (const ids of chunksWithPauses(unresolved, { isUrgent: scope.db.isTransaction })) {
      const { rows } = await sql<{ id: unknown }>`select id from ${sql.table(table)} where tenant = ${scope.tenant}
        and ${isOneOf(scope.dialect, sql`id`, ids)} order by id ${isLocked ? lock(scope.dialect, 'keep') : sql``}`.execute(
        scope.db,
      );
      for (const { id } of rows) types.set(String(id), type);
    }
  }
  return types;
}

/** The members of a group. @param ids only these; default: all */
async function membersIn(
  group: string,
  ids: readonly string[] | undefined,
  { db, dialect, tables, tenant }: MemberScope,
): Promise<Set<string>> {
  const found = new Set<string>();
  const select = sql`select member_id as id from ${sql.table(tables.members)}
    where tenant = ${tenant} and group_id = ${group}`;
  for (const part of ids === undefined ? [] : chunks(ids)) {
    const { rows } = await sql<{ id: unknown }>`${select} and ${isOneOf(dialect, sql`member_id`, part)}`.execute(db);
    for (const { id } of rows) found.add(String(id));
  }
  for (let last: string | undefined = ids === undefined ? '' : undefined; last !== undefined;) {
    const page = sql`${select} and member_id > ${last} order by member_id limit ${sql.raw(String(membersOfPage))}`;
    const { rows }: { rows: unknown[] } = await page.execute(db);
    const read = rows.map((row) => String((row as { readonly id: unknown }).id));
    for (const id of read) found.add(id);
    last = read.length < membersOfPage ? undefined : read.at(-1);
    if (last !== undefined) await nextTurn(db.isTransaction);
  }
  return found;
}

/** Members of one statement: a driver of SQLite holds the event loop while it runs. */
const membersOfStatement = 500;

/** The statements of a batch that move members. */
export function memberStatements(
  group: string,
  { inserted, removed, types }: MemberPlan,
  { dialect, tables, tenant }: MemberScope,
): readonly Fragment[] {
  const table = sql.table(tables.members);
  const gate = dialect === 'postgres' ? sql` and exists (select 1 from w)` : sql``;
  const deletions = [...chunks(removed, membersOfStatement)].map(
    (ids) => sql`delete from ${table} where tenant = ${tenant} and group_id = ${group}
      and ${isOneOf(dialect, sql`member_id`, ids)}${gate}`,
  );
  const insertions = [...chunks(inserted, membersOfStatement)].map((part) => {
    const rows = part.map((member) => memberRow(member, types.get(member.value)));
    const columns = ['text', 'text', 'text', 'text', 'text'] as const;
    return sql`insert into ${table} (tenant, group_id, member_id, user_id, subgroup_id, type, display)
      select ${tenant}, ${group}, v.c0, v.c1, v.c2, v.c3, v.c4 from ${ifWritten(dialect, rowSource(dialect, 'v', columns, rows))}`;
  });
  return [...deletions, ...insertions];
}

// The type is that of the resource, and its name is looked up for each response; of a pending member both are as the
// client sent them.
function memberRow(member: Member, type: string | undefined): (string | null)[] {
  const { value } = member;
  return [
    ...[value, type === 'User' ? value : null, type === 'Group' ? value : null],
    ...[
      type ?? member.type ?? null,
      type === undefined && member.display !== undefined ? storable(member.display) : null,
    ],
  ];
}

/** The members that a plan inserts, as `membersOf` returns them. */
export function insertedMembers({ inserted, types }: MemberPlan): readonly Member[] {
  return inserted
    .map((member): Member => {
      const [value = '', , , type, display] = memberRow(member, types.get(member.value));
      return {
        value: value ?? '',
        ...(typeof type === 'string' && { type }),
        ...(typeof display === 'string' && { display }),
      };
    })
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}

/** Memberships that one statement reads together with their groups. */
const groupsOfPart = 1_500;

/** The limit of a statement that reads memberships of several resources, of which `read` were read before. */
function limitOf(resources: readonly string[], read: number): Fragment {
  return resources.length > 1 ? sql` limit ${sql.raw(String(mostMemberships + 1 - read))}` : sql``;
}

/**
 * Groups or members in parts, the memberships of each of which one statement reads. On SQLite a statement holds the event
 * loop: there the memberships are counted first, and what has none is left out.
 *
 * @throws TooManyError where several have more than `mostMemberships`
 */
async function* partsOf(
  ids: readonly string[],
  column: 'group_id' | 'member_id',
  { db, dialect, tables, tenant }: MemberScope,
): AsyncIterable<readonly string[]> {
  if (dialect !== 'sqlite') {
    yield* chunksWithPauses(ids);
    return;
  }
  const key = sql.ref(column);
  const counts: { readonly id: string; readonly count: number }[] = [];
  let counted = 0;
  for await (const some of chunksWithPauses(ids)) {
    const { rows } = await sql<{ id: unknown; count: unknown }>`select ${key} as id, count(*) as count from
      (select ${key} from ${sql.table(tables.members)} where tenant = ${tenant} and ${isOneOf(dialect, key, some)}${limitOf(ids, counted)})
      group by ${key}`.execute(db);
    for (const row of rows) {
      const count = Number(row.count);
      refuseManyMemberships((counted += count), ids.length, column === 'group_id' ? 'members' : 'groups');
      counts.push({ id: String(row.id), count });
    }
  }
  let isFirst = true;
  const most = column === 'group_id' ? membersOfPage : groupsOfPart;
  for (const part of chunksBySize(counts, ({ count }) => count, most)) {
    if (!isFirst) await nextTurn();
    isFirst = false;
    yield part.map(({ id }) => id);
  }
}

/**
 * The members of each group of a page.
 *
 * @throws TooManyError where several groups have more than `mostMemberships`
 */
export async function membersOf(groups: readonly string[], scope: MemberScope): Promise<ReadonlyMap<string, Member[]>> {
  const [group] = groups;
  if (scope.dialect === 'sqlite' && group !== undefined && groups.length === 1) {
    return new Map([[group, await membersInPages(group, scope)]]);
  }
  const found = new Map<string, Member[]>(groups.map((id) => [id, []]));
  let read = 0;
  for await (const ids of partsOf(groups, 'group_id', scope)) {
    const [id = ''] = ids;
    if (scope.dialect === 'sqlite' && ids.length === 1) {
      found.set(id, await membersInPages(id, scope));
      continue;
    }
    const { rows } = await sql<MemberRow & { readonly group_id: unknown }>`
      select group_id, member_id, type, display from ${sql.table(scope.tables.members)}
      where tenant = ${scope.tenant} and ${isOneOf(scope.dialect, sql`group_id`, ids)}
      order by group_id, member_id${limitOf(groups, read)}`.execute(scope.db);
    refuseManyMemberships((read += rows.length), groups.length, 'members');
    for (const row of rows) found.get(String(row.group_id))?.push(memberOf(row));
  }
  return found;
}

/**
 * The groups of each member, nearest first. One query for each level of nesting.
 *
 * @throws TooManyError where several members have more than `mostMemberships`
 */
export async function groupsOf(
  ids: readonly string[],
  scope: MemberScope,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  const parents = new Map<string, { readonly value: string; readonly display?: string }[]>();
  let read = 0;
  for (let level = [...new Set(ids)]; level.length > 0;) {
    const next = new Set<string>();
    for (const id of level) parents.set(id, []);
    for await (const part of partsOf(level, 'member_id', scope)) {
      const { rows } = await sql<{ member_id: unknown; id: unknown; name: unknown }>`
        select m.member_id, g.id, g.name ${fromGroupsOfMembers(scope.dialect, scope.tables)}
        where m.tenant = ${scope.tenant} and ${isOneOf(scope.dialect, sql`m.member_id`, part)} order by g.id${limitOf(ids, read)}`.execute(
        scope.db,
      );
      refuseManyMemberships((read += rows.length), ids.length, 'groups');
      for (const { member_id, id, name } of rows) {
        const value = String(id);
        parents.get(String(member_id))?.push({ value, ...(name !== null && { display: String(name) }) });
        if (!parents.has(value)) next.add(value);
      }
    }
    level = [...next];
  }
  return new Map(ids.map((id) => [id, ancestors(id, parents)]));
}

/** The names of resources, by ID. @param among the tables they are looked up in */
export async function namesIn(
  ids: ReadonlySet<string>,
  among: readonly string[],
  { db, dialect, tenant }: MemberScope,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const part of chunksWithPauses([...ids].filter(isStorable))) {
    for (const table of among) {
      const { rows } = await sql<{ id: unknown; name: unknown }>`select id, name from ${sql.table(table)}
        where tenant = ${tenant} and ${isOneOf(dialect, sql`id`, part)} and name is not null`.execute(db);
      for (const { id, name } of rows) names.set(String(id), String(name));
    }
  }
  return names;
}
