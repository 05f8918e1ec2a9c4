import type { Filter } from '../../contract/filter.js';
import type { Group, Member, Stored, User } from '../../contract/resource.js';
import type { WriteResult } from '../../contract/store.js';
import type { CaseContext } from '../case-context.js';
import {
  attribute,
  change,
  cursor,
  eq,
  index,
  listQuery,
  members,
  newGroup,
  nothing,
  removal,
  type Seen,
  withMembers,
} from '../requests.js';
import { casesOf } from '../store-case.js';
import { wasDeleted } from './resources/kind.js';
import { updateGroup } from './update-group.js';

/** Members seen from both sides: what a group, a user, a filter and `groupsOf` say has to agree. */
export const membershipCases = casesOf(
  'memberships',
  'Two places disagree on who is in a group, so a user keeps access after leaving, or the access of another tenant.',
  [
    [
      'after-write',
      'the members that create and update return are those after the write',
      async (t) => {
        const [a = '', b = '', c = ''] = await t.users(3);
        const created = await t.groups.create(newGroup('Crew', [a, b]), t.ctx());
        t.same(idsOf(created), [a, b].sort(), 'the members that create returns');
        const { id } = created.resource;
        t.same(idsOf(await updateGroup(t, id, { add: [c], remove: [a] })), [b, c].sort(), 'the members after a change');
        t.same(idsOf(await updateGroup(t, id, { only: true, add: [a] })), [a], 'the members after a replacement');
        t.same(idsOf(await updateGroup(t, id, {}, { displayName: 'Pilots' })), [a], 'the members after a new name');
        t.same(idsOf(await updateGroup(t, id, { remove: [a] })), [], 'the members after the last one left');
      },
      ['groups'],
    ],
    [
      'kept-by-rename',
      'a change without `members` keeps them all, and one of `members` alone keeps all attributes',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const more = t.keptOfGroup({ externalId: 'Ext-1' });
        const { resource } = await t.groups.create(
          { ...newGroup('Crew', [a, b]), resource: { displayName: 'Crew', ...more } },
          t.ctx(),
        );
        await t.groups.update(resource.id, change<Group>({ set: { displayName: 'Pilots' } }), t.ctx());
        t.same(await t.memberIds(resource.id), [a, b].sort(), 'the members after a new name');
        await updateGroup(t, resource.id, { remove: [a] });
        const now = await t.groups.get(resource.id, withMembers, t.ctx());
        t.holds(now, { displayName: 'Pilots', ...more }, 'the group after a change of members');
      },
      ['groups'],
    ],
    [
      'absent-first',
      'an unknown group makes update return undefined, also with unknown members and an old version',
      async (t) => {
        const unknown = members({ add: ['u998'] });
        for (const ifVersion of [undefined, 'stale']) {
          const write = change<Group>({ ifVersion, members: unknown });
          t.same(await t.groups.update('g999', write, t.ctx()), undefined, 'what update returns');
        }
      },
      ['groups'],
    ],
    [
      'reject-only-added',
      'with `pending: "reject"` a removed unknown id is no error, and a member that is there already is no unknown one',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const result = await updateGroup(t, id, { add: [a, b], remove: ['u998'] });
        t.same(result?.changed, true, 'changed');
        t.same(await t.memberIds(id), [a, b].sort(), 'the members');
      },
      ['groups'],
    ],
    [
      'ignore',
      'with `pending: "ignore"` unknown members are skipped and named in `ignored`, and the rest takes effect',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const created = await t.groups.create(
          { ...newGroup('Crew'), members: { add: [{ value: a }, { value: 'u998' }], remove: [], pending: 'ignore' } },
          t.ctx(),
        );
        t.same(created.ignored, ['u998'], '`ignored` of create');
        const { id } = created.resource;
        const result = await updateGroup(t, id, { add: [b, 'u999'], pending: 'ignore' });
        t.same(result?.ignored, ['u999'], '`ignored` of update');
        t.same(await t.memberIds(id), [a, b].sort(), 'the members');
        const nothingKnown = await updateGroup(t, id, { add: ['u999'], pending: 'ignore' });
        t.same(nothingKnown?.changed, false, 'changed, where all are unknown');
        if (result?.added !== undefined) t.same(result.added, [b], '`added`');
      },
      ['groups'],
    ],
    [
      'type',
      'a member has the type of its resource, where the store says the type at all, whatever the client sent',
      async (t) => {
        const [a = ''] = await t.users(1);
        const inner = t.underTest.nestedGroups === false ? undefined : (await t.group('Inner')).id;
        const add: readonly Member[] = [
          { value: a, type: 'User' },
          ...(inner === undefined ? [] : [{ value: inner, type: 'Group' }]),
        ];
        const { id } = await t.group('Crew');
        await t.groups.update(id, change<Group>({ members: { add, remove: [], pending: 'reject' } }), t.ctx());
        const expected: Readonly<Record<string, string>> = {
          [a]: 'User',
          ...(inner !== undefined && { [inner]: 'Group' }),
        };
        const group = await t.groups.get(id, withMembers, t.ctx());
        const [listed] = (
          await t.groups.list(listQuery<Group>({ selection: withMembers, filter: eq('id', id) }), t.ctx())
        ).resources;
        for (const member of [...(group?.members ?? []), ...(listed?.members ?? [])]) {
          if (member.type !== undefined) t.same(member.type, expected[member.value], `the type of ${member.value}`);
        }
      },
      ['groups'],
    ],
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
      'tenants',
      'a member of a group of one tenant leads to nothing in another: members.value, groups.value and groupsOf',
      async (t) => {
        const theirs = await t.user('ada', {}, 'other');
        const group = (await t.groups.create(newGroup('Crew', [theirs.id]), t.ctx('other'))).resource;
        const mine = await t.user('eve');
        const ours = await t.group('Pilots', [mine.id]);
        const lookups: readonly (readonly [string, Filter])[] = [
          ['members.value eq a user of another tenant', eq('members.value', theirs.id)],
          ['id eq a group of another tenant', eq('id', group.id)],
        ];
        for (const [what, filter] of lookups) {
          for (const page of pagesOf(t)) {
            const query = listQuery<Group>({ filter, page, selection: withMembers });
            const { resources, totalResults } = await t.groups.list(query, t.ctx());
            t.same([resources, totalResults ?? 0], [[], 0], `what ${what} finds`);
          }
        }
        if (t.store.supports?.filter !== 'equals') {
          const filter = eq('groups.value', group.id);
          const { resources, totalResults } = await t.store.list(listQuery<User>({ filter }), t.ctx());
          t.same([resources, totalResults], [[], 0], 'the users in a group of another tenant');
          const not = await t.store.list(listQuery<User>({ filter: { op: 'not', filter } }), t.ctx());
          t.same(
            not.resources.map(({ id }) => id),
            [mine.id],
            'the users who are not in a group of another tenant',
          );
        }
        const found = await t.groups.groupsOf?.([mine.id, theirs.id], t.ctx());
        if (found === undefined) return;
        t.same(refsOf(found.get(theirs.id)), [], 'the groups of a user of another tenant');
        t.same(refsOf(found.get(mine.id)), [`direct ${ours.id}`], 'the groups of the own user');
      },
      ['groups', 'tenants'],
    ],
    [
      'tenants-update',
      'a group or user of another tenant is an unknown member, for create, update and a replacement of all members',
      async (t) => {
        const theirs = await t.user('ada', {}, 'other');
        const group = (await t.groups.create(newGroup('Crew'), t.ctx('other'))).resource;
        const own = await t.group('Pilots');
        for (const foreign of [theirs.id, group.id]) {
          const refused = { status: 400, ids: [foreign] };
          await t.refused(() => updateGroup(t, own.id, { add: [foreign] }), refused, 'adding it');
          await t.refused(() => updateGroup(t, own.id, { only: true, add: [foreign] }), refused, 'replacing by it');
          await t.refused(() => t.groups.create(newGroup('Other', [foreign]), t.ctx()), refused, 'creating with it');
        }
        t.same(await t.memberIds(own.id), [], 'the members');
      },
      ['groups', 'tenants'],
    ],
    [
      'tenants-pending',
      'a pending member with the id of a user of another tenant gives that user no group, and learns nothing of it',
      async (t) => {
        const theirs = await t.user('ada', t.kept({ displayName: 'Ada' }), 'other');
        const { id } = await t.group('Crew');
        await updateGroup(t, id, { add: [theirs.id], pending: 'keep' });
        const found = await t.groups.groupsOf?.([theirs.id], t.ctx('other'));
        if (found !== undefined) t.same(refsOf(found.get(theirs.id)), [], 'the groups of the user of another tenant');
        const group = await t.groups.get(id, withMembers, t.ctx());
        const [member] = group?.members ?? [];
        t.same(member?.value, theirs.id, 'the pending member');
        t.same(member?.display, undefined, 'the name that the pending member has');
        await t.store.delete(theirs.id, removal(), t.ctx('other'));
        t.same(await t.memberIds(id), [theirs.id], 'the members after a deletion in the other tenant');
      },
      ['pendingMembers', 'tenants'],
    ],
    [
      'pending-appears',
      'a pending member whose resource is deleted and a removed pending member leave nothing behind',
      async (t) => {
        const [a = ''] = await t.users(1);
        const { id } = await t.group('Crew');
        await updateGroup(t, id, { add: [a, 'pending.1', 'pending$2'], pending: 'keep' });
        t.same(await t.memberIds(id), [a, 'pending.1', 'pending$2'].sort(), 'the members');
        const has = async (value: string) =>
          (await t.groups.list(listQuery<Group>({ filter: eq('members.value', value) }), t.ctx())).totalResults;
        t.same([await has('pending.1'), await has('pending.2')], [1, 0], 'groups by pending member');
        await t.store.delete(a, removal(), t.ctx());
        await updateGroup(t, id, { remove: ['pending.1'] });
        t.same(await t.memberIds(id), ['pending$2'], 'the members after both left');
      },
      ['pendingMembers'],
    ],
    [
      'events',
      'a change of the name, of members, or of both of a group calls `events` once and leaves one event; a no-op none',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const { id } = await t.group('Crew', [a]);
        const seen: Seen = [];
        const before = (await t.underTest.outbox?.())?.length;
        const write = async (what: Parameters<typeof change<Group>>[0]): Promise<void> => {
          await t.groups.update(id, change<Group>(what, seen), t.ctx());
        };
        const writes: readonly (readonly [string, Parameters<typeof change<Group>>[0], number])[] = [
          ['a new name', { set: { displayName: 'Pilots' } }, 1],
          ['an addition', { members: members({ add: [b] }) }, 1],
          ['a removal', { members: members({ remove: [a] }) }, 1],
          ['a new name and an addition', { set: { displayName: 'Crew' }, members: members({ add: [a] }) }, 1],
          ['a replacement', { members: members({ only: true, add: [b] }) }, 1],
          ['the same again', { set: { displayName: 'Crew' }, members: members({ only: true, add: [b] }) }, 0],
        ];
        let expected = 0;
        for (const [what, changes, count] of writes) {
          await write(changes);
          expected += count;
          const outbox = await t.underTest.outbox?.();
          // A transaction that is repeated may call `events` again.
          if (outbox !== undefined) t.same(outbox.length - (before ?? 0), expected, `new events after ${what}`);
          else t.same(seen.filter(({ changed }) => changed).length, expected, `the calls of events after ${what}`);
        }
        const refused = change<Group>({ set: { displayName: 'x' }, members: members({ add: ['u999'] }) }, seen);
        await t.refused(() => t.groups.update(id, refused, t.ctx()), { status: 400 }, 'an unknown member');
        const outbox = await t.underTest.outbox?.();
        if (outbox !== undefined) t.same(outbox.length - (before ?? 0), expected, 'new events after a refused change');
      },
      ['groups', 'outbox'],
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

function idsOf(result: WriteResult<Group> | undefined): readonly string[] | undefined {
  return result?.resource.members?.map(({ value }) => value).sort();
}

function valuesOf(group: Stored<Group>): readonly string[] {
  return (group.members ?? []).map(({ value }) => value).sort();
}

function refsOf(groups: readonly { readonly value: string; readonly type: string }[] | undefined): readonly string[] {
  return (groups ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}

function pagesOf(t: CaseContext) {
  const canCursor = t.store.supports?.cursor !== false && t.groups.supports?.cursor !== false;
  return [index(0, 10), index(0, 0), ...(canCursor ? [cursor(5)] : [])];
}
