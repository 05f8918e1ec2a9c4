import { type Fragment, sql } from '../../database/sql.js';
import type { GroupRef, Member } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { UnknownReferenceError } from '../../errors.js';
import { lock } from '../../database/dialect.js';
import { chunks } from '../../database/chunks.js';
import { checkMemberIds } from '../member-ids.js';
import { mostMemberships, refuseManyMemberships } from '../most-memberships.js';
import { type MemberResult, noMembers, withIgnored } from '../sql/member-result.js';
import { type CompiledMapping, type MappedScope, visible } from './compile-mapping.js';
import { plainValue } from './driver-values.js';
import { idOf, type Key, keyOf, keyParameter } from './primary-key.js';

/** The mappings of users and groups; that of groups names the table of memberships. */
export interface MappedPair {
  readonly users: CompiledMapping;
  readonly groups: CompiledMapping;
}

/**
 * Locks the rows of added users against deletion until the transaction ends, so that an addition that races with a
 * deletion leaves no membership behind.
 *
 * @returns the primary key of each added user, by ID
 * @throws UnknownReferenceError for an ID that is not a user, unless the change ignores it: a foreign key cannot hold a
 * pending member
 */
export async function lockAddedMembers(
  change: MemberChange,
  { users }: MappedPair,
  scope: MappedScope,
): Promise<ReadonlyMap<string, Key>> {
  checkMemberIds(change);
  const keys = new Map<string, Key>();
  const unknown: string[] = [];
  for (const { value } of change.add) {
    const key = keyOf(users, value);
    if (key === undefined) unknown.push(value);
    else keys.set(value, key);
  }
  const existing = new Set<string>();
  const column = sql.ref(`r.${users.mapping.id.column}`);
  for (const part of chunks([...keys.values()].sort((a, b) => (a < b ? -1 : 1)))) {
    const { rows } = await sql<{ id: unknown }>`select ${column} as id from ${sql.table(users.mapping.table)} as r
      where ${column} in (${sql.join(part.map((key) => keyParameter(users, key)))}) and ${visible(users, scope)} order by ${column}
      ${lock(users.dialect, 'keep')}`.execute(scope.db);
    for (const { id } of rows) existing.add(idOf(users, plainValue(id)));
  }
  unknown.push(...[...keys.keys()].filter((id) => !existing.has(id)));
  if (unknown.length > 0 && change.pending !== 'ignore') throw new UnknownReferenceError(unknown);
  for (const id of unknown) keys.delete(id);
  return keys;
}

/** Applies a change of members as set operations. The caller has locked the row of the group. */
export async function changeMappedMembers(
  group: Key,
  change: MemberChange,
  added: ReadonlyMap<string, Key>,
  { users, groups }: MappedPair,
  scope: MappedScope,
): Promise<MemberResult> {
  const join = groups.mapping.members;
  if (join === undefined) return noMembers;
  const [table, own, other] = [sql.table(join.table), sql.ref(join.group), sql.ref(join.member)];
  const removable = new Map<string, Key>();
  for (const id of change.remove) {
    const key = keyOf(users, id);
    if (key !== undefined) removable.set(id, key);
  }
  if (change.only !== true && scope.plainTables.has(join.table)) {
    const ignored = change.add.map(({ value }) => value).filter((id) => !added.has(id));
    const moved = await moveMembers(group, { added, removable }, { users, groups }, scope);
    return withIgnored(moved, [...new Set(ignored)]);
  }
  const touchedKeys = [...added.values(), ...removable.values()];
  const current = new Set<string>();
  const readCurrent = async (narrow: Fragment): Promise<void> => {
    const { rows } = await sql<{
      id: unknown;
    }>`select ${other} as id from ${table} where ${own} = ${group}${narrow}`.execute(scope.db);
    for (const { id } of rows) current.add(idOf(users, plainValue(id)));
  };
  if (change.only === true) await readCurrent(sql``);
  else
    for (const part of chunks(touchedKeys))
      await readCurrent(sql` and ${other} in (${sql.join(part.map((key) => keyParameter(users, key)))})`);
  const removed =
    change.only === true
      ? [...current].filter((id) => !added.has(id))
      : [...removable.keys()].filter((id) => current.has(id));
  for (const part of chunks(removed)) {
    await sql`delete from ${table} where ${own} = ${group} and ${other} in (${sql.join(part.map((id) => keyOf(users, id)))})`.execute(
      scope.db,
    );
  }
  const fresh = [...added].filter(([id]) => !current.has(id));
  for (const part of chunks(fresh)) {
    const rows = sql.join(part.map(([, key]) => sql`(${group}, ${key})`));
    // A member that the host has added in the meantime is no error; any other constraint violation is.
    const nothing =
      groups.dialect === 'mysql' ? sql`on duplicate key update ${other} = ${other}` : sql`on conflict do nothing`;
    await sql`insert into ${table} (${own}, ${other}) values ${rows} ${nothing}`.execute(scope.db);
  }
  const ignored = change.add.map(({ value }) => value).filter((id) => !added.has(id));
  return withIgnored({ added: fresh.map(([id]) => id), removed }, [...new Set(ignored)]);
}

/** One resource is read with all its memberships. */
function limitOf(ids: readonly string[]): Fragment {
  return ids.length > 1 ? sql` limit ${mostMemberships + 1}` : sql``;
}

/** So many members are added by one statement. */
const fewMembers = 500;

