import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseInPieces } from '../../src/http/parse-in-pieces.js';
import { random } from '../random.js';

/** The result, or the error, and the sizes of the parts that were counted. */
function parsed(text: string, pieceBytes: number, nesting = 1_000): { result: unknown; counts: number[] } {
  const counts: number[] = [];
  const pieces = parseInPieces(Buffer.from(text), nesting, pieceBytes);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return { result: value, counts };
    counts.push(value);
  }
}

function resultOf(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch {
    return 'not JSON';
  }
}

const pieceBytes = fc.integer({ min: 1, max: 40 });
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a', 'b', '"', '\\', '1', 'é,{'));
const json = fc
  .tuple(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), fc.dictionary(key, fc.jsonValue({ maxDepth: 4 })))
  .chain(([a, b]) => fc.constantFrom<unknown>(a, b, [a, b, a], { a, b, c: [b, [a], []] }))
  .chain((value) => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, undefined, 1)));

it('returns what JSON.parse returns, whatever the size of the pieces', () => {
  fc.assert(
    fc.property(json, pieceBytes, (text, size) => {
      const { result } = parsed(text, size);
      expect(result).toStrictEqual(JSON.parse(text));
      // The order of keys, and properties of the name `__proto__`.
      expect(JSON.stringify(result)).toBe(JSON.stringify(JSON.parse(text)));
    }),
    random(2_000),
  );
});

it('refuses what JSON.parse refuses', () => {
  const piece = fc.constantFrom(
    '',
    ',',
    ',,',
    '[',
    ']',
    '{',
    '}',
    '"',
    ':',
    '\\',
    '1',
    ' ',
    'a',
    '""',
    '{}',
    '[1]',
    '\u00a0',
  );
  fc.assert(
    fc.property(json, pieceBytes, fc.nat(), fc.nat(3), piece, (text, size, at, removed, inserted) => {
      const from = at % (text.length + 1);
      // Half of a surrogate pair becomes U+FFFD.
      const broken = Buffer.from(text.slice(0, from) + inserted + text.slice(from + removed)).toString();
      expect(resultOf(() => parsed(broken, size).result)).toStrictEqual(resultOf(() => JSON.parse(broken)));
    }),
    random(5_000),
  );
});

it.each([
  '[1,2,]',
  '[1,,2]',
  '[[1,2] [3]]',
  '{"a":[1,2],}',
  '[1,2]]',
  '[1,2] 3',
  '{"a" [1,2]}',
  '{1:[1,2]}',
  '[1,2}',
  '[[1,2},3]',
])('refuses %s', (text) => {
  for (const size of [1, 2, 3, 4, 100]) expect(() => parsed(text, size)).toThrow('The body is not JSON.');
});

it('counts brackets and commas before each piece', () => {
  const text = JSON.stringify({ a: Array.from({ length: 100 }, (_, i) => ({ i })) });
  const { counts } = parsed(text, 100);
  expect(counts.length).toBeGreaterThan(8);
  expect(Math.max(...counts)).toBeLessThan(40);
  expect(counts.reduce((sum, each) => sum + each)).toBe(1 + 1 + 100 + 99);
});

it('counts before each piece also where containers end with many values', () => {
  const rest = JSON.stringify(Array.from({ length: 90 }, () => 1)).slice(1, -1);
  const text = '['.repeat(20) + Array.from({ length: 20 }, () => `${rest}]`).join(',');
  const { result, counts } = parsed(text, 100);
  expect(JSON.stringify(result)).toBe(text);
  expect(Math.max(...counts)).toBeLessThan(100);
});

it('parses no piece before its values were counted', () => {
  const pieces = parseInPieces(Buffer.from(`[${'x,'.repeat(100)}1]`), 10, 100);
  expect(pieces.next()).toMatchObject({ done: false });
  expect(() => pieces.next()).toThrow('The body is not JSON.');
});

it('refuses deep nesting before it parses anything', () => {
  expect(parsed('[[[1]]]', 100, 3).result).toEqual([[[1]]]);
  expect(() => parsed('[[[[1]]]]', 100, 3)).toThrow('nested deeper than 3 levels (limits.nesting)');
});

it('skips a byte order mark', () => {
  for (const size of [1, 100]) expect(parsed('\ufeff[1, 2, 3]', size).result).toEqual([1, 2, 3]);
});
