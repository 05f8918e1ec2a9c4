import type { Group, User } from '../../contract/resource.js';
import type { WriteCheck } from '../../contract/store.js';
import { ConflictError, ForbiddenError } from '../../errors.js';
import type { CaseContext } from '../case-context.js';
import { change, listQuery, members, newGroup, newUser, removal, type Seen, withMembers } from '../requests.js';
import { wasDeleted } from './resources/kind.js';
import { casesOf } from '../store-case.js';

/** Everything that a refused write could have left behind. */
async function everything(t: CaseContext): Promise<unknown> {
  const users = await t.store.list(listQuery<User>(), t.ctx());
  const groups = await t.store.groups?.list(listQuery<Group>({ selection: withMembers }), t.ctx());
  return [users.resources, groups?.resources, await t.underTest.outbox?.()];
}

/** Each kind of write, with a check. */
async function writes(t: CaseContext): Promise<readonly (readonly [string, (check: WriteCheck<object>) => unknown])[]> {
  const [a = '', b = '', c = ''] = await t.users(3);
  const ofUsers = [
    ['creation of a user', (check) => t.store.create({ ...newUser('new'), check }, t.ctx())],
    [
      'change of a user',
      (check) => t.store.update(a, { ...change<User>({ set: { userName: 'changed' } }), check }, t.ctx()),
    ],
    ['deletion of a user', (check) => t.store.delete(c, { ...removal<User>(), check }, t.ctx())],
  ] as const satisfies readonly (readonly [string, (check: WriteCheck<object>) => unknown])[];
  const { groups } = t.store;
  if (groups === undefined) return ofUsers;
  const group = (await t.group('Crew', [a])).id;
  const delta = change<Group>({ members: members({ add: [b], remove: [a] }) });
  return [
    ...ofUsers,
    ['creation of a group', (check) => groups.create({ ...newGroup('Other', [a]), check }, t.ctx())],
    ['change of members', (check) => groups.update(group, { ...delta, check }, t.ctx())],
    ['deletion of a group', (check) => groups.delete(group, { ...removal<Group>(), check }, t.ctx())],
  ];
}