/** Adds and removes members by statements that return which ones they have added and removed. */
async function moveMembers(
  group: Key,
  { added, removable }: { readonly added: ReadonlyMap<string, Key>; readonly removable: ReadonlyMap<string, Key> },
  { users, groups }: MappedPair,
  scope: MappedScope,
): Promise<MemberResult> {
  const join = groups.mapping.members;
  if (join === undefined) return noMembers;
  const [table, own, other] = [sql.table(join.table), sql.ref(join.group), sql.ref(join.member)];
  const [user, groupId] = [sql.ref(`r.${users.mapping.id.column}`), sql.ref(`g.${groups.mapping.id.column}`)];
  const idsIn = (rows: readonly { readonly id: unknown }[]): string[] =>
    rows.map(({ id }) => idOf(users, plainValue(id)));
  const gone = new Set<string>();
  for (const part of chunks([...removable.values()])) {
    const keys = sql.join(part.map((key) => keyParameter(users, key)));
    const { rows } = await sql<{ id: unknown }>`delete from ${table} where ${own} = ${group} and ${other} in (${keys})
      returning ${other} as id`.execute(scope.db);
    for (const id of idsIn(rows)) gone.add(id);
  }
  const come = new Set<string>();
  let joining = [...added].filter(([id]) => !gone.has(id));
  // The host's table may have no unique index: a member that is there is not added again.
  let isNew = sql` and not exists (select 1 from ${table} as e
        where ${sql.ref(`e.${join.group}`)} = ${groupId} and ${sql.ref(`e.${join.member}`)} = ${user})`;
  if (groups.dialect === 'postgres' && joining.length > fewMembers) {
    // Depending on its statistics, PostgreSQL would read all members of the group for each part: they are read once.
    const { rows } = await sql<{ id: unknown }>`select ${other} as id from ${table} where ${own} = ${group}`.execute(
      scope.db,
    );
    const present = new Set(idsIn(rows));
    joining = joining.filter(([id]) => !present.has(id));
    isNew = sql``;
  }
  for (const part of chunks(joining.map(([, key]) => key))) {
    const keys = sql.join(part.map((key) => keyParameter(users, key)));
    const { rows } = await sql<{ id: unknown }>`insert into ${table} (${own}, ${other}) select ${groupId}, ${user}
      from ${sql.table(groups.mapping.table)} as g cross join ${sql.table(users.mapping.table)} as r
      where ${groupId} = ${keyParameter(groups, group)} and ${user} in (${keys})${isNew}
      order by ${user} on conflict do nothing returning ${other} as id`.execute(scope.db);
    for (const id of idsIn(rows)) come.add(id);
  }
  return {
    added: [...added.keys()].filter((id) => come.has(id)),
    removed: [...removable.keys()].filter((id) => gone.has(id)),
  };
}

/** The members of each group of a page. */
export async function mappedMembersOf(
  ids: readonly string[],
  { users, groups }: MappedPair,
  scope: MappedScope,
): Promise<ReadonlyMap<string, Member[]>> {
  const found = new Map<string, Member[]>(ids.map((id) => [id, []]));
  const join = groups.mapping.members;
  if (join === undefined) return found;
  for (const part of chunks(ids)) {
    const { rows } = await sql<{ owner: unknown; id: unknown }>`select ${sql.ref(`j.${join.group}`)} as owner,
      ${sql.ref(`j.${join.member}`)} as id from ${sql.table(join.table)} as j
      join ${sql.table(users.mapping.table)} as r on ${sql.ref(`r.${users.mapping.id.column}`)} = ${sql.ref(`j.${join.member}`)}
      where ${sql.ref(`j.${join.group}`)} in (${sql.join(part.map((id) => keyOf(groups, id)))}) and ${visible(users, scope)}
      order by ${sql.ref(`j.${join.group}`)}, ${sql.ref(`j.${join.member}`)}${limitOf(ids)}`.execute(scope.db);
    refuseManyMemberships(rows.length, ids.length, 'members');
    for (const { owner, id } of rows) {
      found.get(idOf(groups, plainValue(owner)))?.push({ value: idOf(users, plainValue(id)), type: 'User' });
    }
  }
  return found;
}

/** The groups of each user of a page, with their names. */
export async function mappedGroupsOf(
  ids: readonly string[],
  { users, groups }: MappedPair,
  scope: MappedScope,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  const found = new Map<string, GroupRef[]>(ids.map((id) => [id, []]));
  const join = groups.mapping.members;
  if (join === undefined) return found;
  const name = groups.fields.find(({ place, kind }) => place.path === 'displayName' && kind === 'column');
  const nameColumn = name?.kind === 'column' ? sql.ref(`r.${name.column}`) : sql`null`;
  const keys = ids.map((id) => keyOf(users, id)).filter((key) => key !== undefined);
  for (const part of chunks(keys)) {
    const { rows } = await sql<{
      member: unknown;
      id: unknown;
      name: unknown;
    }>`select ${sql.ref(`j.${join.member}`)} as member,
      ${sql.ref(`r.${groups.mapping.id.column}`)} as id, ${nameColumn} as name from ${sql.table(join.table)} as j
      join ${sql.table(groups.mapping.table)} as r on ${sql.ref(`r.${groups.mapping.id.column}`)} = ${sql.ref(`j.${join.group}`)}
      where ${sql.ref(`j.${join.member}`)} in (${sql.join(part.map((key) => keyParameter(users, key)))}) and ${visible(groups, scope)}
      order by ${sql.ref(`r.${groups.mapping.id.column}`)}${limitOf(ids)}`.execute(scope.db);
    refuseManyMemberships(rows.length, ids.length, 'groups');
    for (const { member, id, name: display } of rows) {
      const label = plainValue(display);
      found.get(idOf(users, plainValue(member)))?.push({
        value: idOf(groups, plainValue(id)),
        ...(typeof label === 'string' && { display: label }),
        type: 'direct',
      });
    }
  }
  return found;
}
