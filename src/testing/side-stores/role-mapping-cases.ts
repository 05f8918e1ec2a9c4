import type { RoleMappingQuery, RoleMappingStore } from '../../lifecycle/access-rights/role-mapping-store.js';
import type { GroupRole } from '../../lifecycle/access-rights/rights.js';
import { casesOf } from '../store-case.js';
import type { StoreContext } from './side-suite.js';

type Context = StoreContext<RoleMappingStore>;

function mapping(groupId: string, role: string, more: Partial<GroupRole> = {}): GroupRole {
  return { groupId, role, setBy: 'Ada "é"', setAt: '2026-03-01T12:00:00Z', ...more };
}

/** Sets mappings of a tenant. */
async function set({ store }: Context, ...mappings: readonly GroupRole[]): Promise<void> {
  for (const each of mappings) await store.set('acme', each);
}

const ofGroups = async ({ store }: Context, groupIds: readonly string[], tenant = 'acme') =>
  [...(await store.ofGroups(tenant, groupIds, undefined))].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
const keyOf = ({ groupId, role }: GroupRole): string => `${groupId} ${role}`;
const keysOf = (all: readonly GroupRole[]): readonly string[] => all.map(keyOf);

/** Which groups give which roles. */
export const roleMappingCases = casesOf<Context>(
  'role-mappings',
  'A user gets a role that nobody gave, keeps one that was taken away, or gets the role of a group of another tenant.',
  [
    [
      'stored',
      'ofGroups and list return every property of what was set; a mapping without a connection has none',
      async (t) => {
        const full = mapping('g-1', 'editor', { connection: 'main', setAt: '2026-03-01T12:00:00.123+01:00' });
        const bare = mapping('g-2', 'Leser 王 007', { setBy: 'x'.repeat(200) });
        await set(t, full, bare);
        t.same(await ofGroups(t, ['g-1', 'g-2']), [full, bare], 'what ofGroups returns');
        t.same(await t.store.list('acme'), [full, bare], 'what list returns');
      },
    ],
    [
      'of-groups',
      'ofGroups returns all roles of these groups and of no other, each once; no group and unknown groups have none',
      async (t) => {
        await set(
          t,
          mapping('g-1', 'editor'),
          mapping('g-1', 'reader'),
          mapping('g-2', 'editor'),
          mapping('g-3', 'owner'),
        );
        t.same(
          keysOf(await ofGroups(t, ['g-1', 'g-2'])),
          ['g-1 editor', 'g-1 reader', 'g-2 editor'],
          'the roles of two groups',
        );
        t.same(await ofGroups(t, []), [], 'the roles of no group');
        t.same(await ofGroups(t, ['none']), [], 'the roles of an unknown group');
        t.same(keysOf(await ofGroups(t, ['none', 'g-3'])), ['g-3 owner'], 'the roles of a known and an unknown group');
      },
    ],
    [
      'many-groups',
      'ofGroups takes 500 ids',
      async (t) => {
        await set(t, mapping('g-0', 'first'), mapping('g-499', 'last'));
        const ids = Array.from({ length: 500 }, (_, n) => `g-${String(n)}`);
        t.same(keysOf(await ofGroups(t, ids)), ['g-0 first', 'g-499 last'], 'the roles of 500 groups');
      },
    ],
    [
      'exact',
      'groups and roles are compared exactly: letter case, accents, spaces, % and _ count',
      async (t) => {
        const ids = ['g-a', 'G-A', 'g-á', 'g-a ', 'g_a', 'g%', 'g', 'g-ab'];
        for (const groupId of ids) await set(t, mapping(groupId, 'editor', { setBy: groupId }));
        for (const groupId of ids) {
          const found = await ofGroups(t, [groupId]);
          t.same(
            found.map(({ setBy }) => setBy),
            [groupId],
            `the mappings of the group ${JSON.stringify(groupId)}`,
          );
        }
        await set(t, mapping('g', 'Editor'), mapping('g', 'édítor'), mapping('g', 'editor '));
        t.same((await ofGroups(t, ['g'])).length, 4, 'the number of roles of a group that differ slightly');
        t.same(await t.store.remove('acme', 'g', 'EDITOR'), false, 'what remove of another letter case returns');
      },
    ],
    [
      'replaced',
      'set of a group and role that exist replaces all of the mapping, and adds none',
      async (t) => {
        await set(t, mapping('g-1', 'editor', { connection: 'main' }), mapping('g-1', 'reader'));
        const again = mapping('g-1', 'editor', { setBy: 'bob', setAt: '2026-03-02T00:00:00Z' });
        await set(t, again);
        t.same(await ofGroups(t, ['g-1']), [again, mapping('g-1', 'reader')], 'the mappings of the group');
        t.same((await t.store.list('acme')).length, 2, 'the number of mappings');
      },
    ],
    [
      'removed',
      'remove takes that role of that group alone, returns true once and then false, and can be set again',
      async (t) => {
        await set(t, mapping('g-1', 'editor'), mapping('g-1', 'reader'), mapping('g-2', 'editor'));
        t.same(await t.store.remove('acme', 'g-1', 'editor'), true, 'what remove returns');
        t.same(await t.store.remove('acme', 'g-1', 'editor'), false, 'what remove again returns');
        t.same(await t.store.remove('acme', 'none', 'editor'), false, 'what remove of an unknown group returns');
        t.same(await t.store.remove('acme', 'g-2', 'reader'), false, 'what remove of a role it does not give returns');
        t.same(keysOf(await t.store.list('acme')), ['g-1 reader', 'g-2 editor'], 'what is left');
        await set(t, mapping('g-1', 'editor'));
        t.same(keysOf(await ofGroups(t, ['g-1'])), ['g-1 editor', 'g-1 reader'], 'the roles after it was set again');
      },
    ],
    [
      'checked',
      'set throws a TypeError for a mapping that is not valid, and stores nothing of it',
      async (t) => {
        const wrong: readonly (readonly [string, Partial<GroupRole>])[] = [
          ['an empty group', { groupId: '' }],
          ['a blank role', { role: ' ' }],
          ['a role with a line break', { role: 'a\nb' }],
          ['a role of 101 characters', { role: 'x'.repeat(101) }],
          ['an empty setBy', { setBy: '' }],
          ['a time that is none', { setAt: 'yesterday' }],
        ];
        for (const [what, more] of wrong) {
          const error = await t.thrownBy(
            async () => t.store.set('acme', mapping('g-1', 'editor', more)),
            `a mapping with ${what} was not refused`,
          );
          t.ok(error instanceof TypeError, `a mapping with ${what} threw ${String(error)}; expected a TypeError`);
        }
        t.same(await t.store.list('acme'), [], 'the mappings');
      },
    ],
    [
      'pages',
      'list is in the order of group and role, by code point, in pages that contain each mapping once',
      async (t) => {
        const pairs = ['b/2', 'a/1', 'Z/1', 'é/1', 'a/0', 'a/10', 'a/9', 'b/1', 'ab/1', '_/1'];
        const all = pairs.map((pair) => mapping(pair.split('/')[0] ?? '', pair.split('/')[1] ?? ''));
        await set(t, ...all);
        const expected = ['Z 1', '_ 1', 'a 0', 'a 1', 'a 10', 'a 9', 'ab 1', 'b 1', 'b 2', 'é 1'];
        t.same(keysOf(await t.store.list('acme')), expected, 'the order');
        const read: GroupRole[] = [];
        for (let page = 0; ; page++) {
          t.ok(page < 20, 'the pages do not end');
          const query: RoleMappingQuery = { limit: 3, after: read.at(-1) };
          const found = await t.store.list('acme', query);
          if (found.length === 0) break;
          read.push(...found);
          // What goes in between must not move others to another page.
          await t.store.remove('acme', read[0]?.groupId ?? '', read[0]?.role ?? '');
        }
        t.same(keysOf(read), expected, 'the order of all pages');
      },
    ],
    [
      'limit',
      'a page has 100 mappings by default, as many as its limit says, and 1,000 at most',
      async (t) => {
        const all = Array.from({ length: 130 }, (_, n) => mapping(`g${String(n).padStart(4, '0')}`, 'editor'));
        await Promise.all(all.map(async (each) => t.store.set('acme', each)));
        t.same((await t.store.list('acme')).length, 100, 'the number without a limit');
        t.same((await t.store.list('acme', {})).length, 100, 'the number without a limit in the query');
        t.same((await t.store.list('acme', { limit: 120 })).length, 120, 'the number with limit 120');
        t.same((await t.store.list('acme', { limit: 5_000 })).length, 130, 'the number with limit 5,000');
        const next = await t.store.list('acme', { after: all[99] });
        t.same(keysOf(next), keysOf(all.slice(100)), 'the second page');
      },
    ],
    [
      'of-one-group',
      'with a group list returns its roles alone, in pages too',
      async (t) => {
        const roles = ['a', 'b', 'c', 'd'].map((role) => mapping('g-1', role));
        await set(t, mapping('g-0', 'a'), ...roles, mapping('g-2', 'b'));
        t.same(await t.store.list('acme', { groupId: 'g-1' }), roles, 'the roles of a group');
        t.same(
          await t.store.list('acme', { groupId: 'g-1', limit: 2, after: roles[0] }),
          roles.slice(1, 3),
          'its second page',
        );
        t.same(await t.store.list('acme', { groupId: 'none' }), [], 'the roles of an unknown group');
      },
    ],
    [
      'parallel',
      'concurrent sets of one mapping leave one, and of several all of them',
      async (t) => {
        const same = Array.from({ length: 10 }, (_, n) => mapping('g-1', 'editor', { setBy: `admin ${String(n)}` }));
        const others = Array.from({ length: 10 }, (_, n) => mapping('g-1', `role ${String(n)}`));
        await Promise.all([...same, ...others].map(async (each) => t.store.set('acme', each)));
        const found = await ofGroups(t, ['g-1']);
        t.same(found.length, 11, 'the number of mappings');
        const removed = await Promise.all(
          Array.from({ length: 5 }, async () => t.store.remove('acme', 'g-1', 'editor')),
        );
        t.same(removed.filter(Boolean).length, 1, 'the number of removals that returned true');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant: equal groups and roles of two tenants are two mappings',
      async (t) => {
        const theirs = mapping('g-1', 'owner', { setBy: 'eve' });
        await t.store.set('other', theirs);
        t.same(await ofGroups(t, ['g-1']), [], 'the roles of a group that another tenant has mapped');
        t.same(await t.store.list('acme'), [], 'the mappings of a tenant without any');
        t.same(await t.store.remove('acme', 'g-1', 'owner'), false, 'what remove returns');
        await set(t, mapping('g-1', 'owner'), mapping('g-1', 'editor'));
        t.same(
          (await ofGroups(t, ['g-1'])).map(({ setBy }) => setBy),
          ['Ada "é"', 'Ada "é"'],
          'who set the own mappings',
        );
        await t.store.remove('acme', 'g-1', 'owner');
        t.same(await t.store.list('other'), [theirs], 'the mappings of the other tenant');
        t.same(await ofGroups(t, ['g-1'], 'other'), [theirs], 'the roles in the other tenant');
        t.same(await ofGroups(t, ['g-1'], 'OTHER'), [], 'the roles in a tenant of another letter case');
      },
    ],
  ],
);
