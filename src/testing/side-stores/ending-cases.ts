import type { ConnectionEndingStore, EndingJob } from '../../lifecycle/connections/ending-jobs.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<ConnectionEndingStore>;

const now = 1_800_000_000_000;
const lease = 30_000;

function job(id: string, more: Partial<EndingJob> = {}): EndingJob {
  return {
    ...{ id, tenant: 'acme', connection: 'main', users: 'keep', by: 'Ada "é"', requestedAt: at(0), state: 'running' },
    ...{ total: 2, processed: 0, refused: 0, refusals: [], attempts: 0, failures: 0, nextAttemptAt: now },
    ...more,
  };
}

const idsOf = (all: readonly EndingJob[]): readonly string[] => all.map(({ id }) => id).sort();
const done = { state: 'done', nextAttemptAt: undefined, finishedAt: at(9) } as const;

async function claimed(t: Context, time = now): Promise<EndingJob> {
  const [first] = await t.store.claim(time, lease, 1);
  if (first !== undefined) return first;
  t.ok(false, 'claim returned nothing, although a job is due');
  throw new Error('unreachable');
}

/** Jobs that end connections. */
export const endingCases = casesOf<Context>(
  'connection-endings',
  'Users of a connection that was ended stay as they were, or two processes end it at the same time.',
  [
    [
      'stored',
      'add, claim and latest return every property of a job, and what was saved of it',
      async (t) => {
        const added = job('j1', { users: 'off-board', total: 1_234 });
        t.same(await t.store.add(added), added, 'what add returns');
        t.same(await t.store.latest('acme', 'main'), added, 'what latest returns');
        const first = await claimed(t);
        t.same(first, { ...added, attempts: 1, nextAttemptAt: now + lease }, 'the claimed job');
        const progress: EndingJob = {
          ...first,
          ...{ processed: 50, refused: 2, after: 'u-é', failures: 3, error: 'x'.repeat(200), nextAttemptAt: now + 99 },
          refusals: Array.from({ length: 50 }, (_, n) => ({ userId: `u${String(n)}`, reason: 'Last "owner" é' })),
        };
        t.same(await t.store.save(progress), true, 'what save returns');
        t.same(await t.store.latest('acme', 'main'), progress, 'the job after its progress was saved');
        t.same(await t.store.save({ ...progress, ...done }), true, 'what save of the end returns');
        t.same(await t.store.latest('acme', 'main'), { ...progress, ...done }, 'the job that is done');
      },
    ],
    [
      'one-running',
      'of concurrent jobs for a connection one runs, and add returns that one; other connections have jobs of their own',
      async (t) => {
        const jobs = Array.from({ length: 10 }, (_, n) => job(`j${String(n)}`));
        const added = await Promise.all(jobs.map(async (each) => t.store.add(each)));
        t.same(new Set(idsOf(added)).size, 1, 'the number of ids that add returned');
        t.same((await t.store.claim(now, lease, 100)).length, 1, 'the number of jobs that are due');
        t.same((await t.store.add(job('x', { connection: 'other' }))).id, 'x', 'the job of another connection');
        t.same(
          (await t.store.add(job('y', { users: 'off-board' }))).users,
          'keep',
          'what add returns for another choice',
        );
      },
    ],
    [
      'again',
      'after a job is done a new one can run, and latest returns the newest',
      async (t) => {
        await t.store.add(job('j1'));
        await t.store.save({ ...(await claimed(t)), ...done });
        const second = job('j2', { requestedAt: at(10) });
        t.same((await t.store.add(second)).id, 'j2', 'the job that add returns');
        t.same(await t.store.latest('acme', 'main'), second, 'the newest job');
        t.same(await t.store.latest('acme', 'none'), undefined, 'the job of an unknown connection');
        t.same(idsOf(await t.store.claim(now + lease, lease, 9)), ['j2'], 'the jobs that are due');
      },
    ],
    [
      'claimed-once',
      'of concurrent claims one gets a job, and another one when the lease ends',
      async (t) => {
        await t.store.add(job('j1'));
        t.same(await t.store.claim(now - 1, lease, 9), [], 'what is claimed before it is due');
        const claims = await Promise.all(Array.from({ length: 8 }, async () => t.store.claim(now, lease, 9)));
        // A claim may lose a race, so what is left is claimed once more.
        const all = [...claims.flat(), ...(await t.store.claim(now, lease, 9))];
        t.same(all.length, 1, 'the number of claims that got it');
        t.same(await t.store.claim(now + lease - 1, lease, 9), [], 'what is claimed before the lease ends');
        t.same((await claimed(t, now + lease)).attempts, 2, 'the attempts after the lease');
      },
    ],
    [
      'late-save',
      'a process whose job was claimed by another one saves nothing of it, and neither does one of a job that is done',
      async (t) => {
        await t.store.add(job('j1'));
        const slow = await claimed(t);
        const other = await claimed(t, now + lease);
        t.same(await t.store.save({ ...slow, processed: 99 }), false, 'what save of the slow process returns');
        t.same(await t.store.save({ ...slow, ...done }), false, 'what its end returns');
        t.same(await t.store.latest('acme', 'main'), other, 'the job');
        t.same(await t.store.save({ ...other, ...done }), true, 'what the end of the other one returns');
        t.same(await t.store.save({ ...other, processed: 1 }), false, 'what save after the end returns');
        t.same((await t.store.latest('acme', 'main'))?.state, 'done', 'the state');
        t.same(await t.store.save(job('none')), false, 'what save of an unknown job returns');
        t.same(await t.store.claim(now + 100 * lease, lease, 9), [], 'what is claimed later');
      },
    ],
    [
      'limit',
      'claim takes due jobs of all tenants, as many as its limit, and leaves the others due',
      async (t) => {
        for (const tenant of ['a', 'b', 'c']) await t.store.add(job(`job-${tenant}`, { tenant }));
        await t.store.add(job('later', { nextAttemptAt: now + 1 }));
        await t.store.add(job('never', { connection: 'other', nextAttemptAt: undefined }));
        const first = await t.store.claim(now, lease, 2);
        t.same(first.length, 2, 'the number with limit 2');
        const rest = await t.store.claim(now, lease, 9);
        t.same(idsOf([...first, ...rest]), ['job-a', 'job-b', 'job-c'], 'the jobs that are due');
        t.same(idsOf(await t.store.claim(now + 1, lease, 9)), ['later'], 'the job that became due');
      },
    ],
    [
      'tenants',
      'add, save and latest are bound to their tenant; equal ids and connections of two tenants are two jobs',
      async (t) => {
        const theirs = job('j1', { tenant: 'other', by: 'eve' });
        await t.store.add(theirs);
        t.same(await t.store.latest('acme', 'main'), undefined, 'what latest returns');
        t.same(await t.store.save(job('j1')), false, 'what save returns');
        t.same((await t.store.add(job('j1'))).by, 'Ada "é"', 'whose job add returns');
        const all = await t.store.claim(now, lease, 9);
        const mine = all.find(({ tenant }) => tenant === 'acme');
        t.same(
          mine !== undefined && (await t.store.save({ ...mine, ...done })),
          true,
          'what save of the own job returns',
        );
        t.holds(await t.store.latest('other', 'main'), { by: 'eve', state: 'running' }, 'the job of the other tenant');
      },
    ],
  ],
);
