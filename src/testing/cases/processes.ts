import type { Group, User } from '../../contract/resource.js';
import type { UserStore } from '../../contract/store.js';
import { display } from '../checks.js';
import { isConflict } from '../conflict.js';
import type { CaseContext } from '../case-context.js';
import { change, eq, everything, listQuery, members, newUser, removal } from '../requests.js';
import { casesOf } from '../store-case.js';

/** Runs tasks at the same time, each with the next of two stores. */
function inTurn<T>(
  stores: readonly [UserStore, UserStore],
  count: number,
  task: (store: UserStore, n: number) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  return Promise.allSettled(
    Array.from({ length: count }, async (_, n) => task(n % 2 === 0 ? stores[0] : stores[1], n)),
  );
}

function successes(results: readonly PromiseSettledResult<unknown>[]): number {
  return results.filter(({ status }) => status === 'fulfilled').length;
}

/** The number of successes is that; otherwise the first error says why. */
function succeeded(t: CaseContext, results: readonly PromiseSettledResult<unknown>[], count: number): void {
  const failed = results.find((result) => result.status === 'rejected');
  const why = failed === undefined ? '' : ` (the first error: ${display(failed.reason)})`;
  t.same(successes(results), count, `the number of writes that succeeded${why}`);
}

/** The IDs of all users of a tenant, and of those with a userName. */
async function listed(
  t: CaseContext,
  store: UserStore,
  tenant: string | undefined,
  userName?: string,
): Promise<readonly string[]> {
  const query = listQuery<User>(userName === undefined ? {} : { filter: eq('userName', userName) });
  const { resources } = await store.list(query, t.ctx(tenant));
  return resources.map(({ id }) => id);
}

/** What the first process creates, renames and deletes in a tenant, the second one lists at once. */
async function listsFollow(t: CaseContext, first: UserStore, second: UserStore, tenant?: string): Promise<void> {
  const where = tenant === undefined ? '' : ` of tenant ${tenant}`;
  const see = async (name: string, expected: readonly string[], when: string): Promise<void> => {
    t.same(await listed(t, second, tenant, name), expected, `the users ${name}${where} in the second process ${when}`);
  };
  await see('ada', [], 'before');
  const { id } = (await first.create(newUser('ada'), t.ctx(tenant))).resource;
  t.same(await listed(t, second, tenant), [id], `the users${where} that the second process lists after a creation`);
  await see('ada', [id], 'after a creation');
  const rename = change<User>({ set: { userName: 'bob' } });
  await first.update(id, rename, t.ctx(tenant));
  await see('ada', [], 'after a change of the name');
  await see('bob', [id], 'after a change of the name');
  await first.delete(id, removal(), t.ctx(tenant));
  await see('bob', [], 'after the deletion');
  t.same(await listed(t, second, tenant), [], `the users${where} that the second process lists after the deletion`);
}

