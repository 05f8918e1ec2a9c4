/** A value, or a promise of it. A store that has the result immediately does not have to create a promise. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Whether a value is a promise, of any implementation. */
export function isThenable<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
