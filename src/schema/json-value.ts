import { isObject } from '../contract/is-object.js';
import { InvalidValueError } from '../errors.js';

/** JSON values whose meaning does not depend on an attribute. */

/** Deeper JSON text is refused: no attribute nests more than an extension, a complex value and its list. */
const mostNesting = 16;

/**
 * The object that a JSON text holds; undefined where the text is no JSON object.
 *
 * A body that holds the text was checked as JSON, but the strings inside of the text were not: they are checked here.
 *
 * @throws InvalidValueError for a string with NUL or a lone surrogate, and for deep nesting
 */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  checkStrings(value, mostNesting);
  return value;
}

// With the u flag, only a lone surrogate matches.
const neverStored = /[\0\p{Surrogate}]/u;

function checkStrings(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    if (neverStored.test(value))
      throw new InvalidValueError('JSON text in a value contains a NUL or a lone surrogate.');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0)
    throw new InvalidValueError(`JSON text in a value is nested deeper than ${String(mostNesting)} levels.`);
  for (const [name, each] of Object.entries(value)) {
    checkStrings(name, depth);
    checkStrings(each, depth - 1);
  }
}

/** Whether a value assigns nothing (RFC 7643 2.5): null, `""`, `[]`, `{}`, and objects and lists of only those. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  for (const each of Object.values(value)) if (!isNothing(each)) return false;
  return true;
}
