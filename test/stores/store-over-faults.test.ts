import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ScimContext } from '../../src/contract/context.js';
import type { Group, User } from '../../src/contract/resource.js';
import { ConflictError, UnavailableError } from '../../src/errors.js';
import { type StoreOver, storeOver, type StorePrimitives, type StoreRecord } from '../../src/stores/index.js';
import {
  change,
  ctx,
  everything,
  listQuery,
  members,
  newGroup,
  newUser,
  removal,
  withMembers,
} from '../../src/testing/requests.js';
import { RecordMap } from './trial/map-primitives.js';

afterEach(() => {
  jest.restoreAllMocks();
});

/** A user in a group, in a database that several processes share. */
async function crew(): Promise<{ map: RecordMap; user: string; group: string; version: string }> {
  const map = new RecordMap();
  const store = storeOver(map.primitives());
  const user = (await store.create(newUser('ada'), ctx())).resource.id;
  const { id, meta } = (await store.groups.create(newGroup('Crew', [user]), ctx())).resource;
  return { map, user, group: id, version: meta.version };
}

describe('a process that ends in the middle of a deletion', () => {
  const reads: readonly (readonly [
    string,
    (store: ReturnType<typeof storeOver>, group: string) => Promise<unknown>,
  ])[] = [
    ['get', async ({ groups }, id) => (await groups.get(id, withMembers, ctx()))?.members],
    [
      'list',
      async ({ groups }) =>
        (await groups.list(listQuery<Group>({ selection: withMembers }), ctx())).resources[0]?.members,
    ],
    [
      'update',
      async ({ groups }, id) =>
        (await groups.update(id, change<Group>({ set: { displayName: 'C' }, selection: withMembers }), ctx()))?.resource
          .members,
    ],
  ];

  it.each(reads)('leaves no membership that %s of another process shows', async (_, read) => {
    const { map, user, group, version } = await crew();
    const primitives = map.primitives();
    let writes = 0;
    const dying = storeOver({
      ...primitives,
      // Only its first write is made.
      replaceIf: (...call) => (++writes === 1 ? primitives.replaceIf(...call) : new Promise<never>(() => undefined)),
    });
    void dying.delete(user, removal(), ctx());
    while (writes < 2) await new Promise((resolve) => setImmediate(resolve));

    // No personal data waits for the deletion to end.
    const deleted = [...map.records.values()].find(({ id }) => id === user);
    expect([deleted?.type, deleted?.attributes, deleted?.keys, deleted?.members]).toEqual(['#deleted', {}, {}, []]);
    const store = storeOver(primitives);
    expect(await store.get(user, everything, ctx())).toBeUndefined();
    expect((await store.list(listQuery<User>(), ctx())).totalResults).toBe(0);
    expect(await read(store, group)).toEqual([]);
    expect((await store.groups.get(group, withMembers, ctx()))?.meta.version).not.toBe(version);
    expect([...map.records.values()].map(({ type }) => type)).toEqual(['Group']);
    expect((await store.create(newUser('ada'), ctx())).changed).toBe(true);
  });

  it('leaves no membership in groupsOf', async () => {
    const { map, user } = await crew();
    const primitives = map.primitives();
    const failing = storeOver({ ...primitives, remove: () => Promise.reject(new Error('The connection was lost.')) });
    expect(await failing.delete(user, removal(), ctx())).toMatchObject({ changed: true });
    expect(await storeOver(primitives).groups.groupsOf?.([user], ctx())).toEqual(new Map([[user, []]]));
  });
});

it('a user who is deleted by another process while it is added is no member', async () => {
  const { map } = await crew();
  const primitives = map.primitives();
  const other = storeOver(primitives);
  const bob = (await other.create(newUser('bob'), ctx())).resource.id;
  const { id } = (await other.groups.create(newGroup('Late'), ctx())).resource;
  const store = storeOver({
    ...primitives,
    replaceIf: async (...call) => {
      await other.delete(bob, removal(), ctx());
      return primitives.replaceIf(...call);
    },
  });
  const result = await store.groups.update(
    id,
    change<Group>({ members: members({ add: [bob] }), selection: withMembers }),
    ctx(),
  );
  expect(result?.resource.members).toEqual([]);
  expect((await other.groups.get(id, withMembers, ctx()))?.members).toEqual([]);
});

