import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidValueError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import {
  canonicalize,
  canonicalizeOne,
  canonicalizeValues,
  readAssertions,
  unwrap,
} from '../../schema/read-resource.js';
import { isObject } from '../../contract/is-object.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { SubAttributes } from './operation.js';

/**
 * The canonical form of what `value` gives for an attribute; undefined: unassigned. RFC 7644 3.5.2.1 lets one value of
 * a multi-valued attribute stand without a list.
 *
 * @throws InvalidValueError where a complex multi-valued attribute is given something that is no object
 */
export function givenValues(type: ResourceType, attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  if (!attribute.multiValued || value === null || value === '') return canonicalize(type, attribute, value, useQuirk);
  if (Array.isArray(value)) return canonicalizeValues(type, attribute, value, useQuirk);
  if (attribute.type === 'complex' && !isObject(value)) {
    throw new InvalidValueError(`${attribute.path} must be a list of objects, or one object.`);
  }
  return canonicalizeValues(type, attribute, [value], useQuirk);
}

/**
 * One complex value or extension as an object, with the tolerances for single values (standards reading 8);
 * undefined: unassigned.
 *
 * @throws InvalidValueError where it is no object
 */
export function givenObject(
  attribute: Attribute,
  value: unknown,
  useQuirk: UseQuirk,
): Readonly<Record<string, unknown>> | undefined {
  const one = unwrap(attribute, value, useQuirk);
  if (one === null || one === undefined) return undefined;
  if (isObject(one)) return one;
  if (Array.isArray(one) && one.length === 0) return undefined;
  if (one === '' && useQuirk('empty-string')) return undefined;
  // One value of many is never a text: its other sub-attributes would be lost.
  const textual = typeof one === 'string' && !attribute.multiValued && attribute.attributes.get('value') !== undefined;
  if (textual && !attribute.container && useQuirk('string-for-complex')) return { value: one };
  throw new InvalidValueError(`${attribute.path} must be an object.`);
}

/** What an object says about the sub-attributes of a complex attribute; those it says nothing about are not named. */
export function subAttributes(
  type: ResourceType,
  attribute: Attribute,
  object: Readonly<Record<string, unknown>>,
  useQuirk: UseQuirk,
): SubAttributes {
  const named = readAssertions(type, attribute.attributes, object, useQuirk);
  const reference = attribute.attributes.get('$ref');
  if (!attribute.namesResource || reference === undefined || !named.has(reference)) return named;
  // The URI of a resource is derived from its id: only the id is kept, and taken from the URI where it stands alone.
  const changes = new Map(named);
  changes.delete(reference);
  const whole = canonicalizeOne(type, attribute, object, useQuirk);
  const id = attribute.attributes.get('value');
  if (id !== undefined && isObject(whole) && whole['value'] !== undefined) changes.set(id, whole['value']);
  return changes;
}

/**
 * RFC 7643 2.4: `primary` is true for one value at most.
 *
 * @throws InvalidValueError where a list that was given says it twice
 */
export function refuseTwoPrimaries(attribute: Attribute, values: readonly unknown[]): void {
  if (!hasPrimary(attribute)) return;
  let primaries = 0;
  for (const value of values) if (isPrimary(value)) primaries++;
  if (primaries > 1) throw twoPrimaries(attribute);
}

/** The refusal of two primary values. */
export function twoPrimaries(attribute: Attribute): InvalidValueError {
  return new InvalidValueError(`${attribute.path} may have one primary value.`);
}

/** True where the values of a multi-valued attribute have the `primary` of RFC 7643 2.4. */
export function hasPrimary(attribute: Attribute): boolean {
  return attribute.attributes.get('primary')?.type === 'boolean';
}

/** True for the primary value of a multi-valued attribute. */
export function isPrimary(value: unknown): boolean {
  return isObject(value) && value['primary'] === true;
}
