import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Group } from '../../../src/contract/resource.js';
import { createScimTables, type SqlStore, sqlStore } from '../../../src/sql.js';
import { change, ctx, index, listQuery, newGroup, newUser, withMembers } from '../../../src/testing/requests.js';
import { sqlite } from '../sql/sqlite.js';

// On SQLite each statement holds the event loop: none reads all memberships of a page.
const statements: string[] = [];
const { db } = sqlite((text) => statements.push(text.replace(/\s+/g, ' ')));
const groups: string[] = [];
const users: string[] = [];
let store: SqlStore;

beforeAll(async () => {
  await createScimTables(db);
  store = sqlStore(db);
  for (let i = 0; i < 60; i++) users.push((await store.create(newUser(`u${String(i)}`), ctx())).resource.id);
  // The first user is in all groups, the second in 10, the third in none, the others in one.
  for (let i = 0; i < 60; i++) {
    const members = [users[0], ...(i < 10 ? [users[1]] : []), ...(i > 2 ? [users[i]] : [])];
    groups.push((await store.groups.create(newGroup(`g${String(i)}`, members as string[]), ctx())).resource.id);
  }
});
afterAll(() => db.destroy());

it('users of a page have their groups with them, except those in more than 10', async () => {
  const query = listQuery({ page: index(0, 100), selection: new Set(['groups']) });
  const { resources } = await store.list(query, ctx());
  const counts = users.map((id) => resources.find((user) => user.id === id)?.groups?.length);
  expect(counts).toEqual([undefined, 10, 0, ...Array<number>(57).fill(1)]);
  const found = await store.groups.groupsOf?.([users[0] ?? ''], ctx());
  expect(found?.get(users[0] ?? '')?.length).toBe(60);
});

it('a user in many groups that is read alone has up to 50 of them with it', async () => {
  const groupsWithRow = async (user = ''): Promise<number | undefined> =>
    (await store.get(user, new Set(['groups']), ctx()))?.groups?.length;
  expect(await groupsWithRow(users[1])).toBe(10);
  const more = groups.slice(10, 50);
  const members = { add: [{ value: users[1] ?? '' }], remove: [], pending: 'keep' as const };
  for (const id of more) await store.groups.update(id, change<Group>({ members }), ctx());
  expect(await groupsWithRow(users[1])).toBe(50);
  expect(await groupsWithRow(users[0])).toBeUndefined();
});

it('members of a page of groups are read in parts of bounded size', async () => {
  const large = users.concat(Array.from({ length: 3_000 }, (_, i) => `pending-${String(i)}`));
  for (const name of ['l1', 'l2', 'l3']) {
    const creation = newGroup(name);
    const members = { add: large.map((value) => ({ value })), remove: [], pending: 'keep' as const };
    await store.groups.create({ ...creation, members }, ctx('large'));
  }
  await store.groups.create(newGroup('empty'), ctx('large'));
  statements.length = 0;
  const page = await store.groups.list(listQuery({ page: index(0, 10), selection: withMembers }), ctx('large'));
  expect(page.resources.map(({ members }) => members?.length).sort()).toEqual([0, 3_060, 3_060, 3_060]);
  expect(statements.filter((text) => text.includes('select group_id, member_id'))).toEqual([]);
  expect(statements.filter((text) => text.includes('member_id > ?'))).toHaveLength(3);
  statements.length = 0;
  const small = await store.groups.list(listQuery({ page: index(0, 100), selection: withMembers }), ctx());
  expect(small.resources.reduce((sum, { members = [] }) => sum + members.length, 0)).toBe(60 + 50 + 57);
  expect(statements.filter((text) => text.includes('select group_id, member_id'))).toHaveLength(1);
});
