import type { IncomingMessage } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import { anyAuthenticator, bearerToken } from '../../src/auth/authenticate.js';
import type { ConnectorKey } from '../../src/auth/connector-key.js';
import { connectorKeys } from '../../src/auth/connector-keys.js';
import { digestConnectorKey, generateConnectorKey, keyIdOf } from '../../src/auth/key.js';
import type { Actor } from '../../src/contract/context.js';

const request = (authorization?: string): IncomingMessage =>
  ({ headers: { authorization } }) as unknown as IncomingMessage;
const ask = async (keys: { authenticate(req: IncomingMessage): unknown }, key: string): Promise<Actor | undefined> =>
  (await keys.authenticate(request(`Bearer ${key}`))) as Actor | undefined;

describe('generated keys', () => {
  it('contain their ID and a checksum, and are all different', () => {
    const { key, id, digest } = generateConnectorKey('assets');
    expect(key).toMatch(/^assets_[0-9a-f]{16}_[0-9a-f]{70}$/);
    expect(keyIdOf(key)).toBe(id);
    expect(digest).toBe(digestConnectorKey(key));
    expect(generateConnectorKey().key).not.toBe(generateConnectorKey().key);
  });

  it('are recognized only as a whole', () => {
    const { key } = generateConnectorKey();
    const last = key.endsWith('0') ? '1' : '0';
    for (const wrong of [
      '',
      'x',
      key.slice(0, -1),
      `${key.slice(0, -1)}${last}`,
      key.toUpperCase(),
      ` ${key}`,
      key.repeat(2),
    ]) {
      expect(keyIdOf(wrong)).toBeUndefined();
    }
  });

  it.each(['', 'Scim', '1scim', 'a_b', 'a'.repeat(17)])('refuse the prefix %j', (prefix) => {
    expect(() => generateConnectorKey(prefix)).toThrow('prefix');
  });
});

describe('a list of keys', () => {
  const secret = 'a-key-of-some-length';
  const keys = connectorKeys([
    { key: secret, tenant: 'acme', scopes: ['read'] },
    { id: 'other', digest: digestConnectorKey('other key') },
  ]);

  it('accepts its keys and nothing else', async () => {
    expect(await ask(keys, secret)).toMatchObject({ tenant: 'acme', scopes: ['read'] });
    expect(await ask(keys, 'other key')).toBeUndefined(); // a space ends a token
    expect(await ask(keys, `${secret}x`)).toBeUndefined();
    expect(await keys.authenticate(request())).toBeUndefined();
    expect(await keys.authenticate(request(`Basic ${secret}`))).toBeUndefined();
    expect(await keys.authenticate(request(secret))).toBeUndefined();
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer Bearer x', `Bearer ${'x'.repeat(5_000)}`, 'bearer\tx'])(
    'reads no token from %j',
    (header) => expect(bearerToken(request(header))).toBeUndefined(),
  );

  it.each([
    [[]],
    [[{ key: '' }]],
    [[{ key: 'short' }]],
    [[{ id: 'x', digest: 'no digest' }]],
    [[{ id: 'x' }]],
    [undefined],
  ])('refuses %j at creation', (list) => expect(() => connectorKeys(list as never)).toThrow(TypeError));

  it('respects notBefore, expires and enabled', async () => {
    const hour = 3_600_000;
    const make = (change: Partial<ConnectorKey>): Promise<Actor | undefined> =>
      ask(connectorKeys([{ id: 'k', digest: digestConnectorKey('k'), ...change }]), 'k');
    expect(await make({})).toBeDefined();
    expect(await make({ notBefore: new Date(Date.now() + hour) })).toBeUndefined();
    expect(await make({ notBefore: new Date(Date.now() - hour), expires: new Date(Date.now() + hour) })).toBeDefined();
    expect(await make({ expires: new Date(Date.now() - 1) })).toBeUndefined();
    expect(await make({ enabled: false })).toMatchObject({ enabled: false });
  });
});

describe('keys in a database', () => {
  const one = generateConnectorKey();
  const row = (): ConnectorKey => ({ id: one.id, digest: one.digest, tenant: 'acme' });

  it('are looked up once for many requests, unknown IDs too', async () => {
    const find = jest.fn(async (id: string) => (id === one.id ? row() : undefined));
    const keys = connectorKeys(find);
    const stranger = generateConnectorKey().key;
    await Promise.all([ask(keys, one.key), ask(keys, one.key), ask(keys, stranger)]);
    expect(await ask(keys, one.key)).toMatchObject({ id: one.id, tenant: 'acme' });
    expect(await ask(keys, stranger)).toBeUndefined();
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('are not looked up when the checksum is wrong', async () => {
    const find = jest.fn(() => undefined);
    expect(await ask(connectorKeys(find), `${one.key.slice(0, -6)}000000`)).toBeUndefined();
    expect(find).not.toHaveBeenCalled();
  });

  it('must match the digest, whatever the ID', async () => {
    const other = generateConnectorKey();
    expect(
      await ask(
        connectorKeys(() => ({ id: one.id, digest: other.digest })),
        one.key,
      ),
    ).toBeUndefined();
    expect(
      await ask(
        connectorKeys(() => ({ id: one.id, digest: 'zz' })),
        one.key,
      ),
    ).toBeUndefined();
  });

  it('are not cached after forget(), even when a lookup was pending', async () => {
    let revoked = false;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const keys = connectorKeys(async () => {
      const found = revoked ? undefined : row();
      await gate;
      return found;
    });
    const early = ask(keys, one.key);
    await Promise.resolve();
    revoked = true;
    keys.forget(one.id);
    release();
    await early;
    expect(await ask(keys, one.key)).toBeUndefined();
  });

  it('are looked up again when the cached result is old, and after a failure', async () => {
    let fail = true;
    const find = jest.fn(async () => {
      if (fail) throw new Error('database away');
      return row();
    });
    const keys = connectorKeys(find, { maxAgeMilliseconds: 0 });
    await expect(ask(keys, one.key)).rejects.toThrow('database away');
    fail = false;
    expect(await ask(keys, one.key)).toBeDefined();
    expect(await ask(keys, one.key)).toBeDefined();
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('are cached up to the size', async () => {
    const find = jest.fn(() => undefined);
    const keys = connectorKeys(find, { size: 1 });
    const [a, b] = [generateConnectorKey().key, generateConnectorKey().key];
    for (const key of [a, b, a]) await ask(keys, key);
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('report their use at most once a minute', async () => {
    const onUsed = jest.fn<(id: string, time: Date) => void>();
    const keys = connectorKeys(row, { onUsed });
    await ask(keys, one.key);
    await ask(keys, one.key);
    expect(onUsed.mock.calls).toEqual([[one.id, expect.any(Date)]]);
  });

  it.each([{ maxAgeMilliseconds: -1 }, { size: Number.NaN }])('refuse %j', (options) => {
    expect(() => connectorKeys(row, options)).toThrow(TypeError);
  });
});

describe('several ways to authenticate', () => {
  it('are tried in order', async () => {
    const way = anyAuthenticator(
      () => undefined,
      connectorKeys([{ id: 'k', digest: digestConnectorKey('k') }]),
      () => ({ id: 'last' }),
    );
    expect(await ask(way, 'k')).toMatchObject({ id: 'k' });
    expect(await ask(way, 'other')).toEqual({ id: 'last' });
    expect(way.schemes).toHaveLength(3);
    expect(() => anyAuthenticator()).toThrow('at least one');
  });
});
