import type { Group, Member } from '../../contract/resource.js';
import type { WriteResult } from '../../contract/store.js';
import type { CaseContext } from '../case-context.js';
import { change, eq, listQuery, members, newGroup, nothing, removal, type Seen, withMembers } from '../requests.js';
import { casesOf } from '../store-case.js';
import { updateGroup } from './update-group.js';

async function versionOf(t: CaseContext, id: string): Promise<string | undefined> {
  return (await t.groups.get(id, nothing, t.ctx()))?.meta.version;
}

async function groupsOf(t: CaseContext, user: string): Promise<readonly string[] | undefined> {
  const found = await t.groups.groupsOf?.([user], t.ctx());
  return found && (found.get(user) ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}

/** Members seen from both sides: what a write of a group does to them. */
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
        // Whichever way a store sorts them, one of the two is in another order.
        const upward = members({ add: [b, c].sort(), remove: [a] });
        const downward = members({ add: [b, c].sort().reverse(), remove: [a] });
        const given = JSON.stringify([upward, downward]);
        await t.groups.update(id, change<Group>({ members: upward }), t.ctx());
        const result = await t.groups.update(id, change<Group>({ members: downward, selection: withMembers }), t.ctx());
        const shown = JSON.stringify(result?.resource.members);
        await t.groups.get(id, withMembers, t.ctx());
        await updateGroup(t, id, { only: true, add: [a] });
        await t.groups.get(id, withMembers, t.ctx());
        t.same(JSON.stringify([created.resource.members, read?.members]), before, 'the members from before');
        t.same(JSON.stringify(result?.resource.members), shown, 'the members that update returned');
        t.same(JSON.stringify(add), JSON.stringify([{ value: c }, { value: a }]), 'the members that create was given');
        t.same(JSON.stringify([upward, downward]), given, 'the changes that update was given');
      },
      ['groups'],
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
  ],
);

function idsOf(result: WriteResult<Group> | undefined): readonly string[] | undefined {
  return result?.resource.members?.map(({ value }) => value).sort();
}
