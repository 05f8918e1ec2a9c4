import { isObject } from '../contract/is-object.js';
import { InvalidValueError } from '../errors.js';
import type { Attribute } from './attribute.js';

/** RFC 7643 2.4: at most one value of a multi-valued attribute has `primary` true. */

/** Whether the values of an attribute have the sub-attribute `primary`. */
export function hasPrimary(attribute: Attribute): boolean {
  return attribute.multiValued && attribute.attributes.get('primary')?.type === 'boolean';
}

/** Whether a value is the primary one. */
export function isPrimary(value: unknown): boolean {
  return isObject(value) && value['primary'] === true;
}

/** Whether more than one of the values is primary. */
export function hasTwoPrimaries(values: readonly unknown[]): boolean {
  let found = false;
  for (const value of values) {
    if (!isPrimary(value)) continue;
    if (found) return true;
    found = true;
  }
  return false;
}

/** @throws InvalidValueError where more than one of the values is primary */
export function checkOnePrimary(attribute: Attribute, values: readonly unknown[]): void {
  if (hasTwoPrimaries(values)) throw twoPrimaries(attribute);
}

/** The error for a second primary value. */
export function twoPrimaries(attribute: Attribute): InvalidValueError {
  return new InvalidValueError(`${attribute.path} must have at most one value with primary true.`);
}
