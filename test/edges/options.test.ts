import { describe, expect, it } from '@jest/globals';
import { connectorKeys, createScimRouter, MemoryStore } from '../../src/index.js';
import { optionNames } from '../../src/options/parse.js';
import { wrongValues } from './values.js';

const authenticate = connectorKeys([{ key: 'a-connector-key-for-tests' }]);
const schema = { id: 'urn:example:Device', attributes: [{ name: 'displayName' }] };
const methods = { create() {}, get() {}, list() {}, update() {}, delete() {} };
const attribute = (change: object): unknown => [
  { name: 'Device', store: methods, schema: { ...schema, attributes: [{ name: 'a', ...change }] } },
];
const hostile: typeof wrongValues = [
  ...wrongValues,
  ['a list of null', () => [null]],
  ['a list of symbols', () => [Symbol('x')]],
  ['a list of empty objects', () => [{}]],
  [
    'text that cannot be made',
    () => ({
      toString: () => {
        throw new Error('no text');
      },
    }),
  ],
];

/** Where a wrong value can stand in the arguments of createScimRouter. */
const places: Readonly<Record<string, (value: unknown) => readonly [unknown, unknown]>> = {
  store: (value) => [value, { authenticate }],
  options: (value) => [methods, value],
  ...Object.fromEntries(
    optionNames.map((name) => [name, (value: unknown) => [methods, { authenticate, [name]: value }] as const]),
  ),
  'authenticate.schemes': (value) => [methods, { authenticate: { authenticate() {}, schemes: value } }],
  'authenticate.schemes[0]': (value) => [methods, { authenticate: { authenticate() {}, schemes: [value] } }],
  'extensions.User': (value) => [methods, { authenticate, extensions: { User: value } }],
  'extensions.Group[0]': (value) => [methods, { authenticate, extensions: { Group: [value] } }],
  'extensions.User[0].schema': (value) => [methods, { authenticate, extensions: { User: [{ schema: value }] } }],
  'resourceTypes[0]': (value) => [methods, { authenticate, resourceTypes: [value] }],
  'resourceTypes[0].name': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: value, schema, store: methods }] },
  ],
  'resourceTypes[0].endpoint': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: 'Device', endpoint: value, schema, store: methods }] },
  ],
  'resourceTypes[0].schema': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: 'Device', schema: value, store: methods }] },
  ],
  'resourceTypes[0].schema.id': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: 'Device', schema: { ...schema, id: value }, store: methods }] },
  ],
  'resourceTypes[0].store': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: 'Device', schema, store: value }] },
  ],
  'an attribute': (value) => [
    methods,
    { authenticate, resourceTypes: [{ name: 'Device', store: methods, schema: { ...schema, attributes: [value] } }] },
  ],
  'the name of an attribute': (value) => [methods, { authenticate, resourceTypes: attribute({ name: value }) }],
  'the type of an attribute': (value) => [methods, { authenticate, resourceTypes: attribute({ type: value }) }],
  'multiValued of an attribute': (value) => [
    methods,
    { authenticate, resourceTypes: attribute({ multiValued: value }) },
  ],
  'subAttributes of an attribute': (value) => [
    methods,
    { authenticate, resourceTypes: attribute({ type: 'complex', subAttributes: value }) },
  ],
  'store.supports': (value) => [{ ...methods, supports: value }, { authenticate }],
  'store.supports.attributes': (value) => [{ ...methods, supports: { attributes: value } }, { authenticate }],
  'store.groups': (value) => [{ ...methods, groups: value }, { authenticate }],
  'store.namesOf': (value) => [{ ...methods, namesOf: value }, { authenticate }],
};

describe.each(Object.keys(places))('a wrong value at %s', (place) => {
  it.each(hostile)('%s is accepted, or an error that says what to write', (_name, value) => {
    let thrown: unknown;
    try {
      const [store, options] = places[place]?.(value()) ?? [];
      createScimRouter(store as never, options as never);
      return;
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    const { message } = thrown as TypeError;
    expect(message).toMatch(/^createScimRouter: [^]*See express-scim\/docs\//);
    expect(message).not.toMatch(/Cannot |is not a function|is not iterable|is not defined|no text/);
  });
});

describe('mistakes that were a stack trace, or nothing', () => {
  it.each([
    [{ resourceTypes: {} }, 'resourceTypes must be a list'],
    [{ resourceTypes: [{ name: 'X' }] }, 'resourceTypes[0].schema must be a schema'],
    [{ resourceTypes: [{ name: 'X' }] }, 'resourceTypes[0].store must be a store'],
    [{ extensions: { User: [{}] } }, 'extensions.User[0].schema must be a schema'],
    [{ groups: [] }, 'groups must be an object'],
    [{ resourceTypes: [{ name: 'X', endpoint: null, schema, store: methods }] }, 'resourceTypes[0].endpoint must be'],
    [{ resourceTypes: attribute({ multiValued: 'yes' }) }, 'attributes[0].multiValued must be true or false'],
  ])('%j', (options, message) => {
    expect(() => createScimRouter(methods as never, { authenticate, ...options } as never)).toThrow(message);
  });
});

describe('onChange with an outbox', () => {
  const onChange = (): void => undefined;
  const outbox = { ...methods, supports: { outbox: true } } as never;

  it('is an error at creation that names dispatchOutbox', () => {
    expect(() => createScimRouter(outbox, { authenticate, onChange })).toThrow(
      /onChange is never called.*dispatchOutbox/,
    );
    const withGroups = { ...(outbox as object), groups: outbox } as never;
    expect(() => createScimRouter(withGroups, { authenticate, onChange })).toThrow('dispatchOutbox');
  });

  it('is allowed where a type without an outbox calls it', () => {
    const resourceTypes = [{ name: 'Device', schema, store: new MemoryStore().resources('Device') }];
    expect(() => createScimRouter(outbox, { authenticate, onChange, resourceTypes })).not.toThrow();
    expect(() => createScimRouter(outbox, { authenticate })).not.toThrow();
    expect(() => createScimRouter(methods as never, { authenticate, onChange })).not.toThrow();
  });
});
