import type { Group, Stored, User } from '../../contract/resource.js';
import type { Page, Position } from '../../contract/filter.js';
import { casesOf } from '../store-case.js';
import { change, cursor, index, listQuery, members, newGroup, newUser, removal, withMembers } from '../requests.js';

export const raceCases = casesOf(
  'races',
  'Identity providers send concurrent requests. A store with race conditions leaves orphaned accounts, names and memberships behind.',
  [
    [
      'change-and-deletion',
      'a change during a deletion does not restore the user, and the name is free',
      async (t) => {
        const { of } = t.text;
        for (let i = 0; i < 20; i++) {
          const { id } = await t.user('ada');
          const update = async () => t.store.update(id, change<User>({ set: of('x') }), t.ctx());
          const remove = async () => t.store.delete(id, removal(), t.ctx());
          await Promise.all(i % 2 === 0 ? [update(), remove()] : [remove(), update()]);
          t.same(await t.read(id), undefined, 'what get returns of the deleted user');
        }
        await t.user('ada');
      },
    ],
    [
      'rename-and-creation',
      'of a concurrent rename and creation with the same name, one succeeds',
      async (t) => {
        for (let i = 0; i < 10; i++) {
          const { id } = await t.user(`before${String(i)}`);
          const rename = async () =>
            t.store.update(id, change<User>({ set: { userName: `Same${String(i)}` } }), t.ctx());
          const create = async () => t.store.create(newUser(`same${String(i)}`), t.ctx());
          const results = await Promise.allSettled(i % 2 === 0 ? [rename(), create()] : [create(), rename()]);
          t.same(
            results.filter(({ status }) => status === 'fulfilled').length,
            1,
            'the number of those who got the name',
          );
        }
      },
    ],
    [
      'group-compare-and-swap',
      'of 20 concurrent changes of a group with the same ifVersion, members included, one succeeds',
      async (t) => {
        const ids = await t.users(20);
        const { id, meta } = await t.group('Crew');
        const results = await Promise.allSettled(
          ids.map(async (each) =>
            t.groups.update(id, change<Group>({ ifVersion: meta.version, members: members({ add: [each] }) }), t.ctx()),
          ),
        );
        t.same(
          results.filter(({ status }) => status === 'fulfilled').length,
          1,
          'the number of changes that succeeded',
        );
        t.same((await t.memberIds(id)).length, 1, 'the number of members');
      },
      ['groups'],
    ],
    [
      'only',
      'after concurrent changes with `only`, the members are those of exactly one change',
      async (t) => {
        const ids = await t.users(12);
        const teams = [ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)];
        const { id } = await t.group('Crew');
        for (let i = 0; i < 5; i++) {
          await Promise.all(
            teams.map(async (add) =>
              t.groups.update(id, change<Group>({ members: members({ only: true, add }) }), t.ctx()),
            ),
          );
          const left = await t.memberIds(id);
          t.ok(
            teams.some((team) => [...team].sort().join() === left.join()),
            `the members are ${left.join(', ')}, which none of the changes requested`,
          );
        }
      },
      ['groups'],
    ],
    [
      'group-and-deletion',
      'a group that is created while its member is deleted does not have that member',
      async (t) => {
        for (const [i, each] of (await t.users(20)).entries()) {
          const make = async () => t.groups.create(newGroup(`Crew ${String(i)}`, [each]), t.ctx());
          const remove = async () => t.store.delete(each, removal(), t.ctx());
          await Promise.allSettled(i % 2 === 0 ? [make(), remove()] : [remove(), make()]);
        }
        const { resources } = await t.groups.list(listQuery<Group>({ selection: withMembers }), t.ctx());
        t.same(
          resources.flatMap((group) => (group.members ?? []).map(({ value }) => value)),
          [],
          'the members of all groups',
        );
      },
      ['groups'],
    ],
    [
      'pages-growing',
      'an index page that is read while users are created contains no user twice, and its total lies between before and after',
      async (t) => {
        await t.users(20);
        const made = Array.from({ length: 30 }, async (_, i) => t.store.create(newUser(`late${String(i)}`), t.ctx()));
        const pages = Array.from({ length: 10 }, async (_, i) =>
          t.store.list(listQuery<User>({ page: index(i, 10) }), t.ctx()),
        );
        for (const { resources, totalResults = -1 } of await Promise.all(pages)) {
          t.same(new Set(resources.map(({ id }) => id)).size, resources.length, 'the number of users of a page');
          t.same(resources.length, 10, 'the length of a page');
          t.ok(totalResults >= 20 && totalResults <= 50, `totalResults is ${String(totalResults)} of 20 to 50`);
        }
        await Promise.all(made);
        const after = await t.store.list(listQuery<User>({ page: index(0, 100) }), t.ctx());
        t.same([after.totalResults, after.resources.length], [50, 50], 'total and length when all are made');
      },
    ],
    [
      'cursor-growing',
      'cursor pages that are read while users are created and changed contain every earlier user once',
      async (t) => {
        const before = new Set(await t.users(30));
        const making: Promise<unknown>[] = [];
        const met: Stored<User>[] = [];
        let after: Position | undefined;
        for (let i = 0; i === 0 || after !== undefined; i++) {
          t.ok(i < 40, 'the cursor pages do not end');
          making.push(Promise.resolve(t.store.create(newUser(`late${String(i)}`), t.ctx())));
          const [old] = before;
          making.push(
            Promise.resolve(
              t.store.update(old ?? '', change<User>({ set: { userName: `renamed${String(i)}` } }), t.ctx()),
            ),
          );
          const page: Page<User> = await t.store.list(
            listQuery<User>({ page: cursor(4, after && { after }) }),
            t.ctx(),
          );
          met.push(...page.resources);
          // New users may keep arriving at the end.
          after = i < 30 ? page.next : undefined;
        }
        await Promise.all(making);
        const ids = met.map(({ id }) => id);
        t.same(new Set(ids).size, ids.length, 'the number of users on the pages');
        t.same(ids.filter((id) => before.has(id)).length, 30, 'the number of earlier users on the pages');
      },
      ['cursor'],
    ],
  ],
);
