import { type Awaitable, isThenable } from './contract/awaitable.js';
import { describe } from './contract/describe.js';
import { noteSource } from './contract/hook-source.js';
import { remedyForNotRun } from './contract/not-run.js';
import { usageError } from './contract/option-mistakes.js';
import { documentationPage } from './documentation.js';

/**
 * Combines hooks of one kind into one: `onChange`, `onResponse`, `onExchange`, `onQuirk`, `onError`, or the function
 * that `dispatchOutbox` delivers to. `undefined` is skipped.
 *
 * Each hook is called with the same arguments, in order, without waiting for the one before, and also if another one
 * fails. For `beforeChange` use `guards` of `express-scim/lifecycle`: there the first refusal decides.
 *
 * @returns a hook that throws, or rejects with, what one hook threw, or an AggregateError if several did; it returns a
 *   promise only if one of the hooks does. A query that a hook built and did not execute is an error, as with `onChange`.
 *   If a hook returns `false`, so does the combined one: `dispatchOutbox` then keeps the event
 * @throws TypeError at creation for anything that is neither a function nor undefined
 * @example
 * import { combineHooks, type ScimRouterOptions } from 'express-scim';
 * import { onEvents } from 'express-scim/lifecycle';
 *
 * export const onChange: ScimRouterOptions['onChange'] = combineHooks(
 *   (event) => console.log(event.type, event.resourceId),
 *   onEvents({ 'user.deactivated': (event) => console.log(`${event.resourceId} has left`) }),
 * );
 */
export function combineHooks<Args extends readonly unknown[]>(
  ...hooks: readonly (((...args: Args) => Awaitable<void>) | undefined)[]
): (...args: Args) => Awaitable<void> {
  const mistakes = (hooks as readonly unknown[]).flatMap((hook, index) =>
    hook === undefined || typeof hook === 'function'
      ? []
      : [`argument ${String(index)} must be a function or undefined; got ${describe(hook)}`],
  );
  if (mistakes.length > 0) throw usageError('combineHooks', mistakes, page);
  return (...args) => {
    const failures = new Map<number, unknown>();
    const pending: PromiseLike<void>[] = [];
    const fail = (index: number, error: unknown): void => {
      failures.set(index, error);
    };
    let isFalse = false;
    const finish = (index: number, returned: unknown): void => {
      if (returned === false) {
        isFalse = true;
        noteSource(args[0], placeOf(index));
      }
      // Nobody else sees what this hook returned.
      const remedy = remedyForNotRun(returned);
      if (remedy === undefined) return;
      const sentence = `${placeOf(index)} returned ${describe(returned)}. ${remedy}`;
      fail(index, new TypeError(`${sentence} See ${documentationPage(page)}`));
    };
    for (const [index, hook] of hooks.entries()) {
      try {
        const done = hook?.(...args);
        if (!isThenable(done)) finish(index, done);
        else {
          pending.push(
            done.then(
              (returned: unknown) => {
                finish(index, returned);
              },
              (error: unknown) => {
                fail(index, error);
              },
            ),
          );
        }
      } catch (error) {
        fail(index, error);
      }
    }
    const end = (): void => {
      throwFailures(failures);
      // Whoever calls the hook decides what it means, as for a single one.
      if (isFalse) return false as never;
    };
    return pending.length === 0 ? end() : Promise.all(pending).then(end);
  };
}

const page = 'options.md#several-hooks-of-one-kind';

function placeOf(index: number): string {
  return `argument ${String(index)} of combineHooks()`;
}

function throwFailures(failures: ReadonlyMap<number, unknown>): void {
  const inOrder = [...failures].sort(([a], [b]) => a - b);
  const [first] = inOrder;
  if (first === undefined) return;
  if (inOrder.length === 1) throw noteSource(first[1], placeOf(first[0]));
  const places = inOrder.map(([index]) => index).join(', ');
  throw new AggregateError(
    inOrder.map(([, error]) => error),
    `combineHooks: ${String(inOrder.length)} hooks failed (arguments ${places}).`,
  );
}
