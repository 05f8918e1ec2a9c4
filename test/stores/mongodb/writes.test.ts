import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Group, User } from '../../../src/contract/resource.js';
import { createScimIndexes, mongoStore } from '../../../src/mongodb.js';
import {
  change,
  ctx,
  eq,
  everything,
  listQuery,
  members,
  newGroup,
  newUser,
  nothing,
  removal,
} from '../../../src/testing/requests.js';
import { finishDeletions } from '../../../src/stores/mongodb/deletions.js';
import { memberIds, users } from '../../stores/users.js';
import { type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;

describeWithServer('writes of mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  beforeAll(() => {
    database = new TestDatabase(url ?? '');
  });
  beforeEach(async () => {
    made = await database.make();
  });
  afterAll(() => database.close());

  const laterThanSettled = (): number => Date.now() + 600_000;
  const scope = () =>
    ({ resources: made.documents, tenant: 'acme' }) as unknown as Parameters<typeof finishDeletions>[0];

  describe('a deletion whose later statements fail', () => {
    it('has deleted the user, whose memberships the next read of a group removes', async () => {
      const { store, fault } = made;
      const [a = '', b = ''] = await users(store, 2);
      const { id, meta } = (await store.groups.create(newGroup('Crew', [a, b]), ctx())).resource;
      fault.breakFrom(2);
      expect((await store.delete(a, removal(), ctx()))?.changed).toBe(true);
      fault.breakFrom(undefined);
      expect(await store.get(a, nothing, ctx())).toBeUndefined();
      const stored = await made.documents.findOne({ _id: id });
      expect(stored?.['members']).toHaveLength(2);
      expect(await memberIds(store.groups, id)).toEqual([b]);
      expect((await store.groups.get(id, nothing, ctx()))?.meta.version).not.toBe(meta.version);
    });

    it('shows no deleted member in a list, or to a filter', async () => {
      const { store, fault } = made;
      const [a = ''] = await users(store, 1);
      await store.groups.create(newGroup('Crew', [a]), ctx());
      fault.breakFrom(2);
      await store.delete(a, removal(), ctx());
      fault.breakFrom(undefined);
      const filter = eq('members.value', a);
      expect((await store.groups.list(listQuery<Group>({ filter }), ctx())).totalResults).toBe(0);
    });

    it('fails as a whole when its first statement fails', async () => {
      const { store, fault } = made;
      const [a = ''] = await users(store, 1);
      const { id } = (await store.groups.create(newGroup('Crew', [a]), ctx())).resource;
      fault.breakFrom(1);
      await expect(store.delete(a, removal(), ctx())).rejects.toThrow('made to fail');
      fault.breakFrom(undefined);
      expect(await store.get(a, nothing, ctx())).toBeDefined();
      expect(await memberIds(store.groups, id)).toEqual([a]);
    });

    it('frees the unique keys in the same write that deletes', async () => {
      const { store, fault } = made;
      const [a = ''] = await users(store, 1);
      fault.breakFrom(2);
      await store.delete(a, removal(), ctx());
      fault.breakFrom(undefined);
      await expect(store.create(newUser('USER0'), ctx())).resolves.toMatchObject({ changed: true });
    });
  });

  describe('the record of a deletion', () => {
    it('removes once more a membership that a process left behind when it ended, and is then deleted', async () => {
      const { store } = made;
      const [a = '', b = ''] = await users(store, 2);
      const { id } = (await store.groups.create(newGroup('Crew', [b]), ctx())).resource;
      await store.delete(a, removal(), ctx());
      // What an addition writes whose process ends before it looks for deleted members.
      await made.documents.updateOne({ _id: id }, { $push: { members: { value: a, type: 'User' } } } as never);
      expect(await finishDeletions(scope())).toBe(false);
      expect(await finishDeletions(scope(), laterThanSettled())).toBe(true);
      expect(await memberIds(store.groups, id)).toEqual([b]);
      expect(await made.documents.findOne({ _id: a })).toBeNull();
    });

    it('does not keep the attributes of the user', async () => {
      const { store } = made;
      const { id } = (await store.create(newUser('ada', { title: 'Dr' }), ctx())).resource;
      await store.delete(id, removal(), ctx());
      expect(Object.keys((await made.documents.findOne({ _id: id })) ?? {}).sort()).toEqual(
        ['_id', 'created', 'due', 'modified', 'revision', 'swept', 'tenant', 'type', 'unique'].sort(),
      );
    });

    it('stays a few at a time: one read never deletes thousands', async () => {
      const { store } = made;
      for (const id of await users(store, 12)) await store.delete(id, removal(), ctx());
      await finishDeletions(scope(), laterThanSettled());
      expect(await made.documents.countDocuments({ type: '-' })).toBe(7);
    });
  });

  it('takes a member out again that was deleted between the check and the write', async () => {
    const { store, fault } = made;
    const [a = '', b = ''] = await users(store, 2);
    const { id } = (await store.groups.create(newGroup('Crew'), ctx())).resource;
    fault.before = async () => {
      fault.before = undefined;
      await store.delete(a, removal(), ctx());
    };
    const result = await store.groups.update(id, change<Group>({ members: members({ add: [a, b] }) }), ctx());
    expect(result?.added).toEqual([b]);
    expect((await made.documents.findOne({ _id: id }))?.['members']).toEqual([{ value: b, type: 'User' }]);
  });

  describe('an unconditional change that other clients overtake three times', () => {
    /** Makes another write before each of the next three updates. The change then names only what it depends on. */
    function overtake(write: (n: number) => Promise<unknown>): () => number {
      const { fault } = made;
      let overtakes = 0;
      fault.before = async (statement) => {
        if (statement !== 'findOneAndUpdate' || overtakes === 3) return;
        const { before } = fault;
        fault.before = undefined;
        await write(++overtakes);
        fault.before = before;
      };
      return () => overtakes;
    }

    it('keeps what they write, and adds a member once that they add too', async () => {
      const { store } = made;
      const [a = '', b = '', c = ''] = await users(store, 3);
      const { id } = (await store.groups.create(newGroup('Crew'), ctx())).resource;
      const overtakes = overtake(
        (n) =>
          store.groups.update(
            id,
            change<Group>({ set: { externalId: `x${String(n)}` }, members: members({ add: n === 3 ? [a] : [b] }) }),
            ctx(),
          ) as Promise<unknown>,
      );
      const result = await store.groups.update(
        id,
        change<Group>({ set: { displayName: 'Pilots' }, members: members({ add: [a, c] }) }),
        ctx(),
      );
      expect(overtakes()).toBe(3);
      expect(result?.added).toEqual([c]);
      expect(await store.groups.get(id, everything, ctx())).toMatchObject({ displayName: 'Pilots', externalId: 'x3' });
      expect(await memberIds(store.groups, id)).toEqual([a, b, c].sort());
    });

    it('removes a member once that they remove too', async () => {
      const { store } = made;
      const [a = '', b = '', c = ''] = await users(store, 3);
      const { id } = (await store.groups.create(newGroup('Crew', [a, b]), ctx())).resource;
      overtake((n) => {
        const one =
          n === 3 ? members({ remove: [a] }) : members({ add: n === 1 ? [c] : [], remove: n === 2 ? [c] : [] });
        return store.groups.update(id, change<Group>({ members: one }), ctx()) as Promise<unknown>;
      });
      const result = await store.groups.update(id, change<Group>({ members: members({ remove: [a, b] }) }), ctx());
      expect(result?.removed).toEqual([b]);
    });

    it('keeps the unique keys of other attributes that they write', async () => {
      const { store } = made;
      const { id } = (await store.create(newUser('ada'), ctx())).resource;
      overtake(
        (n) =>
          store.update(
            id,
            change<User>({ set: { title: `t${String(n)}` }, keys: { serial: `S${String(n)}` } }),
            ctx(),
          ) as Promise<unknown>,
      );
      await store.update(id, change<User>({ set: { userName: 'lovelace' } }), ctx());
      expect((await made.documents.findOne({ _id: id }))?.['unique']).toEqual(
        expect.arrayContaining(['User userName lovelace', 'User serial S3']),
      );
    });
  });

  describe('unique keys', () => {
    const serial = 'urn:example:Asset:serial';
    const withSerial = (userName: string) => ({ ...newUser(userName), keys: { userName, [serial]: 'S1' } });

    it('names the attribute of any schema whose key is taken', async () => {
      const { store } = made;
      await store.create(withSerial('u1'), ctx());
      await expect(store.create(withSerial('u2'), ctx())).rejects.toMatchObject({
        status: 409,
        message: expect.stringContaining(serial) as unknown,
      });
    });

    it('frees a key that a change sets to null, and keeps the others', async () => {
      const { store } = made;
      const { id } = (await store.create(withSerial('u1'), ctx())).resource;
      await store.update(id, change<User>({ set: { title: 'x' }, keys: { [serial]: null } }), ctx());
      await store.create(withSerial('u2'), ctx());
      await expect(store.create(newUser('u1'), ctx())).rejects.toMatchObject({ status: 409 });
    });

    it('keeps texts apart that are longer than an index entry', async () => {
      const { store } = made;
      const long = 'x'.repeat(5_000);
      await store.create(newUser(`${long}1`), ctx());
      await store.create(newUser(`${long}2`), ctx());
      await expect(store.create(newUser(`${long}1`.toUpperCase()), ctx())).rejects.toMatchObject({ status: 409 });
    });

    it('refuses to write without the unique index, and says what to call', async () => {
      const store = mongoStore(database.db, { collection: 'without_indexes' });
      await expect(store.create(newUser('ada'), ctx())).rejects.toThrow('createScimIndexes');
      await createScimIndexes(database.db, { collection: 'without_indexes' });
      await expect(store.create(newUser('ada'), ctx())).resolves.toMatchObject({ changed: true });
    });
  });

  it('keeps attributes whose names MongoDB would read as paths and operators', async () => {
    const { store } = made;
    const odd = { 'a.b': 1, $set: { '0': 'x' }, __proto: true } as unknown as Partial<User>;
    const extension = 'urn:example:2.0:$where.User';
    const { id } = (await store.create(newUser('ada', { ...odd, [extension]: { 'c.d': ['e'] } }), ctx())).resource;
    await store.update(id, change<User>({ set: { [extension]: { 'c.d': ['f'] } } }), ctx());
    expect(await store.get(id, everything, ctx())).toMatchObject({ ...odd, [extension]: { 'c.d': ['f'] } });
    const attribute = {
      ...{ path: `${extension}:c.d`, keys: [extension, 'c.d'], type: 'string' as const },
      ...{ multiValued: true, caseExact: false },
    };
    const found = await store.list(listQuery<User>({ filter: { op: 'eq', attribute, value: 'f' } }), ctx());
    expect(found.resources.map((user) => user.id)).toEqual([id]);
  });

  it('keeps resources of other types beside users and groups, with ids that can be members', async () => {
    const { store } = made;
    const devices = store.resources('Device');
    expect(store.resources('Device')).toBe(devices);
    const creation = { resource: { displayName: 'Laptop' }, keys: { serial: 'S1' }, selection: everything };
    const rest = { caseExact: nothing, events: () => [] };
    const { id } = (await devices.create({ ...creation, ...rest }, ctx())).resource;
    await expect(devices.create({ ...creation, ...rest }, ctx())).rejects.toMatchObject({ status: 409 });
    const group = (await store.groups.create(newGroup('Crew', [id]), ctx())).resource;
    expect(group.members).toEqual([{ value: id, type: 'Device' }]);
    expect(await devices.namesOf?.([id], ctx())).toEqual(new Map([[id, 'Laptop']]));
    expect(await store.namesOf?.([id], ctx())).toEqual(new Map());
    expect(await store.get(id, everything, ctx())).toBeUndefined();
    expect((await devices.delete(id, removal(), ctx()))?.changed).toBe(true);
    expect(await memberIds(store.groups, group.id)).toEqual([]);
    for (const name of ['User', 'Group', '-', '']) expect(() => store.resources(name)).toThrow(TypeError);
  });
});
