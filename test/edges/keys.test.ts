import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { connectorKeys, digestConnectorKey, generateConnectorKey } from '../../src/index.js';
import { parseKey } from '../../src/auth/parse-key.js';
import { UnknownKeyLimit } from '../../src/auth/unknown-key-limit.js';
import { connectionAuthenticator, memoryConnectionStore } from '../../src/admin/index.js';
import { expresses, scimOn, userSchemas } from '../http/app.js';
import { wrongValues } from './values.js';

const { key, id, digest } = generateConnectorKey();
const row = { id, digest };
const day = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * day);
const plain = 'a-connector-key-for-tests';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Fields of a row, with the status of a GET, and whether the row is reported as unusable. */
const fields: readonly (readonly [string, Readonly<Record<string, unknown>>, number, boolean])[] = [
  ['nothing', {}, 200, false],
  [
    'every field null',
    { tenant: null, scopes: null, notBefore: null, expires: null, enabled: null, data: null },
    200,
    false,
  ],
  [
    'every field undefined',
    { tenant: undefined, scopes: undefined, expires: undefined, expiresAt: undefined },
    200,
    false,
  ],
  ['expires in a day', { expires: inDays(1) }, 200, false],
  ['expires in a day, ISO text', { expires: inDays(1).toISOString() }, 200, false],
  ['expires in a day, milliseconds', { expires: Date.now() + day }, 200, false],
  ['expires in a day, bigint', { expires: BigInt(Date.now() + day) }, 200, false],
  ['expires with an offset', { expires: '2999-01-01T00:00:00+02:00' }, 200, false],
  ['expires as PostgreSQL writes it', { expires: '2999-01-01 00:00:00.123456+00' }, 200, false],
  ['expires as a date', { expires: '2999-01-01' }, 200, false],
  ['expired yesterday', { expires: inDays(-1) }, 401, false],
  ['expired yesterday, ISO text', { expires: inDays(-1).toISOString() }, 401, false],
  ['expired yesterday, milliseconds', { expires: Date.now() - day }, 401, false],
  ['expired on a date', { expires: '2020-01-01' }, 401, false],
  ['not before tomorrow', { notBefore: inDays(1) }, 401, false],
  ['not before tomorrow, ISO text', { notBefore: inDays(1).toISOString() }, 401, false],
  ['not before yesterday', { notBefore: inDays(-1) }, 200, false],
  ['enabled true', { enabled: true }, 200, false],
  ['enabled 1', { enabled: 1 }, 200, false],
  ['enabled 1n', { enabled: 1n }, 200, false],
  ['enabled false', { enabled: false }, 403, false],
  ['enabled 0', { enabled: 0 }, 403, false],
  ['enabled 0n', { enabled: 0n }, 403, false],
  ['scopes', { scopes: ['users:read'] }, 200, false],
  ['scopes that do not read users', { scopes: ['groups:read', 'write'] }, 403, false],
  ['no scope at all', { scopes: [] }, 403, false],
  ['scopes as text', { scopes: 'users:read' }, 401, true],
  ['scopes as JSON text', { scopes: '["users:read"]' }, 401, true],
  ['scopes with commas', { scopes: 'read,write' }, 401, true],
  ['scopes empty text', { scopes: '' }, 401, true],
  ['scopes unknown', { scopes: ['read', 'admin'] }, 401, true],
  ['scopes in capitals', { scopes: ['READ'] }, 401, true],
  ['scopes an object', { scopes: { read: true } }, 401, true],
  ['scopes a Set', { scopes: new Set(['read']) }, 401, true],
  ['scopes true', { scopes: true }, 401, true],
  ['scopes 0', { scopes: 0 }, 401, true],
  ['enabled text', { enabled: 'false' }, 401, true],
  ['enabled t', { enabled: 't' }, 401, true],
  ['enabled 2', { enabled: 2 }, 401, true],
  ['enabled empty text', { enabled: '' }, 401, true],
  ['enabled bytes', { enabled: Buffer.from([0]) }, 401, true],
  ['expires an invalid Date', { expires: new Date('never') }, 401, true],
  ['expires no time', { expires: 'never' }, 401, true],
  ['expires empty text', { expires: '' }, 401, true],
  ['expires in local time', { expires: '2999-01-01 00:00:00' }, 401, true],
  ['expires on February 30', { expires: '2999-02-30T00:00:00Z' }, 401, true],
  ['expires in German', { expires: '01.01.2999' }, 401, true],
  ['expires in American', { expires: '1/1/2999' }, 401, true],
  ['expires in seconds', { expires: Math.floor(Date.now() / 1000) + 86_400 }, 401, true],
  ['expires NaN', { expires: Number.NaN }, 401, true],
  ['expires Infinity', { expires: Number.POSITIVE_INFINITY }, 401, true],
  ['expires 0', { expires: 0 }, 401, true],
  ['expires false', { expires: false }, 401, true],
  ['expires an object', { expires: { $date: '2999-01-01T00:00:00Z' } }, 401, true],
  ['expires a number as text', { expires: String(Date.now() + day) }, 401, true],
  ['notBefore no time', { notBefore: 'yesterday' }, 401, true],
  ['notBefore in seconds', { notBefore: Math.floor(Date.now() / 1000) }, 401, true],
  ['tenant a number', { tenant: 7 }, 401, true],
  ['tenant empty', { tenant: '' }, 401, true],
  ['tenant of 101 characters', { tenant: 'x'.repeat(101) }, 401, true],
  ['tenant of 100 characters of two units', { tenant: '\u{1f600}'.repeat(100) }, 200, false],
  ['expiresAt', { expiresAt: inDays(1) }, 401, true],
  ['expires_at', { expires_at: inDays(1) }, 401, true],
  ['expires_at null', { expires_at: null }, 401, true],
  ['expiry', { expiry: inDays(1) }, 401, true],
  ['not_before', { not_before: inDays(-1) }, 401, true],
  ['tenant_id', { tenant_id: 'acme' }, 401, true],
  ['scope', { scope: ['read'] }, 401, true],
  ['is_enabled', { is_enabled: true }, 401, true],
  ['disabled', { disabled: false }, 401, true],
  ['revoked', { revoked: false }, 401, true],
  ['another column', { created_by: 'ada' }, 401, true],
];