export const processCases = casesOf(
  'processes',
  'Your app runs in several processes. Locks and caches in the memory of one do not protect it from the others.',
  [
    [
      'reads',
      'what one process has written, another one reads at once',
      async (t) => {
        const [first, second] = await t.twoStores();
        const { id } = (await first.create(newUser('ada', t.text.of('old')), t.ctx())).resource;
        t.holds(await second.get(id, everything, t.ctx()), t.text.of('old'), 'the user in the second process');
        await second.update(id, change<User>({ set: t.text.of('new') }), t.ctx());
        t.holds(await first.get(id, everything, t.ctx()), t.text.of('new'), 'the user in the first process');
        await first.delete(id, removal(), t.ctx());
        t.same(await second.get(id, everything, t.ctx()), undefined, 'the deleted user in the second process');
      },
      ['another'],
    ],
    [
      'lists',
      'a process that has listed users before lists what another one has written since then',
      async (t) => {
        const [first, second] = await t.twoStores();
        await listsFollow(t, first, second);
      },
      ['another'],
    ],
    [
      'tenants',
      'a process that has listed the users of several tenants sees what another one writes in any of them',
      async (t) => {
        const [first, second] = await t.twoStores();
        for (const tenant of [undefined, 'other', 'third']) await listed(t, second, tenant);
        for (const tenant of ['other', undefined, 'third']) await listsFollow(t, first, second, tenant);
      },
      ['another', 'tenants'],
    ],
    [
      'user-names',
      'of 60 concurrent creations of one userName over two processes, exactly one succeeds; the others throw ConflictError',
      async (t) => {
        const stores = await t.twoStores();
        const results = await inTurn(stores, 60, async (store) => store.create(newUser('ada'), t.ctx()));
        t.same(successes(results), 1, 'the number of users made');
        for (const result of results) {
          if (result.status === 'fulfilled' || isConflict(result.reason)) continue;
          t.ok(false, `a creation with a taken name threw ${display(result.reason)}; expected ConflictError`);
        }
      },
      ['another'],
    ],
    [
      'compare-and-swap',
      'of 20 concurrent changes with the same ifVersion over two processes, one succeeds, and its value is stored',
      async (t) => {
        const stores = await t.twoStores();
        const { id, meta } = await t.user('ada');
        const results = await inTurn(stores, 20, async (store, n) =>
          store.update(id, change<User>({ ifVersion: meta.version, set: t.text.of(`v${String(n)}`) }), t.ctx()),
        );
        t.same(successes(results), 1, 'the number of changes that succeeded');
        const winner = results.findIndex(({ status }) => status === 'fulfilled');
        t.holds(await t.read(id), t.text.of(`v${String(winner)}`), 'the user');
      },
      ['another'],
    ],
    [
      'lost-update',
      'changes of different attributes at the same time, in two processes, are all kept',
      async (t) => {
        const stores = await t.twoStores();
        const texts = t.texts(2);
        const { id } = await t.user('ada');
        for (let round = 0; round < 10; round++) {
          const value = `v${String(round)}`;
          const set = texts.map(({ of }) => of(value));
          const results = await inTurn(stores, 2, async (store, n) =>
            store.update(id, change<User>({ set: set[n] ?? {} }), t.ctx()),
          );
          succeeded(t, results, 2);
          for (const each of set) t.holds(await t.read(id), each, 'the user');
        }
      },
      ['another'],
    ],
    [
      'members',
      '100 concurrent additions of a member over two processes keep all 100',
      async (t) => {
        const stores = await t.twoStores();
        const ids = await t.users(100);
        const { id } = await t.group('Crew');
        const results = await inTurn(stores, ids.length, async (store, n) =>
          store.groups?.update(id, change<Group>({ members: members({ add: ids.slice(n, n + 1) }) }), t.ctx()),
        );
        succeeded(t, results, 100);
        t.same((await t.memberIds(id)).length, 100, 'the number of members');
      },
      ['another', 'groups'],
    ],
    [
      'update-and-deletion',
      'a change in one process during a deletion in another does not restore the user, and the name is free',
      async (t) => {
        const [first, second] = await t.twoStores();
        for (let i = 0; i < 20; i++) {
          const { id } = await t.user('ada');
          const [one, other] = i % 2 === 0 ? [first, second] : [second, first];
          await Promise.all([
            Promise.resolve(one.update(id, change<User>({ set: t.text.of('x') }), t.ctx())),
            Promise.resolve(other.delete(id, removal(), t.ctx())),
          ]);
          for (const store of [first, second]) {
            t.same(await store.get(id, everything, t.ctx()), undefined, 'what get returns of the deleted user');
          }
        }
        await t.user('ada');
      },
      ['another'],
    ],
    [
      'member-and-deletion',
      'adding a user to a group in one process while another deletes the user leaves no membership behind',
      async (t) => {
        const [first, second] = await t.twoStores();
        const { id } = await t.group('Crew');
        for (const [i, each] of (await t.users(20)).entries()) {
          const [one, other] = i % 2 === 0 ? [first, second] : [second, first];
          const add = async () => one.groups?.update(id, change<Group>({ members: members({ add: [each] }) }), t.ctx());
          const remove = async () => other.delete(each, removal(), t.ctx());
          await Promise.allSettled([add(), remove()]);
        }
        t.same(await t.memberIds(id), [], 'the members');
      },
      ['another', 'groups'],
    ],
  ],
);
