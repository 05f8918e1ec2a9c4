import { expect, it } from '@jest/globals';
import type { Group, User, UserStore } from '../../../src/store/contract.js';
import type { MakeHarness } from '../contract-cases.js';
import { change, ctx, listQuery, members, newGroup, newUser, removal, type Seen, withMembers } from '../requests.js';
import { groupsIn, people } from './groups.js';

async function everything(store: UserStore): Promise<unknown> {
  const users = await store.list(listQuery<User>(), ctx());
  const groups = await groupsIn(store).list(listQuery<Group>({ want: withMembers }), ctx());
  return [users.resources, groups.resources];
}

export function wholeCases(make: MakeHarness): void {
  it('does a write wholly or not at all, wherever it fails', async () => {
    const { store, breakAt } = await make();
    if (breakAt === undefined) return;
    const groups = groupsIn(store);
    const [a = '', b = '', c = ''] = await people(store, 3);
    const group = (await groups.create(newGroup('Crew', [a, b]), ctx())).resource.id;
    const writes = [
      async () => store.create(newUser('new', { title: 'Dr', nickName: 'N', externalId: 'X' }), ctx()),
      async () =>
        store.update(
          a,
          change<User>({
            set: { userName: 'changed', title: 'Dr', active: false, externalId: 'Y' },
            unset: ['displayName'],
          }),
          ctx(),
        ),
      async () => groups.create(newGroup('Other', [a, b, c]), ctx()),
      async () =>
        groups.update(
          group,
          change<Group>({
            set: { displayName: 'Pilots', externalId: 'Z' },
            members: members({ add: [c], remove: [a, b] }),
          }),
          ctx(),
        ),
      async () => store.delete(c, removal(), ctx()),
      async () => groups.delete(group, removal(), ctx()),
    ];
    let faults = 0;
    for (const write of writes) {
      const before = await everything(store);
      for (let nth = 1; ; nth++) {
        expect(nth).toBeLessThan(50);
        breakAt(nth);
        const failed = await write().then(
          () => false,
          () => true,
        );
        breakAt(undefined);
        if (!failed) break;
        faults++;
        expect(await everything(store)).toEqual(before);
      }
      expect(await everything(store)).not.toEqual(before);
    }
    expect(faults).toBeGreaterThanOrEqual(writes.length);
  });

  it('leaves nothing behind of a write that is refused', async () => {
    const { store } = await make();
    const groups = groupsIn(store);
    const [a = '', b = ''] = await people(store, 2);
    const group = (await groups.create(newGroup('Crew', [a]), ctx())).resource.id;
    const before = await everything(store);
    const refused = [
      async () => store.create(newUser('USER0', { title: 'x' }), ctx()),
      async () => store.update(a, change<User>({ set: { title: 'x', userName: 'user1' } }), ctx()),
      async () => store.update(a, change<User>({ ifVersion: 'stale', set: { title: 'x' } }), ctx()),
      async () => groups.create(newGroup('Other', [b, 'u999']), ctx()),
      async () =>
        groups.update(
          group,
          change<Group>({ set: { displayName: 'x' }, members: members({ add: [b, 'u999'], only: true }) }),
          ctx(),
        ),
      async () => groups.delete(group, removal('stale'), ctx()),
    ];
    for (const write of refused) await expect(write).rejects.toMatchObject({ status: expect.any(Number) });
    expect(await everything(store)).toEqual(before);
  });

  it('asks for the events of each real change once, inside the write, where it has an outbox; else of a deletion at the most', async () => {
    const { store, outbox } = await make();
    const seen: Seen = [];
    const { id } = (await store.create(newUser('ada', {}, seen), ctx())).resource;
    const title = (value: string, ifVersion?: string) => change<User>({ set: { title: value }, ifVersion }, seen);
    await store.update(id, title('Dr'), ctx());
    await store.update(id, title('Dr'), ctx());
    await expect(async () => store.update(id, title('x', 'stale'), ctx())).rejects.toMatchObject({ status: 412 });
    await store.update('u999', title('x'), ctx());
    await store.delete(id, removal(undefined, seen), ctx());
    await store.delete(id, removal(undefined, seen), ctx());
    const real = seen.filter(({ changed }) => changed).map(({ resource }) => resource);
    if (store.supports?.outbox !== true) return expect(real.slice(1)).toEqual([]);
    expect(real).toMatchObject([
      { id, userName: 'ada' },
      { id, title: 'Dr' },
      { id, userName: 'ada' },
    ]);
    expect((await outbox?.())?.map(({ resourceId }) => resourceId)).toEqual([id, id, id]);
  });

  it('takes back a write whose events cannot be saved', async () => {
    const { store } = await make();
    if (store.supports?.outbox !== true) return;
    const before = await everything(store);
    const broken = {
      ...newUser('ada'),
      events: () => {
        throw new Error('no room');
      },
    };
    await expect(async () => store.create(broken, ctx())).rejects.toThrow('no room');
    expect(await everything(store)).toEqual(before);
  });
}
