import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { connectorKeys, createScimRouter, defaultLimits, MemoryStore } from '../src/index.js';
import { nearest } from '../src/contract/nearest.js';
import { optionNames, parseOptions } from '../src/options/parse.js';
import { enterpriseUserSchema } from '../src/schema/core/enterprise-user.js';

const authenticate = connectorKeys([{ key: 'a-key-that-is-long-enough' }]);
const store = new MemoryStore();
const schema = { id: 'urn:example:Device', attributes: [{ name: 'displayName' }] };
const create = (options: unknown, storeOption: unknown = store): unknown =>
  createScimRouter(storeOption as never, options as never);

/** The mistakes that creation names, without the address of the page. */
function mistakesIn(options: unknown, storeOption: unknown = store): readonly string[] {
  try {
    create(options, storeOption);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return pagesAndSentences((error as TypeError).message).map(({ sentence }) => sentence);
  }
  return [];
}

function pagesAndSentences(message: string): readonly { readonly sentence: string; readonly page: string }[] {
  const lines = message.includes('\n') ? message.split('\n- ').slice(1) : [message.replace('createScimRouter: ', '')];
  return lines.map((line) => {
    const [, sentence = '', page = ''] = /^([\s\S]*[.?]) See express-scim\/docs\/(\S+)$/.exec(line) ?? [];
    expect([line, sentence]).not.toContain('');
    checkPage(page);
    return { sentence, page };
  });
}

/** The page and its heading exist. */
function checkPage(page: string): void {
  const [file = '', heading] = page.split('#');
  const url = new URL(`../docs/${file}`, import.meta.url);
  expect([file, existsSync(url)]).toEqual([file, true]);
  if (heading === undefined) return;
  const headings = [...readFileSync(url, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, each = '']) => each.toLowerCase());
  expect(headings).toContain(heading);
}

