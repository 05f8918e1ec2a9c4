import { describe, expect, it } from '@jest/globals';
import type { Group, User } from '../../src/contract/resource.js';
import { TooManyError } from '../../src/errors.js';
import { type RecordIndex, type RecordQuery, storeOver, type StorePrimitives } from '../../src/stores/index.js';
import {
  change,
  ctx,
  eq,
  listQuery,
  members,
  newGroup,
  newUser,
  removal,
  withMembers,
} from '../../src/testing/requests.js';
import { RecordMap } from './trial/map-primitives.js';

/** The queries and indexes that the primitives get. */
function observed(primitives: StorePrimitives): {
  readonly primitives: StorePrimitives;
  readonly queries: RecordQuery[];
  readonly indexes: RecordIndex[];
  readonly idsAtOnce: number[];
} {
  const queries: RecordQuery[] = [];
  const indexes: RecordIndex[] = [];
  const idsAtOnce: number[] = [];
  return {
    queries,
    indexes,
    idsAtOnce,
    primitives: {
      ...primitives,
      insert: (record, index) => {
        indexes.push(index);
        return primitives.insert(record, index);
      },
      find: (tenant, ids) => {
        idsAtOnce.push(ids.length);
        return primitives.find(tenant, ids);
      },
      scan: (query) => {
        queries.push(query);
        return primitives.scan(query);
      },
    },
  };
}

describe('what storeOver asks of a database', () => {
  it('is an index of normalized values, unique keys and members', async () => {
    const { primitives, indexes } = observed(new RecordMap().primitives());
    const store = storeOver(primitives, {
      userIndexes: [{ path: 'title', keys: ['title'], caseExact: false }],
    });
    const { resource } = await store.create(
      newUser('Ada', { title: 'Dr', externalId: 'E1', emails: [{ value: 'A@x.example' }, { value: 'b@x.example' }] }),
      ctx(),
    );
    await store.groups.create(newGroup('Crew', [resource.id]), ctx());
    expect(indexes).toEqual([
      { userName: ['ada'], title: ['dr'], externalId: ['E1'], 'emails.value': ['a@x.example', 'b@x.example'] },
      { displayName: ['crew'], 'members.value': [resource.id] },
    ]);
  });

  it.each(['userName', 'externalId', 'displayName', 'emails.value'])('is a lookup for %s eq', async (path) => {
    const { primitives, queries } = observed(new RecordMap().primitives());
    const store = storeOver(primitives);
    await store.list(listQuery<User>({ filter: eq(path, 'ada') }), ctx());
    expect(queries).toEqual([{ tenant: 'acme', type: 'User', where: { path, values: ['ada'] } }]);
  });

  it('is a read by key for id eq', async () => {
    const { primitives, queries } = observed(new RecordMap().primitives());
    const store = storeOver(primitives);
    const { resource } = await store.create(newUser('ada'), ctx());
    const page = await store.list(listQuery<User>({ filter: eq('id', resource.id) }), ctx());
    expect([page.totalResults, queries]).toEqual([1, []]);
    expect((await store.groups.list(listQuery<Group>({ filter: eq('id', resource.id) }), ctx())).totalResults).toBe(0);
  });

  it('is at most 500 ids at once', async () => {
    const { primitives, idsAtOnce } = observed(new RecordMap().primitives());
    const ids = Array.from({ length: 1_201 }, (_, i) => `nobody${String(i)}`);
    expect((await storeOver(primitives).namesOf?.(ids, ctx()))?.size).toBe(0);
    expect(idsAtOnce).toEqual([500, 500, 201]);
  });

  it('has the unique keys that options.keys names, and no others', async () => {
    const map = new RecordMap();
    const store = storeOver(map.primitives(), { keys: ['userName'] });
    const badge = 'urn:example:Badge:number';
    const { resource } = await store.create({ ...newUser('ada'), keys: { userName: 'ada', [badge]: '7' } }, ctx());
    await store.update(resource.id, { ...change<User>({ set: { title: 'Dr' } }), keys: { [badge]: '8' } }, ctx());
    expect([...map.records.values()].map(({ keys }) => keys)).toEqual([{ userName: 'ada' }]);
    expect(store.supports?.keys).toEqual(['userName']);
  });
});

