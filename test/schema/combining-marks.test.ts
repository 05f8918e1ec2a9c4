import { describe, expect, it } from '@jest/globals';
import { hasLongMarkRun } from '../../src/schema/combining-marks.js';

describe('runs of combining marks (UAX 15, Stream-Safe text)', () => {
  it.each([
    ['ASCII', 'plain text', false],
    ['one mark on each letter', 'e\u0301'.repeat(1_000), false],
    ['30 marks in a row', `a${'\u0300'.repeat(30)}b`, false],
    ['31 marks in a row', `a${'\u0300'.repeat(31)}b`, true],
    ['31 marks at the beginning', '\u0300'.repeat(31), true],
    ['31 marks of different classes', `a${'\u0315\u0300'.repeat(16)}`, true],
    ['31 marks outside the basic plane', `a${'\u{1d165}'.repeat(31)}`, true],
    ['Thai, with vowel and tone marks', 'ที่นี่มีผู้ใช้'.repeat(100), false],
    ['Vietnamese in NFD', 'Nguyễn Thị Ánh'.normalize('NFD').repeat(100), false],
    ['letters outside the basic plane', '\u{10400}'.repeat(100), false],
    ['half a surrogate pair at the end', 'a\ud800', false],
  ])('%s', (_, text, expected) => expect(hasLongMarkRun(text, 30)).toBe(expected));
});
