import { describe, expect, it } from '@jest/globals';
import { defineSchema, type ResourceOf, type ResourceStore, type ResourceTypeOption } from '../../src/index.js';

const schema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Asset',
  name: 'Asset',
  attributes: [
    { name: 'tag', required: true, uniqueness: 'server', caseExact: true },
    { name: 'price', type: 'decimal' },
    { name: 'count', type: 'integer' },
    { name: 'retired', type: 'boolean' },
    { name: 'since', type: 'dateTime' },
    { name: 'size', canonicalValues: ['S', 'M'], closed: true },
    { name: 'color', canonicalValues: ['red'] },
    { name: 'labels', multiValued: true },
    {
      name: 'holders',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', required: true },
        { name: 'primary', type: 'boolean' },
      ],
    },
  ],
});
type Asset = ResourceOf<typeof schema>;

// The compiler is under test here: `npm run types` fails where an expected error is missing.
const whole: Asset = {
  tag: 'A-1',
  price: 1.5,
  count: 1,
  retired: false,
  since: '2026-01-01T00:00:00Z',
  size: 'S',
  color: 'blue',
  labels: ['a'],
  holders: [{ value: '1', primary: true }],
  externalId: 'x',
};
const least: Asset = { tag: 'A-2' };
// @ts-expect-error -- tag is required
const lacking: Asset = { price: 1 };
// @ts-expect-error -- closed canonical values are the only ones
const wrongSize: Asset = { tag: 'A', size: 'XL' };
// @ts-expect-error -- a decimal is a number
const wrongPrice: Asset = { tag: 'A', price: '1' };
// @ts-expect-error -- several values are a list
const wrongLabels: Asset = { tag: 'A', labels: 'a' };
// @ts-expect-error -- a required sub-attribute
const wrongHolder: Asset = { tag: 'A', holders: [{ primary: true }] };
// @ts-expect-error -- no such attribute
const unknown: Asset = { tag: 'A', nosuch: 1 };

// A store typed by the schema fits the resource type option.
const typed = (store: ResourceStore<Asset>): ResourceTypeOption => ({ name: 'Asset', schema, store });

describe('defineSchema', () => {
  it('returns the schema, deeply frozen', () => {
    expect(schema.attributes[0].name).toBe('tag');
    expect(
      Object.isFrozen(schema) &&
        Object.isFrozen(schema.attributes) &&
        Object.isFrozen(schema.attributes[8].subAttributes),
    ).toBe(true);
    expect([whole, least, lacking, wrongSize, wrongPrice, wrongLabels, wrongHolder, unknown]).toHaveLength(8);
    expect(typed).toBeInstanceOf(Function);
  });
});