describe('storeOver', () => {
  it('refuses a list that would read more than maxScanned records, and still finds a user by name', async () => {
    const store = storeOver(new RecordMap().primitives(), { maxScanned: 2 });
    for (const name of ['ada', 'bob']) await store.create(newUser(name), ctx());
    expect((await store.list(listQuery<User>(), ctx())).totalResults).toBe(2);
    await store.create(newUser('cy'), ctx());
    await expect(store.list(listQuery<User>(), ctx())).rejects.toBeInstanceOf(TooManyError);
    expect((await store.list(listQuery<User>({ filter: eq('userName', 'cy') }), ctx())).totalResults).toBe(1);
  });

  it('keeps further resource types, which can be members', async () => {
    const store = storeOver(new RecordMap().primitives());
    const devices = store.resources('Device');
    expect(store.resources('Device')).toBe(devices);
    expect(() => store.resources('User')).toThrow(TypeError);
    const { resource } = await devices.create(
      { ...newGroup(''), members: undefined, resource: { displayName: 'Scanner' }, events: () => [] },
      ctx(),
    );
    const group = await store.groups.create(newGroup('Things', [resource.id]), ctx());
    expect(group.resource.members).toEqual([{ value: resource.id, type: 'Device' }]);
    const ids = [resource.id, group.resource.id];
    expect(await devices.namesOf?.(ids, ctx())).toEqual(new Map([[resource.id, 'Scanner']]));
    expect(await store.groups.namesOf?.(ids, ctx())).toEqual(new Map([[group.resource.id, 'Things']]));
    expect(await store.namesOf?.(ids, ctx())).toEqual(new Map());
    expect(await store.get(resource.id, withMembers, ctx())).toBeUndefined();
    await devices.delete(resource.id, removal(), ctx());
    expect((await store.groups.get(group.resource.id, withMembers, ctx()))?.members).toEqual([]);
  });

  it('keeps a pending member as it was sent, also where it names a type', async () => {
    const store = storeOver(new RecordMap().primitives());
    const { resource } = await store.groups.create(newGroup('Crew'), ctx());
    const pending = { add: [{ value: 'later', type: 'User' }], remove: [], pending: 'keep' } as const;
    const selection = withMembers;
    const result = await store.groups.update(resource.id, change<Group>({ members: pending, selection }), ctx());
    expect(result?.resource.members).toEqual([{ value: 'later', type: 'User' }]);
    expect((await store.groups.get(resource.id, withMembers, ctx()))?.members).toEqual([
      { value: 'later', type: 'User' },
    ]);
  });

  it('never lets lastModified go back', async () => {
    let now = 2_000_000;
    const store = storeOver(new RecordMap().primitives(), { clock: () => now });
    const { resource } = await store.create(newUser('ada'), ctx());
    now = 1_000_000;
    const result = await store.update(resource.id, change<User>({ set: { title: 'Dr' } }), ctx());
    expect(result?.resource.meta.lastModified).toBe(resource.meta.lastModified);
  });

  it('makes the changes of one process to one group one after the other, without a lost race', async () => {
    const map = new RecordMap();
    let races = 0;
    const primitives = map.primitives();
    const store = storeOver({
      ...primitives,
      replaceIf: async (...call) => {
        const replaced = await primitives.replaceIf(...call);
        if (!replaced) races++;
        return replaced;
      },
    });
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push((await store.create(newUser(`u${String(i)}`), ctx())).resource.id);
    const { resource } = await store.groups.create(newGroup('Crew'), ctx());
    await Promise.all(
      ids.map((id) => store.groups.update(resource.id, change<Group>({ members: members({ add: [id] }) }), ctx())),
    );
    const after = await store.groups.get(resource.id, withMembers, ctx());
    expect(after?.members?.map(({ value }) => value).sort()).toEqual(ids.sort());
    expect(races).toBe(0);
  });
});
