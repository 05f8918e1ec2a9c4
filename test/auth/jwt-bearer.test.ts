import { createHmac, createPublicKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { anyAuthenticator, connectorKeys, type Actor } from '../../src/index.js';
import { jwtBearer, type JwtBearerOptions } from '../../src/jwt/index.js';
import { expresses, key as connectorKey, scimOn } from '../http/app.js';
import { audience, issuer, type IssuerKey, issuerKey, unsignedToken } from './jwt-issuer.js';

let es: IssuerKey;
let rsa: IssuerKey;
let stranger: IssuerKey;
beforeAll(async () => {
  [es, rsa, stranger] = await Promise.all([issuerKey('es'), issuerKey('rsa', 'RS256'), issuerKey('es')]);
});

const bearer = (change: Partial<JwtBearerOptions> = {}) =>
  jwtBearer({ issuer, audience, jwks: { keys: [es.jwk, rsa.jwk] }, tenant: 'org_id', ...change });

const actorOf = async (token: string, change: Partial<JwtBearerOptions> = {}): Promise<Actor | undefined> => {
  const req = { headers: { authorization: `Bearer ${token}` } } as unknown as IncomingMessage;
  return (await bearer(change).authenticate(req)) as Actor | undefined;
};

const now = (): number => Math.floor(Date.now() / 1_000);

describe('jwtBearer', () => {
  it('accepts a token of its issuer, and passes the claims on', async () => {
    for (const signer of [es, rsa]) {
      expect(await actorOf(await signer.sign({ azp: 'app-1' }))).toEqual({
        id: 'app-1',
        tenant: 'acme',
        scopes: undefined,
        data: expect.objectContaining({ iss: issuer, org_id: 'acme' }),
      });
    }
    expect(await actorOf(await es.sign({ aud: ['other', audience] }))).toMatchObject({ id: 'client' });
    expect(await actorOf(await es.sign({}, { typ: 'at+jwt' }))).toBeDefined();
    expect(await actorOf(await es.sign({}, { typ: 'JWT' }))).toBeDefined();
    expect(await actorOf(await es.sign({}, { typ: 'application/at+jwt' }))).toBeDefined();
  });

  it.each<[string, object, object?]>([
    ['another issuer', { iss: 'https://evil.example.com/' }],
    ['no issuer', { iss: undefined }],
    ['an issuer that is a list', { iss: [issuer] }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['no audience', { aud: undefined }],
    ['an audience that contains ours', { aud: `${audience}/x` }],
    ['no end', { exp: undefined }],
    ['an end that is text', { exp: '2999-01-01' }],
    ['another typ', {}, { typ: 'logout+jwt' }],
    ['the typ of a security event', {}, { typ: 'secevent+jwt' }],
    ['the typ of a DPoP proof', {}, { typ: 'dpop+jwt' }],
    ['a key that its client must prove', { cnf: { jkt: 'x' } }],
    ['a start that is text', { nbf: 'now' }],
  ])('refuses a token with %s', async (_, claims, header = {}) =>
    expect(await actorOf(await es.sign(claims, header))).toBeUndefined(),
  );

  it('refuses a token before its time and after it, within the allowed clock skew', async () => {
    expect(await actorOf(await es.sign({ exp: now() - 60 }))).toBeUndefined();
    expect(await actorOf(await es.sign({ exp: now() - 10 }))).toBeDefined();
    expect(await actorOf(await es.sign({ exp: now() - 10 }), { clockToleranceSeconds: 0 })).toBeUndefined();
    expect(await actorOf(await es.sign({ nbf: now() + 60 }))).toBeUndefined();
    expect(await actorOf(await es.sign({ nbf: now() + 10 }))).toBeDefined();
    expect(await actorOf(await es.sign({ nbf: now() + 100 }), { clockToleranceSeconds: 200 })).toBeDefined();
  });

  it('refuses a token that somebody else has signed, or nobody', async () => {
    const claims = { iss: issuer, aud: audience, sub: 'client', org_id: 'acme', exp: now() + 300 };
    expect(await actorOf(await stranger.sign())).toBeUndefined();
    for (const alg of ['none', 'None', '', 'HS256']) {
      for (const signature of ['', 'AAAA']) {
        const token = unsignedToken({ alg, kid: 'es' }, claims, () => signature);
        expect(await actorOf(token)).toBeUndefined();
      }
    }
    const valid = await es.sign();
    const [header = '', payload = '', signature = ''] = valid.split('.');
    const other = Buffer.from(JSON.stringify({ ...claims, org_id: 'other' })).toString('base64url');
    expect(await actorOf(`${header}.${other}.${signature}`)).toBeUndefined();
    expect(await actorOf(`${header}.${payload}.${signature.slice(0, -2)}`)).toBeUndefined();
    expect(await actorOf(valid)).toBeDefined();
  });

  it('refuses HS256 with the public key as the secret', async () => {
    const claims = { iss: issuer, aud: audience, sub: 'client', org_id: 'acme', exp: now() + 300 };
    const pem = createPublicKey({ key: { ...rsa.jwk } as never, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    for (const secret of [String(pem), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const sign = (input: string): string => createHmac('sha256', secret).update(input).digest('base64url');
      expect(await actorOf(unsignedToken({ alg: 'HS256', kid: 'rsa' }, claims, sign))).toBeUndefined();
    }
  });

  it('refuses an algorithm that is not in the list', async () => {
    expect(await actorOf(await rsa.sign(), { algorithms: ['ES256'] })).toBeUndefined();
    expect(await actorOf(await es.sign(), { algorithms: ['ES256'] })).toBeDefined();
  });

  it('refuses critical headers that it does not know, and unencoded payloads', async () => {
    const critical = await es.sign();
    const claims = { iss: issuer, aud: audience, sub: 'client', org_id: 'acme', exp: now() + 300 };
    for (const header of [
      { alg: 'ES256', kid: 'es', crit: ['x'], x: 1 },
      { alg: 'ES256', kid: 'es', crit: [] },
      { alg: 'ES256', kid: 'es', crit: ['b64'], b64: false },
      { alg: 'ES256', kid: 'es', crit: 'x' },
    ]) {
      expect(await actorOf(unsignedToken(header, claims, () => critical.split('.')[2] ?? ''))).toBeUndefined();
    }
    const signed = await es.sign({}, { crit: ['b64'], b64: true });
    expect(await actorOf(signed)).toBeDefined();
  });

  it.each(['', 'x', 'a.b', 'a.b.c', 'a.b.c.d', '..', 'é.é.é', `${'a'.repeat(9_000)}.b.c`])(
    'reads no token from %j',
    async (token) => expect(await actorOf(token)).toBeUndefined(),
  );

  it('refuses a token of more than 8,192 characters, and accepts one that is shorter', async () => {
    expect(await actorOf(await es.sign({ groups: 'x'.repeat(5_000) }))).toBeDefined();
    const long = await es.sign({ groups: 'x'.repeat(6_000) });
    expect(long.length).toBeGreaterThan(8_192);
    expect(await actorOf(long)).toBeUndefined();
  });

  it('asks a function for the issuer, and accepts only true', async () => {
    const token = await es.sign({ iss: 'https://tenant-1.example.com/' });
    const isKnown = (value: unknown) => actorOf(token, { issuer: (() => value) as never });
    expect(await isKnown(true)).toBeDefined();
    for (const value of [false, undefined, null, 1, 'yes', {}, Promise.resolve('yes')]) {
      expect(await isKnown(value)).toBeUndefined();
    }
    await expect(actorOf(token, { issuer: () => Promise.reject(new Error('database away')) })).rejects.toThrow('away');
  });

  describe('the tenant', () => {
    it('comes from a claim, or from a function of the claims', async () => {
      expect(await actorOf(await es.sign({ tid: 't1' }), { tenant: 'tid' })).toMatchObject({ tenant: 't1' });
      const tenant: JwtBearerOptions['tenant'] = async ({ tid }) => (tid === 't1' ? 'acme' : undefined);
      expect(await actorOf(await es.sign({ tid: 't1' }), { tenant })).toMatchObject({ tenant: 'acme' });
      expect(await actorOf(await es.sign({ tid: 't2' }), { tenant })).toBeUndefined();
      expect(await actorOf(await es.sign(), { tenant: undefined })).not.toHaveProperty('tenant');
    });

    it.each([undefined, null, '', 7, ['acme'], { id: 'acme' }, true])(
      'is not replaced by the default one where the claim is %j',
      async (org) => expect(await actorOf(await es.sign({ org_id: org }))).toBeUndefined(),
    );

    it('is never read from a prototype', async () =>
      expect(await actorOf(await es.sign(), { tenant: 'constructor' })).toBeUndefined());
  });

  describe('the scopes', () => {
    const scopesOf = async (claims: object, scopes: JwtBearerOptions['scopes'] = 'scope') =>
      (await actorOf(await es.sign(claims), { scopes }))?.scopes;

    it('are the known ones of a claim', async () => {
      expect(await scopesOf({ scope: 'openid users:read groups:read' })).toEqual(['users:read', 'groups:read']);
      expect(await scopesOf({ roles: ['users:write', 'other', 7] }, 'roles')).toEqual(['users:write']);
    });

    it.each([undefined, null, '', 'openid', 'users:reader', 7, {}, { 0: 'read' }, ['READ']])(
      'are none where the claim is %j',
      async (scope) => expect(await scopesOf({ scope })).toEqual([]),
    );

    it('are none where a function returns none', async () => {
      for (const none of [undefined, null]) expect(await scopesOf({}, () => none)).toEqual([]);
      expect(await scopesOf({}, () => ['users:read'])).toEqual(['users:read']);
    });
  });

  describe('the ID of the client', () => {
    it('is the first of azp, appid, client_id, cid and sub', async () => {
      const idOf = async (claims: object) => (await actorOf(await es.sign(claims)))?.id;
      expect(await idOf({ azp: 'a', client_id: 'b' })).toBe('a');
      expect(await idOf({ appid: 'a', cid: 'b' })).toBe('a');
      expect(await idOf({ cid: 'okta' })).toBe('okta');
      expect(await idOf({ azp: '', client_id: 7 })).toBe('client');
      expect(await idOf({ sub: undefined })).toBeUndefined();
      expect(await idOf({ azp: 'x'.repeat(201) })).toBeUndefined();
    });

    it('comes from a claim or a function of the host', async () => {
      expect(await actorOf(await es.sign({ oid: 'o' }), { clientId: 'oid' })).toMatchObject({ id: 'o' });
      expect(await actorOf(await es.sign(), { clientId: 'oid' })).toBeUndefined();
      expect(await actorOf(await es.sign(), { clientId: ({ sub }) => `jwt-${String(sub)}` })).toMatchObject({
        id: 'jwt-client',
      });
    });
  });

  it.each<[string, object]>([
    ['no issuer', { issuer: undefined }],
    ['an empty issuer', { issuer: '' }],
    ['no audience', { audience: [] }],
    ['an http URL', { jwks: 'http://login.example.com/jwks' }],
    ['a URL with credentials', { jwks: 'https://a:b@login.example.com/jwks' }],
    ['a file', { jwks: 'file:///etc/passwd' }],
    ['text that is no URL', { jwks: 'keys' }],
    ['no keys', { jwks: { keys: [] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
    ['none', { algorithms: ['none'] }],
    ['HS256', { algorithms: ['RS256', 'HS256'] }],
    ['no algorithm', { algorithms: [] }],
    ['a tenant that is a list', { tenant: ['a'] }],
    ['scopes that are a list', { scopes: ['read'] }],
    ['a tolerance of an hour', { clockToleranceSeconds: 3_600 }],
    ['a tolerance that is text', { clockToleranceSeconds: '5 minutes' }],
    ['a misspelled option', { audiences: 'x' }],
  ])('is refused at creation with %s', (_, change) => {
    const options = { issuer, audience, jwks: { keys: [es.jwk] }, ...change };
    expect(() => jwtBearer(options as never)).toThrow(/^jwtBearer: /);
  });

  it('allows http to this machine, and elsewhere where it is told to', () => {
    for (const jwks of ['http://localhost:1/k', 'http://127.0.0.1:1/k', 'http://[::1]:1/k', new URL('https://a/k')]) {
      expect(() => bearer({ jwks })).not.toThrow();
    }
    expect(() => bearer({ jwks: 'http://127.0.0.1.example.com/k' })).toThrow('https');
    expect(() => bearer({ jwks: 'http://idp.internal/k', allowHttp: true })).not.toThrow();
  });
});

describe.each(expresses)('a router with jwtBearer, on %s', (_, make) => {
  const get = async (token: string, change: Partial<JwtBearerOptions> = {}, onError = jest.fn()) => {
    const keys = connectorKeys([{ key: connectorKey }]);
    const scim = scimOn(make, {
      ...{ authenticate: anyAuthenticator(bearer(change), keys), onError },
      tenantOf: (req) => (req as { query?: { t?: string } }).query?.t,
    });
    return (path: string) => scim.get(path, { authorization: `Bearer ${token}` });
  };

  it('accepts tokens and keys, and announces both', async () => {
    const request = await get(await es.sign());
    expect((await request('/Users')).status).toBe(200);
    expect((await (await get(connectorKey))('/Users')).status).toBe(200);
    const { body } = await request('/ServiceProviderConfig');
    const { authenticationSchemes } = body as { authenticationSchemes: { type: string; name: string }[] };
    expect(authenticationSchemes.map(({ type, name }) => [type, name])).toEqual([
      ['oauthbearertoken', 'OAuth 2.0 access token'],
      ['oauthbearertoken', 'OAuth Bearer Token'],
    ]);
  });

  it('gives the 401 of an unknown key to every token that is not valid', async () => {
    for (const token of [await es.sign({ exp: now() - 300 }), await es.sign({ iss: 'x' }), 'a.b.c']) {
      const response = await (await get(token))('/Users');
      expect(response.status).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="SCIM", error="invalid_token"');
      expect(response.body).toMatchObject({ detail: 'Valid credentials are required in the Authorization header.' });
    }
  });

  it('refuses the token of a tenant in the URL of another one', async () => {
    const request = await get(await es.sign());
    expect((await request('/Users?t=acme')).status).toBe(200);
    expect((await request('/Users?t=other')).status).toBe(401);
  });

  it('refuses and reports what a function of the host returns by mistake', async () => {
    const onError = jest.fn();
    const wrong: readonly Partial<JwtBearerOptions>[] = [
      { tenant: () => 7 as never },
      { scopes: () => 'read' as never },
      { scopes: () => ['everything'] as never },
      { clientId: () => ({}) as never },
    ];
    for (const change of wrong)
      expect((await (await get(await es.sign(), change, onError))('/Users')).status).toBe(401);
    expect(onError).toHaveBeenCalledTimes(wrong.length);
  });

  it('is 403 without a scope', async () => {
    expect((await (await get(await es.sign({ scope: 'users:read' }), { scopes: 'scope' }))('/Users')).status).toBe(200);
    expect((await (await get(await es.sign({ scope: 'openid' }), { scopes: 'scope' }))('/Users')).status).toBe(403);
  });
});
