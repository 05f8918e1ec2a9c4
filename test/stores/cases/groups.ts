import { expect, it } from '@jest/globals';
import type { Group, GroupStore, UserStore } from '../../../src/store/contract.js';
import type { MakeHarness } from '../contract-cases.js';
import { change, ctx, members, newGroup, newUser, nothing, removal, withMembers } from '../requests.js';

export function groupsIn(store: UserStore): GroupStore {
  if (store.groups === undefined) throw new Error('The cases need a store with groups.');
  return store.groups;
}

export async function people(store: UserStore, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await store.create(newUser(`user${i}`, { displayName: `User ${i}` }), ctx())).resource.id);
  return ids;
}

export async function memberIds(groups: GroupStore, id: string): Promise<string[]> {
  const group = await groups.get(id, withMembers, ctx());
  return (group?.members ?? []).map(({ value }) => value).sort();
}

export function groupCases(make: MakeHarness): void {
  it('creates with members, and shows them only where they are wanted', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    const created = await groups.create(newGroup('Crew', [a, b, a]), ctx());
    expect(created.resource.members).toHaveLength(2);
    expect([...(created.added ?? [a, b])].sort()).toEqual([a, b].sort());
    expect(await groups.get(created.resource.id, nothing, ctx())).not.toHaveProperty('members');
    expect(await memberIds(groups, created.resource.id)).toEqual([a, b].sort());
  });

  it('mints ids that users do not have', async () => {
    const { store } = await make();
    const [user = ''] = await people(store, 1);
    const { id } = (await groupsIn(store).create(newGroup('Crew'), ctx())).resource;
    expect(id).not.toBe(user);
    expect(await store.get(id, nothing, ctx())).toBeUndefined();
    expect(await groupsIn(store).get(user, nothing, ctx())).toBeUndefined();
  });

  it('has 100 members after 100 parallel additions, and none after as many removals', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const ids = await people(store, 100);
    const { id } = (await groups.create(newGroup('Crew'), ctx())).resource;
    const versions = new Set<string | undefined>();
    await Promise.all(
      ids.map(async (each) =>
        versions.add(
          (await groups.update(id, change<Group>({ members: members({ add: [each] }) }), ctx()))?.resource.meta.version,
        ),
      ),
    );
    expect(await memberIds(groups, id)).toEqual([...ids].sort());
    expect(versions.size).toBe(100);
    await Promise.all(
      ids.map(async (each) => groups.update(id, change<Group>({ members: members({ remove: [each] }) }), ctx())),
    );
    expect(await memberIds(groups, id)).toEqual([]);
  });

  it('takes adding who is there and removing who is gone as no change', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    const { id } = (await groups.create(newGroup('Crew', [a]), ctx())).resource;
    const before = await groups.get(id, withMembers, ctx());
    const result = await groups.update(
      id,
      change<Group>({ set: { displayName: 'Crew' }, members: members({ add: [a], remove: [b, 'u999'] }) }),
      ctx(),
    );
    expect(result).toMatchObject({ changed: false });
    expect([...(result?.added ?? []), ...(result?.removed ?? [])]).toEqual([]);
    expect(await groups.get(id, withMembers, ctx())).toEqual(before);
  });

  it('tells exactly who was added and removed, in one write with a new name', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = '', c = ''] = await people(store, 3);
    const { id } = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource;
    const result = await groups.update(
      id,
      change<Group>({
        set: { displayName: 'Pilots' },
        members: members({ add: [b, c], remove: [a] }),
        want: withMembers,
      }),
      ctx(),
    );
    expect(result).toMatchObject({ changed: true, resource: { displayName: 'Pilots' } });
    if (result?.added !== undefined) expect(result.added).toEqual([c]);
    if (result?.removed !== undefined) expect(result.removed).toEqual([a]);
    expect(result?.resource.members?.map(({ value }) => value).sort()).toEqual([b, c].sort());
  });

  it('makes the members exactly those given with only; who stays is neither added nor removed', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = '', c = ''] = await people(store, 3);
    const { id } = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource;
    const only = (add: readonly string[]) =>
      groups.update(id, change<Group>({ members: members({ only: true, add }) }), ctx());
    const result = await only([b, c]);
    if (result?.added !== undefined) expect([result.added, result.removed]).toEqual([[c], [a]]);
    expect(await memberIds(groups, id)).toEqual([b, c].sort());
    expect((await only([c, b]))?.changed).toBe(false);
    expect((await only([]))?.changed).toBe(true);
    expect(await memberIds(groups, id)).toEqual([]);
  });

  it("refuses unknown members where told to, another tenant's among them, and changes nothing", async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    const foreign =
      store.supports?.tenants === 'one' ? 'u998' : (await store.create(newUser('far'), ctx('other'))).resource.id;
    const { id } = (await groups.create(newGroup('Crew', [a]), ctx())).resource;
    const before = await groups.get(id, withMembers, ctx());
    for (const unknown of [foreign, 'u999']) {
      const refused = { status: 400, ids: [unknown] };
      await expect(async () =>
        groups.update(
          id,
          change<Group>({ set: { displayName: 'New' }, members: members({ add: [b, unknown], remove: [a] }) }),
          ctx(),
        ),
      ).rejects.toMatchObject(refused);
      await expect(async () => groups.create(newGroup('Other', [b, unknown]), ctx())).rejects.toMatchObject(refused);
    }
    expect(await groups.get(id, withMembers, ctx())).toEqual(before);
  });

  it('keeps unknown members where told to', async () => {
    const { store } = await make();
    if (store.supports?.pendingMembers === false) return;
    const groups = groupsIn(store);
    const { id } = (await groups.create(newGroup('Crew'), ctx())).resource;
    const add = members({ add: ['pending.1'], unknown: 'keep' });
    expect((await groups.update(id, change<Group>({ members: add }), ctx()))?.changed).toBe(true);
    expect((await groups.update(id, change<Group>({ members: add }), ctx()))?.changed).toBe(false);
    expect(await memberIds(groups, id)).toEqual(['pending.1']);
    await groups.update(id, change<Group>({ members: members({ remove: ['pending.1'] }) }), ctx());
    expect(await memberIds(groups, id)).toEqual([]);
  });

  it('judges the version before the references', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const { id } = (await groups.create(newGroup('Crew'), ctx())).resource;
    const stale = change<Group>({ ifVersion: 'stale', members: members({ add: ['u999'] }) });
    await expect(async () => groups.update(id, stale, ctx())).rejects.toMatchObject({ status: 412 });
  });

  it('takes a deleted user out of its groups, whose versions then differ', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    const { id, meta } = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource;
    const alone = await groups.create(newGroup('Other', [b]), ctx());
    await store.delete(a, removal(), ctx());
    expect(await memberIds(groups, id)).toEqual([b]);
    expect((await groups.get(id, nothing, ctx()))?.meta.version).not.toBe(meta.version);
    expect((await groups.get(alone.resource.id, nothing, ctx()))?.meta).toEqual(alone.resource.meta);
    if (groups.groupsOf !== undefined) expect((await groups.groupsOf([a], ctx())).get(a) ?? []).toEqual([]);
  });

  it('leaves no membership behind when an addition races with the deletion of the user', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const { id } = (await groups.create(newGroup('Crew'), ctx())).resource;
    for (const [i, each] of (await people(store, 40)).entries()) {
      const add = async () => groups.update(id, change<Group>({ members: members({ add: [each] }) }), ctx());
      const remove = async () => store.delete(each, removal(), ctx());
      await Promise.allSettled(i % 2 === 0 ? [add(), remove()] : [remove(), add()]);
    }
    expect(await memberIds(groups, id)).toEqual([]);
  });

  it('tells the groups of a page of users in one call, and names by id', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = '', c = ''] = await people(store, 3);
    const crew = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource.id;
    const pilots = (await groups.create(newGroup('Pilots', [a]), ctx())).resource.id;
    const found = await groups.groupsOf?.([a, b, c, 'u999'], ctx());
    if (found !== undefined) {
      expect([...(found.get(a) ?? [])].map(({ value, type }) => `${type} ${value}`).sort()).toEqual(
        [`direct ${crew}`, `direct ${pilots}`].sort(),
      );
      expect(found.get(b)).toEqual([{ value: crew, display: 'Crew', type: 'direct' }]);
      expect(found.get(c) ?? []).toEqual([]);
    }
    const names = await store.namesOf?.([a, 'u999'], ctx());
    if (names !== undefined) expect([...names]).toEqual([[a, 'User 0']]);
    if (store.supports?.tenants !== 'one')
      expect((await groups.groupsOf?.([a], ctx('other')))?.get(a) ?? []).toEqual([]);
  });

  it('deletes a group and leaves its members', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = ''] = await people(store, 1);
    const { id } = (await groups.create(newGroup('Crew', [a]), ctx())).resource;
    expect(await groups.delete(id, removal(), ctx())).toBe(true);
    expect(await groups.get(id, withMembers, ctx())).toBeUndefined();
    expect(await store.get(a, nothing, ctx())).toBeDefined();
    if (groups.groupsOf !== undefined) expect((await groups.groupsOf([a], ctx())).get(a) ?? []).toEqual([]);
  });
}