describe('a change that always loses', () => {
  const losing = async (): Promise<{
    readonly tries: () => number;
    readonly update: (ctx: ScimContext) => unknown;
  }> => {
    const { map, user } = await crew();
    let count = 0;
    const store = storeOver({ ...map.primitives(), replaceIf: () => ++count < 0 });
    const update = (context: ScimContext): unknown =>
      store.update(user, change<User>({ set: { title: 'Dr' } }), context);
    return { tries: () => count, update };
  };

  it('fails with 503 after 100 attempts', async () => {
    const { tries, update } = await losing();
    jest.spyOn(Math, 'random').mockReturnValue(0);
    await expect(update(ctx())).rejects.toBeInstanceOf(UnavailableError);
    expect(tries()).toBe(100);
  });

  it('fails with 503 at the deadline of the request', async () => {
    const { tries, update } = await losing();
    const aborter = new AbortController();
    const result = update({ ...ctx(), signal: aborter.signal });
    while (tries() < 3) await new Promise((resolve) => setImmediate(resolve));
    aborter.abort();
    await expect(result).rejects.toBeInstanceOf(UnavailableError);
    const then = tries();
    expect(then).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(tries()).toBe(then);
  });
});

describe('a database that responds to a read after the deadline', () => {
  const requests: readonly (readonly [string, (store: StoreOver, user: string, context: ScimContext) => unknown])[] = [
    ['update', (store, user, context) => store.update(user, change<User>({ set: { title: 'Dr' } }), context)],
    ['delete', (store, user, context) => store.delete(user, removal(), context)],
    ['create', (store, user, context) => store.groups.create(newGroup('Late', [user]), context)],
  ];

  it.each(requests)('gets no write of %s', async (_, request) => {
    const { map, user } = await crew();
    const primitives = map.primitives();
    const aborter = new AbortController();
    const written: string[] = [];
    const store = storeOver({
      ...primitives,
      find: async (...call) => {
        const found = await primitives.find(...call);
        aborter.abort();
        return found;
      },
      insert: (record, ...rest) => (written.push(record.id), primitives.insert(record, ...rest)),
      replaceIf: (record, ...rest) => (written.push(record.id), primitives.replaceIf(record, ...rest)),
    });
    await expect(request(store, user, { ...ctx(), signal: aborter.signal })).rejects.toBeInstanceOf(UnavailableError);
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual([]);
  });
});

it('a call that never ends holds up the next change of the resource only until its deadline', async () => {
  const { map, user } = await crew();
  const primitives = map.primitives();
  let calls = 0;
  const store = storeOver({
    ...primitives,
    replaceIf: (...call) => (++calls === 1 ? new Promise<never>(() => undefined) : primitives.replaceIf(...call)),
  });
  const aborter = new AbortController();
  const first = store.update(user, change<User>({ set: { title: 'A' } }), { ...ctx(), signal: aborter.signal });
  while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = store.update(user, change<User>({ set: { title: 'B' } }), ctx());
  aborter.abort();
  await expect(first).rejects.toBeInstanceOf(UnavailableError);
  expect((await second)?.resource.title).toBe('B');
});

describe('a write that is made although its call fails', () => {
  it('is a no-op, or a conflict, when the client retries', async () => {
    const { map, user } = await crew();
    const primitives = map.primitives();
    const fail = (): never => {
      throw new Error('The response was lost.');
    };
    const store = storeOver({
      ...primitives,
      insert: async (...call) => (await primitives.insert(...call), fail()),
      replaceIf: async (...call) => (await primitives.replaceIf(...call), fail()),
    });
    const title = change<User>({ set: { title: 'Dr' } });
    await expect(store.update(user, title, ctx())).rejects.toThrow('The response was lost.');
    expect(await store.update(user, title, ctx())).toMatchObject({ changed: false, resource: { title: 'Dr' } });
    await expect(store.create(newUser('bob'), ctx())).rejects.toThrow('The response was lost.');
    await expect(store.create(newUser('Bob'), ctx())).rejects.toBeInstanceOf(ConflictError);
  });
});

