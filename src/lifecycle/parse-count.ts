import { describe } from '../contract/describe.js';
import { readCount } from '../contract/row-values.js';
import { documentationPage } from '../documentation.js';

/**
 * What a function of the app returned as a count. Drivers return counts as numbers, bigints or digits.
 *
 * @param place names the function
 * @throws TypeError for anything else: `null < 50` and `'100' < '50'` are true, and would let everything pass
 */
export function parseCount(value: unknown, place: string): number {
  const count = readCount(value);
  if (count !== undefined) return count;
  const page = documentationPage('lifecycle.md#guards');
  throw new TypeError(`${place} returned ${describe(value)}. Return a number that is not negative. See ${page}`);
}
