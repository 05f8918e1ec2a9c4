import type { Work } from '../contract/work.js';

/** Units for each byte, as a power of two by which the size is divided. */
const unitsShift = 4;

/** Most bytes that one UTF-16 code unit takes in JSON: `\u0000`. */
const mostBytesOfUnit = 6;

/**
 * Whether a value takes more than some bytes as JSON. Nearly always an upper bound, which is cheap, decides it.
 *
 * @param work charged with the size: whoever asks also stores the value, compares it or reports it
 */
export function exceedsBytes(value: object, limit: number, work: Work): boolean {
  const most = mostBytes(value);
  work.spend(most >> unitsShift);
  return most > limit && Buffer.byteLength(JSON.stringify(value)) > limit;
}

function mostBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * mostBytesOfUnit + 3;
  if (typeof value !== 'object' || value === null) return 26;
  let bytes = 3;
  if (Array.isArray(value)) for (const each of value) bytes += mostBytes(each);
  // `Object.entries` would allocate two arrays for each name.
  else
    for (const name in value) bytes += name.length + 3 + mostBytes((value as Readonly<Record<string, unknown>>)[name]);
  return bytes;
}

/** Bytes of a value as JSON, about: characters that take several bytes count as one. */
export function jsonBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let bytes = 2;
  if (Array.isArray(value)) for (const each of value) bytes += 1 + jsonBytes(each);
  else for (const [name, each] of Object.entries(value)) bytes += name.length + 4 + jsonBytes(each);
  return bytes;
}