describe('mistakes in the options are named at creation', () => {
  it.each<[unknown, string]>([
    [undefined, 'The second argument, the options, must be an object with `authenticate`'],
    [null, 'The second argument, the options, must be an object with `authenticate`'],
    [[], 'The second argument, the options, must be an object with `authenticate`'],
    [Promise.resolve({ authenticate }), 'The options are a promise: await it.'],
    [{}, 'authenticate is required: write authenticate: connectorKeys('],
    [{ authenticate: 'x' }, 'authenticate must be a function or an object'],
    [{ authenticate: null }, 'authenticate must be a function or an object'],
    [{ authenticate: { schemes: [] } }, 'authenticate.authenticate must be a function'],
    [{ authenticate: { authenticate() {} } }, 'authenticate.schemes must be a list'],
    [{ authenticate, baseURL: 'x' }, 'There is no option "baseURL". Did you mean baseUrl?'],
    [{ authenticate, documentationURL: 'x' }, 'There is no option "documentationURL". Did you mean documentationUri?'],
    [{ authenticate, somethingElse: 1 }, 'There is no option "somethingElse". Write one of authenticate, '],
    [{ authenticate, toString: 1 }, 'There is no option "toString"'],
    [{ authenticate, onChange: [] }, 'onChange must be a function'],
    [{ authenticate, me: 'u1' }, 'me must be a function'],
    [{ authenticate, documentationUri: 1 }, 'documentationUri must be a string'],
    [{ authenticate, baseUrl: 1 }, 'baseUrl must be a string or a function'],
    [{ authenticate, baseUrl: '/scim' }, 'must be the absolute public URL'],
    [{ authenticate, baseUrl: 'ftp://x.example' }, 'must be the absolute public URL'],
    [{ authenticate, baseUrl: 'https://x.example/' }, 'must not end in a slash'],
    [{ authenticate, baseUrl: 'https://x.example?a' }, 'no query'],
    [
      { authenticate, limits: { maxResult: 1 } },
      'There is no option "limits.maxResult". Did you mean limits.maxResults?',
    ],
    [{ authenticate, limits: { resourceBytes: 0 } }, 'limits.resourceBytes must be a positive integer'],
    [{ authenticate, limits: { resourceBytes: '1mb' } }, 'limits.resourceBytes must be a positive integer'],
    [{ authenticate, limits: { maxResults: 10 } }, 'limits.defaultResults (100) and limits.maxResults (10) contradict'],
    [{ authenticate, limits: null }, 'limits must be an object'],
    [{ authenticate, limits: [] }, 'limits must be an object'],
    [{ authenticate, secret: 'short' }, 'secret must be a string of 32 bytes'],
    [{ authenticate, secret: [] }, 'secret must be a string of 32 bytes'],
    [{ authenticate, secret: [null] }, 'secret must be a string of 32 bytes'],
    [{ authenticate, secret: {} }, 'secret must be a string or a list'],
    [{ authenticate, groups: [] }, 'groups must be an object'],
    [{ authenticate, groups: null }, 'groups must be an object'],
    [
      { authenticate, groups: { pendingMembers: 'drop' } },
      "groups.pendingMembers must be 'keep', 'reject' or 'ignore'.",
    ],
    [{ authenticate, groups: { patchStatus: 201 } }, 'groups.patchStatus must be 200 or 204.'],
    [{ authenticate, groups: { patchState: 200 } }, 'Did you mean groups.patchStatus?'],
    [{ authenticate, quirks: [] }, 'quirks must be an object'],
    [{ authenticate, quirks: { 'op-cas': true } }, 'There is no option "quirks.op-cas". Did you mean quirks.op-case?'],
    [{ authenticate, quirks: { 'op-case': 'off' } }, 'quirks["op-case"] must be true or false'],
    [{ authenticate, strict: 'yes' }, 'strict must be true or false'],
    [{ authenticate, extensions: [] }, 'extensions must be an object'],
    [{ authenticate, extensions: { Users: [] } }, 'extensions has no resource type "Users". Write User or Group'],
    [{ authenticate, extensions: { User: {} } }, 'extensions.User must be a list: write [{ schema }]'],
    [{ authenticate, extensions: { User: [null] } }, 'extensions.User[0] must be an object: write { schema }'],
    [{ authenticate, extensions: { User: [{}] } }, 'extensions.User[0].schema must be a schema: write defineSchema('],
    [{ authenticate, extensions: { User: [enterpriseUserSchema] } }, 'There is no option "extensions.User[0].id".'],
    [{ authenticate, extensions: { Group: [{ schema: {} }] } }, 'extensions.Group[0].schema.attributes must be a list'],
    [
      { authenticate, extensions: { Group: [{ schema, required: 1 }] } },
      'extensions.Group[0].required must be true or false',
    ],
    [{ authenticate, extensions: { User: [{ schema }, { schema }] } }, 'twice'],
  ])('%j', (options, sentence) =>
    expect(mistakesIn(options)).toEqual(expect.arrayContaining([expect.stringContaining(sentence)])),
  );

  it('names all of them in one error', () => {
    const options = {
      strict: 'yes',
      limits: { nesting: 0 },
      extensions: { User: [{}] },
      resourceTypes: [{ name: 'X' }],
    };
    expect(mistakesIn(options, { ...store, create: undefined })).toEqual([
      'strict must be true or false; got a string.',
      expect.stringMatching(/^authenticate is required/),
      'limits.nesting must be a positive integer; got 0. The default is 32.',
      expect.stringMatching(/^extensions.User\[0\].schema must be a schema/),
      expect.stringMatching(/^store lacks create/),
      expect.stringMatching(/^resourceTypes\[0\].schema must be a schema/),
      expect.stringMatching(/^resourceTypes\[0\].store must be a store/),
    ]);
    expect(() => create(options)).toThrow('createScimRouter: 6 mistakes:\n- ');
    expect(() => create({ authenticate, strict: 1 })).toThrow(
      /^createScimRouter: strict must be true or false; got a number\. See /,
    );
  });

  it('accepts undefined for whatever is optional', () => {
    const options = Object.fromEntries(optionNames.map((name) => [name, undefined]));
    expect(mistakesIn({ ...options, authenticate })).toEqual([]);
    const inner = {
      authenticate,
      limits: { resourceBytes: undefined },
      groups: { pendingMembers: undefined, patchStatus: undefined },
      quirks: { 'op-case': undefined },
      extensions: { User: undefined },
      resourceTypes: [{ name: 'Device', endpoint: undefined, extensions: undefined, schema, store }],
    };
    expect(mistakesIn(inner)).toEqual([]);
  });

  it.each(optionNames)('%s has a heading in the page of the options', (name) => {
    checkPage(`options.md#${name.toLowerCase()}`);
  });
});

