import type { Filter } from '../../contract/filter.js';
import type { Group, Stored } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import {
  attribute,
  change,
  eq,
  everything,
  index,
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

/** Members looked up: `groupsOf`, `namesOf`, filters and lists say the same, also of many. */
export const membershipLookupCases = casesOf(
  'memberships',
  'Two places disagree on who is in a group, so a user keeps access after leaving, or the access of another tenant.',
  [
    [
      'groups-of-now',
      'groupsOf sees an addition, a removal, a new name and a deletion at once',
      async (t) => {
        if (t.groups.groupsOf === undefined) t.skip('the store has no groupsOf');
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const groupsOf = async (user: string): Promise<unknown> =>
          ((await t.groups.groupsOf?.([a, b], t.ctx()))?.get(user) ?? []).map(({ value, display }) => [value, display]);
        t.same(await groupsOf(a), [[id, 'Crew']], 'the groups of the first user');
        await updateGroup(t, id, { add: [b], remove: [a] }, { displayName: 'Pilots' });
        t.same(await groupsOf(a), [], 'the groups of the user who left');
        t.same(await groupsOf(b), [[id, 'Pilots']], 'the groups of the user who came');
        await t.groups.delete(id, removal(), t.ctx());
        t.same(await groupsOf(b), [], 'the groups after the deletion');
        t.same([...((await t.groups.groupsOf?.([], t.ctx())) ?? [])], [], 'the groups of no user');
      },
      ['groups'],
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
      'lookup-now',
      'members.value eq sees an addition, a removal, and the deletion of a user and of a group at once',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const holding = async (user: string): Promise<readonly string[]> => {
          const query = listQuery<Group>({ filter: eq('members.value', user) });
          return (await t.groups.list(query, t.ctx())).resources.map((group) => group.id);
        };
        t.same(await holding(a), [id], 'the groups of the first member');
        await updateGroup(t, id, { add: [b], remove: [a] });
        t.same([await holding(a), await holding(b)], [[], [id]], 'the groups after a removal and an addition');
        await t.store.delete(b, removal(), t.ctx());
        t.same(await holding(b), [], 'the groups of a deleted user');
        await updateGroup(t, id, { add: [a] });
        await t.groups.delete(id, removal(), t.ctx());
        t.same(await holding(a), [], 'the groups after the group was deleted');
      },
      ['groups'],
    ],
    [
      'names-of',
      'namesOf of groups returns their names, the new one after a change, and nothing for unknown and deleted ones',
      async (t) => {
        const { id } = await t.group('Crew');
        const names = async (ids: readonly string[]): Promise<unknown> => [
          ...((await t.groups.namesOf?.(ids, t.ctx())) ?? []),
        ];
        if (t.groups.namesOf === undefined) return t.skip('the store has no namesOf of groups');
        t.same(await names([id, 'g999']), [[id, 'Crew']], 'the names');
        await updateGroup(t, id, {}, { displayName: 'Pilots' });
        t.same(await names([id]), [[id, 'Pilots']], 'the names after a change');
        t.same(await names([]), [], 'the names of nothing');
        const [user = ''] = await t.users(1);
        // Users and groups may count their ids separately.
        if (user !== id) {
          t.same(await names([user]), [], 'the names of groups by the id of a user');
          t.same([...((await t.store.namesOf?.([id], t.ctx())) ?? [])], [], 'the names of users by the id of a group');
        }
        await t.groups.delete(id, removal(), t.ctx());
        t.same(await names([id]), [], 'the names after the deletion');
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
      'many-ids',
      'namesOf and groupsOf take 2,500 ids in one call',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id } = await t.group('Crew', [a]);
        const ids = [...Array.from({ length: 2_499 }, (_, i) => `unknown${String(i)}`), a];
        const groups = await t.groups.groupsOf?.(ids, t.ctx());
        if (groups !== undefined) t.same(refsOf(groups.get(a)), [`direct ${id}`], 'the groups of the one user');
        const names = await t.store.namesOf?.(ids, t.ctx());
        if (names !== undefined) t.same([...names.keys()], [a], 'the ids with a name');
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
    [
      'large-list',
      'a page of groups has the members of each, and none of another',
      async (t) => {
        const ids = await t.users(6);
        const made = new Map<string, readonly string[]>();
        for (let i = 0; i < 6; i++) {
          const some = ids.slice(0, i);
          made.set((await t.group(`Crew ${String(i)}`, some)).id, [...some].sort());
        }
        const { resources } = await t.groups.list(listQuery<Group>({ selection: withMembers }), t.ctx());
        for (const group of resources)
          t.same(valuesOf(group), made.get(group.id), `the members of ${group.displayName}`);
        const sorted = listQuery<Group>({
          selection: withMembers,
          page: index(1, 3),
          sort: [{ attribute: attribute('displayName'), descending: true }],
        });
        if (t.groups.supports?.sort === false || t.store.supports?.sort === false) return;
        for (const group of (await t.groups.list(sorted, t.ctx())).resources) {
          t.same(valuesOf(group), made.get(group.id), `the members of ${group.displayName} in an order`);
        }
      },
      ['groups'],
    ],
  ],
);

function valuesOf(group: Stored<Group>): readonly string[] {
  return (group.members ?? []).map(({ value }) => value).sort();
}

function refsOf(groups: readonly { readonly value: string; readonly type: string }[] | undefined): readonly string[] {
  return (groups ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}
