import type { OffboardingTask, OffboardingTaskStore } from '../../lifecycle/offboarding/tasks.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<OffboardingTaskStore>;

const now = at(0).getTime();
const lease = 60_000;

function task(n: number, more: Partial<OffboardingTask> = {}): OffboardingTask {
  return {
    id: `t${String(n)}`,
    tenant: 'acme',
    user: { tenant: 'acme', id: 'u1', departure: 'deactivated' },
    event: 'event-1',
    time: at(0).toISOString(),
    handler: 'assets',
    kind: 'collect',
    state: 'pending',
    undo: false,
    undoable: false,
    attempts: 0,
    nextAttemptAt: now - 100 + n,
    ...more,
  };
}

const applied = (n: number, more: Partial<OffboardingTask> = {}): OffboardingTask =>
  task(n, { kind: 'apply', item: { id: String(n), label: 'Laptop "é"' }, action: 'flag', ...more });

const idsOf = (tasks: readonly OffboardingTask[]): readonly string[] => tasks.map(({ id }) => id);

async function only({ store }: Context, id = 't1'): Promise<OffboardingTask | undefined> {
  return (await store.ofUser('acme', 'u1')).find((each) => each.id === id);
}

/** Adds a task and claims it. */
async function claimed(t: Context, added: OffboardingTask): Promise<OffboardingTask> {
  await t.store.add([added]);
  const [first] = await t.store.claim(now, lease, 10);
  t.ok(first !== undefined, 'claim does not find a task that is due');
  return first ?? added;
}

