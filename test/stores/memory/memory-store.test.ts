import { describe, expect, it } from '@jest/globals';
import type { Group, User } from '../../../src/contract/resource.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { testUserStore } from '../../../src/testing/index.js';
import { groupsIn, memberIds, users } from '../users.js';
import {
  attribute,
  change,
  ctx,
  cursor,
  eq,
  index,
  listQuery,
  members,
  newGroup,
  newUser,
  nothing,
  removal,
  type Seen,
  withMembers,
} from '../../../src/testing/requests.js';
import { randomStoreOptions } from '../../random.js';

testUserStore({
  name: 'MemoryStore',
  create: () => new MemoryStore(),
  capabilities: { anyAttribute: true },
  ...randomStoreOptions(),
});

/** A resource of another type without any attribute. */
const bare = { resource: {}, keys: {}, selection: nothing, caseExact: nothing, events: () => [] };

function unwrap<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Nothing was found.');
  return value;
}

describe('MemoryStore', () => {
  it('returns synchronously, without a promise', () => {
    const store = new MemoryStore();
    const { resource } = store.create(newUser('ada'), ctx());
    expect(store.get(resource.id, nothing, ctx())).toBe(resource);
  });

  it('shares what did not change, and leaves what it handed out before as it was', () => {
    const store = new MemoryStore();
    const emails = [{ value: 'ada@example.com' }];
    const before = store.create(newUser('ada', { emails, title: 'Dr' }), ctx()).resource;
    const result = unwrap(store.update(before.id, change<User>({ set: { nickName: 'A' }, unset: ['title'] }), ctx()));
    expect(result.before).toBe(before);
    expect(before).toMatchObject({ title: 'Dr' });
    expect(before).not.toHaveProperty('nickName');
    expect(result.resource.emails).toBe(emails);
    expect(unwrap(store.update(before.id, change<User>({ set: { nickName: 'A' } }), ctx())).resource).toBe(
      result.resource,
    );
  });

  it('never lets lastModified go back, whatever the clock does', () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const store = new MemoryStore({ clock: () => now });
    const { resource } = store.create(newUser('ada'), ctx());
    now -= 3_600_000;
    const later = unwrap(store.update(resource.id, change<User>({ set: { title: 'Dr' } }), ctx())).resource;
    expect(later.meta).toMatchObject({ created: '2026-01-01T00:00:00.000Z', lastModified: '2026-01-01T00:00:00.000Z' });
  });

  it('uses `mintId`, and throws for an id that is in use in any resource type', async () => {
    const ids = ['one', 'two', 'one'];
    const store = new MemoryStore({ mintId: () => ids.shift() ?? 'none' });
    expect(store.create(newUser('ada'), ctx()).resource.id).toBe('one');
    expect(store.resources('Device').create(bare, ctx())).toMatchObject({ resource: { id: 'two' } });
    await expect(async () => groupsIn(store).create(newGroup('Crew'), ctx())).rejects.toThrow('mintId');
  });

  it('frees the key of a unique attribute that a change removes, also inside an extension', () => {
    const store = new MemoryStore();
    const badge = 'urn:example:2.0:Badge';
    const path = `${badge}:number`;
    const create = (name: string, number: string) =>
      store.create({ ...newUser(name, { [badge]: { number } }), keys: { userName: name, [path]: number } }, ctx());
    const { id } = create('ada', '1').resource;
    expect(() => create('bob', '1')).toThrow(expect.objectContaining({ attribute: path }));
    store.update(id, change<User>({ set: { [badge]: { color: 'red' } }, keys: { [path]: null } }), ctx());
    const bob = create('bob', '1').resource;
    expect(() =>
      store.update(id, { ...change<User>({ set: { [badge]: { number: '1' } } }), keys: { [path]: '1' } }, ctx()),
    ).toThrow(expect.objectContaining({ attribute: path }));
    store.update(bob.id, change<User>({ unset: [badge], keys: { [path]: null } }), ctx());
    expect(create('eve', '1').changed).toBe(true);
    expect(() => create('ada', '2')).toThrow(expect.objectContaining({ attribute: 'userName' }));
  });

  it('finds by the normalized userName, whatever the unique key is', () => {
    const store = new MemoryStore();
    const find = (value: string) =>
      store.list({ ...listQuery<User>({ filter: eq('userName', value) }), matches: () => true }, ctx()).totalResults;
    // Full-width letters are mapped (RFC 8265).
    store.create({ ...newUser('ＡＤＡ'), keys: { userName: 'ada' } }, ctx());
    store.create({ ...newUser('Bob'), keys: { userName: 'of another making' } }, ctx());
    expect([find('ada'), find('bob'), find('of another making')]).toEqual([1, 1, 1]);
    const [ada, bob] = store.list(listQuery<User>(), ctx()).resources;
    store.update(unwrap(ada).id, change<User>({ set: { userName: 'eve' } }), ctx());
    store.delete(unwrap(bob).id, removal(), ctx());
    expect([find('ada'), find('eve'), find('bob'), find('of another making')]).toEqual([0, 1, 0, 0]);
  });

  it('judges references before unique keys', async () => {
    const groups = groupsIn(new MemoryStore());
    await groups.create(newGroup('Crew', [], { keys: { displayName: 'crew' } }), ctx());
    const both = newGroup('CREW', ['nobody'], { keys: { displayName: 'crew' } });
    await expect(async () => groups.create(both, ctx())).rejects.toMatchObject({ status: 400 });
    await expect(async () => groups.create({ ...both, members: members({}) }, ctx())).rejects.toMatchObject({
      status: 409,
    });
  });

  it('says of what type a member is, and shows a pending one as it was sent', async () => {
    const store = new MemoryStore();
    const groups = groupsIn(store);
    const [a = ''] = await users(store, 1);
    const inner = (await groups.create(newGroup('Inner'), ctx())).resource.id;
    const device = (await store.resources('Device').create(bare, ctx())).resource.id;
    const add = [
      { value: a, display: 'stale' },
      { value: inner, type: 'User' as const },
      { value: 'later', display: 'Later' },
      { value: device },
    ];
    const created = await groups.create(newGroup('Crew', [], { members: { add, remove: [], pending: 'keep' } }), ctx());
    expect(created.resource.members).toEqual([
      { value: a, type: 'User' },
      { value: inner, type: 'Group' },
      { value: 'later', display: 'Later' },
      { value: device, type: 'Device' },
    ]);
  });

  it('distinguishes direct and indirect groups, nearest first, and ends when groups contain each other', async () => {
    const store = new MemoryStore();
    const groups = groupsIn(store);
    const [a = ''] = await users(store, 1);
    const make = async (name: string, ids: readonly string[]) =>
      (await groups.create(newGroup(name, ids), ctx())).resource.id;
    const crew = await make('Crew', [a]);
    const staff = await make('Staff', [crew]);
    const all = await make('All', [staff, a]);
    await groups.update(crew, change<Group>({ members: members({ add: [all, crew] }) }), ctx());
    const found = await groups.groupsOf?.([a], ctx());
    expect(found?.get(a)).toEqual([
      { value: crew, display: 'Crew', type: 'direct' },
      { value: all, display: 'All', type: 'direct' },
      { value: staff, display: 'Staff', type: 'indirect' },
    ]);
    const byGroup = async (value: string) =>
      (await store.list(listQuery<User>({ filter: eq('groups.value', value) }), ctx())).resources.map(({ id }) => id);
    expect(await byGroup(staff)).toEqual([a]);
    await groups.delete(staff, removal(), ctx());
    expect(await byGroup(staff)).toEqual([]);
    expect((await groups.groupsOf?.([a], ctx()))?.get(a)).toHaveLength(2);
  });

  it('lets a filter read display names of members, and all members where it asks for more than one', async () => {
    const store = new MemoryStore();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await users(store, 2);
    await groups.create(newGroup('Both', [a, b]), ctx());
    await groups.create(newGroup('One', [a]), ctx());
    const find = async (filter: Parameters<typeof listQuery>[0]) =>
      (await groups.list(listQuery<Group>(filter), ctx())).resources.map(({ displayName }) => displayName);
    expect(await find({ filter: eq('members.display', 'user 1') })).toEqual(['Both']);
    const other = { op: 'eq' as const, attribute: attribute('members.value'), value: b };
    expect(
      await find({
        filter: {
          op: 'and',
          filters: [eq('members.value', a), { op: 'or', filters: [other, eq('displayName', 'none')] }],
        },
      }),
    ).toEqual(['Both']);
    expect(
      await find({ filter: { op: 'and', filters: [{ op: 'not', filter: other }, eq('displayName', 'one')] } }),
    ).toEqual(['One']);
  });

  it('sorts by what is not kept in the resource itself', async () => {
    const store = new MemoryStore();
    const groups = groupsIn(store);
    const [a = '', b = ''] = (await users(store, 2)).sort();
    await groups.create(newGroup('Last', [b]), ctx());
    await groups.create(newGroup('First', [a]), ctx());
    const sort = [{ attribute: attribute('members.value'), descending: false }];
    const page = await groups.list(listQuery<Group>({ sort, filter: eq('members.value', a) }), ctx());
    expect(page.resources).toMatchObject([{ displayName: 'First' }]);
    const all = await groups.list(listQuery<Group>({ sort }), ctx());
    expect(all.resources.map(({ displayName }) => displayName)).toEqual(['First', 'Last']);
    expect(all.resources[0]).not.toHaveProperty('members');
  });

  it('keeps lists in the order of creation through changes', async () => {
    const store = new MemoryStore();
    const ids = await users(store, 5);
    store.update(ids[1] ?? '', change<User>({ set: { userName: 'changed', active: true } }), ctx());
    store.update(ids[0] ?? '', change<User>({ set: { active: true } }), ctx());
    const all = store.list(listQuery<User>(), ctx()).resources.map(({ id }) => id);
    expect(all).toEqual(ids);
    expect(store.list(listQuery<User>({ filter: eq('active', true) }), ctx()).resources.map(({ id }) => id)).toEqual(
      ids.slice(0, 2),
    );
  });

  it('keeps further resource types by name, and throws for User and Group', () => {
    const store = new MemoryStore();
    expect(store.resources('Device')).toBe(store.resources('Device'));
    expect(() => store.resources('User')).toThrow(TypeError);
  });

  it('returns what it deletes, and leaves the events to the library', () => {
    const store = new MemoryStore();
    const { resource } = store.create(newUser('ada'), ctx());
    const seen: Seen = [];
    expect(store.delete(resource.id, removal(undefined, seen), ctx())).toEqual({ resource, changed: true });
    expect(store.delete(resource.id, removal(undefined, seen), ctx())).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it('names users and groups, each in the store of its type', async () => {
    const store = new MemoryStore();
    const named = store.create(newUser('ada', { displayName: 'Ada L' }), ctx()).resource.id;
    const bare = store.create(newUser('bob'), ctx()).resource.id;
    const group = (await groupsIn(store).create(newGroup('Crew'), ctx())).resource.id;
    const ids = [named, bare, group, 'none'];
    expect([...store.namesOf(ids, ctx())]).toEqual([
      [named, 'Ada L'],
      [bare, 'bob'],
    ]);
    expect([...((await groupsIn(store).namesOf?.(ids, ctx())) ?? [])]).toEqual([[group, 'Crew']]);
    expect(await memberIds(groupsIn(store), group)).toEqual([]);
    expect(unwrap(await groupsIn(store).get(group, withMembers, ctx())).members).toEqual([]);
  });
});

describe('MemoryStore: large groups', () => {
  const many = (count: number, prefix = 'm'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const group = (name: string, ids: readonly string[]) => ({
    ...newGroup(name, []),
    members: members({ add: ids, pending: 'keep' }),
  });
  const adds = (add: readonly string[], remove: readonly string[] = []) =>
    change<Group>({ members: members({ add, remove, pending: 'keep' }) });

  it('sees what is written while a large change pauses', async () => {
    const store = new MemoryStore();
    const { resource: ada } = store.create(newUser('ada'), ctx());
    const { resource: bob } = store.create(newUser('bob'), ctx());
    const { id } = unwrap(await store.groups.create(group('Everybody', many(6_000)), ctx())).resource;
    const change = members({ add: [...many(6_000, 'n'), ada.id, bob.id], pending: 'keep', only: true });
    const running = store.groups.update(id, { ...adds([]), members: { ...change, pending: 'ignore' } }, ctx());
    expect(running).toBeInstanceOf(Promise);
    store.delete(ada.id, removal(), ctx());
    await store.groups.update(id, adds(['late']), ctx());
    const { added, removed } = unwrap(await running);
    expect(added).toEqual([bob.id]);
    expect(removed).toEqual([...many(6_000), 'late']);
    expect(await memberIds(store.groups, id)).toEqual([bob.id]);
  });

  it('plans a large change again until nothing comes in between, and then does not pause', async () => {
    const store = new MemoryStore();
    const { id } = unwrap(await store.groups.create(group('Everybody', []), ctx())).resource;
    let isRunning = true;
    const busy = (): void => {
      if (!isRunning) return;
      store.create(newUser(`user${Math.random()}`), ctx());
      setImmediate(busy);
    };
    busy();
    await store.groups.update(id, adds(many(6_000)), ctx());
    isRunning = false;
    expect(await memberIds(store.groups, id)).toHaveLength(6_000);
  });

  it('bounds the members of one page: an index page is refused, a cursor page ends early', async () => {
    const store = new MemoryStore();
    for (let i = 0; i < 5; i++) await store.groups.create(group(`g${i}`, many(60_000)), ctx());
    const query = { selection: withMembers } as const;
    expect(() => store.groups.list(listQuery<Group>({ ...query, page: index(0, 5) }), ctx())).toThrow(
      expect.objectContaining({ scimType: 'tooMany' }),
    );
    const first = await store.groups.list(listQuery<Group>({ ...query, page: cursor(5) }), ctx());
    expect(first.resources.map(({ displayName }) => displayName)).toEqual(['g0', 'g1', 'g2']);
    const rest = await store.groups.list(
      listQuery<Group>({ ...query, page: cursor(5, { after: unwrap(first.next) }) }),
      ctx(),
    );
    expect(rest.resources.map(({ displayName }) => displayName)).toEqual(['g3', 'g4']);
    expect(rest.next).toBeUndefined();
  });
});
