import type { DeactivationAttempt, HoldStore } from '../../lifecycle/guards/holds.js';
import { Checks } from '../checks.js';
import { casesOf } from '../store-case.js';
import { at } from './side-suite.js';

/** The clock of a case: the store asks it, and the case moves it. */
export class TestClock {
  now = at(0).getTime();
}

/** An empty store of holds, and the clock that it uses. */
export class HoldContext extends Checks {
  readonly store: HoldStore;
  readonly clock: TestClock;

  constructor(store: HoldStore, clock: TestClock) {
    super();
    this.store = store;
    this.clock = clock;
  }

  /** An attempt to deactivate a user, where more than `most` users are too many. */
  attempt(user: string, most = 3, tenant = 'acme') {
    const attempt: DeactivationAttempt = {
      now: this.clock.now,
      windowMilliseconds: minutes(60),
      tooMany: (users) => users > most,
    };
    return this.store.attempt(tenant, user, attempt);
  }

  /** Attempts of different users. @returns how many of them were held */
  async attempts(count: number, most = 3, prefix = 'u'): Promise<number> {
    let held = 0;
    for (let n = 0; n < count; n++) if ((await this.attempt(`${prefix}${String(n)}`, most)) !== undefined) held++;
    return held;
  }
}

const minutes = (count: number): number => count * 60_000;

/** Holds on mass deactivations. */
export const holdCases = casesOf<HoldContext>(
  'holds',
  'A wrong group in the identity provider deactivates the whole company, or a decision of an administrator is lost.',
  [
    [
      'too-many',
      'the attempt that is one too many creates a hold, which every later attempt gets',
      async (t) => {
        t.same(await t.attempts(3), 0, 'the number of held attempts of three users');
        t.same(await t.store.held('acme'), undefined, 'the hold after three users');
        const hold = await t.attempt('one-more');
        t.ok(hold !== undefined, 'the attempt that is one too many was not held');
        t.holds(hold, { tenant: 'acme', since: t.clock.now }, 'the hold');
        t.same(await t.store.held('acme'), hold, 'what held returns');
        t.clock.now += minutes(600);
        t.same((await t.attempt('later'))?.id, hold?.id, 'the id of the hold of a later attempt');
      },
    ],
    [
      'once',
      'a user counts once in a window, and a held attempt does not count',
      async (t) => {
        for (let n = 0; n < 10; n++) t.same(await t.attempt('u0'), undefined, 'the hold of one user');
        t.same(await t.attempts(3), 0, 'the number of held attempts of three users');
      },
    ],
    [
      'window',
      'attempts before the window do not count',
      async (t) => {
        t.same(await t.attempts(3), 0, 'the number of held attempts');
        t.clock.now += minutes(61);
        t.same(await t.attempts(3, 3, 'later'), 0, 'the number of held attempts after the window');
        t.ok((await t.attempt('one-more')) !== undefined, 'attempts within the window were not counted');
      },
    ],
    [
      'parallel',
      'concurrent attempts are counted one at a time: three of thirty pass, and there is one hold',
      async (t) => {
        const holds = await Promise.all(Array.from({ length: 30 }, async (_, n) => t.attempt(`u${String(n)}`)));
        t.same(holds.filter((hold) => hold === undefined).length, 3, 'the number of attempts that passed');
        t.same(new Set(holds.flatMap((hold) => hold?.id ?? [])).size, 1, 'the number of holds');
      },
    ],
    [
      'approve',
      'an approval ends the hold and lets everything pass for its time; then counting starts at zero',
      async (t) => {
        const first = (await t.attempts(5), await t.store.held('acme'));
        t.same(await t.store.approve('acme', { by: 'root', milliseconds: minutes(10) }), true, 'what approve returns');
        t.same(await t.store.held('acme'), undefined, 'the hold after the approval');
        t.same(await t.attempts(20, 3, 'approved'), 0, 'the number of held attempts after the approval');
        t.clock.now += minutes(10) + 1;
        t.same(await t.attempts(3, 3, 'after'), 0, 'the number of held attempts when counting starts again');
        const second = await t.attempt('one-more');
        t.ok(second !== undefined, 'the approval did not end');
        t.ok(second?.id !== first?.id, 'a later hold has the id of the earlier one');
      },
    ],
    [
      'refuse',
      'a refusal keeps the hold for its time; then it ends, and counting starts at zero',
      async (t) => {
        await t.attempts(5);
        t.same(await t.store.refuse('acme', { milliseconds: minutes(10) }), true, 'what refuse returns');
        t.holds(await t.store.held('acme'), { until: t.clock.now + minutes(10) }, 'the hold');
        t.ok((await t.attempt('refused')) !== undefined, 'an attempt passed although the hold was refused');
        t.clock.now += minutes(10) + 1;
        t.same(await t.store.held('acme'), undefined, 'the hold after its time');
        t.same(await t.attempts(3, 3, 'after'), 0, 'the number of held attempts when counting starts again');
      },
    ],
    [
      'no-hold',
      'approve and refuse return false where there is no hold, and change nothing',
      async (t) => {
        t.same(await t.store.approve('acme'), false, 'what approve returns');
        t.same(await t.store.refuse('acme'), false, 'what refuse returns');
        t.same(await t.attempts(4), 1, 'the number of held attempts of four users');
      },
    ],
    [
      'default-time',
      'a decision is valid for an hour, unless it says otherwise',
      async (t) => {
        await t.attempts(5);
        await t.store.approve('acme');
        t.clock.now += minutes(59);
        t.same(await t.attempts(10, 3, 'within'), 0, 'the number of held attempts within the hour');
        t.clock.now += minutes(2);
        t.same(await t.attempts(4, 3, 'after'), 1, 'the number of held attempts of four users after the hour');
      },
    ],
    [
      'release',
      'an attempt that is taken back does not count',
      async (t) => {
        if (t.store.release === undefined) t.skip('the store has no release');
        t.same(await t.attempts(3), 0, 'the number of held attempts');
        await t.store.release?.('acme', 'u1');
        await t.store.release?.('acme', 'unknown');
        t.same(await t.attempt('another'), undefined, 'the hold after one was taken back');
        t.ok((await t.attempt('one-more')) !== undefined, 'more than one attempt was taken back');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant',
      async (t) => {
        t.same(await t.attempts(5), 2, 'the number of held attempts of one tenant');
        t.same(await t.attempt('u0', 3, 'other'), undefined, 'the hold of the other tenant');
        t.same(await t.store.held('other'), undefined, 'what held returns for the other tenant');
        t.same(await t.store.approve('other'), false, 'what approve returns for the other tenant');
        await t.store.release?.('other', 'u1');
        t.ok((await t.store.held('acme')) !== undefined, 'the hold of the tenant is gone');
      },
    ],
  ],
);
