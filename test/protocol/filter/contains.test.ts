import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { containsText } from '../../../src/protocol/filter/contains.js';

describe('containsText', () => {
  it('agrees with String.prototype.includes on repetitive texts', () => {
    const text = (max: number): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom('a', 'a', 'a', 'b', 'ß', '\u{1f600}'), { maxLength: max, size: 'max' })
        .map((all) => all.join(''));
    fc.assert(
      fc.property(text(200), text(60), (hay, needle) => {
        expect(containsText(needle)(hay)).toBe(hay.includes(needle));
        const inside = hay.slice(10, 80);
        expect(containsText(inside)(hay)).toBe(true);
      }),
      { seed: 20261128, numRuns: 2_000 },
    );
  });

  it.each([
    ['at the beginning', 'x'.repeat(40), `${'x'.repeat(40)}y`, true],
    ['at the end', 'x'.repeat(40), `y${'x'.repeat(40)}`, true],
    ['one character short', 'x'.repeat(40), `y${'x'.repeat(39)}y`, false],
    ['a needle longer than the text', 'x'.repeat(40), 'x', false],
    ['an empty needle', '', 'x', true],
  ])('%s', (_, needle, text, expected) => expect(containsText(needle)(text)).toBe(expected));
});
