import { isThenable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import { documentationPage } from '../../documentation.js';
import { isScimError } from '../../errors.js';
import { plainValue, readBoolean } from './driver-values.js';
import type { Field } from './fields.js';
import type { Mapping } from './mapping.js';

/**
 * What the columns of the app's table hold, and what the functions of a mapping return, parsed before it is believed. A
 * wrong value is a TypeError that names the key of the mapping, and never the value.
 */

/**
 * The value of an attribute.
 *
 * Numbers become texts, and 1 and 0 booleans, where the attribute has that type. The mapping does not know the types of an
 * extension's attributes.
 *
 * @param source what the value comes from: `.read returned`
 * @returns undefined where it is unassigned
 */
export function parseAttribute(value: unknown, { place }: Field, { table }: Mapping, source: Source): unknown {
  const plain = plainValue(value);
  if (plain === undefined || plain === null || plain === '') return undefined;
  const isExtension = place.name.startsWith('urn:');
  const isBoolean = place.path === 'active';
  const parsed = isBoolean ? readBoolean(value) : isExtension ? jsonOf(plain) : textIn(plain);
  if (parsed !== undefined) return parsed;
  const expected = isBoolean ? 'true or false' : isExtension ? 'a value' : 'a string';
  const start = `The mapping of ${table}: attributes[${JSON.stringify(place.name)}]`;
  throw new TypeError(`${start}${source.phrase} ${describe(value)}. ${source.remedy(expected, value)} See ${page}`);
}

/** Where a value comes from. */
interface Source {
  readonly phrase: string;
  remedy(expected: string, value: unknown): string;
}

/** A function of the mapping. */
export const fromRead: Source = {
  phrase: '.read returned',
  remedy: (expected, value) =>
    `Return ${expected}, or undefined for unassigned${isThenable(value) ? '; the function cannot be async' : ''}.`,
};

/** A column of the app's table. */
export const fromColumn: Source = {
  phrase: ' names a column that holds',
  remedy: (expected) =>
    expected === 'true or false'
      ? 'The attribute is a boolean: map the values of the column with { column, on: [...], off: [...] }.'
      : `The attribute must be ${expected}: convert the values of the column with { column, read, write }.`,
};

const page = documentationPage('sql.md#mistakes-in-a-mapping');

function jsonOf(value: unknown): unknown {
  return isThenable(value) || typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
}

function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/**
 * Calls a function of a mapping. What it throws is the cause of an error that names it; a ScimError is for the client.
 *
 * @param name the function: `attributes["active"].read`
 */
export function callMapped<T>(name: string, { table }: Pick<Mapping, 'table'>, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isScimError(error)) throw error;
    throw new Error(`The mapping of ${table}: ${name} threw an error. See ${page}`, { cause: error });
  }
}

/** Columns with values, as `defaults`, `stamp` and the `write` of a computed attribute return them. */
export function parseColumns(
  value: unknown,
  name: string,
  { table }: Pick<Mapping, 'table'>,
): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (isObject(value) && !Array.isArray(value) && !isThenable(value)) return value;
  const remedy = `Return an object with columns and values${isThenable(value) ? '; the function cannot be async' : ''}.`;
  throw new TypeError(`The mapping of ${table}: ${name} returned ${describe(value)}. ${remedy} See ${page}`);
}

/** The value of one column, as `write` returns it; undefined becomes null. */
export function parseColumn(value: unknown, name: string, { table }: Pick<Mapping, 'table'>): unknown {
  if (value === undefined) return null;
  if (!isThenable(value)) return value;
  throw new TypeError(
    `The mapping of ${table}: ${name} returned ${describe(value)}. Return a value; the function cannot be async. See ${page}`,
  );
}
