import type { Filter } from '../../contract/filter.js';
import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { cursor, eq, index, listQuery, newGroup, removal, withMembers } from '../requests.js';
import { casesOf } from '../store-case.js';
import { updateGroup } from './update-group.js';

/** Members of one tenant are unknown to another. */
export const membershipTenantCases = casesOf(
  'memberships',
  'Two places disagree on who is in a group, so a user keeps access after leaving, or the access of another tenant.',
  [
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
  ],
);

function refsOf(groups: readonly { readonly value: string; readonly type: string }[] | undefined): readonly string[] {
  return (groups ?? []).map(({ value, type }) => `${type} ${value}`).sort();
}

function pagesOf(t: CaseContext) {
  const canCursor = t.store.supports?.cursor !== false && t.groups.supports?.cursor !== false;
  return [index(0, 10), index(0, 0), ...(canCursor ? [cursor(5)] : [])];
}
