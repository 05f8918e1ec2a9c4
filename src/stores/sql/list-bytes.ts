import { TooManyError } from '../../errors.js';

/** Bytes of the attributes that one list reads; they take several times as much memory. */
export const mostBytes = 24 * 1024 * 1024;

export function tooManyBytes(): TooManyError {
  return new TooManyError(
    `The resources of this list take more than ${String(mostBytes)} bytes: send a smaller count, or a filter.`,
  );
}
