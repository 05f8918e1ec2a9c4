import type { Attribute } from '../../schema/attribute.js';
import {
  canonicalize,
  canonicalizeOne,
  canonicalizeValues,
  readAssertions,
  refuseNotUnderstood,
  unwrapSingle,
} from '../../schema/canonicalize.js';
import type { Reading } from '../../schema/reading.js';
import { wrongValue } from '../../schema/value-mistakes.js';
import { isObject } from '../../contract/is-object.js';
import type { SubAttributes } from './operation.js';

/** Readings of the `value` of an operation, for the attribute that its path names. */

/**
 * The canonical form of a whole attribute; undefined: unassigned. RFC 7644 3.5.2.1 allows one value of a multi-valued
 * attribute without a list.
 *
 * @throws InvalidValueError where a value of a complex multi-valued attribute is not an object
 */
export function readAttributeValue(attribute: Attribute, value: unknown, reading: Reading): unknown {
  if (!attribute.multiValued || value === null || value === '') return canonicalize(attribute, value, reading);
  if (Array.isArray(value)) return canonicalizeValues(attribute, value, reading);
  if (attribute.type === 'complex' && !isObject(value)) {
    throw wrongValue(attribute.path, 'type', `${attribute.path} must be a list of objects, or one object.`);
  }
  return canonicalizeValues(attribute, [value], reading);
}

/**
 * One complex value, or an extension, as an object; undefined: unassigned. Quirks let a list of one value or a string
 * mean the object (standards reading 8).
 *
 * @throws InvalidValueError where it is not an object
 */
export function readObjectValue(
  attribute: Attribute,
  value: unknown,
  { useQuirk }: Reading,
): Readonly<Record<string, unknown>> | undefined {
  const one = unwrapSingle(attribute, value, useQuirk);
  if (one === null || one === undefined) return undefined;
  if (isObject(one)) return one;
  if (Array.isArray(one) && one.length === 0) return undefined;
  if (one === '' && useQuirk('empty-string')) return undefined;
  // A string never means one of several values: the other sub-attributes of that value would be lost.
  const textual = typeof one === 'string' && !attribute.multiValued && attribute.attributes.get('value') !== undefined;
  if (textual && !attribute.container && useQuirk('string-for-complex')) return { value: one };
  throw wrongValue(attribute.path, 'type', `${attribute.path} must be an object.`);
}

/**
 * The sub-attributes of a complex attribute that an object names, with their canonical values.
 *
 * @throws InvalidValueError where it names none
 */
export function readSubAttributes(
  attribute: Attribute,
  object: Readonly<Record<string, unknown>>,
  reading: Reading,
): SubAttributes {
  const named = readAssertions(attribute.attributes, object, reading);
  if (named.size === 0) refuseNotUnderstood(attribute, object, reading);
  const reference = attribute.attributes.get('$ref');
  if (!attribute.namesResource || reference === undefined || !named.has(reference)) return named;
  // The URI of a resource is derived from its id. Only the id is kept, and read from the URI where there is no `value`.
  const changes = new Map(named);
  changes.delete(reference);
  const whole = canonicalizeOne(attribute, object, reading);
  const id = attribute.attributes.get('value');
  if (id !== undefined && isObject(whole) && whole['value'] !== undefined) changes.set(id, whole['value']);
  return changes;
}
