import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { eq, listQuery, nothing, removal, withMembers } from '../requests.js';
import { casesOf } from '../store-case.js';
import { wasDeleted } from './resources/kind.js';
import { updateGroup } from './update-group.js';

async function groupsOf(t: CaseContext, user: string): Promise<readonly string[] | undefined> {
  const found = await t.groups.groupsOf?.([user], t.ctx());
  return found && (found.get(user) ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}

/** Groups in groups: deep, in circles, and over several ways. */
export const nestedGroupCases = casesOf(
  'memberships',
  'Two places disagree on who is in a group, so a user keeps access after leaving, or the access of another tenant.',
  [
    [
      'deleted-group',
      'deleting a group that is a member takes it out of its parent, whose version differs, and not the members of both',
      async (t) => {
        const [a = ''] = await t.users(1);
        const inner = (await t.group('Inner', [a])).id;
        const outer = await t.group('Outer', [inner, a]);
        t.ok(wasDeleted(await t.groups.delete(inner, removal(), t.ctx())), 'delete did not find the group');
        t.same(await t.memberIds(outer.id), [a], 'the members of the parent');
        const now = await t.groups.get(outer.id, nothing, t.ctx());
        t.ok(now?.meta.version !== outer.meta.version, 'the version of the parent is the same');
        const found = await t.groups.groupsOf?.([a], t.ctx());
        if (found !== undefined) t.same(refsOf(found.get(a)), [`direct ${outer.id}`], 'the groups of the user');
        t.ok((await t.read(a)) !== undefined, 'the user was deleted with the group');
      },
      ['groups', 'nestedGroups'],
    ],
    [
      'circle',
      'groups that contain each other, or themselves, end: groupsOf names each once, and they can be changed and deleted',
      async (t) => {
        const [a = ''] = await t.users(1);
        const first = (await t.group('First', [a])).id;
        const second = (await t.group('Second', [first])).id;
        const added = await Promise.resolve(updateGroup(t, first, { add: [second] })).then(
          () => true,
          () => false,
        );
        // A store may refuse a circle.
        if (!added) return;
        const found = await t.groups.groupsOf?.([a], t.ctx());
        if (found !== undefined) {
          t.same(refsOf(found.get(a)), [`direct ${first}`, `indirect ${second}`].sort(), 'the groups of the user');
        }
        await t.groups.list(listQuery<Group>({ selection: withMembers, filter: eq('members.value', a) }), t.ctx());
        await t.store.list(listQuery<User>({ filter: eq('id', a) }), t.ctx());
        t.ok(wasDeleted(await t.groups.delete(first, removal(), t.ctx())), 'delete did not find the first group');
        t.same(await t.memberIds(second), [], 'the members of the second group');
      },
      ['groups', 'nestedGroups'],
    ],
    [
      'itself',
      'a group that has itself as a member ends: it can be read, found, changed and deleted, or is refused',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id } = await t.group('Crew', [a]);
        const isAdded = await Promise.resolve(updateGroup(t, id, { add: [id] })).then(
          () => true,
          () => false,
        );
        // A store may refuse it.
        if (!isAdded) return t.same(await t.memberIds(id), [a], 'the members after the refusal');
        const found = await groupsOf(t, a);
        if (found !== undefined) t.same(found, [`direct ${id}`], 'the groups of the user');
        t.same(await t.memberIds(id), [a, id].sort(), 'the members');
        await updateGroup(t, id, { remove: [id] }, { displayName: 'Pilots' });
        t.same(await t.memberIds(id), [a], 'the members without itself');
        await updateGroup(t, id, { add: [id] });
        await t.groups.delete(id, removal(), t.ctx());
        t.same(await t.groups.get(id, withMembers, t.ctx()), undefined, 'the deleted group');
      },
      ['groups', 'nestedGroups'],
    ],
    [
      'direct-once',
      'a user who is in a group directly and through another is a direct member, once',
      async (t) => {
        const [a = ''] = await t.users(1);
        const inner = (await t.group('Inner', [a])).id;
        const outer = (await t.group('Outer', [inner, a])).id;
        const found = await t.groups.groupsOf?.([a], t.ctx());
        if (found === undefined) return;
        t.same(refsOf(found.get(a)), [`direct ${inner}`, `direct ${outer}`].sort(), 'the groups of the user');
      },
      ['groups', 'nestedGroups'],
    ],
    [
      'deep',
      'groupsOf follows groups inside groups to any depth: five levels are one direct and four indirect groups, with their names',
      async (t) => {
        if (t.groups.groupsOf === undefined) t.skip('the store has no groupsOf');
        const [a = ''] = await t.users(1);
        const chain: string[] = [];
        for (let level = 0; level < 5; level++) {
          chain.push((await t.group(`Level ${String(level)}`, [chain.at(-1) ?? a])).id);
        }
        const found = (await t.groups.groupsOf?.([a], t.ctx()))?.get(a) ?? [];
        const expected = chain.map(
          (id, level) => `${level === 0 ? 'direct' : 'indirect'} ${id} Level ${String(level)}`,
        );
        const named = found.map(({ type, value, display }) => `${type} ${value} ${display ?? ''}`);
        t.same([...named].sort(), expected.sort(), 'the groups of the user');
      },
      ['groups', 'nestedGroups'],
    ],
    [
      'several-ways',
      'groupsOf names an outer group once, however many inner groups lead to it',
      async (t) => {
        if (t.groups.groupsOf === undefined) t.skip('the store has no groupsOf');
        const [a = ''] = await t.users(1);
        const inner = [(await t.group('Left', [a])).id, (await t.group('Right', [a])).id];
        const outer = (await t.group('Outer', inner)).id;
        const top = (await t.group('Top', [outer, ...inner])).id;
        const expected = [...inner.map((id) => `direct ${id}`), `indirect ${outer}`, `indirect ${top}`].sort();
        t.same(await groupsOf(t, a), expected, 'the groups of the user');
      },
      ['groups', 'nestedGroups'],
    ],
  ],
);

function refsOf(groups: readonly { readonly value: string; readonly type: string }[] | undefined): readonly string[] {
  return (groups ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}
