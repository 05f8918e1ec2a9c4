import { describe, expect, it } from '@jest/globals';
import type { Group, User } from '../../../src/contract/resource.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { operations } from '../operations.js';
import {
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
} from '../../../src/testing/requests.js';

async function filled(count: number): Promise<{ store: MemoryStore; ids: string[]; group: string }> {
  const store = new MemoryStore();
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const more = { externalId: `x${i}`, displayName: `User ${i}`, emails: [{ value: `User${i}@example.com` }] };
    ids.push(store.create(newUser(`User${i}`, more), ctx()).resource.id);
  }
  const created = await store.groups.create(newGroup('Everybody', ids, { selection: nothing }), ctx());
  return { store, ids, group: created.resource.id };
}

const small = await filled(50);
const large = await filled(50_000);

describe('MemoryStore: what an operation costs', () => {
  const watched = (query: Parameters<typeof listQuery<User>>[0]) => (side: typeof small) => {
    let matched = 0;
    const given = listQuery<User>(query);
    side.store.list({ ...given, matches: (user) => (matched++, given.matches(user)) }, ctx());
    return matched;
  };

  it.each([
    ['userName', 'user7'],
    ['externalId', 'x7'],
    ['displayName', 'user 7'],
    ['emails.value', 'user7@example.com'],
  ])('asks the filter of one user where %s equals something', (path, value) => {
    for (const side of [small, large]) expect(watched({ filter: eq(path, value) })(side)).toBe(1);
  });

  it.each<[string, (side: typeof small) => unknown]>([
    ['get', ({ store, ids }) => store.get(ids[7] ?? '', nothing, ctx())],
    ['a lookup by userName', ({ store }) => store.list(listQuery<User>({ filter: eq('userName', 'user7') }), ctx())],
    [
      'the groups of a user, by filter',
      ({ store, ids }) => store.groups.list(listQuery<Group>({ filter: eq('members.value', ids[7] ?? '') }), ctx()),
    ],
    ['the groups of a user', ({ store, ids }) => store.groups.groupsOf?.([ids[7] ?? ''], ctx())],
    ['the first page', ({ store }) => store.list(listQuery<User>({ page: index(0, 10) }), ctx())],
    [
      'a page in the middle',
      ({ store, ids }) => store.list(listQuery<User>({ page: index(ids.length / 2, 10) }), ctx()),
    ],
    [
      'a page by cursor',
      ({ store, ids }) => store.list(listQuery<User>({ page: cursor(10, { after: [ids.length / 2] }) }), ctx()),
    ],
    [
      'a change of a user',
      ({ store, ids }) => store.update(ids[7] ?? '', change<User>({ set: { title: 'Dr' } }), ctx()),
    ],
    [
      'taking a member out',
      ({ store, ids, group }) =>
        store.groups.update(group, change<Group>({ members: members({ remove: [ids[7] ?? ''] }) }), ctx()),
    ],
    [
      'adding a member',
      ({ store, ids, group }) =>
        store.groups.update(group, change<Group>({ members: members({ add: [ids[7] ?? ''] }) }), ctx()),
    ],
    [
      'renaming the group',
      ({ store, group }) => store.groups.update(group, change<Group>({ set: { displayName: 'All' } }), ctx()),
    ],
    ['creating a user', ({ store }) => store.create(newUser('new'), ctx())],
    ['deleting a user with its membership', ({ store, ids }) => store.delete(ids[9] ?? '', removal(), ctx())],
  ])('takes %s as many steps among 50,000 as among 50', (_, work) => {
    const steps = operations(() => work(small));
    expect(steps).toBeGreaterThan(0);
    // Binary searches over more chunks are the only difference.
    expect(operations(() => work(large))).toBeLessThanOrEqual(steps + 25);
  });

  it('asks the filter of the fewest where several things are equal', () => {
    const store = new MemoryStore();
    for (let i = 0; i < 100; i++) store.create(newUser(`user${i}`, { displayName: 'Same', externalId: 'same' }), ctx());
    const same = ['displayName', 'externalId'].map((path) => eq(path, 'same'));
    const side = { store, ids: [], group: '' };
    expect(watched({ filter: { op: 'and', filters: [...same, eq('userName', 'user7')] } })(side)).toBe(1);
    expect(watched({ filter: { op: 'and', filters: [eq('userName', 'user7'), ...same] } })(side)).toBe(1);
  });

  it('leaves the indexes alone where a change does not touch them', () => {
    const store = new MemoryStore();
    const emails = Array.from({ length: 100 }, (_, i) => ({ value: `${i}@example.com` }));
    const { id } = store.create(newUser('ada', { emails }), ctx()).resource;
    expect(operations(() => store.update(id, change<User>({ set: { title: 'Dr' } }), ctx()))).toBeLessThan(50);
    expect(operations(() => store.update(id, change<User>({ set: { emails: [] } }), ctx()))).toBeGreaterThan(100);
  });

  it('takes many more steps for a scan, so the count is meaningful', () => {
    const all =
      ({ store, group }: typeof small) =>
      () =>
        store.groups.get(group, new Set(['members']), ctx());
    const scan = (side: typeof small) => watched({ filter: eq('title', 'nobody') })(side);
    expect(scan(large)).toBeGreaterThan(40_000);
    expect(
      operations(() => [...(large.store.groups.groupsOf?.(large.ids, ctx()) as Iterable<unknown>)]),
    ).toBeGreaterThan(40_000);
    expect(all(large)()).toBeDefined();
  });
});