describe('mistakes in a store are named at creation', () => {
  const withMethods = { create() {}, get() {}, list() {}, update() {}, delete() {} };

  it.each<[unknown, string]>([
    [null, 'store must be a store: an object with the methods create, get, list, update, delete.'],
    ['x', 'store must be a store'],
    [Promise.resolve(store), 'store is a promise: await it.'],
    [{}, 'store lacks create, get, list, update, delete: '],
    [{ ...withMethods, delete: undefined }, 'store lacks delete: '],
    [{ ...withMethods, namesOf: {} }, 'store.namesOf must be a function'],
    [{ ...withMethods, groups: {} }, 'store.groups lacks create, '],
    [{ ...withMethods, groups: null }, 'store.groups must be a store'],
    [{ ...withMethods, groups: { ...withMethods, groupsOf: [] } }, 'store.groups.groupsOf must be a function'],
    [{ ...withMethods, supports: [] }, 'store.supports must be an object'],
    [{ ...withMethods, supports: { attribute: [] } }, 'Did you mean store.supports.attributes?'],
    [{ ...withMethods, supports: { attributes: 'userName' } }, 'store.supports.attributes must be a list of attribute'],
    [{ ...withMethods, supports: { filter: 'none' } }, "store.supports.filter must be 'all' or 'equals'."],
    [{ ...withMethods, supports: { sort: 'no' } }, 'store.supports.sort must be true or false'],
    [{ ...withMethods, supports: { tenants: 1 } }, "store.supports.tenants must be 'one' or 'many'."],
  ])('case %#: %s', (storeOption, sentence) =>
    expect(mistakesIn({ authenticate }, storeOption)).toEqual([expect.stringContaining(sentence)]),
  );
});

it('asks whether store and options are swapped, and names nothing else', () => {
  expect(mistakesIn(store, { authenticate })).toEqual([
    'The arguments are (store, options): did you swap store and options?',
  ]);
});

