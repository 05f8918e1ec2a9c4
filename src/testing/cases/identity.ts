import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { change, listQuery, nothing, removal, withMembers } from '../requests.js';
import { wasDeleted } from './resources/kind.js';
import { casesOf } from '../store-case.js';

export const identityCases = casesOf('identity', 'Otherwise one tenant sees or changes the users of another.', [
  ...(
    [
      ['another tenant’s', 'foreign', true],
      ['unknown', 'u999', false],
      ['empty', '', false],
      ['`__proto__`', '__proto__', false],
      ['very long', 'x'.repeat(5_000), false],
      ['with a NUL', 'a\0b', false],
      ['with a quote', "' or 1=1 --", false],
    ] as const
  ).map(
    ([what, id, isForeign], i) =>
      [
        `unknown-${String(i)}`,
        `an id that is ${what} makes get and update return undefined and delete return false, without an error`,
        async (t: CaseContext) => {
          const existing = await t.user('ada');
          const otherId = isForeign ? existing.id : id;
          const ctx = t.ctx(isForeign ? 'other' : 'acme');
          t.same(await t.store.get(otherId, nothing, ctx), undefined, 'what get returns');
          const update = change<User>({ ifVersion: 'no', set: t.text.of('x') });
          t.same(await t.store.update(otherId, update, ctx), undefined, 'what update returns');
          t.ok(!wasDeleted(await t.store.delete(otherId, removal('no'), ctx)), 'delete returned a result');
          t.same(await t.read(existing.id), existing, 'the user of the other tenant or id');
        },
        isForeign ? (['tenants'] as const) : [],
      ] as const,
  ),
  [
    'groups',
    'every call treats a group of another tenant like an unknown one',
    async (t) => {
      const { id } = await t.group('Crew');
      const other = t.ctx('other');
      t.same(await t.groups.get(id, withMembers, other), undefined, 'what get returns');
      const rename = change<Group>({ set: { displayName: 'Theirs' } });
      t.same(await t.groups.update(id, rename, other), undefined, 'what update returns');
      t.ok(!wasDeleted(await t.groups.delete(id, removal(), other)), 'delete returned a result');
      t.same((await t.groups.list(listQuery<Group>(), other)).resources, [], 'what list returns');
      t.holds(await t.groups.get(id, withMembers, t.ctx()), { displayName: 'Crew' }, 'the group');
    },
    ['groups', 'tenants'],
  ],
  [
    'names-of',
    'namesOf returns no name of another tenant',
    async (t) => {
      const { id } = await t.user('ada', t.kept({ displayName: 'Ada Lovelace' }));
      const names = await t.store.namesOf?.([id], t.ctx('other'));
      t.same([...(names ?? [])], [], 'the names');
    },
    ['tenants'],
  ],
  [
    'tenant-names',
    'each tenant may use the same userName',
    async (t) => {
      const acme = await t.user('ada', {}, 'acme');
      const other = await t.user('ada', {}, 'other');
      t.ok(acme.id !== other.id, 'both tenants have one id');
      await t.store.delete(acme.id, removal(), t.ctx('acme'));
      t.ok((await t.read(other.id, 'other')) !== undefined, 'the deletion in one tenant took the user of the other');
    },
    ['tenants'],
  ],
  [
    'never-again',
    'the id of a deleted resource is never reused',
    async (t) => {
      const seen = new Set<string>();
      for (let i = 0; i < 5; i++) {
        const { id } = await t.user('ada');
        t.ok(!seen.has(id), `id ${id} came back`);
        seen.add(id);
        await t.store.delete(id, removal(), t.ctx());
      }
    },
  ],
  [
    'own-copy',
    'a returned resource does not change when the store changes',
    async (t) => {
      const user = await t.user('ada', t.kept({ ...t.text.of('old'), emails: [{ value: 'a@x', type: 'work' }] }));
      const before = JSON.stringify(user);
      await t.store.update(user.id, change<User>({ set: { ...t.text.of('new'), ...t.kept({ emails: [] }) } }), t.ctx());
      t.same(JSON.stringify(user), before, 'the user that create returned');
    },
  ],
]);
