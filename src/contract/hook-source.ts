import { isScimError } from '../errors.js';
import { type Awaitable, isThenable } from './awaitable.js';

/** Which function of the app an error comes from, for the log. The error itself stays as it was thrown. */
const sources = new WeakMap<object, string>();

/**
 * Calls a function of the app, and notes its name with whatever it throws or rejects with.
 *
 * @param source the name as the app knows it: `beforeChange`, `onEvents["user.deleted"]`
 */
export function callHook<T>(source: string, call: () => Awaitable<T>): Awaitable<T> {
  let returned: Awaitable<T>;
  try {
    returned = call();
  } catch (error) {
    throw noteSource(error, source);
  }
  if (!isThenable(returned)) return returned;
  return returned.then(undefined, (error: unknown) => {
    throw noteSource(error, source);
  });
}

/** Notes the function that an error comes from. @returns the error */
export function noteSource(error: unknown, source: string): unknown {
  // What refuses a request is no fault, and apps throw one instance many times.
  if (typeof error !== 'object' || error === null || (isScimError(error) && error.status < 500)) return error;
  sources.set(error, joined(source, sources.get(error)));
  return error;
}

/**
 * The function of the app that an error comes from, with those inside it: `onChange > onEvents["user.deleted"]`. It is
 * forgotten then: an app may throw one instance again, from somewhere else.
 *
 * @param outer the function that was called, where nothing has noted it
 * @returns undefined where the error comes from elsewhere
 */
export function takeSource(error: unknown, outer?: string): string | undefined {
  if (typeof error !== 'object' || error === null) return outer;
  const inner = sources.get(error);
  sources.delete(error);
  return outer === undefined ? inner : joined(outer, inner);
}

/** A function that is noted twice, as by a retry, is named once. */
function joined(source: string, inner: string | undefined): string {
  if (inner === undefined) return source;
  return inner.split(' > ').includes(source) ? inner : `${source} > ${inner}`;
}
