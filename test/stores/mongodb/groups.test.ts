import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Filter } from '../../../src/contract/filter.js';
import type { Group, User } from '../../../src/contract/resource.js';
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
  nothing,
  removal,
} from '../../../src/testing/requests.js';
import { memberIds, users } from '../users.js';
import { type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;

describeWithServer('groups of mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  let scans: string[] = [];
  beforeAll(() => {
    database = new TestDatabase(url ?? '');
  });
  beforeEach(async () => {
    scans = [];
    made = await database.make({ scanLimit: 20, onScan: (type) => scans.push(type) });
  });
  afterAll(() => database.close());

  const found = async (filter: Filter): Promise<string[]> =>
    (await made.store.list(listQuery<User>({ filter }), ctx())).resources.map(({ userName }) => userName).sort();
  const foundGroups = async (filter: Filter): Promise<string[]> =>
    (await made.store.groups.list(listQuery<Group>({ filter }), ctx())).resources
      .map(({ displayName }) => displayName)
      .sort();

  it('finds the users of a group and of the groups inside it, in the database', async () => {
    const { store } = made;
    const [a = '', b = ''] = await users(store, 3);
    const inner = (await store.groups.create(newGroup('Inner', [b]), ctx())).resource.id;
    const outer = (await store.groups.create(newGroup('Outer', [a, inner]), ctx())).resource.id;
    // A circle does not loop.
    await store.groups.update(inner, change<Group>({ members: members({ add: [outer] }) }), ctx());
    expect(await found(eq('groups.value', outer))).toEqual(['user0', 'user1']);
    expect(await found({ op: 'not', filter: eq('groups.value', inner) })).toEqual(['user2']);
    expect(await found(eq('groups.value', 'unknown'))).toEqual([]);
    expect(scans).toEqual([]);
    const refs = await store.groups.groupsOf?.([a, b, 'unknown'], ctx());
    expect(refs?.get(b)).toEqual([
      { value: inner, display: 'Inner', type: 'direct' },
      { value: outer, display: 'Outer', type: 'indirect' },
    ]);
    expect(refs?.get('unknown')).toEqual([]);
  });

  it('finds groups by their members in the database, and by the names of members in memory', async () => {
    const { store } = made;
    const [a = '', b = ''] = await users(store, 2);
    await store.groups.create(newGroup('First', [a]), ctx());
    await store.groups.create(newGroup('Second', [a, b]), ctx());
    await store.groups.create(newGroup('Empty'), ctx());
    const all = attribute('members', { type: 'complex', multiValued: true });
    expect(await foundGroups(eq('members.value', b))).toEqual(['Second']);
    expect(await foundGroups({ op: 'present', attribute: all })).toEqual(['First', 'Second']);
    expect(await foundGroups({ op: 'not', filter: { op: 'present', attribute: all } })).toEqual(['Empty']);
    const either = { op: 'or' as const, filters: [eq('members.value', b), eq('members.value', 'x')] };
    expect(await foundGroups({ op: 'some', attribute: all, filter: either })).toEqual(['Second']);
    expect(scans).toEqual([]);
    const display = attribute('members.display', { multiValued: true });
    const named: Filter = { op: 'eq', attribute: display, value: 'user 1' };
    expect(await foundGroups(named)).toEqual(['Second']);
    expect(scans).toEqual(['Group']);
  });

  it('refuses to evaluate in memory more resources than the limit, unless another condition narrows them', async () => {
    const { store } = made;
    await users(store, 21);
    const display: Filter = { op: 'eq', attribute: attribute('groups.display', { multiValued: true }), value: 'crew' };
    await expect(found(display)).rejects.toMatchObject({ status: 400, scimType: 'tooMany' });
    expect(await found({ op: 'and', filters: [eq('userName', 'user3'), display] })).toEqual([]);
  });

  it('sorts users without a value last in ascending order and first in descending order, on every page', async () => {
    const { store } = made;
    const titles = ['b', undefined, 'a', undefined, 'c'];
    for (const [i, title] of titles.entries()) {
      await store.create(newUser(`u${String(i)}`, title === undefined ? {} : { title }), ctx());
    }
    for (const descending of [false, true]) {
      const sort = [{ attribute: attribute('title'), descending }];
      const seen: (string | undefined)[] = [];
      for (let offset = 0; offset < 5; offset += 2) {
        const page = await store.list(listQuery<User>({ sort, page: index(offset, 2) }), ctx());
        expect(page.totalResults).toBe(5);
        seen.push(...page.resources.map(({ title }) => title));
      }
      const expected = ['a', 'b', 'c', undefined, undefined];
      expect(seen).toEqual(descending ? expected.reverse() : expected);
    }
  });

  it('keeps 50,000 members, and adds and removes one without reading the others', async () => {
    const { store } = made;
    const [a = ''] = await users(store, 1);
    const ids = Array.from({ length: 50_000 }, () => randomUUID());
    const { id } = (
      await store.groups.create(
        { ...newGroup('All'), selection: nothing, members: members({ add: ids, pending: 'keep' }) },
        ctx(),
      )
    ).resource;
    const add = { ...change<Group>({ members: members({ add: [a] }) }), selection: nothing };
    expect(await store.groups.update(id, add, ctx())).toMatchObject({ changed: true, added: [a] });
    expect(await store.groups.update(id, add, ctx())).toMatchObject({ changed: false });
    expect((await store.groups.groupsOf?.([a], ctx()))?.get(a)).toEqual([
      { value: id, display: 'All', type: 'direct' },
    ]);
    await store.delete(a, removal(), ctx());
    expect(await memberIds(store.groups, id)).toEqual([...ids].sort());
  });

  it('refuses a group that would not fit into a document, and changes nothing', async () => {
    const { store } = made;
    const many = (start: number) =>
      Array.from({ length: 120_000 }, (_, i) => `pending-member-with-a-rather-long-id-${String(start + i)}`);
    const { id } = (await store.groups.create(newGroup('Small'), ctx())).resource;
    const add = members({ add: [...many(0), ...many(120_000), ...many(240_000)], pending: 'keep' });
    await expect(
      store.groups.update(id, { ...change<Group>({ members: add }), selection: nothing }, ctx()),
    ).rejects.toMatchObject({ status: 413 });
    expect(await memberIds(store.groups, id)).toEqual([]);
  });
});
