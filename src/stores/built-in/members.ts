import { type Kysely, type RawBuilder, sql } from 'kysely';
import { InvalidValueError, UnknownReferenceError } from '../../errors.js';
import type { GroupRef, Member } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { type Dialect, lock } from '../../database/dialect.js';
import { chunksWithPauses } from '../../database/chunks.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { storable } from '../../database/storable.js';
import { checkMemberIds } from '../member-ids.js';
import { type MemberResult, withIgnored } from '../sql/member-result.js';

/** The tables of one tenant, in one connection or transaction. */
export interface MemberScope {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
  /** Tables of further resource types, by the name of the type. */
  readonly others: ReadonlyMap<string, string>;
}

/** Ids of added members with their resource types; undefined for a pending member, which is not a resource yet. */
export type MemberTypes = ReadonlyMap<string, string | undefined>;

/**
 * Finds the resource types of added members, and locks the members against deletion until the transaction ends.
 *
 * @throws UnknownReferenceError for ids that are no resources, when the change rejects pending members, and for ids
 * that no column can hold
 */
export async function resolveMemberTypes(change: MemberChange, scope: MemberScope): Promise<MemberTypes> {
  checkMemberIds(change);
  const types = new Map<string, string | undefined>(change.add.map(({ value }) => [value, undefined]));
  const { users, groups } = scope.tables;
  const tables: readonly (readonly [type: string, table: string])[] = [
    ['User', users],
    ['Group', groups],
    ...scope.others,
  ];
  for (const [type, table] of tables) {
    const unresolved = [...types].filter(([, type]) => type === undefined).map(([id]) => id);
    for await (const ids of chunksWithPauses(unresolved.filter((id) => id.length <= 64 && isStorable(id)).sort())) {
      const { rows } = await sql<{ id: unknown }>`select id from ${sql.table(table)}
        where tenant = ${scope.tenant} and id in (${sql.join(ids)}) order by id ${lock(scope.dialect, 'keep')}`.execute(
        scope.db,
      );
      for (const { id } of rows) types.set(String(id), type);
    }
  }
  const unknown = [...types].filter(([, type]) => type === undefined).map(([id]) => id);
  if (change.pending === 'ignore') return types;
  const refused = change.pending === 'reject' ? unknown : unknown.filter((id) => !isStorable(id));
  if (refused.length > 0) throw new UnknownReferenceError(refused);
  for (const { value, type = '' } of change.add) {
    if (types.get(value) !== undefined || type.length <= maxTypeLength) continue;
    throw new InvalidValueError('members.type is too long: it is the name of a resource type.');
  }
  return types;
}

/** How many characters the column of a member's resource type holds. */
const maxTypeLength = 20;

/** Whether an id fits into a column and an index. PostgreSQL has no U+0000. */
export function isStorable(id: string): boolean {
  return id.length <= 250 && !id.includes('\0');
}

/** Applies a change of members as set operations. The caller has locked the row of the group. */
export async function changeMembers(
  group: string,
  change: MemberChange,
  types: MemberTypes,
  scope: MemberScope,
): Promise<MemberResult> {
  const { tenant } = scope;
  const table = sql.table(scope.tables.members);
  const isIgnored = ({ value }: Member): boolean => change.pending === 'ignore' && types.get(value) === undefined;
  const ignored = change.add.filter(isIgnored).map(({ value }) => value);
  const requested = new Map(change.add.filter((member) => !isIgnored(member)).map((member) => [member.value, member]));
  const current = change.only === true ? await membersIn(group, scope) : undefined;
  const leaving =
    current === undefined ? change.remove.filter(isStorable) : [...current].filter((id) => !requested.has(id));
  const removed: string[] = [];
  for await (const ids of chunksWithPauses([...new Set(leaving)])) {
    const where = sql`tenant = ${tenant} and group_id = ${group} and member_id in (${sql.join(ids)})`;
    removed.push(...(await changedMembers(sql`delete from ${table} where ${where}`, where, ids, 'removed', scope)));
  }
  const added: string[] = [];
  for await (const part of chunksWithPauses(
    [...requested.values()].filter(({ value }) => current?.has(value) !== true),
  )) {
    const ids = part.map(({ value }) => value);
    const rows = part.map((member) => sql`(${sql.join(memberRow(tenant, group, member, types.get(member.value)))})`);
    const columns = sql`(tenant, group_id, member_id, user_id, subgroup_id, type, display)`;
    const where = sql`tenant = ${tenant} and group_id = ${group} and member_id in (${sql.join(ids)})`;
    // Adding a member that is in the group already is a no-op.
    const insert =
      scope.dialect === 'mysql'
        ? sql`insert into ${table} ${columns} values ${sql.join(rows)} on duplicate key update member_id = ${table}.member_id`
        : sql`insert into ${table} ${columns} values ${sql.join(rows)} on conflict do nothing`;
    added.push(...(await changedMembers(insert, where, ids, 'added', scope)));
  }
  return withIgnored({ added, removed }, [...new Set(ignored)]);
}

