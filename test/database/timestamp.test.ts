import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timestamp } from '../../src/database/timestamp.js';
import { random } from '../random.js';

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
      { ...random(2_000), examples: [[0], [-1], [86_399_999], [86_400_000], [253_402_300_800_000]] },
    );
  });

  it('refuses what is no moment', () => {
    expect(() => timestamp(Number.NaN)).toThrow(RangeError);
  });
});
