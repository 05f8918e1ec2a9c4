import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Filter } from '../../../src/contract/filter.js';
import type { Group, User } from '../../../src/contract/resource.js';
import { sql } from '../../../src/database/sql.js';
import { createScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import {
  attribute,
  change,
  ctx,
  eq,
  index,
  listQuery,
  members,
  newGroup,
  newUser,
  removal,
  withMembers,
} from '../../../src/testing/requests.js';
import { sqlite } from '../sql/sqlite.js';

const statements = new Set<string>();
const { db } = sqlite((text) => statements.add(text));

beforeAll(() => createScimTables(db));
afterAll(() => db.destroy());

/** Reads and changes users in groups, nested groups among them, in every way. */
async function workWith(store: SqlStore, prefix: string): Promise<void> {
  const selection = new Set(['userName', 'groups']);
  const users: string[] = [];
  for (let i = 0; i < 12; i++) users.push((await store.create(newUser(prefix + String(i)), ctx())).resource.id);
  const groups: string[] = [];
  for (const id of users) groups.push((await store.groups.create(newGroup('Crew', [id]), ctx())).resource.id);
  const [user = '', other = ''] = users;
  const [group = '', nested = '', last = ''] = groups;
  // One user is in more groups than come with its row.
  for (const id of groups) {
    await store.groups.update(id, change<Group>({ members: members({ add: [user] }), selection: withMembers }), ctx());
  }
  await store.groups.update(group, change<Group>({ members: members({ add: [nested] }) }), ctx());
  await store.get(user, selection, ctx());
  await store.list(listQuery<User>({ page: index(0, 200), selection }), ctx());
  await store.update(user, change<User>({ set: { title: 'Dr' }, selection }), ctx());
  await store.update(other, change<User>({ set: { active: false }, selection }), ctx());
  await store.groups.groupsOf?.(users, ctx());
  const groupsAttribute = attribute('groups', { type: 'complex', multiValued: true });
  const filters: readonly Filter[] = [eq('groups.value', group), { op: 'present', attribute: groupsAttribute }];
  for (const filter of filters) await store.list(listQuery<User>({ filter, selection }), ctx());
  const ofMember: Filter = eq('members.value', user);
  const either: Filter = { op: 'or', filters: [ofMember, eq('members.value', other)] };
  for (const filter of [ofMember, either]) {
    await store.groups.list(listQuery<Group>({ filter, selection: withMembers }), ctx());
  }
  await store.groups.list(listQuery<Group>({ page: index(0, 10), selection: withMembers }), ctx());
  await store.groups.update(nested, change<Group>({ members: members({ remove: [user] }) }), ctx());
  await store.groups.delete(last, removal(), ctx());
  await store.delete(user, removal(), ctx());
}

/** The plan of a statement, a line for each step. */
async function planOf(statement: string): Promise<readonly string[]> {
  const text = statement
    .replace(/json_each\(\?\)/g, "json_each('[]')")
    // No constant: SQLite would take it as the number of rows.
    .replace(/(limit|offset) \?/g, '$1 cast(1 as integer)')
    .replace(/\?/g, "'x'");
  const { rows } = await sql<{ detail: unknown }>`${sql.raw(`explain query plan ${text}`)}`.execute(db);
  return rows.map(({ detail }) => String(detail));
}

/** Whether a step reads all memberships, or all of a tenant. `members_1` is the index of the primary key. */
function readsAllMemberships(step: string): boolean {
  return /SCAN (?:scim_members|m|n)\b|members_\w+ \(tenant=\?\)/.test(step);
}

// SQLite has no statistics unless `analyze` was run, and prefers an index that contains all columns, however many rows it reads.
it('no statement on members reads all memberships of a tenant', async () => {
  await workWith(sqlStore(db), 'a');
  await workWith(sqlStore(db, { outbox: true }), 'b');
  const onMembers = [...statements].filter((text) => /^\s*(?!create)\w+[\s\S]*scim_members/i.test(text));
  expect(onMembers.length).toBeGreaterThan(15);
  const scans: string[] = [];
  for (const text of onMembers) {
    const plan = await planOf(text);
    if (plan.some(readsAllMemberships)) scans.push(`${text}\n${plan.join('\n')}`);
  }
  expect(scans).toEqual([]);
  // The same check sees a statement that does.
  const plan = await planOf('select m.group_id from scim_members m where m.tenant = ? and m.member_id = ?');
  expect(plan.some(readsAllMemberships)).toBe(true);
});

it('a later page reads only its own rows, and not all of the tenant', async () => {
  const store = sqlStore(db);
  for (let i = 0; i < 4; i++) await store.create(newUser(`page${String(i)}`), ctx('pages'));
  statements.clear();
  await store.list(listQuery<User>({ page: index(2, 2), selection: new Set(['userName', 'groups']) }), ctx('pages'));
  const [text = ''] = statements;
  const steps = (await planOf(text)).filter((step) => /\b[pr]\b/.test(step));
  expect(steps.filter((step) => !step.includes('COVERING'))).toEqual([
    'CO-ROUTINE p',
    'SCAN p',
    'SEARCH r USING INDEX sqlite_autoindex_scim_users_1 (tenant=? AND id=?)',
  ]);
  // The keys of the page and the total come from an index.
  expect(steps.filter((step) => step.includes('COVERING'))).toHaveLength(2);
});
