import { InvalidValueError } from '../errors.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import type { Attribute } from './attribute.js';

/** RFC 8259 6, which has no leading zeros, no plus sign and no spaces. */
const jsonNumber = /^-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,6})?$/;

/**
 * A value of an integer or decimal attribute. As a quirk, a text is read as the number that it spells; any other value
 * is left to the validator.
 *
 * @throws InvalidValueError for a number that a double cannot hold (standards reading 58): it would be stored as
 *   another number, or as null
 */
export function readNumber(attribute: Attribute, value: unknown, useQuirk: UseQuirk): unknown {
  let number = value;
  if (typeof value === 'string' && jsonNumber.test(value) && useQuirk('number-as-string')) number = Number(value);
  if (typeof number !== 'number') return number;
  const isExact = attribute.type === 'integer' && Number.isInteger(number) ? Number.isSafeInteger(number) : true;
  if (Number.isFinite(number) && isExact) return number;
  throw new InvalidValueError(`${attribute.path} must be a number that this service can store without loss.`);
}