const refuse = (): never => {
  throw new ForbiddenError('The check refuses.');
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

export const checkCases = casesOf(
  'checks',
  'A guard counts, two requests pass it at the same moment, and an organization has no owner or too many users.',
  [
    [
      'before',
      'a `before` that throws refuses every kind of write, is passed on as it is, and leaves nothing: no resource, no event',
      async (t) => {
        const all = await writes(t);
        const untouched = await everything(t);
        for (const [what, write] of all) {
          await t.refused(() => write({ before: refuse }), { status: 403 }, `the ${what}`);
          t.unchanged(await everything(t), untouched, `after a refused ${what}`);
        }
      },
      ['checks'],
    ],
    [
      'after',
      'an `after` that throws rolls back every kind of write, also later, and leaves no event',
      async (t) => {
        const all = await writes(t);
        const untouched = await everything(t);
        const late = async (): Promise<never> => {
          await turn();
          return refuse();
        };
        for (const [what, write] of all) {
          for (const after of [refuse, late]) {
            await t.refused(() => write({ after }), { status: 403 }, `the ${what}`);
            t.unchanged(await everything(t), untouched, `after a ${what} that was rolled back`);
          }
        }
      },
      ['checks'],
    ],
    [
      'order',
      '`before` runs ahead of the write and `after` behind it, once each, with the result of the write',
      async (t) => {
        for (const [what, write] of await writes(t)) {
          const calls: string[] = [];
          let changed: boolean | undefined;
          await write({
            before: () => void calls.push('before'),
            after: (result) => {
              calls.push('after');
              changed = result.changed && typeof result.resource.id === 'string';
            },
          });
          t.same([calls, changed], [['before', 'after'], true], `the calls and the result of the ${what}`);
        }
      },
      ['checks'],
    ],
    [
      'one-at-a-time',
      'of the writes of a tenant that have a `before`, of every resource type, one at a time is between `before` and `after`',
      async (t) => {
        let inside = 0;
        let most = 0;
        const check: WriteCheck<object> = {
          async before() {
            inside++;
            most = Math.max(most, inside);
            await turn();
          },
          async after() {
            await turn();
            inside--;
          },
        };
        const all = await writes(t);
        const more = Array.from({ length: 10 }, async (_, i) =>
          t.store.create({ ...newUser(`late${String(i)}`), check }, t.ctx()),
        );
        await Promise.all([...all.map(async ([, write]) => write(check)), ...more]);
        t.same(most, 1, 'the number of writes between `before` and `after`');
      },
      ['checks'],
    ],
    [
      'counts',
      'what `before` counts stays true until the commit: of 30 concurrent creations, 3 free places take exactly 3',
      async (t) => {
        let committed = 0;
        let refused = 0;
        const create = async (i: number): Promise<void> => {
          // The commit is over when the call returns; until then the next write may not count.
          const check: WriteCheck<User> = {
            async before() {
              const counted = committed;
              await turn();
              if (counted >= 3) refuse();
            },
            after: () => void committed++,
          };
          try {
            await t.store.create({ ...newUser(`place${String(i)}`), check }, t.ctx());
          } catch {
            refused++;
          }
        };
        await Promise.all(Array.from({ length: 30 }, (_, i) => create(i)));
        const { totalResults } = await t.store.list(listQuery<User>(), t.ctx());
        t.same([totalResults, refused], [3, 27], 'the number of users and of refusals');
      },
      ['checks'],
    ],
    [
      'released',
      'a refused write, and one that fails after its `before`, give the lock back',
      async (t) => {
        await t.user('ada');
        const passing: WriteCheck<User> = { before: () => undefined };
        await t.refused(
          () => t.store.create({ ...newUser('eve'), check: { before: refuse } }, t.ctx()),
          { status: 403 },
          'a creation that is refused',
        );
        await t.refused(
          () => t.store.create({ ...newUser('ADA'), check: passing }, t.ctx()),
          { status: 409 },
          'a creation with a taken name',
        );
        const { resource } = await t.store.create({ ...newUser('eve'), check: passing }, t.ctx());
        t.holds(await t.read(resource.id), { userName: 'eve' }, 'the user');
      },
      ['checks'],
    ],
    [
      'target-first',
      'a write to an unknown id or with an old version calls neither `before` nor `after`',
      async (t) => {
        const { id } = await t.user('ada');
        const calls: string[] = [];
        const check: WriteCheck<object> = {
          before: () => void calls.push('before'),
          after: () => void calls.push('after'),
        };
        const set = { userName: 'changed' };
        t.same(await t.store.update('u999', { ...change<User>({ set }), check }, t.ctx()), undefined, 'the change');
        t.ok(
          !wasDeleted(await t.store.delete('u999', { ...removal<User>(), check }, t.ctx())),
          'the deletion returned a result',
        );
        const stale = { ...change<User>({ set, ifVersion: 'stale' }), check };
        await t.refused(() => t.store.update(id, stale, t.ctx()), { status: 412 }, 'a change with an old version');
        await t.refused(
          () => t.store.delete(id, { ...removal<User>('stale'), check }, t.ctx()),
          { status: 412 },
          'a deletion with an old version',
        );
        t.same(calls, [], 'the calls of the check');
      },
      ['checks'],
    ],
    [
      'errors',
      'an error of the app’s own in a check is passed on as it is, and is not taken for one of the store',
      async (t) => {
        const mine = new Error('the table of the app refuses');
        // The code of a unique violation, as a driver sets it.
        Object.assign(mine, { code: '23505' });
        for (const [what, write] of await writes(t)) {
          for (const part of ['before', 'after'] as const) {
            const check: WriteCheck<object> = {
              [part]: () => {
                throw mine;
              },
            };
            const thrown = await Promise.resolve(write(check)).then(
              () => undefined,
              (error: unknown) => error,
            );
            t.ok(thrown === mine, `an error in \`${part}\` of the ${what} was not passed on`);
          }
        }
        const check: WriteCheck<User> = {
          before: () => {
            throw new ConflictError('title');
          },
        };
        const conflict = { status: 409, attribute: 'title' };
        await t.refused(() => t.store.create({ ...newUser('x'), check }, t.ctx()), conflict, 'a refused creation');
      },
      ['checks'],
    ],
    [
      'no-op',
      '`after` of a write that changes nothing learns so, and nothing is written',
      async (t) => {
        const { id, meta } = await t.user('ada');
        const seen: Seen = [];
        const after = (result: Seen[number]): void => void seen.push(result);
        const same = { ...change<User>({ set: { userName: 'ada' } }), check: { after } };
        await t.store.update(id, same, t.ctx());
        t.same(
          seen.map(({ changed }) => changed),
          [false],
          'what `after` learned',
        );
        t.same((await t.read(id))?.meta.version, meta.version, 'the version');
      },
      ['checks'],
    ],
  ],
);
