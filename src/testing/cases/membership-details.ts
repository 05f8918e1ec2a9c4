import type { Filter } from '../../contract/filter.js';
import type { Group } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import {
  change,
  eq,
  everything,
  listQuery,
  members,
  newGroup,
  newUser,
  nothing,
  removal,
  withMembers,
} from '../requests.js';
import { casesOf } from '../store-case.js';
import { updateGroup } from './update-group.js';

async function versionOf(t: CaseContext, id: string): Promise<string | undefined> {
  return (await t.groups.get(id, nothing, t.ctx()))?.meta.version;
}

async function groupsOf(t: CaseContext, user: string): Promise<readonly string[] | undefined> {
  const found = await t.groups.groupsOf?.([user], t.ctx());
  return found && (found.get(user) ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}

/** Many users, made in parallel. */
async function manyUsers(t: CaseContext, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 50) {
    const made = await Promise.all(
      Array.from({ length: Math.min(50, count - i) }, async (_, n) =>
        t.store.create(newUser(`m${String(i + n)}`), t.ctx()),
      ),
    );
    ids.push(...made.map(({ resource }) => resource.id));
  }
  return ids;
}

/** Members seen closely: what happens twice, in several groups, deep in nested ones, or in large numbers. */
export const membershipDetailCases = casesOf(
  'memberships',
  'Two places disagree on who is in a group, so a user keeps access after leaving, or loses it.',
  [
    [
      'added-twice',
      'an id that `add` names twice is added once, and reported once, by an update and by a replacement',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew');
        const added = await updateGroup(t, id, { add: [a, b, a] });
        if (added?.added !== undefined) t.same([...added.added].sort(), [a, b].sort(), '`added`');
        t.same(added?.resource.members?.length, 2, 'the number of members that update returns');
        t.same(await t.memberIds(id), [a, b].sort(), 'the members');
        const replaced = await updateGroup(t, id, { only: true, add: [b, b] });
        if (replaced?.added !== undefined)
          t.same([replaced.added, replaced.removed], [[], [a]], '`added` and `removed`');
        t.same(await t.memberIds(id), [b], 'the members after a replacement');
        t.same((await updateGroup(t, id, { only: true, add: [b, b] }))?.changed, false, 'changed, with the same again');
      },
      ['groups'],
    ],
    [
      'versions',
      'an addition, a removal, a replacement, and taking all members out each give the group a new version',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const { id } = await t.group('Crew', [a]);
        const changes = {
          'an addition': { add: [b] },
          'a removal': { remove: [a] },
          'a replacement': { only: true, add: [c] },
          'taking all out': { only: true, add: [] },
          'an addition to none': { add: [a] },
        };
        for (const [what, members] of Object.entries(changes)) {
          const before = await versionOf(t, id);
          const result = await updateGroup(t, id, members);
          t.same(result?.changed, true, `changed, after ${what}`);
          const after = await versionOf(t, id);
          t.ok(after !== before, `the version is the same after ${what}`);
          t.same(result?.resource.meta.version, after, `the version that update returns after ${what}`);
        }
      },
      ['groups'],
    ],
    [
      'deleted-everywhere',
      'deleting a user takes it out of every group that has it, whose versions differ, and out of no group of others',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const with_: string[] = [];
        for (const name of ['One', 'Two', 'Three', 'Four']) with_.push((await t.group(name, [a, b])).id);
        const other = (await t.group('Other', [b])).id;
        const before = await Promise.all(with_.map(async (id) => versionOf(t, id)));
        await t.store.delete(a, removal(), t.ctx());
        for (const [i, id] of with_.entries()) {
          t.same(await t.memberIds(id), [b], `the members of group ${String(i + 1)} of 4`);
          t.ok((await versionOf(t, id)) !== before[i], `the version of group ${String(i + 1)} is the same`);
        }
        t.same(await t.memberIds(other), [b], 'the members of a group that the user was not in');
        const direct = await groupsOf(t, b);
        if (direct !== undefined) {
          t.same(direct, [...with_, other].map((id) => `direct ${id}`).sort(), 'the groups of the other user');
        }
      },
      ['groups'],
    ],
    [
      'recreated-user',
      'a user that is created after another one of the same name was deleted is in none of its groups',
      async (t) => {
        const first = await t.user('ada');
        const { id } = await t.group('Crew', [first.id]);
        await t.store.delete(first.id, removal(), t.ctx());
        const second = await t.user('ada');
        t.same(await t.memberIds(id), [], 'the members');
        const found = await groupsOf(t, second.id);
        if (found !== undefined) t.same(found, [], 'the groups of the new user');
      },
      ['groups'],
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
      'ignore-only',
      'a replacement with `pending: "ignore"` keeps the known ones of `add` and skips the others',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const { id } = await t.group('Crew', [a, b]);
        const result = await updateGroup(t, id, { only: true, add: [b, 'u999', c], pending: 'ignore' });
        t.same(result?.ignored, ['u999'], '`ignored`');
        t.same(await t.memberIds(id), [b, c].sort(), 'the members');
      },
      ['groups'],
    ],
    [
      'tenants-ignore',
      'with `pending: "ignore"` a user or group of another tenant is skipped, and named in `ignored`',
      async (t) => {
        const [a = ''] = await t.users(1);
        const theirs = (await t.user('far', {}, 'other')).id;
        const group = (await t.groups.create(newGroup('Far'), t.ctx('other'))).resource.id;
        const { id } = await t.group('Crew');
        const result = await updateGroup(t, id, { add: [theirs, a, group], pending: 'ignore' });
        t.same([...(result?.ignored ?? [])].sort(), [theirs, group].sort(), '`ignored`');
        t.same(await t.memberIds(id), [a], 'the members');
      },
      ['groups', 'tenants'],
    ],
    [
      'own-copy',
      'the members of a returned group do not change when the group does, nor does the list that a change was made from',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const add = [{ value: c }, { value: a }];
        const created = await t.groups.create(
          { ...newGroup('Crew'), members: { add, remove: [], pending: 'reject' } },
          t.ctx(),
        );
        const { id } = created.resource;
        const read = await t.groups.get(id, withMembers, t.ctx());
        const before = JSON.stringify([created.resource.members, read?.members]);
        const change_ = members({ add: [c, b], remove: [a] });
        const given = JSON.stringify(change_);
        const result = await t.groups.update(id, change<Group>({ members: change_, selection: withMembers }), t.ctx());
        const shown = JSON.stringify(result?.resource.members);
        await t.groups.get(id, withMembers, t.ctx());
        await updateGroup(t, id, { only: true, add: [a] });
        await t.groups.get(id, withMembers, t.ctx());
        t.same(JSON.stringify([created.resource.members, read?.members]), before, 'the members from before');
        t.same(JSON.stringify(result?.resource.members), shown, 'the members that update returned');
        t.same(JSON.stringify(add), JSON.stringify([{ value: c }, { value: a }]), 'the members that create was given');
        t.same(JSON.stringify(change_), given, 'the change that update was given');
      },
      ['groups'],
    ],
    [
      'ids-kept',
      'groupsOf and namesOf leave the list of ids as it is, and take an id that is in it twice',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const ids = [b, a, a, 'u999'];
        const groups = await t.groups.groupsOf?.(ids, t.ctx());
        t.same(ids, [b, a, a, 'u999'], 'the ids after groupsOf');
        if (groups !== undefined)
          t.same(
            (groups.get(a) ?? []).map(({ value }) => value),
            [id],
            'the groups of the user',
          );
        const names = await t.store.namesOf?.(ids, t.ctx());
        t.same(ids, [b, a, a, 'u999'], 'the ids after namesOf');
        if (names !== undefined) t.same([...names.keys()].sort(), [a, b].sort(), 'the ids with a name');
      },
      ['groups'],
    ],
    [
      'names-of-users',
      'namesOf of users returns the new displayName after a change, and nothing after the deletion',
      async (t) => {
        if (t.store.namesOf === undefined) return t.skip('the store has no namesOf');
        const named = (displayName: string) => t.kept({ displayName });
        if (!('displayName' in named('Ada'))) return t.skip('the store does not keep displayName');
        const { id } = await t.user('ada', named('Ada'));
        const nameOf = async () => (await t.store.namesOf?.([id], t.ctx()))?.get(id);
        t.same(await nameOf(), 'Ada', 'the name');
        await t.store.update(id, change({ set: named('Ada L.') }), t.ctx());
        t.same(await nameOf(), 'Ada L.', 'the name after a change');
        await t.store.delete(id, removal(), t.ctx());
        t.same((await nameOf()) ?? null, null, 'the name after the deletion');
      },
    ],
    [
      'groups-of-get',
      'where get and list return `groups` of a user themselves, these are what groupsOf returns, also after a change',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id } = await t.group('Crew', [a]);
        const selection = new Set([...everything, 'groups']);
        for (const expected of [[id], []]) {
          const read = await t.store.get(a, selection, t.ctx());
          const { resources } = await t.store.list(listQuery({ selection }), t.ctx());
          for (const user of [read, ...resources]) {
            if (user?.groups !== undefined)
              t.same(
                user.groups.map(({ value }) => value),
                expected,
                'the groups of the user',
              );
          }
          await updateGroup(t, id, { remove: [a] });
        }
      },
      ['groups'],
    ],
    [
      'large',
      'a group of 1,500 members is created, replaced by 1,500 others, and emptied, each in one change',
      async (t) => {
        const ids = await manyUsers(t, 3_000);
        const [first, second] = [ids.slice(0, 1_500), ids.slice(1_500)];
        const { id } = (await t.groups.create({ ...newGroup('Crew', first), selection: nothing }, t.ctx())).resource;
        t.same((await t.memberIds(id)).length, 1_500, 'the number of members after create');
        await t.groups.update(
          id,
          change<Group>({ members: members({ only: true, add: second }), selection: nothing }),
          t.ctx(),
        );
        t.ok(
          (await t.memberIds(id)).join() === [...second].sort().join(),
          'the members are not those of the replacement',
        );
        const find: Filter = eq('members.value', second.at(-1) ?? '');
        t.same(
          (await t.groups.list(listQuery<Group>({ filter: find }), t.ctx())).totalResults,
          1,
          'the groups of the last member',
        );
        await t.groups.update(
          id,
          change<Group>({ members: members({ only: true, add: [] }), selection: nothing }),
          t.ctx(),
        );
        t.same(await t.memberIds(id), [], 'the members after all were taken out');
      },
      ['groups'],
    ],
  ],
);
