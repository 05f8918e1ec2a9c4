import { type Checks, display } from '../../checks.js';
import { isConflict } from '../../conflict.js';
import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import { type Kind, type Subject } from './kind.js';

/** Makes each statement of a write fail, and compares what is left with what was there. */
export interface BrokenWrite {
  readonly breakAt: ((nth: number | undefined, permanently?: boolean) => void) | undefined;
  /** Everything that the write could have left behind. */
  everything(): Promise<unknown>;
  write(): unknown;
}

const mostStatements = 60;

/**
 * All or nothing, whichever statement of the write fails: once, which the store may retry, and for good.
 *
 * The write is made twice at most: where no statement of it fails, or a retry has made it.
 *
 * @param prepare makes the write ready; called for a kind of failure each
 */
export async function eachStatementFails(
  t: Checks,
  prepare: (permanently: boolean) => Promise<BrokenWrite>,
): Promise<void> {
  for (const permanently of [true, false]) {
    const { breakAt, everything, write } = await prepare(permanently);
    const before = await everything();
    const failing = (nth: number): string =>
      permanently ? `from statement ${String(nth)} on` : `in statement ${String(nth)} once`;
    let faults = 0;
    for (let nth = 1; ; nth++) {
      breakAt?.(nth, permanently);
      const error = await errorOf(write);
      breakAt?.(undefined);
      if (error === undefined) break;
      if (nth > 1 && isConflict(error)) {
        // Nothing is to be seen of the leftover: a key without a resource.
        const left = `after an error ${failing(nth - 1)} a unique key stays taken`;
        t.ok(false, `${left}: the same write is refused with ${display(error)}`);
      }
      t.ok(nth < mostStatements, `the write still fails with an error ${failing(nth)}: ${display(error)}`);
      faults++;
      t.unchanged(await everything(), before, `after an error ${failing(nth)}`);
    }
    // A store may retry what failed once, so only lasting errors must reach the caller.
    if (permanently) t.ok(faults > 0, 'no statement of the write could be made to fail: breakAt does nothing');
    t.ok(JSON.stringify(await everything()) !== JSON.stringify(before), 'the write without an error changed nothing');
  }
}

/** What a write throws; undefined if it succeeds. */
async function errorOf(write: () => unknown): Promise<unknown> {
  try {
    await write();
    return undefined;
  } catch (error) {
    return error ?? new Error('The write threw nothing.');
  }
}

/** Atomic writes of a resource type. */
export function resourceFaultCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const writes: readonly (readonly [id: string, what: string, write: (s: Subject, id: string) => unknown])[] = [
    ['create', `creation of a ${noun}`, (s) => s.add(5)],
    ['update', `change of a ${noun}`, (s, id) => s.update(id, s.example(6))],
    ['unset', `unset of attributes of a ${noun}`, (s, id) => s.update(id, s.required(7), { unset: s.optional })],
    ['delete', `deletion of a ${noun}`, (s, id) => s.remove(id)],
  ];
  return casesOf<T>(
    `${prefix}-faults`,
    'A partial write is never repaired: half a change, a unique value that is taken for ever, an event of what never was.',
    writes.map(([id, what, write]): CaseRow<T> => [
      id,
      `an error in any statement of the ${what}, once or for good, leaves nothing of it`,
      (t) =>
        eachStatementFails(t, async () => {
          const s = kind.subject(t);
          for (const each of await s.ids()) await s.remove(each);
          const made = await s.add(1);
          await s.add(2);
          const { breakAt } = s.capabilities;
          return {
            breakAt: breakAt && ((nth, permanently) => breakAt.call(s.capabilities, nth, permanently)),
            everything: () => s.everything(),
            write: () => write(s, made.id),
          };
        }),
      [...needs, 'breakAt'],
    ]),
  );
}
