import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import {
  type ConnectorKey,
  connectorKeys,
  createScimRouter,
  digestConnectorKey,
  MemoryStore,
} from '../../src/index.js';
import { networksInBoth, parseNetworks } from '../../src/auth/networks.js';
import { expresses } from '../http/app.js';
import { random } from '../random.js';

const includes = (networks: readonly string[], address: string): boolean | undefined =>
  parseNetworks(networks)?.includes(address);

describe('a list of networks', () => {
  it.each([
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:db8::1'], '2001:DB8:0:0::1', true],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db8::9', true],
    [['0.0.0.0/0'], '203.0.113.1', true],
    [['::/0'], '2001:db8::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
  ])('%j and the address %s: %s', (networks, address, expected) => expect(includes(networks, address)).toBe(expected));

  it.each([
    ['::ffff:10.0.0.1', true],
    ['::FFFF:10.0.0.1', true],
    ['::ffff:a00:1', true],
    ['::ffff:11.0.0.1', false],
    ['::10.0.0.1', false],
  ])('reads the IPv4-mapped address %s as IPv4', (address, expected) =>
    expect(includes(['10.0.0.0/8'], address)).toBe(expected),
  );

  it('keeps the two families apart', () => {
    expect(includes(['0.0.0.0/0'], '2001:db8::1')).toBe(false);
    expect(includes(['::/0'], '10.0.0.1')).toBe(false);
    expect(includes(['::/0'], '::ffff:10.0.0.1')).toBe(false);
  });

  it('permits no address where it is empty', () => expect(includes([], '10.0.0.1')).toBe(false));

  it.each(['', 'unknown', '10.0.0.1:443', '[2001:db8::1]', '10.0.0', '010.0.0.1', 'localhost'])(
    'does not contain %j, which is no address',
    (address) => expect(includes(['0.0.0.0/0', '::/0'], address)).toBe(false),
  );

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0',
    '10.*',
    '2001:db8::/129',
    '2001:db8:::/32',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/104',
    ' 10.0.0.0/8',
    'example.com',
    '',
    7,
    null,
  ])('cannot be read with the entry %j', (entry) => expect(parseNetworks(['10.0.0.0/8', entry])).toBeUndefined());

  it.each(['10.0.0.0/8', {}, 1, true, Array.from({ length: 101 }, () => '10.0.0.0/8')])(
    'cannot be read from %j',
    (value) => expect(parseNetworks(value)).toBeUndefined(),
  );
});

describe('two lists of networks', () => {
  it('permit what is in both', () => {
    expect(networksInBoth(['10.0.0.0/8'], ['10.1.0.0/16', '192.0.2.0/24'])).toEqual(['10.1.0.0/16']);
    expect(networksInBoth(['10.1.2.3'], ['10.0.0.0/8'])).toEqual(['10.1.2.3']);
    expect(networksInBoth(['10.0.0.0/8'], ['192.0.2.0/24'])).toEqual([]);
    expect(networksInBoth([], ['192.0.2.0/24'])).toEqual([]);
  });

  it.each([undefined, null])('are one list where the other is %s', (absent) => {
    expect(networksInBoth(absent, ['10.0.0.0/8'])).toEqual(['10.0.0.0/8']);
    expect(networksInBoth(['10.0.0.0/8'], absent)).toEqual(['10.0.0.0/8']);
  });

  it('stay unreadable where one of them is', () => {
    const unreadable = ['10.0.0.0/99'];
    expect(networksInBoth(unreadable, ['10.0.0.0/8'])).toBe(unreadable);
    expect(networksInBoth(['10.0.0.0/8'], unreadable)).toBe(unreadable);
  });

  it('permit an address exactly where each list does', () => {
    const address = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `10.${String(a)}.0.${String(b)}`);
    const network = fc.tuple(address, fc.integer({ min: 12, max: 32 })).map(([at, bits]) => `${at}/${String(bits)}`);
    const list = fc.array(network, { maxLength: 3 });
    const property = fc.property(list, list, address, (first, second, from) => {
      const both = networksInBoth(first, second) ?? [];
      expect(includes(both, from)).toBe(includes(first, from) === true && includes(second, from) === true);
    });
    fc.assert(property, random(300));
  });
});

