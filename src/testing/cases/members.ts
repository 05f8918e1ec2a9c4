import type { Group } from '../../contract/resource.js';
import { newGroup, newUser, nothing, removal, withMembers, change, members } from '../requests.js';
import { casesOf } from '../store-case.js';
import { updateGroup } from './update-group.js';

export const memberCases = casesOf(
  'members',
  'Lost members are users without access; members that stay are users with access that they should not have.',
  [
    [
      'parallel',
      'after 100 concurrent additions a group has 100 members, and each addition has its own version; after as many removals it has none',
      async (t) => {
        const ids = await t.users(100);
        const { id } = await t.group('Crew');
        const versions = new Set<string | undefined>();
        await Promise.all(
          ids.map(async (each) => versions.add((await updateGroup(t, id, { add: [each] }))?.resource.meta.version)),
        );
        t.same((await t.memberIds(id)).length, 100, 'the number of members');
        t.same(versions.size, 100, 'the number of versions');
        await Promise.all(ids.map(async (each) => updateGroup(t, id, { remove: [each] })));
        t.same(await t.memberIds(id), [], 'the members after the removals');
      },
      ['groups'],
    ],
    [
      'parallel-mixed',
      'concurrent additions and removals of different users all take effect',
      async (t) => {
        const ids = await t.users(40);
        const { id } = await t.group('Crew', ids.slice(0, 20));
        await Promise.all([
          ...ids.slice(0, 20).map(async (each) => updateGroup(t, id, { remove: [each] })),
          ...ids.slice(20).map(async (each) => updateGroup(t, id, { add: [each] })),
        ]);
        t.same(await t.memberIds(id), ids.slice(20).sort(), 'the members');
      },
      ['groups'],
    ],
    [
      'same',
      'adding an existing member and removing an absent one are no-ops, version and lastModified included',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const before = await t.groups.get(id, withMembers, t.ctx());
        const result = await updateGroup(t, id, { add: [a], remove: [b, 'u999'] }, { displayName: 'Crew' });
        t.same(result?.changed, false, 'changed');
        t.same([...(result?.added ?? []), ...(result?.removed ?? [])], [], 'who was added and removed');
        t.same(await t.groups.get(id, withMembers, t.ctx()), before, 'the group');
      },
      ['groups'],
    ],
    [
      'version-moves',
      'a change of members changes the version',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id, meta } = await t.group('Crew');
        const result = await updateGroup(t, id, { add: [a] });
        t.ok(result?.resource.meta.version !== meta.version, 'the version is the same after an addition');
      },
      ['groups'],
    ],
    [
      'reported',
      'update reports exactly the members that were added and removed, in one write with a new name',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const { id } = await t.group('Crew', [a, b]);
        const result = await updateGroup(t, id, { add: [b, c], remove: [a] }, { displayName: 'Pilots' });
        t.holds(result?.resource, { displayName: 'Pilots' }, 'what update returns');
        if (result?.added !== undefined) t.same(result.added, [c], '`added`');
        if (result?.removed !== undefined) t.same(result.removed, [a], '`removed`');
        t.same(await t.memberIds(id), [b, c].sort(), 'the members');
      },
      ['groups'],
    ],
    [
      'only',
      'with `only` the members are exactly those in `add`; members that stay are neither added nor removed',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const { id } = await t.group('Crew', [a, b]);
        const result = await updateGroup(t, id, { only: true, add: [b, c] });
        if (result?.added !== undefined) t.same([result.added, result.removed], [[c], [a]], '`added` and `removed`');
        t.same(await t.memberIds(id), [b, c].sort(), 'the members');
        t.same(
          (await updateGroup(t, id, { only: true, add: [c, b] }))?.changed,
          false,
          'changed, with the same members',
        );
        t.same((await updateGroup(t, id, { only: true, add: [] }))?.changed, true, 'changed, with no members');
        t.same(await t.memberIds(id), [], 'the members after all were taken out');
      },
      ['groups'],
    ],
    [
      'delta',
      'members that are not named stay members',
      async (t) => {
        const ids = await t.users(5);
        const { id } = await t.group('Crew', ids.slice(0, 3));
        await updateGroup(t, id, { add: [ids[3] ?? ''], remove: [ids[0] ?? ''] });
        t.same(await t.memberIds(id), ids.slice(1, 4).sort(), 'the members');
      },
      ['groups'],
    ],
    [
      'reject',
      'with `pending: "reject"` an unknown member throws UnknownReferenceError, and the whole change is refused',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const before = await t.groups.get(id, withMembers, t.ctx());
        const refused = { status: 400, ids: ['u999'] };
        await t.refused(
          () => updateGroup(t, id, { add: [b, 'u999'], remove: [a] }, { displayName: 'New' }),
          refused,
          'adding an unknown member',
        );
        await t.refused(
          () => t.groups.create(newGroup('Other', [b, 'u999']), t.ctx()),
          refused,
          'a group with an unknown member',
        );
        t.same(await t.groups.get(id, withMembers, t.ctx()), before, 'the group');
      },
      ['groups'],
    ],
    [
      'reject-names-all',
      'UnknownReferenceError names every unknown member',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id } = await t.group('Crew');
        const unknown = ['u998', 'u999'];
        const error: unknown = await Promise.resolve()
          .then(() => updateGroup(t, id, { add: [unknown[0] ?? '', a, unknown[1] ?? ''] }))
          .catch((thrown: unknown) => thrown);
        const { ids } = (error ?? {}) as { readonly ids?: readonly string[] };
        t.same([...(ids ?? [])].sort(), unknown, 'ids of the error');
      },
      ['groups'],
    ],
    [
      'foreign',
      'a user of another tenant is an unknown member',
      async (t) => {
        const foreign = (await t.user('far', {}, 'other')).id;
        const { id } = await t.group('Crew');
        await t.refused(
          () => updateGroup(t, id, { add: [foreign] }),
          { status: 400, ids: [foreign] },
          'adding a user of another tenant',
        );
        t.same(await t.memberIds(id), [], 'the members');
      },
      ['groups', 'tenants'],
    ],
    [
      'pending',
      'with `pending: "keep"` an unknown member is kept',
      async (t) => {
        const { id } = await t.group('Crew');
        t.same((await updateGroup(t, id, { add: ['pending.1'], pending: 'keep' }))?.changed, true, 'changed');
        t.same(
          (await updateGroup(t, id, { add: ['pending.1'], pending: 'keep' }))?.changed,
          false,
          'changed, the second time',
        );
        t.same(await t.memberIds(id), ['pending.1'], 'the members');
        await updateGroup(t, id, { remove: ['pending.1'] });
        t.same(await t.memberIds(id), [], 'the members after the removal');
      },
      ['pendingMembers'],
    ],
    [
      'version-first',
      'the version is checked before the references',
      async (t) => {
        const { id } = await t.group('Crew');
        const stale = change<Group>({ ifVersion: 'stale', members: members({ add: ['u999'] }) });
        await t.refused(
          () => t.groups.update(id, stale, t.ctx()),
          { status: 412 },
          'a change with an old version and an unknown member',
        );
      },
      ['groups'],
    ],
    [
      'deleted-user',
      'deleting a user removes its memberships and changes the versions of those groups',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id, meta } = await t.group('Crew', [a, b]);
        const alone = await t.group('Other', [b]);
        await t.store.delete(a, removal(), t.ctx());
        t.same(await t.memberIds(id), [b], 'the members');
        const now = await t.groups.get(id, nothing, t.ctx());
        t.ok(now?.meta.version !== meta.version, 'the version of the group is the same');
        t.same(
          (await t.groups.get(alone.id, nothing, t.ctx()))?.meta,
          alone.meta,
          'meta of a group the user was not in',
        );
        t.same((await t.groups.groupsOf?.([a], t.ctx()))?.get(a) ?? [], [], 'the groups of the deleted user');
      },
      ['groups'],
    ],
    [
      'race-with-deletion',
      'adding a user while it is deleted leaves no membership behind',
      async (t) => {
        const { id } = await t.group('Crew');
        for (const [i, each] of (await t.users(40)).entries()) {
          const add = async () => updateGroup(t, id, { add: [each] });
          const remove = async () => t.store.delete(each, removal(), t.ctx());
          await Promise.allSettled(i % 2 === 0 ? [add(), remove()] : [remove(), add()]);
        }
        t.same(await t.memberIds(id), [], 'the members');
      },
      ['groups'],
    ],
    [
      'many',
      'a group accepts 2,000 members in one change',
      async (t) => {
        const ids: string[] = [];
        for (let i = 0; i < 2_000; i += 100) {
          const made = await Promise.all(
            Array.from({ length: 100 }, async (_, n) => t.store.create(newUser(`m${String(i + n)}`), t.ctx())),
          );
          ids.push(...made.map(({ resource }) => resource.id));
        }
        const { id } = await t.group('Crew');
        await updateGroup(t, id, { add: ids });
        t.same((await t.memberIds(id)).length, 2_000, 'the number of members');
        await updateGroup(t, id, { remove: ids.slice(0, 1_500) });
        t.same((await t.memberIds(id)).length, 500, 'the number of members after 1,500 left');
      },
      ['groups'],
    ],
  ],
);
