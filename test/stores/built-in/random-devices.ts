import * as fc from 'fast-check';
import type { AttributeRef, Attributes } from '../../../src/contract/attribute.js';
import type { Filter } from '../../../src/contract/filter.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Stored } from '../../../src/contract/resource.js';
import type { ResourceStore } from '../../../src/contract/store.js';
import { normalize } from '../../../src/schema/normalize.js';
import { filterTree } from '../../../src/testing/cases/arbitraries.js';
import { nothing } from '../../../src/testing/requests.js';

// Random resources with attributes of every type, and random filters and orders over them.

export const urn = 'urn:example:params:scim:schemas:extension:asset:2.0:Device';

function ref(keys: readonly string[], more: Partial<AttributeRef> = {}): AttributeRef {
  const path = keys[0] === urn && keys.length > 1 ? `${urn}:${keys.slice(1).join('.')}` : keys.join('.');
  return { path, keys, type: 'string', multiValued: false, caseExact: false, ...more };
}

/** Attributes of every type, single and multi-valued, in the core schema of a resource type and in an extension. */
const texts = [
  ref(['displayName']),
  ref(['externalId'], { caseExact: true }),
  ref(['note']),
  ref(['serial'], { caseExact: true }),
  ref(['link'], { type: 'reference', caseExact: true }),
  ref(['key'], { type: 'binary', caseExact: true }),
  ref(['place', 'room']),
  ref(['tags'], { multiValued: true }),
  ref(['parts', 'label'], { multiValued: true }),
  ref(['parts', 'code'], { multiValued: true, caseExact: true }),
  ref(['parts', 'marks'], { multiValued: true }),
  ref(['place', 'marks'], { multiValued: true }),
  ref([urn, 'owner']),
  ref([urn, 'codes'], { multiValued: true, caseExact: true }),
  ref([urn, 'badges', 'label'], { multiValued: true }),
];
const numbers = [
  ref(['size'], { type: 'integer' }),
  ref(['weight'], { type: 'decimal' }),
  ref([urn, 'level'], { type: 'integer' }),
];
const partCount = ref(['parts', 'count'], { type: 'integer', multiValued: true });
const dates = [ref(['bought'], { type: 'dateTime' }), ref([urn, 'since'], { type: 'dateTime' })];
const booleans = [
  ref(['broken'], { type: 'boolean' }),
  ref(['active'], { type: 'boolean' }),
  ref([urn, 'lent'], { type: 'boolean' }),
];
const complex = [
  ref(['place'], { type: 'complex' }),
  ref([urn], { type: 'complex' }),
  ref(['parts'], { type: 'complex', multiValued: true }),
  ref([urn, 'badges'], { type: 'complex', multiValued: true }),
];
const parts = ref(['parts'], { type: 'complex', multiValued: true });
const inParts = [
  ref(['parts', 'label']),
  ref(['parts', 'code'], { caseExact: true }),
  // A list inside a value: a condition on it holds for any of its values.
  ref(['parts', 'marks'], { multiValued: true }),
];
const numbersInParts = [
  ref(['parts', 'count'], { type: 'integer' }),
  ref(['parts', 'ranks'], { type: 'integer', multiValued: true }),
];
const someInParts = [...inParts, ...numbersInParts];
const caseExact: ReadonlySet<string> = new Set(
  [...texts, ...inParts].filter((each) => each.caseExact).map(({ path }) => path),
);

// U+FFFD and what becomes it: databases cannot tell these apart, and the store evaluates filters that name them.
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'A',
    'a ',
    'ab',
    'Straße',
    'STRASSE',
    'e\u0301',
    'É',
    '50%',
    'a_b',
    "o'!",
    '"',
    '\\',
    '$',
    'ж',
    'Ж',
  ),
  fc.constantFrom(
    'a\u0000b',
    'a\ufffdb',
    '\ud800x',
    '\ufffdx',
    '\uffff',
    'line\nbreak a',
    '\u2028',
    '😀',
    'a😀',
    '日本',
    '.*',
    '[a]',
    '^a$',
  ),
  fc.constantFrom(
    'x'.repeat(249),
    'x'.repeat(250),
    'X'.repeat(300),
    `${'x'.repeat(300)}y`,
    '2026-01-01',
    '2026-01',
    '12345',
  ),
);
const number = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(
    0.1,
    0.30000000000000004,
    -1.5,
    1e21,
    1e-7,
    123456789.123456,
    9007199254740991,
    5e-324,
    1.7976931348623157e308,
  ),
);
const integer = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2147483648, 9007199254740991));
const date = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-01T01:00:00.500+01:00',
  '1969-02-02T00:00:00.000Z',
  '2026-01-01T00:00:00',
);
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

