import { describe, expect, it } from '@jest/globals';
import { SeenTexts } from '../../src/contract/seen-texts.js';

const texts = Array.from({ length: 1_000 }, (_, i) => `userName eq "user.${String(i)}@example.com"`);

describe('Texts that were seen before', () => {
  it('are those of the second time and later', () => {
    const seen = new SeenTexts();
    expect([seen.see('a'), seen.see('a'), seen.see('a'), seen.see('b'), seen.see('')]).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('are mostly found again where a thousand are repeated, and none is taken for another', () => {
    const seen = new SeenTexts();
    expect(texts.filter((text) => seen.see(text))).toEqual([]);
    const found = texts.filter((text) => seen.see(text));
    expect(found.length).toBeGreaterThan(700);
  });
});
