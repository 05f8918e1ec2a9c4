import { describe, expect, it } from '@jest/globals';
import { readPage } from '../../src/protocol/page.js';
import { entityTag, matchesTag, parseEntityTags } from '../../src/protocol/entity-tag.js';

const limits = { defaultResults: 100, maxResults: 200 };

describe('index pages (RFC 7644 3.4.2.4)', () => {
  it.each([
    [{}, { startIndex: 1, count: 100 }],
    [{ startIndex: '0' }, { startIndex: 1, count: 100 }],
    [
      { startIndex: '-5', count: '' },
      { startIndex: 1, count: 100 },
    ],
    [
      { startIndex: ' 7 ', count: 3 },
      { startIndex: 7, count: 3 },
    ],
    [{ count: '-5' }, { startIndex: 1, count: 0 }],
    [{ count: '9999' }, { startIndex: 1, count: 200 }],
    [
      { startIndex: '9'.repeat(40), count: '9'.repeat(40) },
      { startIndex: Number.MAX_SAFE_INTEGER, count: 200 },
    ],
    [
      { startIndex: `-${'9'.repeat(40)}`, count: `-${'9'.repeat(40)}` },
      { startIndex: 1, count: 0 },
    ],
  ])('reads %j as %j', (query, page) => expect(readPage(query, limits)).toEqual(page));

  it.each(['ten', '1.5', '1e3', '0x10', '9'.repeat(1001)])(
    'refuses %s, naming the parameter and not its value (7644-3.4.2.4-10)',
    (count) => expect(() => readPage({ count }, limits)).toThrow('count must be an integer.'),
  );
});

describe('entity-tags (RFC 9110 13.1)', () => {
  it.each<[string | undefined, unknown]>([
    [undefined, undefined],
    [' ', undefined],
    ['*', '*'],
    ['W/"a"', ['a']],
    ['"a", W/"b"', ['a', 'b']],
    ['a', ['']],
    ['W/"a', ['']],
  ])('reads %j as %j', (header, tags) => expect(parseEntityTags(header)).toEqual(tags));

  it('compares weakly (7644-3.14-06)', () => {
    expect(matchesTag(parseEntityTags('"v1"') ?? [], 'v1')).toBe(true);
    expect(matchesTag(parseEntityTags(entityTag('v1')) ?? [], 'v2')).toBe(false);
    expect(matchesTag('*', 'anything')).toBe(true);
  });
});