// The library stores no empty list and no empty text in one (RFC 7643 2.5).
const mark = text.filter((each) => each !== '');
const marks = some(fc.array(mark, { minLength: 1, maxLength: 3 }));
const part = fc.record({
  ...{ label: some(text), code: some(text), count: some(integer), primary: some(fc.boolean()) },
  ...{ marks, ranks: some(fc.array(integer, { minLength: 1, maxLength: 3 })) },
});
export const device: fc.Arbitrary<Attributes> = fc
  .record({
    ...{ displayName: some(text), externalId: some(text), note: some(text), serial: some(text), link: some(text) },
    ...{
      key: some(text),
      place: some(fc.record({ room: some(text), marks })),
      tags: some(fc.array(text, { maxLength: 3 })),
    },
    ...{ parts: some(fc.array(part, { maxLength: 3 })), size: some(integer), weight: some(number), bought: some(date) },
    ...{ broken: some(fc.boolean()), active: some(fc.boolean()) },
    [urn]: some(
      fc.record({
        ...{
          owner: some(text),
          codes: some(fc.array(text, { maxLength: 2 })),
          level: some(integer),
          since: some(date),
        },
        ...{ lent: some(fc.boolean()), badges: some(fc.array(fc.record({ label: some(text) }), { maxLength: 2 })) },
      }),
    ),
  })
  // Drops undefined members.
  .map((one) => JSON.parse(JSON.stringify(one)) as Attributes);

const same = fc.constantFrom('eq', 'co', 'sw', 'ew');
const ordered = fc.constantFrom('gt', 'ge', 'lt', 'le');
/** Texts whose order by code unit is that by code point, and which are stored as they are. */
export const isOrdered = (value: string): boolean => !/[\u0000\ud800-\uffff]/.test(value);

function textLeaf(attributes: readonly AttributeRef[]): fc.Arbitrary<Filter> {
  return fc
    .tuple(fc.constantFrom(...attributes), same, text)
    .map(([attribute, op, value]) => ({ op, attribute, value: normalize(attribute, value) }));
}

function numberLeaf(attributes: readonly AttributeRef[], value: fc.Arbitrary<number>): fc.Arbitrary<Filter> {
  return fc
    .tuple(fc.constantFrom(...attributes), fc.oneof(fc.constant('eq' as const), ordered), value)
    .map(([attribute, op, literal]) => ({ op, attribute, value: literal }));
}

const inPart = filterTree(
  fc,
  fc.oneof(
    textLeaf(inParts),
    numberLeaf(numbersInParts, integer),
    fc.constantFrom(...someInParts).map((attribute): Filter => ({ op: 'present', attribute })),
  ),
);
export const filter = filterTree(
  fc,
  fc.oneof(
    textLeaf(texts),
    numberLeaf([...numbers, partCount], number),
    fc
      .tuple(fc.constantFrom(...dates), fc.oneof(fc.constant('eq' as const), ordered), date)
      .map(([attribute, op, value]): Filter => ({
        op,
        attribute,
        value: new Date(value.length < 20 ? `${value}Z` : value),
      })),
    fc
      .tuple(fc.constantFrom(...booleans), fc.boolean())
      .map(([attribute, value]): Filter => ({ op: 'eq', attribute, value })),
    fc
      .constantFrom(...texts, ...numbers, ...dates, ...booleans, ...complex)
      .map((attribute): Filter => ({ op: 'present', attribute })),
    inPart.map((inner): Filter => ({ op: 'some', attribute: parts, filter: inner })),
  ),
);
export const sortKeys = fc.array(
  fc.record({
    attribute: fc.constantFrom(...texts, ...numbers, ...dates, ...booleans, partCount),
    descending: fc.boolean(),
  }),
  { maxLength: 2 },
);

/** Creates resources of `device`. */
export async function createDevices(
  devices: ResourceStore<Attributes>,
  drawn: readonly Attributes[],
  context: ScimContext,
): Promise<readonly Stored<Attributes>[]> {
  const created: Stored<Attributes>[] = [];
  for (const resource of drawn) {
    const creation = { resource, keys: {}, selection: nothing, events: () => [], caseExact };
    created.push((await devices.create(creation, context)).resource);
  }
  return created;
}