describe('mistakes in resource types are named at creation', () => {
  const device = { name: 'Device', schema, store };

  it.each<[unknown, string]>([
    [{}, 'resourceTypes must be a list'],
    [[null], 'resourceTypes[0] must be an object: write { name, schema, store }'],
    [[{ name: 'X', store }], 'resourceTypes[0].schema must be a schema'],
    [[{ name: 'X', schema }], 'resourceTypes[0].store must be a store'],
    [[{ schema, store }], "resourceTypes[0].name must be a string, such as 'Device'."],
    [[{ ...device, name: 'User' }], 'resourceTypes[0].name "User" is taken'],
    [[{ ...device, name: 'Group' }], 'resourceTypes[0].name "Group" is taken'],
    [[device, device], 'resourceTypes[1].name "Device" is taken'],
    [[device, { ...device, name: 'Machine', endpoint: '/devices' }], 'resourceTypes[1].endpoint "/devices" is taken'],
    [[{ ...device, endpoint: '/Users' }], 'resourceTypes[0].endpoint "/Users" is taken'],
    [[{ ...device, endpoint: '/Bulk' }], 'resourceTypes[0].endpoint "/Bulk" is taken'],
    [[{ ...device, endpoint: '/me' }], 'resourceTypes[0].endpoint "/me" is taken'],
    [[{ ...device, endpoint: 'Devices' }], 'resourceTypes[0].endpoint must be a slash and one path segment'],
    [[{ ...device, endpoint: '/a/b' }], 'resourceTypes[0].endpoint must be a slash and one path segment'],
    [[{ ...device, endpoint: 1 }], 'resourceTypes[0].endpoint must be a slash and one path segment'],
    [[{ ...device, name: 'A Device' }], 'resourceTypes[0].endpoint must be a slash and one path segment'],
    [[{ ...device, endpont: '/Things' }], 'Did you mean resourceTypes[0].endpoint?'],
    [[{ ...device, description: 1 }], 'resourceTypes[0].description must be a string'],
    [[{ ...device, extensions: {} }], 'resourceTypes[0].extensions must be a list'],
    [[{ ...device, schema: { ...schema, id: 'Device' } }], 'resourceTypes[0]: A schema of resource type Device has no'],
    [[{ ...device, schema: { ...schema, attributes: [null] } }], 'resourceTypes[0].schema.attributes[0] must be an'],
    [
      [{ ...device, schema: { ...schema, attributes: [{}] } }],
      'resourceTypes[0]: Schema urn:example:Device: attribute',
    ],
    [
      [{ ...device, schema: { ...schema, attributes: [{ name: 'a', type: 'complex', subAttributes: {} }] } }],
      'resourceTypes[0].schema.attributes[0].subAttributes must be a list',
    ],
    [
      [{ ...device, schema: { ...schema, attributes: [{ name: 'a', canonicalValues: 'b' }] } }],
      'resourceTypes[0].schema.attributes[0].canonicalValues must be a list',
    ],
  ])('case %#', (resourceTypes, sentence) =>
    expect(mistakesIn({ authenticate, resourceTypes })).toEqual([expect.stringContaining(sentence)]),
  );

  it('lets a store without groups serve a Group of its own', () => {
    const users = Object.assign(Object.create(store) as MemoryStore, { groups: undefined });
    expect(mistakesIn({ authenticate, resourceTypes: [{ name: 'Group', schema, store }] }, users)).toEqual([]);
  });
});

describe('parsed options', () => {
  it('have every default', () => {
    expect(parseOptions(store, { authenticate })).toMatchObject({
      authenticator: authenticate,
      resourceTypes: [
        { type: { name: 'User' }, store },
        { type: { name: 'Group' }, memberDeltas: true },
      ],
      oneTenant: false,
      pendingMembers: 'keep',
      patchStatus: 204,
      activeByDefault: true,
      secrets: [],
      strict: false,
      limits: defaultLimits,
      onError: expect.any(Function),
    });
  });

  it('have what was written, and defaults beside it', () => {
    const secret = 'x'.repeat(32);
    const parsed = parseOptions(store, {
      authenticate: () => undefined,
      secret,
      strict: true,
      quirks: { 'op-case': true },
      limits: { nesting: 5 },
    });
    expect(parsed.limits).toEqual({ ...defaultLimits, nesting: 5 });
    expect(parsed.secrets).toEqual([secret]);
    expect([...parsed.activeQuirks]).toEqual(['op-case']);
    expect(parsed.authenticator.schemes).toMatchObject([{ type: 'oauthbearertoken' }]);
  });
});

describe('quirks', () => {
  const active = (options: object): boolean =>
    parseOptions(store, { authenticate, ...options }).activeQuirks.has('op-case');

  it('are on by default, off with strict, and as chosen in either case', () => {
    expect(active({})).toBe(true);
    expect(active({ strict: true })).toBe(false);
    expect(active({ quirks: { 'op-case': false } })).toBe(false);
    expect(active({ strict: true, quirks: { 'op-case': true } })).toBe(true);
    expect(active({ quirks: { 'op-case': undefined } })).toBe(true);
  });
});

describe('the nearest name', () => {
  it.each([
    ['baseURL', 'baseUrl'],
    ['limit', 'limits'],
    ['autenticate', 'authenticate'],
    ['onAnswer', undefined],
    ['x', undefined],
    ['', undefined],
  ])('of %j is %j', (name, expected) => expect(nearest(name, optionNames)).toBe(expected));
});