/** The tasks of off-boarding. */
export const taskCases = casesOf<Context>(
  'tasks',
  'A user who left keeps a laptop or a license, or a task is carried out twice or undone against an administrator.',
  [
    [
      'stored',
      'add keeps every property, and a task whose id exists stays unchanged',
      async (t) => {
        const full = applied(1, {
          user: { tenant: 'acme', id: 'u1', departure: 'deleted', label: 'Ada "é"' },
          note: { previous: [1, 'ü'] },
        });
        await t.store.add([full]);
        await t.store.add([{ ...full, handler: 'another', state: 'done' }, applied(2)]);
        t.same(await t.store.ofUser('acme', 'u1'), [{ ...full, note: (await only(t))?.note }, applied(2)], 'the tasks');
      },
    ],
    [
      'claim',
      'claim returns due tasks, oldest first, counts the attempt, and leases them until the lease ends',
      async (t) => {
        await t.store.add([
          task(2),
          task(1),
          task(3, { nextAttemptAt: now + 1 }),
          task(4, { nextAttemptAt: undefined }),
        ]);
        const [first] = await t.store.claim(now, lease, 1);
        t.ok(first !== undefined, 'no task was claimed');
        const [second] = await t.store.claim(now, lease, 10);
        t.same([first?.id, second?.id].sort(), ['t1', 't2'], 'the ids of the due tasks');
        t.holds(first, { attempts: 1, nextAttemptAt: now + lease }, 'a claimed task');
        t.same(await t.store.claim(now, lease, 10), [], 'what is claimed within the lease');
        const again = await t.store.claim(now + lease, lease, 10);
        t.same(
          again.filter(({ id }) => id !== 't3').map(({ attempts }) => attempts),
          [2, 2],
          'the attempts after it',
        );
      },
    ],
    [
      'claim-parallel',
      'concurrent claims never return a task twice',
      async (t) => {
        await t.store.add(Array.from({ length: 20 }, (_, n) => task(n)));
        const claims = await Promise.all(Array.from({ length: 8 }, async () => t.store.claim(now, lease, 20)));
        const ids = claims.flatMap(idsOf);
        t.same(new Set(ids).size, ids.length, 'the number of tasks that were claimed once');
      },
    ],
    [
      'report-done',
      'report saves a success, after which the task is no longer due',
      async (t) => {
        const first = await claimed(t, applied(1));
        const outcome = { state: 'done', undoable: true, note: { key: 'value' } } as const;
        t.same(await t.store.report(first, outcome, now), true, 'what report returns');
        t.holds(
          await only(t),
          { state: 'done', undoable: true, note: { key: 'value' }, nextAttemptAt: undefined },
          'the task',
        );
        t.same(await t.store.claim(now + 10 * lease, lease, 10), [], 'what is claimed later');
        t.same(idsOf(await t.store.list('acme', 'done')), ['t1'], 'the tasks that are done');
        t.same(await t.store.list('acme', 'pending'), [], 'the tasks that are pending');
      },
    ],
    [
      'report-failed',
      'report saves an error and the next attempt; a later success clears the error',
      async (t) => {
        const first = await claimed(t, applied(1));
        await t.store.report(first, { state: 'failed', error: 'timeout é', nextAttemptAt: now + 5 }, now);
        t.holds(
          await only(t),
          { state: 'pending', error: 'timeout é', nextAttemptAt: now + 5, attempts: 1 },
          'the task',
        );
        t.same(await t.store.claim(now + 4, lease, 10), [], 'what is claimed too early');
        const [second] = await t.store.claim(now + 5, lease, 10);
        if (second !== undefined) await t.store.report(second, { state: 'done', undoable: false }, now);
        t.holds(await only(t), { state: 'done', error: undefined, attempts: 2 }, 'the task after a success');
      },
    ],
    [
      'report-late',
      'a report of an attempt that another one has followed saves nothing and returns false',
      async (t) => {
        const first = await claimed(t, applied(1));
        const [second] = await t.store.claim(now + lease, lease, 10);
        t.same(
          await t.store.report(first, { state: 'done', undoable: false }, now),
          false,
          'what the late report returns',
        );
        t.holds(await only(t), { state: 'pending', attempts: 2 }, 'the task');
        if (second !== undefined)
          t.same(await t.store.report(second, { state: 'canceled' }, now), true, 'what report returns');
        t.holds(await only(t), { state: 'canceled' }, 'the task after the report of the last attempt');
        const unknown = { ...first, id: 'none' };
        t.same(
          await t.store.report(unknown, { state: 'canceled' }, now),
          false,
          'what a report of an unknown task returns',
        );
      },
    ],
    [
      'returned',
      'a return marks pending and undoable tasks of departures up to its time, and only those of the user',
      async (t) => {
        const later = { time: at(60).toISOString() };
        const other = { user: { tenant: 'acme', id: 'u2', departure: 'deactivated' } } as const;
        await t.store.add([applied(1), applied(2), applied(3), applied(4, later), applied(5, other)]);
        const [first, second] = await t.store.claim(now, lease, 2);
        if (first === undefined || second === undefined) return t.ok(false, 'no task was claimed');
        await t.store.report(first, { state: 'done', undoable: true }, now);
        await t.store.report(second, { state: 'done', undoable: false }, now);
        await t.store.returned({ tenant: 'acme', userId: 'u1', time: at(30).toISOString(), returnedAs: 'u9' }, now + 7);
        const marked = { undo: true, returnedAs: 'u9' };
        t.holds(await only(t, first.id), { ...marked, state: 'done', nextAttemptAt: now + 7 }, 'the task to undo');
        t.holds(await only(t, second.id), { undo: false, nextAttemptAt: undefined }, 'the task that cannot be undone');
        t.holds(await only(t, 't3'), { ...marked, nextAttemptAt: applied(3).nextAttemptAt }, 'the pending task');
        t.holds(await only(t, 't4'), { undo: false }, 'the task of a later departure');
        t.holds((await t.store.ofUser('acme', 'u2'))[0], { undo: false }, 'the task of another user');
        const [undo] = (await t.store.claim(now + 7, lease, 10)).filter(({ id }) => id === first.id);
        if (undo === undefined) return t.ok(false, 'the task to undo is not due');
        await t.store.report(undo, { state: 'undone' }, now);
        t.holds(
          await only(t, first.id),
          { state: 'undone', undoable: false, nextAttemptAt: undefined },
          'the undone task',
        );
      },
    ],
    [
      'done-after-return',
      'a task that a return has marked while it was carried out is due again when it is done',
      async (t) => {
        const first = await claimed(t, applied(1));
        await t.store.returned({ tenant: 'acme', userId: 'u1', time: at(30).toISOString() }, now);
        t.holds(await only(t), { undo: true, nextAttemptAt: now + lease }, 'the task in progress');
        await t.store.report(first, { state: 'done', undoable: true }, now + 9);
        t.holds(await only(t), { state: 'done', undo: true, nextAttemptAt: now + 9 }, 'the task that is done');
      },
    ],
    [
      'last-return',
      'lastReturn is the latest return, whatever order they arrive in; undefined without one',
      async (t) => {
        t.same(await t.store.lastReturn('acme', 'u1'), undefined, 'the return of a user who never returned');
        const late = { tenant: 'acme', userId: 'u1', time: at(20).toISOString(), returnedAs: 'u9' };
        await t.store.returned(late, now);
        await t.store.returned({ tenant: 'acme', userId: 'u1', time: at(10).toISOString() }, now);
        t.same(await t.store.lastReturn('acme', 'u1'), late, 'the latest return');
        t.same(await t.store.lastReturn('other', 'u1'), undefined, 'the return in another tenant');
      },
    ],
    [
      'settle',
      'a settled task is never claimed, reported or undone; only a pending or done task is settled',
      async (t) => {
        const first = await claimed(t, applied(1));
        t.same(await t.store.settle('acme', 't1', 'root'), true, 'what settle returns');
        t.holds(await only(t), { state: 'settled', settledBy: 'root', nextAttemptAt: undefined }, 'the task');
        t.same(await t.store.report(first, { state: 'done', undoable: true }, now), false, 'what a report returns');
        await t.store.returned({ tenant: 'acme', userId: 'u1', time: at(30).toISOString() }, now);
        t.holds(await only(t), { state: 'settled', undo: false }, 'the task after a return');
        t.same(await t.store.claim(now + 10 * lease, lease, 10), [], 'what is claimed later');
        t.same(await t.store.settle('acme', 't1', 'other'), false, 'what settle again returns');
        t.same(await t.store.settle('acme', 'none', 'root'), false, 'what settle of an unknown task returns');
        t.holds(await only(t), { settledBy: 'root' }, 'the task after it was settled again');
      },
    ],
    [
      'lists',
      'ofUser filters by handler and item, list by state; both oldest first, list up to its limit',
      async (t) => {
        const others = Array.from({ length: 105 }, (_, n) => applied(10 + n, { handler: 'licenses' }));
        await t.store.add([applied(1), applied(2), applied(3, { handler: 'licenses', item: { id: '1' } })]);
        await t.store.add(others);
        t.same(
          idsOf(await t.store.ofUser('acme', 'u1', { handler: 'assets' })),
          ['t1', 't2'],
          'the tasks of a handler',
        );
        const item = { handler: 'assets', item: '1' };
        t.same(idsOf(await t.store.ofUser('acme', 'u1', item)), ['t1'], 'the task of an item');
        t.same((await t.store.ofUser('acme', 'u1')).length, 108, 'the number of all tasks of the user');
        t.same(idsOf(await t.store.list('acme', 'pending', 3)), ['t1', 't2', 't3'], 'the oldest three');
        t.same((await t.store.list('acme', 'pending')).length, 100, 'the number without a limit');
      },
    ],
    [
      'tenants',
      'every call but claim is bound to its tenant; equal ids of two tenants are two tasks',
      async (t) => {
        const theirs = applied(1, { tenant: 'other', user: { tenant: 'other', id: 'u1', departure: 'deactivated' } });
        await t.store.add([theirs, applied(1)]);
        t.same((await t.store.ofUser('acme', 'u1')).length, 1, 'the number of tasks of the user');
        t.same((await t.store.list('acme', 'pending')).length, 1, 'the number of pending tasks');
        await t.store.settle('acme', 't1', 'root');
        await t.store.returned({ tenant: 'acme', userId: 'u1', time: at(30).toISOString() }, now);
        t.holds(
          (await t.store.ofUser('other', 'u1'))[0],
          { state: 'pending', undo: false },
          'the task of the other tenant',
        );
        t.same(
          (await t.store.claim(now, lease, 10)).map(({ tenant }) => tenant),
          ['other'],
          'the tenants of due tasks',
        );
      },
    ],
  ],
);