describe('primitives that return what they should not', () => {
  const store = async (wrong: (right: StorePrimitives, record: StoreRecord) => Partial<StorePrimitives>) => {
    const { map, user, group } = await crew();
    const record = [...map.records.values()].find(({ id }) => id === user);
    if (record === undefined) throw new Error('The user is in the database.');
    const right = map.primitives();
    const made = storeOver({ ...right, ...wrong(right, record) });
    return { user, group, made, get: () => made.get(user, everything, ctx()) };
  };

  it.each<readonly [string, (record: StoreRecord) => unknown, RegExp]>([
    ['no list', () => null, /must return a list/],
    ['a record of another tenant', (record) => [{ ...record, tenant: 'other' }], /another tenant/],
    ['a record with another id', (record) => [{ ...record, id: 'x' }], /an ID that it was not given/],
    ['null for a record', () => [null], /the record itself/],
    ['a record as text', (record) => [JSON.stringify(record)], /the record itself/],
    ['a version as text', (record) => [{ ...record, version: '1' }], /version/],
    ['attributes as text', (record) => [{ ...record, attributes: '{}' }], /attributes/],
    ['no keys', (record) => [{ ...record, keys: undefined }], /keys/],
    ['a key that is null', (record) => [{ ...record, keys: { userName: null } }], /keys/],
    ['members as an object', (record) => [{ ...record, members: {} }], /members/],
    ['a member without an id', (record) => [{ ...record, members: [{ value: '' }] }], /members/],
    ['a date', (record) => [{ ...record, created: new Date() }], /created/],
  ])('%s from find', async (_, wrong, message) => {
    const { get } = await store((_right, record) => ({ find: () => wrong(record) as StoreRecord[] }));
    await expect(get()).rejects.toThrow(message);
  });

  it.each<readonly [string, (record: StoreRecord) => unknown, RegExp]>([
    ['no list', () => undefined, /must return a list/],
    ['a record of another tenant', (record) => [{ ...record, tenant: 'other' }], /another tenant/],
    ['a record of another type', (record) => [{ ...record, type: 'Group' }], /another tenant or type/],
  ])('%s from scan', async (_, wrong, message) => {
    const { made } = await store((_right, record) => ({ scan: () => wrong(record) as StoreRecord[] }));
    await expect(made.list(listQuery<User>(), ctx())).rejects.toThrow(message);
  });

  it('neither true nor false from replaceIf', async () => {
    const { made, user } = await store(() => ({ replaceIf: () => 1 as unknown as boolean }));
    const title = change<User>({ set: { title: 'Dr' } });
    await expect(made.update(user, title, ctx())).rejects.toThrow(/must return true/);
  });

  it('are refused when the store is made, where one is missing', () => {
    const { scan: _scan, ...rest } = new RecordMap().primitives();
    expect(() => storeOver(rest as StorePrimitives)).toThrow(
      'storeOver: the first argument must have a function scan. See express-scim/docs/stores.md',
    );
  });
});

it('refuses the groups of users who are in more than 200,000 together, and reads those of one user', async () => {
  const map = new RecordMap();
  const primitives = map.primitives();
  const { id } = (await storeOver(primitives).groups.create(newGroup('Crew'), ctx())).resource;
  const [record] = [...map.records.values()].filter((each) => each.id === id);
  if (record === undefined) throw new Error('The group was not stored.');
  const ids = Array.from({ length: 500 }, (_, i) => `u${String(i)}`);
  const all = ids.map((value) => ({ value }));
  const { groups } = storeOver({
    ...primitives,
    async *scan(query) {
      if (query.type !== 'Group' || query.where?.values.includes('u0') !== true) return;
      for (let i = 0; i < 401; i++) yield { ...record, id: `g${String(i)}`, members: all };
    },
  });
  await expect(groups.groupsOf?.(ids, ctx())).rejects.toMatchObject({ scimType: 'tooMany' });
  expect((await groups.groupsOf?.(['u0'], ctx()))?.get('u0')).toHaveLength(401);
});
