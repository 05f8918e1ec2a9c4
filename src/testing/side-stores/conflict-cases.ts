import type { Conflict, ConflictDecision, ConflictStore, NewConflict } from '../../lifecycle/conflicts/conflicts.js';
import { casesOf } from '../store-case.js';
import { at, type StoreContext } from './side-suite.js';

type Context = StoreContext<ConflictStore>;

function conflict(n: number, more: Partial<NewConflict> = {}): NewConflict {
  return {
    tenant: 'acme',
    kind: 'adopt',
    fingerprint: `adopt:${String(n)}`,
    summary: `Two accounts match user ${String(n)} (é, ")`,
    candidates: [
      { id: 'u-1', label: 'Ada' },
      { id: 'tombstone:t1', label: 'Ada, deleted' },
    ],
    resource: { userName: 'ada', displayName: 'Ada' },
    ...more,
  };
}

const decided = (action: 'create' | 'refuse' | 'approve', minutes = 0): ConflictDecision => ({
  action,
  by: 'root',
  time: at(minutes).toISOString(),
});

/** Adds a conflict in a millisecond of its own, so that its time decides the order. */
async function addLater({ store }: Context, added: NewConflict): Promise<Conflict> {
  const conflict = await store.add(added);
  await nextMillisecond();
  return conflict;
}

/** The same for a decision. */
async function settleLater({ store }: Context, id: string | undefined, minutes: number): Promise<void> {
  await store.settle('acme', id ?? '', decided('refuse', minutes));
  await nextMillisecond();
}

async function nextMillisecond(): Promise<void> {
  const end = Date.now() + 1;
  while (Date.now() <= end) await new Promise((resolve) => setTimeout(resolve, 1));
}

const idsOf = (all: readonly Conflict[]): readonly string[] => all.map(({ id }) => id);

