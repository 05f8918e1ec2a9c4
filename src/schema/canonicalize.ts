import { isObject } from '../contract/is-object.js';
import { textUnits } from '../contract/work.js';
import { InvalidSyntaxError, InvalidValueError, TooManyError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { checkText } from './check-values.js';
import { DistinctValues, withoutId } from './distinct-values.js';
import { isNothing, parseJsonObject } from './json-value.js';
import { readNumber } from './number.js';
import type { Assertions, Reading } from './reading.js';
import { ignoreUnknown, pathPrefix } from './unknown-attributes.js';
import { wrongValue } from './value-mistakes.js';

/**
 * Reads attribute values as a client sent them into the canonical form that is validated and stored: canonical names,
 * unassigned values left out (RFC 7643 2.5), read-only and unknown attributes dropped, quirks applied.
 *
 * Only shapes are converted. The validator checks whether a value fits its type.
 */

/**
 * Reads one object of attributes: a resource, the values of an extension or a complex value.
 *
 * Left out are read-only attributes (RFC 7644 3.3, 3.5.1), `schemas`, and attributes that a quirk ignores.
 */
export function readAssertions(
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  reading: Reading,
): Assertions {
  const assertions = new Map<Attribute, unknown>();
  readEach(table, object, reading, (attribute, value) => assertions.set(attribute, value));
  return assertions;
}

/** As `readAssertions`, one by one. */
export function readEach(
  table: AttributeTable,
  object: Readonly<Record<string, unknown>>,
  reading: Reading,
  take: (attribute: Attribute, value: unknown) => void,
): void {
  let checked = false;
  const keys = Object.keys(object);
  reading.work.spend(keys.length * unitsOfKey);
  for (const key of keys) {
    const attribute = table.get(key);
    if (attribute === undefined) {
      ignoreUnknown(table, key, reading);
      continue;
    }
    // Two keys can be one attribute only where one of them is not the canonical name.
    if (key !== attribute.name && !checked) {
      checked = true;
      refuseDuplicates(table, object);
    }
    if (attribute.mutability === 'readOnly' || attribute.path === 'schemas') continue;
    take(attribute, readValue(attribute, object[key], reading));
  }
}

function readValue(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (reading.mistakes === undefined) return canonicalize(attribute, value, reading);
  try {
    return canonicalize(attribute, value, reading);
  } catch (error) {
    reading.mistakes.addThrown(attribute.path, error);
    return undefined;
  }
}

/** Units for finding the attribute of a key. */
const unitsOfKey = 5;

function refuseDuplicates(table: AttributeTable, object: Readonly<Record<string, unknown>>): void {
  const seen = new Set<Attribute>();
  for (const key of Object.keys(object)) {
    const attribute = table.get(key);
    if (attribute === undefined) continue;
    if (seen.has(attribute)) {
      throw new InvalidSyntaxError(
        `The attribute ${attribute.path} appears more than once; names are case-insensitive.`,
      );
    }
    seen.add(attribute);
  }
}

/**
 * The canonical form of an attribute's whole value; undefined: unassigned.
 *
 * `null`, `[]`, a complex value without assigned sub-attributes and, as a quirk, `""` mean unassigned.
 */
export function canonicalize(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (!attribute.multiValued) {
    return canonicalizeOne(attribute, unwrapSingle(attribute, value, reading.useQuirk), reading);
  }
  if (value === null || value === undefined) return undefined;
  let values: readonly unknown[];
  if (Array.isArray(value)) values = value;
  else if (isEmptyString(value, reading.useQuirk)) return undefined;
  else if (reading.useQuirk('single-for-array')) values = [value];
  else throw wrongValue(attribute.path, 'type', `${attribute.path} must be an array.`);
  if (attribute.namesResource) for (const one of values) if (isNothing(one, reading.work)) throw withoutId(attribute);
  return canonicalizeValues(attribute, values, reading);
}

/**
 * The canonical form of values of a multi-valued attribute, without duplicates; undefined where none is left.
 *
 * @throws InvalidValueError for a value of which nothing is understood
 */
export function canonicalizeValues(
  attribute: Attribute,
  values: readonly unknown[],
  reading: Reading,
): readonly unknown[] | undefined {
  refuseTooManyValues(attribute, values.length, reading.limits);
  const kept = new DistinctValues(attribute, reading.work);
  for (const value of values) kept.add(canonicalizeOne(attribute, value, reading));
  return kept.values();
}

/** @throws TooManyError for more values than `limits.attributeValues`; members are bounded by the bytes of a body */
export function refuseTooManyValues({ path }: Attribute, count: number, { attributeValues }: Limits): void {
  if (count <= attributeValues || path === 'members') return;
  throw new TooManyError(`${path} may have at most ${String(attributeValues)} values (limits.attributeValues).`);
}

/**
 * The canonical form of one value, whether its attribute has one or many.
 *
 * @throws InvalidValueError for a complex value of which nothing is understood, and a number that cannot be stored
 */
export function canonicalizeOne(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (value === null || value === undefined) return undefined;
  const { useQuirk, work } = reading;
  if (attribute.type === 'complex') return canonicalizeComplex(attribute, value, reading);
  if (attribute.type === 'integer' || attribute.type === 'decimal') {
    return isEmptyString(value, useQuirk) ? undefined : readNumber(attribute, value, useQuirk);
  }
  if (typeof value === 'string') {
    // Once for everything that reads the text later: validation, comparison, indexes of a store.
    work.spend(textUnits(value));
    if (attribute.type === 'boolean' && !isBooleanLiteral(value)) {
      return isEmptyString(value, useQuirk) ? undefined : value;
    }
    if (attribute.type === 'boolean' && useQuirk('boolean-as-string')) return value.toLowerCase() === 'true';
    if (isEmptyString(value, useQuirk)) return undefined;
    // The spelling of a closed list is stored, as types and stores expect.
    return attribute.spellings?.get(value.toLowerCase()) ?? value;
  }
  return value;
}

/** Units for reading, validating and writing one complex value, its text apart. */
const unitsOfComplexValue = 40;

function canonicalizeComplex(attribute: Attribute, value: unknown, reading: Reading): unknown {
  const { useQuirk } = reading;
  if (typeof value === 'string' && attribute.attributes.get('value') !== undefined) {
    if (isEmptyString(value, useQuirk)) return undefined;
    if (!attribute.container && useQuirk('string-for-complex')) {
      return canonicalizeComplex(attribute, { value }, reading);
    }
  }
  if (typeof value === 'string' && isEmptyString(value, useQuirk)) return undefined;
  if (!isObject(value)) return value;
  reading.work.spend(unitsOfComplexValue);
  const unpacked = unpackJsonText(attribute, value, reading);
  const result: Record<string, unknown> = {};
  let empty = true;
  readEach(attribute.attributes, unpacked, reading, (sub, subValue) => {
    if (subValue === undefined) return;
    result[sub.name] = subValue;
    empty = false;
  });
  if (attribute.namesResource) keepIdOnly(attribute, result, reading);
  if (empty && (attribute.multiValued || reading.replaces === true)) refuseNotUnderstood(attribute, unpacked, reading);
  return empty ? undefined : result;
}

/**
 * Standards reading 55: an object without a readable sub-attribute would erase what is stored, although the client sent
 * a value. `{}` and sub-attributes without a value do mean unassigned.
 *
 * @throws InvalidValueError
 */
export function refuseNotUnderstood(
  attribute: Attribute,
  object: Readonly<Record<string, unknown>>,
  { type, work }: Reading,
): void {
  // RFC 7643 3.3: an extension is no value; each of its attributes is read for itself.
  if (attribute.container) return;
  const prefix = pathPrefix(attribute.attributes);
  for (const key of Object.keys(object)) {
    if (isNothing(object[key], work) || type.unsupported.has((prefix + key).toLowerCase())) continue;
    // RFC 7644 3.5.1: what is read-only is ignored. Of a reference it could be all that says which resource is meant.
    const isReadOnly = attribute.attributes.get(key)?.mutability === 'readOnly';
    if (isReadOnly && !attribute.multiValued && !attribute.namesResource) continue;
    throw new InvalidValueError(`A value of ${attribute.path} has none of the sub-attributes that its schema defines.`);
  }
}

// The URI of a resource is derived from its id in every response, so only the id is kept. RFC 7643 4.3 recommends both
// for a manager; a member is identified by its value (4.2), so that the URI alone is a quirk there.
function keepIdOnly(attribute: Attribute, result: Record<string, unknown>, reading: Reading): void {
  const uri = result['$ref'];
  if (uri === undefined) return;
  if (result['value'] === undefined) {
    const id = typeof uri === 'string' ? lastSegment(uri) : undefined;
    if (id === undefined || id === '') return;
    if (attribute.multiValued && !reading.useQuirk('reference-without-value')) throw withoutId(attribute);
    // A percent-encoded NUL is none of the body, so it has not been checked yet.
    checkText(id, reading);
    result['value'] = id;
  }
  delete result['$ref'];
}

/** `[x]` for a single-valued attribute means x (standards reading 8). */
export function unwrapSingle(attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (attribute.container || !Array.isArray(value)) return value;
  if (value.length === 0 && attribute.type === 'complex') return undefined;
  return value.length === 1 && useQuirk('array-for-single') ? (value[0] as unknown) : value;
}

// Entra's AppRoleAssignmentsComplex writes a whole complex value as JSON text into `value`.
function unpackJsonText(
  attribute: Attribute,
  value: Readonly<Record<string, unknown>>,
  reading: Reading,
): Readonly<Record<string, unknown>> {
  const text = value['value'];
  if (!attribute.multiValued || typeof text !== 'string' || text.charCodeAt(0) !== 0x7b) return value;
  if (attribute.attributes.get('value')?.type !== 'string') return value;
  const inner = parseJsonObject(text, reading);
  if (inner === undefined || typeof inner['value'] !== 'string' || !reading.useQuirk('json-text-value')) return value;
  const { displayName, ...others } = inner;
  // Standards reading 68: an app role has a `displayName` where the RFC's values have `display`.
  const isName = typeof displayName === 'string' && others['display'] === undefined;
  const { attributes } = attribute;
  return isName && attributes.get('displayName') === undefined && attributes.get('display') !== undefined
    ? { ...value, ...others, display: displayName }
    : { ...value, ...inner };
}

function lastSegment(uri: string): string | undefined {
  try {
    return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}

function isEmptyString(value: unknown, useQuirk: UseQuirk): boolean {
  return value === '' && useQuirk('empty-string');
}

function isBooleanLiteral(value: string): boolean {
  return value.length <= 5 && /^(?:true|false)$/i.test(value);
}
