import { describe, expect, it } from '@jest/globals';
import {
  defineSchema,
  enterpriseUserSchema,
  type ResourceOf,
  type ResourceStore,
  type ResourceTypeOption,
  type User,
} from '../../src/index.js';

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

// A misspelt characteristic is found by the compiler, in sub-attributes too.
const misspelt = defineSchema({
  id: 'urn:example:Misspelt',
  // @ts-expect-error -- multiValued has a capital V
  attributes: [{ name: 'a', multivalued: true }],
});
const misspeltInside = defineSchema({
  id: 'urn:example:Misspelt',
  // @ts-expect-error -- uniqueness
  attributes: [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b', unique: 'server' }] }],
});
const constrained = defineSchema({
  id: 'urn:example:Constrained',
  attributes: [
    { name: 'a', maxLength: 3, pattern: '^a' },
    { name: 'b', type: 'integer', minimum: 1 },
  ],
});

const badge = defineSchema({
  id: 'urn:example:Badge',
  attributes: [{ name: 'number', type: 'integer', required: true }],
});
type BadgedAsset = ResourceOf<typeof schema, readonly [typeof badge]>;
const badged: BadgedAsset = { tag: 'A', 'urn:example:Badge': { number: 1 } };
// @ts-expect-error -- the number of a badge is a number
const wrongBadge: BadgedAsset = { tag: 'A', 'urn:example:Badge': { number: '1' } };

// The enterprise extension of a user is typed, and extensions of your own are JSON.
const department = (user: User): string | undefined => user[enterpriseUserSchema.id]?.department;
// @ts-expect-error -- a department is a string
const wrongDepartment: User = { userName: 'a', [enterpriseUserSchema.id]: { department: 1 } };

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
    expect(badge.attributes).toHaveLength(1);
    expect([misspelt, misspeltInside, constrained, badged, wrongBadge, wrongDepartment]).toHaveLength(6);
    expect(department({ userName: 'a', [enterpriseUserSchema.id]: { department: 'D' } })).toBe('D');
    expect([whole, least, lacking, wrongSize, wrongPrice, wrongLabels, wrongHolder, unknown]).toHaveLength(8);
    expect(typed).toBeInstanceOf(Function);
  });
});
