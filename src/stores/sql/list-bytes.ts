import { TooManyError } from '../../errors.js';

/** Bytes of the attributes that one list reads; they take several times as much memory. */
export const mostBytes = 24 * 1024 * 1024;

/** Bytes of a value as JSON, about: characters that take several bytes count as one. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let bytes = 2;
  if (Array.isArray(value)) for (const each of value) bytes += 1 + jsonBytes(each);
  else for (const [name, each] of Object.entries(value)) bytes += name.length + 4 + jsonBytes(each);
  return bytes;
}

export function tooManyBytes(): TooManyError {
  return new TooManyError(
    `The resources of this list take more than ${String(mostBytes)} bytes: send a smaller count, or a filter.`,
  );
}