/** Conflicts that wait for an administrator. */
export const conflictCases = casesOf<Context>(
  'conflicts',
  'A decision of an administrator is lost or applied twice, or an administrator decides for another tenant.',
  [
    [
      'stored',
      'add returns the conflict with an id and a time, and list and find return the same',
      async (t) => {
        const added = await t.store.add(conflict(1));
        t.ok(typeof added.id === 'string' && added.id !== '', 'the id is empty');
        t.ok(!Number.isNaN(Date.parse(added.time)), 'the time is no time');
        t.same({ ...added, id: undefined, time: undefined }, conflict(1), 'the conflict without id and time');
        t.same(await t.store.list('acme'), [added], 'what list returns');
        t.same(await t.store.find('acme', 'adopt:1'), added, 'what find returns');
        t.same(await t.store.find('acme', 'adopt'), undefined, 'what find returns for another fingerprint');
        const mass = await t.store.add(conflict(2, { kind: 'mass-deactivation', candidates: [], resource: undefined }));
        t.same(await t.store.find('acme', 'adopt:2'), mass, 'a conflict without a resource');
      },
    ],
    [
      'once',
      'one conflict of a fingerprint waits, however often and however concurrently it is added',
      async (t) => {
        const first = await t.store.add(conflict(1));
        t.same((await t.store.add(conflict(1, { summary: 'Another' }))).id, first.id, 'the id of the second');
        const added = await Promise.all(Array.from({ length: 20 }, async () => t.store.add(conflict(2))));
        t.same(new Set(idsOf(added)).size, 1, 'the number of ids of concurrent ones');
        t.same((await t.store.list('acme')).length, 2, 'the number of conflicts');
      },
    ],
    [
      'settled-once',
      'a conflict is settled once, also concurrently, and keeps the decision that was returned',
      async (t) => {
        const { id } = await t.store.add(conflict(1));
        const decisions = Array.from({ length: 10 }, (_, n) => decided(n % 2 === 0 ? 'create' : 'refuse', n));
        const results = await Promise.all(decisions.map(async (each) => t.store.settle('acme', id, each)));
        const settled = results.filter((each) => each !== undefined);
        t.same(settled.length, 1, 'the number of decisions that were taken');
        t.same(await t.store.find('acme', 'adopt:1'), settled[0], 'the settled conflict');
        t.same(await t.store.settle('acme', id, decided('create', 99)), undefined, 'what a later decision returns');
        t.same(await t.store.settle('acme', 'none', decided('create')), undefined, 'what an unknown id returns');
      },
    ],
    [
      'again',
      'after a settled conflict a new one of the same fingerprint can wait, and find returns the newest',
      async (t) => {
        const first = await t.store.add(conflict(1));
        await t.store.settle('acme', first.id, decided('refuse'));
        const second = await t.store.add(conflict(1));
        t.ok(second.id !== first.id, 'the new conflict has the id of the settled one');
        t.same(second.decision, undefined, 'the decision of the new one');
        t.same((await t.store.find('acme', 'adopt:1'))?.id, second.id, 'the newest of the fingerprint');
        t.same(idsOf(await t.store.list('acme')), [second.id, first.id], 'the ids of the list');
      },
    ],
    [
      'decisions',
      'a decision that the kind or the candidates do not allow is a TypeError, and the conflict still waits',
      async (t) => {
        const adopt = await addLater(t, conflict(1));
        const mass = await t.store.add(conflict(2, { kind: 'mass-deactivation', candidates: [] }));
        const link = (id: string): ConflictDecision => ({ action: 'link', id, by: 'root', time: at(0).toISOString() });
        const wrong: readonly (readonly [string, ConflictDecision])[] = [
          [adopt.id, decided('approve')],
          [adopt.id, link('u-2')],
          [mass.id, decided('create')],
          [mass.id, link('u-1')],
        ];
        for (const [id, decision] of wrong) {
          const what = `the decision ${decision.action}`;
          const error = await t.thrownBy(() => t.store.settle('acme', id, decision), `${what} was not refused`);
          t.ok(error instanceof TypeError, `${what} threw ${String(error)}; expected a TypeError`);
        }
        t.same(idsOf(await t.store.list('acme')), [adopt.id, mass.id], 'the conflicts that wait');
        t.same(
          (await t.store.settle('acme', adopt.id, link('tombstone:t1')))?.decision,
          link('tombstone:t1'),
          'the decision',
        );
        t.same(
          (await t.store.settle('acme', mass.id, decided('approve')))?.decision,
          decided('approve'),
          'the decision',
        );
      },
    ],
    [
      'order',
      'list has the waiting conflicts, oldest first, then up to 100 settled ones, the newest decision first',
      async (t) => {
        const added: Conflict[] = [];
        for (let n = 0; n < 5; n++) added.push(await addLater(t, conflict(n)));
        const [first, second, third, fourth, fifth] = idsOf(added);
        await settleLater(t, fourth, 1);
        await settleLater(t, second, 2);
        t.same(idsOf(await t.store.list('acme')), [first, third, fifth, second, fourth], 'the order');
        for (let n = 10; n < 115; n++) {
          await settleLater(t, (await t.store.add(conflict(n))).id, n);
        }
        const all = await t.store.list('acme');
        t.same(all.length, 103, 'the number of conflicts that list returns');
        t.same(all[3]?.fingerprint, 'adopt:114', 'the fingerprint of the newest decision');
      },
    ],
    [
      'tenants',
      'every call is bound to its tenant: the same fingerprint is another conflict, and no id of another tenant is settled',
      async (t) => {
        const theirs = await t.store.add(conflict(1, { tenant: 'other' }));
        t.same(await t.store.list('acme'), [], 'the conflicts of the tenant');
        t.same(await t.store.find('acme', 'adopt:1'), undefined, 'what find returns');
        const mine = await t.store.add(conflict(1));
        t.ok(mine.id !== theirs.id, 'both tenants have one conflict');
        t.same(await t.store.settle('acme', theirs.id, decided('create')), undefined, 'what settle returns');
        t.same(await t.store.find('other', 'adopt:1'), theirs, 'the conflict of the other tenant');
      },
    ],
  ],
);
