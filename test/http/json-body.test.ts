import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toJson } from '../../src/http/json-body.js';
import { random } from '../random.js';

const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
const textOf = (body: object): string => {
  const { data, encoding } = toJson(body);
  return typeof data === 'string' ? Buffer.from(data, encoding).toString('utf8') : Buffer.from(data).toString('utf8');
};

describe('the JSON of a response', () => {
  it('is what JSON.stringify makes, for lists of any length and any letters', () => {
    const resource = fc.record({ id: fc.string(), name: fc.string({ unit: 'grapheme', maxLength: 60 }) });
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 150 }), fc.nat(), (Resources, totalResults) => {
        const body = { schemas, totalResults, nextCursor: undefined, Resources };
        expect(textOf(body)).toBe(JSON.stringify(body));
      }),
      random(60),
    );
  });

  it.each([
    ['one short resource', { id: '1', displayName: 'Zoë' }],
    ['one long resource', { id: '1', members: Array.from({ length: 2_000 }, (_, i) => ({ value: `é${String(i)}` })) }],
    ['a long list of ASCII', { schemas, Resources: Array.from({ length: 100 }, (_, i) => ({ id: `u${String(i)}` })) }],
    [
      'a list with one letter that is not ASCII, at the end',
      { schemas, Resources: [...Array<string>(99).fill('a'), '💡'] },
    ],
  ])('counts the bytes of %s', (_, body) => {
    expect(toJson(body).length).toBe(Buffer.byteLength(JSON.stringify(body)));
    expect(textOf(body)).toBe(JSON.stringify(body));
  });
});