describe.each(expresses)('fields of a connector key on %s', (_, make) => {
  it.each(fields)('%s, from a lookup', async (_name, change, status, reported) => {
    const onError = jest.fn();
    const keys = connectorKeys((() => Promise.resolve({ ...row, ...change })) as never, { onError });
    const scim = scimOn(make, { authenticate: keys });
    for (let i = 0; i < 3; i++) {
      expect((await scim.get('/Users', { authorization: `Bearer ${key}` })).status).toBe(status);
    }
    expect(onError).toHaveBeenCalledTimes(reported ? 1 : 0);
    if (reported) expect(String(onError.mock.calls[0]?.[0])).toMatch(/the row of key [0-9a-f]{16} cannot be used: /);
  });

  it.each(fields)('%s, in a list of plaintext keys', async (_name, change, status, reported) => {
    const make401 = () => connectorKeys([{ key: plain, ...change } as never]);
    if (reported) {
      expect(make401).toThrow(/^connectorKeys: key 0: /);
      return;
    }
    const scim = scimOn(make, { authenticate: make401() });
    expect((await scim.get('/Users')).status).toBe(status);
    if (status === 401) expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(401);
  });

  it.each(fields)('%s, in a list of digests', async (_name, change, status, reported) => {
    const list = [{ id: 'k', digest: digestConnectorKey(plain), ...change } as never];
    if (reported) {
      expect(() => connectorKeys(list)).toThrow(/^connectorKeys: key 0: /);
      return;
    }
    expect((await scimOn(make, { authenticate: connectorKeys(list) }).get('/Users')).status).toBe(status);
  });

  it.each(wrongValues)('%s from a lookup is 401', async (name, value) => {
    const onError = jest.fn();
    const scim = scimOn(make, { authenticate: connectorKeys((() => value()) as never, { onError }), onError });
    for (const path of ['/Users', '/Groups']) {
      expect((await scim.get(path, { authorization: `Bearer ${key}` })).status).toBe(401);
    }
    expect(onError).toHaveBeenCalledTimes(['undefined', 'null'].includes(name) ? 0 : 1);
  });

  it('a lookup that throws is 503 for its key, and 401 stays for keys that are none', async () => {
    const failing = connectorKeys(() => Promise.reject(new Error('database away')));
    const scim = scimOn(make, { authenticate: failing });
    expect((await scim.get('/Users', { authorization: `Bearer ${key}` })).status).toBe(503);
    expect((await scim.get('/Users', { authorization: `Bearer ${key.slice(0, -1)}` })).status).toBe(401);
  });

  it('a stranger with invented keys does not reach the database with each request', async () => {
    // No second passes, so no token comes back.
    const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const find = jest.fn((keyId: string) => Promise.resolve(keyId === id ? row : null));
    const scim = scimOn(make, { authenticate: connectorKeys(find, { missesPerSecond: 1, maxAgeMilliseconds: 0 }) });
    const get = (each: string) => scim.get('/Users', { authorization: `Bearer ${each}` });
    expect((await get(key)).status).toBe(200);
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++) statuses.add((await get(generateConnectorKey().key)).status);
    expect(find.mock.calls.length).toBeLessThan(25);
    expect([...statuses]).toEqual([401, 429]);
    expect((await get(generateConnectorKey().key)).headers['retry-after']).toBe('1');
    // A key that was found before is not held up.
    expect((await get(key)).status).toBe(200);
    now.mockRestore();
  });

  it('connectionAuthenticator reads rows in the same way', async () => {
    const store = memoryConnectionStore();
    const connection = { id: 'c', tenant: 'default', name: 'C', provider: 'other', enabled: true } as const;
    const status = async (change: object): Promise<number> => {
      const findKey = () =>
        Promise.resolve({ connection, key: { ...row, name: 'n', createdAt: new Date(), ...change } });
      const authenticate = connectionAuthenticator({ ...store, findKey } as never, { onRefusedKey: () => undefined });
      return (await scimOn(make, { authenticate }).get('/Users', { authorization: `Bearer ${key}` })).status;
    };
    jest.spyOn(process, 'emitWarning').mockReturnValue();
    expect(await status({})).toBe(200);
    expect(await status({ revokedAt: null, expiresAt: null, scopes: null })).toBe(200);
    expect(await status({ expiresAt: inDays(-1).toISOString() })).toBe(401);
    expect(await status({ expiresAt: 'never' })).toBe(401);
    expect(await status({ revokedAt: '2020-01-01T00:00:00Z' })).toBe(401);
    expect(await status({ scopes: 'groups:read' })).toBe(401);
  });
});

