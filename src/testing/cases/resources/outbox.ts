import type { ChangeEvent } from '../../../contract/event.js';
import type { Checks } from '../../checks.js';
import type { Seen } from '../../requests.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import { type Kind, type Subject } from './kind.js';

/** The outbox: one event for each change, saved with it, and none for what did not happen. */
export function outboxCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const withOutbox = [...needs, 'outbox'] as const;
  return casesOf<T>(`${prefix}-outbox`, `A change of a ${noun} runs no handler, or runs it twice.`, [
    [
      'once',
      `each change of a ${noun} calls \`events\` once, with what happened, and its event is in the outbox once`,
      async (t) => {
        const s = kind.subject(t);
        const seen: Seen = [];
        const made = (await s.store.create(s.creation(s.example(1), seen), s.ctx())).resource;
        await once(t, s, seen, 1, 'a creation');
        const updated = await s.update(made.id, s.example(2), {}, seen);
        await once(t, s, seen, 2, 'a change');
        t.holds(seen.at(-1)?.resource, { id: made.id, ...s.example(2) }, 'what events received of the change');
        t.same(seen.at(-1)?.resource.meta.version, updated?.resource.meta.version, 'the version that events received');
        let changes = 2;
        for (const name of s.optional) {
          await s.update(made.id, {}, { unset: [name] }, seen);
          await once(t, s, seen, ++changes, `an unset of ${name}`);
        }
        await s.remove(made.id, undefined, undefined, seen);
        await once(t, s, seen, ++changes, 'a deletion');
        t.same(seen.at(-1)?.resource.id, made.id, 'the id that events received of the deletion');
      },
      withOutbox,
    ],
    [
      'no-op',
      `a write of a ${noun} that changes nothing, or finds nothing, leaves no event`,
      async (t) => {
        const s = kind.subject(t);
        const { id } = await s.add(1);
        const before = await s.outbox();
        const seen: Seen = [];
        await s.update(id, s.example(1), {}, seen);
        await s.update(id, {}, {}, seen);
        await s.update('u999', s.example(2), {}, seen);
        await s.remove('u999', undefined, undefined, seen);
        t.same(seen.filter(({ changed }) => changed).length, 0, 'the number of changes that events was called for');
        t.same(await s.outbox(), before, 'the outbox');
      },
      withOutbox,
    ],
    [
      'refused',
      `a refused write of a ${noun} leaves no event in the outbox`,
      async (t) => {
        const s = kind.subject(t);
        const first = await s.add(1);
        const second = await s.add(2);
        const before = await s.everything();
        const stale = { ifVersion: 'stale' };
        await t.refused(() => s.update(first.id, s.example(3), stale), { status: 412 }, 'a change with an old version');
        await t.refused(() => s.remove(first.id, 'stale'), { status: 412 }, 'a deletion with an old version');
        if (s.unique.length > 0) {
          await t.refused(() => s.add(1), { status: 409 }, 'a creation with taken values');
          await t.refused(() => s.update(second.id, s.example(1)), { status: 409 }, 'a change to taken values');
        }
        t.unchanged(await s.everything(), before, 'after refused writes');
      },
      withOutbox,
    ],
    [
      'several',
      `all events of a write of a ${noun} are saved, in their order, as \`events\` returned them`,
      async (t) => {
        const s = kind.subject(t);
        if (s.capabilities.outbox === undefined) t.skip('the suite cannot read the outbox (capability outbox)');
        const before = (await s.outbox()) ?? [];
        const events = (): readonly ChangeEvent[] => ['first', 'second', 'third'].map(eventOf);
        await s.store.create({ ...s.creation(s.example(1)), events }, s.ctx());
        const saved = ((await s.outbox()) ?? []).slice(before.length);
        t.same(saved, events(), 'the events in the outbox');
      },
      withOutbox,
    ],
    [
      'fault',
      `a write of a ${noun} whose events cannot be made is rolled back, whichever write it is`,
      async (t) => {
        const s = kind.subject(t);
        const { id } = await s.add(1);
        const before = await s.everything();
        const events = (): never => {
          throw new Error('the events cannot be made');
        };
        const writes: readonly (readonly [string, () => unknown])[] = [
          ['creation', () => s.store.create({ ...s.creation(s.example(2)), events }, s.ctx())],
          ['change', () => s.store.update(id, { ...s.change(s.example(3)), events }, s.ctx())],
          ['deletion', () => s.store.delete(id, { ...s.removal(), events }, s.ctx())],
        ];
        for (const [what, write] of writes) {
          await t.thrownBy(() => write(), `a ${what} succeeded although its events could not be made`);
          t.unchanged(await s.everything(), before, `after the ${what}`);
        }
      },
      withOutbox,
    ],
  ]);
}

/** Since the beginning there were `count` changes. A transaction that is repeated may call `events` again. */
async function once(t: Checks, s: Subject, seen: Seen, count: number, what: string): Promise<void> {
  const outbox = await s.outbox();
  if (outbox !== undefined) return t.same(outbox.length, count, `the number of events in the outbox after ${what}`);
  t.same(seen.filter(({ changed }) => changed).length, count, `the number of calls of events after ${what}`);
}

function eventOf(id: string): ChangeEvent {
  return {
    ...{ id, type: 'x.changed', time: '2026-01-01T00:00:00Z', tenant: 'acme', actor: 'tester', requestId: 'r1' },
    ...{ resourceType: 'X', resourceId: 'x1', changed: ['displayName'], quirks: ['some-quirk'], data: { text: 'Zoë' } },
  };
}
