import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timestamp } from '../../src/database/timestamp.js';
import { random } from '../random.js';

const examples = [
  ...[0, -1, 86_399_999, 86_400_000],
  // Leap days and the days beside them, of a year that 4, 100 and 400 divide.
  ...['2024-02-29', '1900-02-28', '1900-03-01', '2000-02-29', '2000-03-01', '2100-02-28'].map(Date.parse),
  // The first and last moment of years with four digits, and those beyond.
  ...['0000-01-01', '9999-12-31T23:59:59.999Z'].map(Date.parse).flatMap((moment) => [moment - 1, moment, moment + 1]),
];

describe('timestamp', () => {
  it('writes every moment as Date does', () => {
    const moment = fc.oneof(
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
    );
    fc.assert(
      fc.property(moment, (milliseconds) => {
        expect(timestamp(milliseconds)).toBe(new Date(milliseconds).toISOString());
      }),
      { ...random(2_000), examples: examples.map((moment) => [moment]) },
    );
  });

  it('throws for what is not a moment', () => {
    expect(() => timestamp(Number.NaN)).toThrow(RangeError);
  });
});