describe('the message about an unusable key', () => {
  it.each([
    ['expiresAt', 'did you mean expires?'],
    ['expires_at', 'did you mean expires?'],
    ['not_before', 'did you mean notBefore?'],
    ['tenant_id', 'did you mean tenant?'],
    ['secret', 'never the key itself'],
    ['key', 'never the key itself'],
    ['created_by', 'put anything else into data'],
  ])('for %s says: %s', (name, remedy) => {
    expect(parseKey({ ...row, [name]: 'x' }).problem).toContain(remedy);
  });

  it('is a process warning by default, once for each row of a lookup', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const keys = connectorKeys(() => ({ ...row, expires: 'never', scopes: 'read' }) as never, {
      maxAgeMilliseconds: 0,
    });
    for (let i = 0; i < 2; i++) await keys.verify(key, {} as never);
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(/cannot be used: scopes must be a list .*; got a string; expires must be a Date/),
        expect.objectContaining({ code: 'SCIM_KEY_UNUSABLE' }),
      ],
    ]);
  });

  it('contains no value of the row', () => {
    const secret = 'secret-value';
    for (const name of ['tenant', 'scopes', 'notBefore', 'expires', 'enabled']) {
      const value = name === 'tenant' ? [secret] : secret;
      expect(parseKey({ ...row, [name]: value }).problem).not.toContain(secret);
    }
  });
});

