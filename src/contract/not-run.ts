import { isObject } from './is-object.js';

/**
 * What to write instead, where a function of the app returned work that nobody runs: a generator, or a query of Kysely that
 * was built and not executed.
 *
 * @param value what the function returned, once its promise is settled
 * @returns undefined for everything else
 */
export function remedyForNotRun(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value['next'] === 'function' && typeof value['throw'] === 'function') {
    return 'A generator does not run by itself: write an async function.';
  }
  return typeof value['execute'] === 'function' && typeof value['compile'] === 'function'
    ? 'It is a query that was not executed: call its execute() and await it.'
    : undefined;
}
