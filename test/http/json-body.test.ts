import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unlimitedWork } from '../../src/contract/work.js';
import { type JsonBody, toJson } from '../../src/http/json-body.js';
import { random } from '../random.js';

const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
const written = async (body: object): Promise<JsonBody> => {
  const json = await toJson(body, undefined, unlimitedWork);
  if ('fits' in json) throw new Error('No limit was given.');
  return json;
};
const textOf = async (body: object): Promise<string> => {
  const { data, encoding } = await written(body);
  return typeof data === 'string' ? Buffer.from(data, encoding).toString('utf8') : Buffer.from(data).toString('utf8');
};

describe('the JSON of a response', () => {
  it('is what JSON.stringify makes, for lists of any length and any letters', async () => {
    const resource = fc.record({ id: fc.string(), name: fc.string({ unit: 'grapheme', maxLength: 60 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(resource, { maxLength: 150 }), fc.nat(), async (Resources, totalResults) => {
        const body = { schemas, totalResults, nextCursor: undefined, Resources };
        expect(await textOf(body)).toBe(JSON.stringify(body));
      }),
      random(60),
    );
  });

  it.each([
    ['one short resource', { id: '1', displayName: 'Zoë' }],
    ['one long resource', { id: '1', members: Array.from({ length: 2_000 }, (_, i) => ({ value: `é${String(i)}` })) }],
    ['a long list of ASCII', { schemas, Resources: Array.from({ length: 100 }, (_, i) => ({ id: `u${String(i)}` })) }],
    [
      'a list of resources of very different sizes',
      {
        schemas,
        Resources: Array.from({ length: 60 }, (_, i) => ({ id: i, title: 'é'.repeat(i % 7 ? 10 : 300_000) })),
      },
    ],
    [
      'a list with one letter that is not ASCII, at the end',
      { schemas, Resources: [...Array<string>(99).fill('a'), '💡'] },
    ],
  ])('counts the bytes of %s', async (_, body) => {
    expect((await written(body)).length).toBe(Buffer.byteLength(JSON.stringify(body)));
    expect(await textOf(body)).toBe(JSON.stringify(body));
  });

  it('pauses after about half a megabyte of resources', async () => {
    let pauses = 0;
    const work = { spend: () => undefined, pause: () => void pauses++ };
    const Resources = Array.from({ length: 40 }, () => ({ title: 'x'.repeat(600_000) }));
    await toJson({ schemas, Resources }, undefined, work);
    expect(pauses).toBeGreaterThanOrEqual(37);
  });
});
