import { describe, expect, it } from '@jest/globals';
import { connectorKeys, createScimRouter, MemoryStore } from '../src/index.js';

const authenticate = connectorKeys([{ key: 'a-key-that-is-long-enough' }]);
const store = new MemoryStore();
const create = (options: unknown, given: unknown = store): unknown =>
  createScimRouter(given as never, options as never);

describe('mistakes are named at creation', () => {
  it.each<[unknown, string]>([
    [undefined, 'options must be an object'],
    [{}, 'authenticate is required: write authenticate: connectorKeys('],
    [{ authenticate: {} }, 'a function `authenticate`'],
    [{ authenticate: 'x' }, 'authenticate must be a function or object'],
    [{ authenticate, baseURL: 'x' }, 'write baseUrl'],
    [{ authenticate, nosuch: 1 }, 'the options are authenticate, '],
    [{ authenticate, baseUrl: '/scim' }, 'must be the absolute public URL'],
    [{ authenticate, baseUrl: 'ftp://x.example' }, 'must be the absolute public URL'],
    [{ authenticate, baseUrl: 'https://x.example/' }, 'must not end in a slash'],
    [{ authenticate, baseUrl: 'https://x.example?a' }, 'no query'],
    [{ authenticate, limits: { nosuch: 1 } }, 'the limits are bodyBytes'],
    [{ authenticate, limits: { bodyBytes: 0 } }, 'limits.bodyBytes must be a whole number above 0'],
    [{ authenticate, limits: { maxResults: 10 } }, 'must not be above limits.maxResults'],
    [{ authenticate, limits: null }, 'limits must be a object'],
    [{ authenticate, secret: 'short' }, 'secret must be a string of 32 bytes'],
    [{ authenticate, secret: [] }, 'secret must be a string of 32 bytes'],
    [{ authenticate, groups: { pendingMembers: 'drop' } }, "must be 'keep' or 'reject'"],
    [{ authenticate, groups: { patchStatus: 201 } }, 'must be 200 or 204'],
    [{ authenticate, groups: { nosuch: 1 } }, 'there is no option groups.nosuch'],
    [{ authenticate, quirks: { nosuch: true } }, 'is no quirk'],
    [{ authenticate, extensions: { Users: [] } }, 'write User or Group'],
    [
      { authenticate, strict: 'yes', activeByDefault: 1 },
      'strict must be a boolean\n- activeByDefault must be a boolean',
    ],
  ])('%j', (options, sentence) => expect(() => create(options)).toThrow(sentence));

  it.each<[unknown, string]>([
    [null, 'the store lacks create, get, list, update, delete'],
    [{ create() {}, get() {}, list() {}, update() {} }, 'the store lacks delete'],
    [Object.assign(Object.create(store) as object, { groups: {} }), 'store.groups lacks create'],
  ])('a store that is incomplete', (given, sentence) =>
    expect(() => create({ authenticate }, given)).toThrow(sentence),
  );

  it.each<[Record<string, unknown>, string]>([
    [{ name: 'User' }, 'is taken'],
    [{ name: 'Device', endpoint: '/Users' }, 'is taken'],
    [{ name: 'Device', endpoint: '/Bulk' }, 'is taken'],
    [{ name: 'Device', endpoint: 'Devices' }, 'a slash and one path segment'],
  ])('a resource type %j', (type, sentence) => {
    const schema = { id: 'urn:example:Device', attributes: [{ name: 'displayName' }] };
    expect(() => create({ authenticate, resourceTypes: [{ schema, store, ...type }] })).toThrow(sentence);
  });

  it('accepts undefined for whatever is optional', () => {
    const options = {
      authenticate,
      baseUrl: undefined,
      limits: { bodyBytes: undefined },
      secret: undefined,
      groups: undefined,
    };
    expect(create(options)).toBeInstanceOf(Function);
  });
});
