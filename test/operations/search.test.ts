import { describe, expect, it } from '@jest/globals';
import { splitAttributeNames } from '../../src/operations/attribute-names.js';
import { readSearch } from '../../src/operations/search.js';

const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
const lenient = { useQuirk: () => true };
const strict = { useQuirk: () => false };

describe('the body of a search (RFC 7644 3.4.3)', () => {
  it('holds the parameters of a query, whatever the case of their names', () => {
    const body = {
      schemas,
      Filter: 'userName pr',
      SORTBY: 'userName',
      sortOrder: 'descending',
      startIndex: 1,
      count: '10',
      excludedattributes: ['emails'],
    };
    expect(readSearch(body, strict)).toEqual({
      filter: 'userName pr',
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: 1,
      count: '10',
      excludedAttributes: ['emails'],
    });
  });

  it('keeps an empty filter and an empty cursor; other empty values and null count as absent', () => {
    const body = { schemas, filter: '', cursor: '', sortBy: '', count: null, attributes: [], excludedAttributes: null };
    expect(readSearch(body, strict)).toEqual({ filter: '', cursor: '' });
  });

  it('ignores members that it does not know', () => {
    expect(readSearch({ schemas, page: 2 }, strict)).toEqual({});
  });

  it.each<[string, unknown, string, string]>([
    ['a list', [], 'invalidSyntax', 'SearchRequest object'],
    ['another schema', { schemas: ['urn:other'] }, 'invalidSyntax', '"schemas"'],
    ['a member in two spellings', { schemas, count: 1, Count: 2 }, 'invalidSyntax', 'more than once'],
    ['a filter that is not text', { schemas, filter: 1 }, 'invalidValue', 'filter must be a string.'],
    ['a count that is not a number', { schemas, count: true }, 'invalidValue', 'count must be an integer.'],
    ['attributes that are not text', { schemas, attributes: [1] }, 'invalidValue', 'attributes must be a list'],
    ['attributes as an object', { schemas, attributes: {} }, 'invalidValue', 'attributes must be a list'],
  ])('refuses %s', (_, body, scimType, message) => {
    let thrown: unknown;
    try {
      readSearch(body, lenient);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ status: 400, scimType, message: expect.stringContaining(message) });
  });

  it('reads a comma-separated list only with the quirk comma-list-in-search', () => {
    const used: string[] = [];
    const useQuirk = (quirk: string): boolean => used.push(quirk) > 0;
    const body = { schemas, attributes: 'userName, emails.value,' };
    expect(readSearch(body, { useQuirk })).toEqual({ attributes: ['userName', 'emails.value'] });
    expect(used).toEqual(['comma-list-in-search']);
    expect(() => readSearch(body, strict)).toThrow('attributes must be a list of attribute names.');
    expect(readSearch({ schemas, attributes: ' , ' }, lenient)).toEqual({});
  });
});

describe('a comma-separated list of attribute names', () => {
  it.each([
    ['userName', ['userName']],
    [' userName ,emails.value', ['userName', 'emails.value']],
    [',,', []],
    ['', []],
  ])('%j is %j', (text, names) => {
    expect(splitAttributeNames(text)).toEqual(names);
  });
});