/** Runs a statement. @returns the ids of the members that it really added or removed */
async function changedMembers(
  statement: RawBuilder<unknown>,
  where: RawBuilder<unknown>,
  ids: readonly string[],
  what: 'added' | 'removed',
  { db, dialect, tables }: MemberScope,
): Promise<string[]> {
  if (dialect !== 'mysql') {
    const { rows } = await sql<{ id: unknown }>`${statement} returning member_id as id`.execute(db);
    const found = new Set(rows.map(({ id }) => String(id)));
    return ids.filter((id) => found.has(id));
  }
  // MySQL does not return which rows a statement changed. The row of the group is locked, so no other write comes
  // between these two statements.
  const { rows } = await sql<{
    id: unknown;
  }>`select member_id as id from ${sql.table(tables.members)} where ${where}`.execute(db);
  const existing = new Set(rows.map(({ id }) => String(id)));
  await statement.execute(db);
  return ids.filter((id) => existing.has(id) === (what === 'removed'));
}

// The type is that of the resource, and its name is looked up for each response; of a pending member both are as the
// client sent them.
function memberRow(tenant: string, group: string, member: Member, type: string | undefined): unknown[] {
  const { value } = member;
  return [
    ...[tenant, group, value, type === 'User' ? value : null, type === 'Group' ? value : null],
    ...[
      type ?? member.type ?? null,
      type === undefined && member.display !== undefined ? storable(member.display) : null,
    ],
  ];
}

async function membersIn(group: string, { db, tables, tenant }: MemberScope): Promise<Set<string>> {
  const { rows } = await sql<{ id: unknown }>`select member_id as id from ${sql.table(tables.members)}
    where tenant = ${tenant} and group_id = ${group}`.execute(db);
  return new Set(rows.map(({ id }) => String(id)));
}

/** The members of each group of a page. */
export async function membersOf(groups: readonly string[], scope: MemberScope): Promise<ReadonlyMap<string, Member[]>> {
  const found = new Map<string, Member[]>(groups.map((id) => [id, []]));
  for await (const ids of chunksWithPauses(groups)) {
    const { rows } = await sql<{ group_id: unknown; member_id: unknown; type: unknown; display: unknown }>`
      select group_id, member_id, type, display from ${sql.table(scope.tables.members)}
      where tenant = ${scope.tenant} and group_id in (${sql.join(ids)}) order by group_id, member_id`.execute(scope.db);
    for (const { group_id, member_id, type, display } of rows) {
      found.get(String(group_id))?.push({
        value: String(member_id),
        ...(type !== null && { type: String(type) }),
        ...(display !== null && { display: String(display) }),
      });
    }
  }
  return found;
}

/** The groups of each member, nearest first. One query for each level of nesting. */
export async function groupsOf(
  ids: readonly string[],
  scope: MemberScope,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  const parents = new Map<string, { readonly value: string; readonly display?: string }[]>();
  for (let level = [...new Set(ids)]; level.length > 0;) {
    const next = new Set<string>();
    for (const id of level) parents.set(id, []);
    for await (const part of chunksWithPauses(level)) {
      const { rows } = await sql<{ member_id: unknown; id: unknown; name: unknown }>`
        select m.member_id, g.id, g.name from ${sql.table(scope.tables.members)} m
        join ${sql.table(scope.tables.groups)} g on g.tenant = m.tenant and g.id = m.group_id
        where m.tenant = ${scope.tenant} and m.member_id in (${sql.join(part)}) order by g.id`.execute(scope.db);
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

// A group that has a member both directly and through another group counts as direct. Each group is visited once, so
// groups that contain each other do not loop.
function ancestors(
  id: string,
  parents: ReadonlyMap<string, readonly { readonly value: string; readonly display?: string }[]>,
): readonly GroupRef[] {
  const found = new Map<string, GroupRef>();
  let level = [id];
  for (let type: GroupRef['type'] = 'direct'; level.length > 0; type = 'indirect') {
    const next: string[] = [];
    for (const child of level) {
      for (const group of parents.get(child) ?? []) {
        if (found.has(group.value)) continue;
        found.set(group.value, { ...group, type });
        next.push(group.value);
      }
    }
    level = next;
  }
  return [...found.values()];
}

/** The names of resources, by id. */
export async function namesIn(
  ids: ReadonlySet<string>,
  among: readonly string[],
  { db, tenant }: Pick<MemberScope, 'db' | 'tenant'>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const part of chunksWithPauses([...ids])) {
    for (const table of among) {
      const { rows } = await sql<{ id: unknown; name: unknown }>`select id, name from ${sql.table(table)}
        where tenant = ${tenant} and id in (${sql.join(part)}) and name is not null`.execute(db);
      for (const { id, name } of rows) names.set(String(id), String(name));
    }
  }
  return names;
}
