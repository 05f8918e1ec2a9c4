import { isObject } from '../contract/is-object.js';
import type { Work } from '../contract/work.js';
import { checkValues, type ValueCheck } from './check-values.js';

/** JSON values whose meaning does not depend on an attribute. */

/** Units for an error that V8 throws: 10 µs. */
const unitsOfError = 1_000;

/**
 * The object that a JSON text holds; undefined where the text is no JSON object.
 *
 * A body that holds the text was checked as JSON, but the strings inside of the text were not: they are checked here.
 *
 * @throws as `checkValues`
 */
export function parseJsonObject(text: string, check: ValueCheck): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    check.work.spend(unitsOfError);
    return undefined;
  }
  if (!isObject(value)) return undefined;
  checkValues(value, check);
  return value;
}

/** Whether a value assigns nothing (RFC 7643 2.5): null, `""`, `[]`, `{}`, and objects and lists of only those. */
export function isNothing(value: unknown, work: Work): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const each of parts) {
    work.spend(1);
    if (!isNothing(each, work)) return false;
  }
  return true;
}