describe('a list of keys', () => {
  it('names all mistakes of all keys at creation', () => {
    const list = [
      { key: plain, expires: 'never', scopes: ['admin'] },
      { id: 'a', secret: 'x', tenantId: 'acme' },
      { id: 'b', digest: 'abc', enabled: 'yes' },
      { id: 'c' },
    ];
    let message = '';
    try {
      connectorKeys(list as never);
    } catch (error) {
      message = (error as TypeError).message;
    }
    for (const part of [
      'key 0: scopes must be a list that contains only read, write, users:read',
      'expires must be a Date, an ISO 8601 string with a time zone, or milliseconds since 1970; got a string',
      'key 1: there is no field "secret": did you mean key?; key 1: there is no field "tenantId": did you mean tenant?',
      'key 2: digest must be 64 hex digits, as digestConnectorKey returns them; got a string; enabled must be true or false',
      'key 3: it has neither key nor digest: write { key } or { id, digest: digestConnectorKey(key) }',
    ]) {
      expect(message).toContain(part);
    }
    expect(message).toMatch(/ See express-scim\/docs\/options.md#authenticate$/);
  });

  it.each([
    [[{ key: plain }, { key: plain, scopes: [] }], 'the same as one before'],
    [[{ key: plain, digest }], 'both key and digest'],
    [[null], 'key 0: it must be an object, { key } or { id, digest }; got null'],
    [[], 'the first argument must be a list with at least one key, or a function (keyId) => key; got an empty list'],
    [['a-connector-key-for-tests'], 'must be an object'],
    [[{ key: undefined }], 'key must be a string of at least 16 characters; got undefined'],
  ])('%j is an error at creation', (list, message) => {
    expect(() => connectorKeys(list as never)).toThrow(message);
  });

  it.each([{ maxAge: 1 }, { maxAgeMilliseconds: '1' }, { size: null }, { missesPerSecond: -1 }, { onUsed: 1 }, null])(
    'the options %j are an error at creation',
    (options) => {
      expect(() => connectorKeys([{ key: plain }], options as never)).toThrow(/^connectorKeys: /);
    },
  );
});

describe('onUsed', () => {
  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full')) as unknown as void],
  ])('that %s refuses nobody', async (_name, onUsed) => {
    const onError = jest.fn();
    const keys = connectorKeys([{ key: plain }], { onUsed, onError });
    expect(keys.authenticate({ headers: { authorization: `Bearer ${plain}` } } as never)).toBeDefined();
    await new Promise(setImmediate);
    expect(onError).toHaveBeenCalledWith(new Error('disk full'));
  });
});

describe('the limit of lookups that find no key', () => {
  it('gives tokens back for keys that exist, and refills', () => {
    let now = 0;
    const limit = new UnknownKeyLimit(2, () => now);
    for (let i = 0; i < 100; i++) {
      expect(limit.admit(`known ${String(i)}`)).toBe(true);
      limit.found(`known ${String(i)}`);
    }
    const admitted = (): number =>
      Array.from({ length: 50 }, (_, i) => limit.admit(`unknown ${String(i)}`)).filter(Boolean).length;
    expect(admitted()).toBe(20);
    expect(admitted()).toBe(0);
    expect(limit.admit('known 7')).toBe(true);
    now = 3_000;
    expect(admitted()).toBe(6);
    limit.release();
    expect(admitted()).toBe(1);
  });
});
