import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { casesOf, type CaseRow } from '../store-case.js';
import { eachStatementFails } from './resources/faults.js';
import { byId } from './resources/kind.js';
import { change, listQuery, members, newGroup, newUser, removal, type Seen, withMembers } from '../requests.js';

async function everything(t: CaseContext): Promise<unknown> {
  const users = await t.store.list(listQuery<User>(), t.ctx());
  const groups = await t.store.groups?.list(listQuery<Group>({ selection: withMembers }), t.ctx());
  return {
    users: byId(users.resources),
    groups: groups && byId(groups.resources),
    outbox: await t.underTest.outbox?.(),
  };
}

/** A write that changes as much as possible at once. */
type Write = (
  t: CaseContext,
  ids: { readonly users: readonly string[]; readonly group: string; readonly suffix: string },
) => Promise<unknown>;

const writes: readonly (readonly [id: string, what: string, write: Write])[] = [
  [
    'create',
    'creation of a user',
    async (t, { suffix }) =>
      t.store.create(
        newUser(`new${suffix}`, t.kept({ displayName: 'Dr', externalId: 'X', emails: [{ value: 'a@x' }] })),
        t.ctx(),
      ),
  ],
  [
    'update',
    'change of a user',
    async (t, { users, suffix }) =>
      t.store.update(
        users[0] ?? '',
        change<User>({
          set: { userName: `changed${suffix}`, ...t.kept({ active: false, externalId: 'Y' }) },
          unset: Object.keys(t.kept({ displayName: '' })) as 'displayName'[],
        }),
        t.ctx(),
      ),
  ],
  [
    'delete',
    'deletion of a user who is in a group',
    async (t, { users }) => t.store.delete(users[1] ?? '', removal(), t.ctx()),
  ],
  [
    'create-group',
    'creation of a group with members',
    async (t, { users, suffix }) => t.groups.create(newGroup(`Other${suffix}`, users), t.ctx()),
  ],
  [
    'update-group',
    'change of a group and its members',
    async (t, { users: [a = '', b = '', c = ''], group, suffix }) =>
      t.groups.update(
        group,
        change<Group>({
          set: { displayName: `Pilots${suffix}`, ...t.keptOfGroup({ externalId: 'Z' }) },
          members: members({ add: [c], remove: [a, b] }),
        }),
        t.ctx(),
      ),
  ],
  ['delete-group', 'deletion of a group', async (t, { group }) => t.groups.delete(group, removal(), t.ctx())],
];

const faultRows: readonly CaseRow[] = writes.map(([id, what, write]): CaseRow => [
  id,
  `an error in any statement of the ${what}, once or for good, rolls back the whole write`,
  async (t) => {
    await eachStatementFails(t, async (permanently) => {
      // Other names for the second time, since the store is not empty then.
      const suffix = permanently ? '' : '-again';
      const users: string[] = [];
      for (const name of ['a', 'b', 'c']) {
        users.push((await t.user(`${name}${suffix}`, t.kept({ displayName: name }))).id);
      }
      const group = (await t.group(`Crew${suffix}`, users.slice(0, 2))).id;
      const { breakAt } = t.underTest;
      return {
        breakAt: breakAt && ((nth, permanent) => breakAt.call(t.underTest, nth, permanent)),
        everything: () => everything(t),
        write: () => write(t, { users, group, suffix }),
      };
    });
  },
  ['breakAt', 'groups'],
]);

export const faultCases = casesOf(
  'faults',
  'A partial write is never repaired: a user without a group, a name that is taken forever.',
  [
    ...faultRows,
    [
      'refused',
      'a refused write changes nothing',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const group = (await t.group('Crew', [a])).id;
        const before = await everything(t);
        const refused: readonly (readonly [string, 409 | 412 | 400, () => unknown])[] = [
          ['a creation with a taken name', 409, () => t.store.create(newUser('USER0', t.text.of('x')), t.ctx())],
          [
            'a change to a taken name',
            409,
            () => t.store.update(a, change<User>({ set: { ...t.text.of('x'), userName: 'user1' } }), t.ctx()),
          ],
          [
            'a change with an old version',
            412,
            () => t.store.update(a, change<User>({ ifVersion: 'stale', set: t.text.of('x') }), t.ctx()),
          ],
          ['a group with an unknown member', 400, () => t.groups.create(newGroup('Other', [b, 'u999']), t.ctx())],
          [
            'a change of a group with an unknown member',
            400,
            () =>
              t.groups.update(
                group,
                change<Group>({ set: { displayName: 'x' }, members: members({ add: [b, 'u999'], only: true }) }),
                t.ctx(),
              ),
          ],
          ['a deletion with an old version', 412, () => t.groups.delete(group, removal('stale'), t.ctx())],
        ];
        for (const [what, status, write] of refused) {
          await t.refused(write, { status }, what);
          t.unchanged(await everything(t), before, `after ${what}, which was refused`);
        }
      },
      ['groups'],
    ],
  ],
);

export const eventCases = casesOf('events', 'A user leaves and no handler runs, or it runs twice.', [
  [
    'once',
    'a store with an outbox calls `events` once for each change, inside the write; any other store calls it for deletions at most',
    async (t) => {
      const seen: Seen = [];
      const { id } = (await t.store.create(newUser('ada', {}, seen), t.ctx())).resource;
      const set = (text: string, ifVersion?: string) => change<User>({ set: t.text.of(text), ifVersion }, seen);
      await t.store.update(id, set('Dr'), t.ctx());
      await t.store.update(id, set('Dr'), t.ctx());
      await t.refused(
        () => t.store.update(id, set('x', 'stale'), t.ctx()),
        { status: 412 },
        'a change with an old version',
      );
      await t.store.update('u999', set('x'), t.ctx());
      await t.store.delete(id, removal(undefined, seen), t.ctx());
      await t.store.delete(id, removal(undefined, seen), t.ctx());
      const real = seen.filter(({ changed }) => changed).map(({ resource }) => resource);
      if (t.store.supports?.outbox !== true)
        return t.ok(real.length <= 1, `events was called for ${String(real.length)} changes`);
      // A transaction that is repeated may call `events` again.
      if (t.underTest.outbox === undefined) t.same(real.length, 3, 'the number of changes that events was called for');
      const changed = real.find(({ meta }) => meta.version !== real[0]?.meta.version);
      t.holds(changed, { id, ...t.text.of('Dr') }, 'what events received for the change');
      t.holds(real.at(-1), { id, userName: 'ada' }, 'what events received for the deletion');
      if (t.underTest.outbox !== undefined) {
        t.same(
          (await t.underTest.outbox()).map(({ resourceId }) => resourceId),
          [id, id, id],
          'the outbox',
        );
      }
    },
  ],
  [
    'fault',
    'a write whose events cannot be saved is rolled back',
    async (t) => {
      const before = await everything(t);
      const broken = {
        ...newUser('ada'),
        events: () => {
          throw new Error('the outbox is full');
        },
      };
      const failed = await Promise.resolve(t.store.create(broken, t.ctx())).then(
        () => false,
        () => true,
      );
      t.ok(failed, 'the write succeeded although its events could not be saved');
      t.unchanged(await everything(t), before, 'after a write whose events could not be saved');
    },
    ['outbox'],
  ],
]);