const secret = 'a-connector-key-for-tests';

describe.each(expresses)('a key with networks, on %s', (_, make) => {
  const statusOf = async (
    networks: unknown,
    { forwarded = '', trustProxy = false, onError = jest.fn<(error: unknown) => void>() } = {},
  ): Promise<number> => {
    const app = make();
    app.set('trust proxy', trustProxy);
    const row = { id: 'k', digest: digestConnectorKey(secret), networks } as ConnectorKey;
    app.use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate: connectorKeys([row], { onError }) }));
    const response = await request(app)
      .get('/scim/v2/Users')
      .set({ authorization: `Bearer ${secret}`, ...(forwarded === '' ? {} : { 'x-forwarded-for': forwarded }) });
    if (response.status === 401) {
      expect(response.body).toMatchObject({ detail: 'Valid credentials are required in the Authorization header.' });
    }
    return response.status;
  };

  it('is accepted from them, and gets the 401 of an unknown key from anywhere else', async () => {
    expect(await statusOf(['127.0.0.0/8'])).toBe(200);
    expect(await statusOf(['10.0.0.0/8'])).toBe(401);
    expect(await statusOf([])).toBe(401);
    expect(await statusOf(null)).toBe(200);
  });

  it('is an error at creation where the list cannot be read, without a value', async () => {
    for (const networks of [['127.0.0.0/8', 'everywhere'], '127.0.0.0/8']) {
      const create = () => statusOf(networks);
      await expect(create()).rejects.toThrow(/key 0: networks must be a list of at most 100 networks in CIDR/);
      await expect(create()).rejects.not.toThrow('everywhere');
    }
  });

  it('believes X-Forwarded-For only as far as "trust proxy" does', async () => {
    const forwarded = '203.0.113.9';
    expect(await statusOf(['203.0.113.0/24'], { forwarded })).toBe(401);
    expect(await statusOf(['203.0.113.0/24'], { forwarded, trustProxy: true })).toBe(200);
    expect(await statusOf(['127.0.0.0/8'], { forwarded, trustProxy: true })).toBe(401);
    expect(await statusOf(['0.0.0.0/0'], { forwarded: 'garbage', trustProxy: true })).toBe(401);
  });

  it('reports a refused address once', async () => {
    const onError = jest.fn<(error: unknown) => void>();
    await statusOf(['10.0.0.0/8'], { onError, trustProxy: true, forwarded: '203.0.113.9' });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(String(onError.mock.calls[0]?.[0])).toContain('203.0.113.9');
  });
});

describe('connectorKeys', () => {
  const req = { headers: {}, socket: { remoteAddress: '::ffff:10.0.0.1' } } as never;
  const key = { id: 'k', digest: digestConnectorKey(secret), tenant: 'acme' };

  it('verifies a key that is no bearer token', async () => {
    const keys = connectorKeys([{ ...key, networks: ['10.0.0.0/8'] }]);
    expect(await keys.verify(secret, req)).toMatchObject({ id: 'k', tenant: 'acme' });
    expect(await keys.verify(`${secret}x`, req)).toBeUndefined();
    expect(await connectorKeys([{ ...key, networks: ['11.0.0.0/8'] }]).verify(secret, req)).toBeUndefined();
  });

  it('finds the client of a key by ID while the key may be used', async () => {
    const current = (change: Partial<ConnectorKey>) => connectorKeys([{ ...key, ...change }]).current('k', req);
    expect(await current({})).toMatchObject({ id: 'k', tenant: 'acme' });
    expect(await current({ expires: new Date(Date.now() - 1) })).toBeUndefined();
    expect(await current({ notBefore: new Date(Date.now() + 60_000) })).toBeUndefined();
    expect(await current({ networks: [] })).toBeUndefined();
    expect(await current({ enabled: false })).toMatchObject({ enabled: false });
    expect(await connectorKeys([key]).current('other', req)).toBeUndefined();
    expect(await connectorKeys(() => ({ ...key, id: 'other' })).current('k', req)).toBeUndefined();
  });

  it('finds nobody by an ID that two keys have', async () => {
    const keys = connectorKeys([key, { ...key, digest: digestConnectorKey('another key of tests') }]);
    expect(await keys.current('k', req)).toBeUndefined();
  });
});
