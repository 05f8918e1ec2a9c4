import { type Awaitable, isThenable } from './contract/awaitable.js';
import { describe } from './contract/describe.js';
import { documentationPage } from './documentation.js';

/**
 * Combines hooks of one kind into one: `onChange`, `onResponse`, `onExchange`, `onQuirk`, `onError`, or the function
 * that `dispatchOutbox` delivers to. `undefined` is skipped.
 *
 * Each hook is called with the same arguments, in order, without waiting for the one before, and also if another one
 * fails. For `beforeChange` use `guards` of `express-scim/lifecycle`: there the first refusal decides.
 *
 * @returns a hook that throws, or rejects with, what one hook threw, or an AggregateError if several did; it returns a
 *   promise only if one of the hooks does
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
  hooks.forEach((hook: unknown, index) => {
    if (hook === undefined || typeof hook === 'function') return;
    const page = documentationPage('options.md#several-hooks-of-one-kind');
    throw new TypeError(
      `combineHooks: argument ${String(index)} must be a function or undefined, and is ${describe(hook)}. See ${page}`,
    );
  });
  const present = hooks.filter((hook) => hook !== undefined);
  return (...args) => {
    const failures: unknown[] = [];
    const pending: PromiseLike<void>[] = [];
    for (const hook of present) {
      try {
        const done = hook(...args);
        if (isThenable(done)) pending.push(done);
      } catch (error) {
        failures.push(error);
      }
    }
    if (pending.length === 0) {
      throwFailures(failures);
      return undefined;
    }
    return Promise.allSettled(pending).then((results) => {
      for (const result of results) if (result.status === 'rejected') failures.push(result.reason);
      throwFailures(failures);
    });
  };
}

function throwFailures(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${String(failures.length)} hooks failed.`);
}
