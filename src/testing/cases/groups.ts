import type { Group } from '../../contract/resource.js';
import { change, newGroup, nothing, removal, withMembers } from '../requests.js';
import { casesOf } from '../store-case.js';
import { updateGroup } from './update-group.js';

export const groupCases = casesOf('groups', 'Access rights come from groups: a wrong member is a wrong right.', [
  [
    'create',
    'a group is created with its members, each once',
    async (t) => {
      const [a = '', b = ''] = await t.users(2);
      const created = await t.groups.create(newGroup('Crew', [a, b, a]), t.ctx());
      t.same(created.resource.members?.length, 2, 'the number of members');
      if (created.added !== undefined) t.same([...created.added].sort(), [a, b].sort(), '`added`');
      t.same(await t.memberIds(created.resource.id), [a, b].sort(), 'the members');
    },
    ['groups'],
  ],
  [
    'selection',
    'members are returned only if selected',
    async (t) => {
      const [a = ''] = await t.users(1);
      const { id } = await t.group('Crew', [a]);
      const group = await t.groups.get(id, nothing, t.ctx());
      t.ok(group !== undefined && !('members' in group), 'get returns members that were not selected');
    },
    ['groups'],
  ],
  [
    'ids',
    'no user and group have the same id',
    async (t) => {
      const [user = ''] = await t.users(1);
      const { id } = await t.group('Crew');
      t.ok(id !== user, 'a group has the id of a user');
      t.same(await t.read(id), undefined, 'a user with the id of the group');
      t.same(await t.groups.get(user, nothing, t.ctx()), undefined, 'a group with the id of the user');
    },
    ['groups'],
  ],
  [
    'names',
    'two groups may have the same name',
    async (t) => {
      await t.group('Crew');
      await t.group('Crew');
    },
    ['groups'],
  ],
  [
    'version',
    'groups have compare-and-swap like users',
    async (t) => {
      const { id, meta } = await t.group('Crew');
      await updateGroup(t, id, {}, { displayName: 'Pilots' });
      const stale = change<Group>({ ifVersion: meta.version, set: { displayName: 'x' } });
      await t.refused(() => t.groups.update(id, stale, t.ctx()), { status: 412 }, 'a change with an old version');
      await t.refused(
        () => t.groups.delete(id, removal('stale'), t.ctx()),
        { status: 412 },
        'a deletion with an old version',
      );
    },
    ['groups'],
  ],
  [
    'delete',
    'deleting a group keeps its members',
    async (t) => {
      const [a = ''] = await t.users(1);
      const { id } = await t.group('Crew', [a]);
      t.same((await t.groups.delete(id, removal(), t.ctx()))?.resource.id, id, 'the id that delete returns');
      t.same(await t.groups.get(id, withMembers, t.ctx()), undefined, 'the group');
      t.ok((await t.read(a)) !== undefined, 'the member was deleted with the group');
      t.same((await t.groups.groupsOf?.([a], t.ctx()))?.get(a) ?? [], [], 'the groups of the user');
    },
    ['groups'],
  ],
  [
    'groups-of',
    'groupsOf returns the groups of several users, in their own tenant',
    async (t) => {
      const [a = '', b = '', c = ''] = await t.users(3);
      const crew = (await t.group('Crew', [a, b])).id;
      const pilots = (await t.group('Pilots', [a])).id;
      const found = await t.groups.groupsOf?.([a, b, c, 'u999'], t.ctx());
      if (found === undefined) return;
      const named = (found.get(a) ?? []).map(({ value, type }) => `${type} ${value}`).sort();
      t.same(named, [`direct ${crew}`, `direct ${pilots}`].sort(), 'the groups of the first user');
      t.same(found.get(b), [{ value: crew, display: 'Crew', type: 'direct' }], 'the groups of the second user');
      t.same(found.get(c) ?? [], [], 'the groups of a user who is in none');
      if (t.store.supports?.tenants !== 'one') {
        t.same(
          (await t.groups.groupsOf?.([a], t.ctx('other')))?.get(a) ?? [],
          [],
          'the groups as another tenant sees them',
        );
      }
    },
    ['groups'],
  ],
  [
    'indirect',
    'members of a nested group are indirect members of the outer one',
    async (t) => {
      const [a = ''] = await t.users(1);
      const inner = (await t.group('Inner', [a])).id;
      const outer = (await t.group('Outer', [inner])).id;
      const found = await t.groups.groupsOf?.([a], t.ctx());
      if (found === undefined) return;
      const named = (found.get(a) ?? []).map(({ value, type }) => `${type} ${value}`).sort();
      t.same(named, [`direct ${inner}`, `indirect ${outer}`].sort(), 'the groups of the user');
    },
    ['groups', 'nestedGroups'],
  ],
  [
    'names-of',
    'namesOf returns display names, and nothing for unknown ids',
    async (t) => {
      const [a = ''] = await t.users(1);
      const names = await t.store.namesOf?.([a, 'u999'], t.ctx());
      if (names === undefined) return;
      t.same([...names.keys()], [a], 'the ids with a name');
      if ('displayName' in t.kept({ displayName: '' })) t.same(names.get(a), 'User 0', 'the name');
    },
  ],
]);
