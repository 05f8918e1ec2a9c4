import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import express5, { type Express } from 'express';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import request, { type Response } from 'supertest';
import { connectionAuthenticator, memoryConnectionStore } from '../../src/admin/index.js';
import {
  anyAuthenticator,
  type ConnectorKey,
  type ConnectorKeys,
  connectorKeys,
  createScimRouter,
  generateConnectorKey,
  MemoryStore,
} from '../../src/index.js';
import { tokenEndpoint, type TokenEndpointOptions } from '../../src/jwt/index.js';
import { expresses, userSchemas } from '../http/app.js';
import { closed, listening, unsignedToken } from './jwt-issuer.js';

const issuer = 'https://app.example.com';
const secret = randomBytes(32).toString('hex');
const one = generateConnectorKey();
const row: ConnectorKey = { id: one.id, digest: one.digest, tenant: 'acme' };
const grant = { grant_type: 'client_credentials' };
const credentials = { client_id: one.id, client_secret: one.key };

/** One process of an app with a token endpoint. */
interface App {
  readonly app: Express;
  readonly keys: ConnectorKeys;
  readonly onError: jest.Mock;
  token(form: Record<string, string> | string, headers?: Record<string, string>): Promise<Response>;
  /** A valid token. */
  issued(form?: Record<string, string>): Promise<string>;
  users(token: string): Promise<number>;
}

interface AppOptions {
  readonly key?: () => ConnectorKey | undefined;
  readonly keys?: ConnectorKeys;
  readonly endpoint?: Partial<TokenEndpointOptions>;
  readonly make?: typeof express5;
  readonly before?: RequestListener | ReturnType<typeof express5.urlencoded>;
}

function start({ key = () => row, keys: given, endpoint = {}, make = express5, before }: AppOptions = {}): App {
  const app = make();
  const onError = jest.fn();
  const keys = given ?? connectorKeys((id) => (id === one.id ? key() : undefined), { maxAgeMilliseconds: 0 });
  const oauth = tokenEndpoint({ keys, issuer, secret, onError, ...endpoint });
  if (before !== undefined) app.use('/oauth', before as never);
  app.use('/oauth/token', oauth.handler);
  app.use(
    '/scim/v2',
    createScimRouter(new MemoryStore(), {
      authenticate: anyAuthenticator(oauth.authenticator, keys),
      onError: () => undefined,
    }),
  );
  const token: App['token'] = async (form, headers = {}) =>
    request(app)
      .post('/oauth/token')
      .set({ 'content-type': 'application/x-www-form-urlencoded', ...headers })
      .send(typeof form === 'string' ? form : new URLSearchParams(form).toString());
  return {
    app,
    keys,
    onError,
    token,
    async issued(form = {}) {
      const { status, body } = await token({ ...grant, ...credentials, ...form });
      if (status !== 200) throw new Error(`The token endpoint returned ${String(status)}.`);
      return (body as { access_token: string }).access_token;
    },
    users: async (sent) =>
      (
        await request(app)
          .get('/scim/v2/Users')
          .set({ authorization: `Bearer ${sent}` })
      ).status,
  };
}

const basic = (id: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
});

describe.each(expresses)('the token endpoint on %s', (_, make) => {
  it('trades a key for a token (RFC 6749 4.4, RFC 9068)', async () => {
    const { token, users } = start({ make });
    const response = await token({ ...grant, ...credentials });
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    expect(response.headers['x-powered-by']).toBeUndefined();
    const { access_token: issued, ...rest } = response.body as { access_token: string };
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 3_600 });
    expect(decodeProtectedHeader(issued)).toMatchObject({ alg: 'HS256', typ: 'at+jwt' });
    const claims = decodeJwt(issued);
    expect(claims).toMatchObject({ iss: issuer, aud: issuer, sub: one.id, client_id: one.id });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3_600);
    expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(issued).not.toContain(one.key.slice(-20));
    expect(await users(issued)).toBe(200);
  });

  it('accepts HTTP Basic, form-encoded or not, and the tenant as client_id', async () => {
    const { token } = start({ make });
    for (const headers of [basic(one.id, one.key), basic('acme', one.key), basic('%61cme', one.key)]) {
      expect((await token(grant, headers)).status).toBe(200);
    }
    expect((await token({ ...grant, client_id: one.id }, basic(one.id, one.key))).status).toBe(200);
    expect((await token({ ...grant, ...credentials, client_id: 'acme' })).status).toBe(200);
  });

  it('works behind a parser of forms', async () => {
    for (const extended of [true, false]) {
      const { token } = start({ make, before: express5.urlencoded({ extended }) });
      expect((await token({ ...grant, ...credentials })).status).toBe(200);
      const repeated = await token(`grant_type=client_credentials&client_id=a&client_id=b&client_secret=${one.key}`);
      expect([repeated.status, (repeated.body as { error: string }).error]).toEqual([400, 'invalid_request']);
    }
  });

  it.each<[string, number, string, Record<string, string> | string, Record<string, string>?]>([
    ['no grant type', 400, 'invalid_request', credentials],
    ['another grant type', 400, 'unsupported_grant_type', { grant_type: 'password', ...credentials }],
    ['no credentials', 401, 'invalid_client', grant],
    ['no secret', 401, 'invalid_client', { ...grant, client_id: one.id }],
    ['no client_id', 401, 'invalid_client', { ...grant, client_secret: one.key }],
    ['a wrong secret', 401, 'invalid_client', { ...grant, client_id: one.id, client_secret: `${one.key}0` }],
    ['another key', 401, 'invalid_client', { ...grant, client_id: one.id, client_secret: generateConnectorKey().key }],
    ['the ID of another client', 401, 'invalid_client', { ...grant, ...credentials, client_id: 'other' }],
    ['an empty client_id', 401, 'invalid_client', { ...grant, ...credentials, client_id: '' }],
    ['Basic without a colon', 401, 'invalid_client', grant, { authorization: 'Basic YWJj' }],
    ['Basic that is no base64', 401, 'invalid_client', grant, { authorization: 'Basic !!!' }],
    ['a bearer token', 401, 'invalid_client', grant, { authorization: `Bearer ${one.key}` }],
    ['two secrets', 400, 'invalid_request', { ...grant, ...credentials }, basic(one.id, one.key)],
    ['two client IDs', 400, 'invalid_request', { ...grant, client_id: 'x' }, basic(one.id, one.key)],
    ['a repeated parameter', 400, 'invalid_request', `grant_type=client_credentials&grant_type=client_credentials`],
    [
      'JSON',
      400,
      'invalid_request',
      JSON.stringify({ ...grant, ...credentials }),
      { 'content-type': 'application/json' },
    ],
    ['a compressed body', 400, 'invalid_request', { ...grant, ...credentials }, { 'content-encoding': 'gzip' }],
    ['an unknown scope', 400, 'invalid_scope', { ...grant, ...credentials, scope: 'openid' }],
    ['a scope beside an unknown one', 400, 'invalid_scope', { ...grant, ...credentials, scope: 'users:read openid' }],
    ['a large body', 413, 'invalid_request', { ...grant, ...credentials, x: 'x'.repeat(9_000) }],
  ])('refuses %s: %d %s', async (_name, status, error, form, headers = {}) => {
    const { token, onError } = start({ make });
    const response = await token(form, headers);
    expect([response.status, response.body]).toEqual([
      status,
      { error, error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/) },
    ]);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['www-authenticate']).toBe(
      status === 401 ? 'Basic realm="SCIM", charset="UTF-8"' : undefined,
    );
    expect(onError).not.toHaveBeenCalled();
  });

  it('ignores credentials in the URL, and allows POST only', async () => {
    const { app } = start({ make });
    const query = new URLSearchParams({ ...grant, ...credentials }).toString();
    const inUrl = await request(app).post(`/oauth/token?${query}`).type('form').send('grant_type=client_credentials');
    expect(inUrl.status).toBe(401);
    const get = await request(app).get(`/oauth/token?${query}`);
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST']);
  });

  it('is announced in ServiceProviderConfig as oauth2', async () => {
    const documentationUri = 'https://app.example.com/help';
    const { app, issued } = start({ make, endpoint: { documentationUri } });
    const response = await request(app)
      .get('/scim/v2/ServiceProviderConfig')
      .set({ authorization: `Bearer ${await issued()}` });
    const { authenticationSchemes } = JSON.parse(response.text) as { authenticationSchemes: object[] };
    expect(authenticationSchemes).toEqual([
      expect.objectContaining({ type: 'oauth2', documentationUri }),
      expect.objectContaining({ type: 'oauthbearertoken' }),
    ]);
  });
});

describe('an access token of the token endpoint', () => {
  it('is accepted only as long as its key is, and with the rights that the key has', async () => {
    let current: ConnectorKey | undefined = row;
    const { issued, users, token } = start({ key: () => current });
    const sent = await issued();
    expect(await users(sent)).toBe(200);
    const states: readonly (readonly [ConnectorKey | undefined, number])[] = [
      [undefined, 401],
      [{ ...row, expires: new Date(Date.now() - 1) }, 401],
      [{ ...row, enabled: false }, 403],
      [{ ...row, networks: ['203.0.113.0/24'] }, 401],
      [{ ...row, scopes: ['groups:read'] }, 403],
      [row, 200],
    ];
    for (const [state, status] of states) {
      current = state;
      expect(await users(sent)).toBe(status);
      const again = (await token({ ...grant, ...credentials })).status;
      expect(again).toBe(status === 401 ? 401 : 200);
    }
  });

  it('ends at once with forget(), also where lookups are cached', async () => {
    let current: ConnectorKey | undefined = row;
    const keys = connectorKeys(() => current, { maxAgeMilliseconds: 600_000 });
    const { issued, users } = start({ keys });
    const sent = await issued();
    expect(await users(sent)).toBe(200);
    current = undefined;
    expect(await users(sent)).toBe(200);
    keys.forget(one.id);
    expect(await users(sent)).toBe(401);
  });

  it('works with the keys of the panel, and ends when one is revoked there', async () => {
    const connections = memoryConnectionStore();
    await connections.create({ id: 'main', tenant: 'acme', name: '', provider: 'entra', enabled: true });
    const { id, digest } = one;
    await connections.addKey('acme', 'main', { id, digest, name: 'Entra', createdAt: new Date() });
    const { issued, users } = start({ keys: connectionAuthenticator(connections) });
    const sent = await issued({ client_id: 'acme' });
    expect(await users(sent)).toBe(200);
    await connections.endKey('acme', 'main', id, { revokedAt: new Date() });
    expect(await users(sent)).toBe(401);
    await expect(issued()).rejects.toThrow('401');
  });

  it('can be limited to scopes that the key has, and follows the key when it loses them', async () => {
    let current: ConnectorKey = { ...row, scopes: ['read', 'users:write'] };
    const { app, token, issued, users } = start({ key: () => current });
    expect((await token({ ...grant, ...credentials })).body).toMatchObject({ scope: 'read users:write' });
    expect((await token({ ...grant, ...credentials, scope: 'users:read' })).body).toMatchObject({
      scope: 'users:read',
    });
    for (const scope of ['write', 'groups:write', 'read write']) {
      expect((await token({ ...grant, ...credentials, scope })).body).toMatchObject({ error: 'invalid_scope' });
    }
    const limited = await issued({ scope: 'users:read' });
    expect(await users(limited)).toBe(200);
    const post = await request(app)
      .post('/scim/v2/Users')
      .set({ authorization: `Bearer ${limited}`, 'content-type': 'application/scim+json' })
      .send(JSON.stringify({ schemas: userSchemas, userName: 'a' }));
    expect(post.status).toBe(403);
    current = { ...row, scopes: ['groups:read'] };
    expect(await users(limited)).toBe(403);
    current = { ...row, scopes: [] };
    expect(await users(await issued())).toBe(403);
  });

  it('is accepted by every process that has the secret', async () => {
    const sent = await start().issued();
    expect(await start().users(sent)).toBe(200);
    expect(await start({ endpoint: { secret: randomBytes(32).toString('hex') } }).users(sent)).toBe(401);
    expect(await start({ endpoint: { issuer: 'https://other.example.com' } }).users(sent)).toBe(401);
    expect(await start({ endpoint: { audience: 'https://other.example.com' } }).users(sent)).toBe(401);
  });

  it('outlives the rotation of a secret while the old one is in the list', async () => {
    const added = randomBytes(32).toString('hex');
    const old = await start().issued();
    const rotated = start({ endpoint: { secret: [added, secret] } });
    expect(await rotated.users(old)).toBe(200);
    const fresh = await rotated.issued();
    expect(await start({ endpoint: { secret: added } }).users(fresh)).toBe(200);
    expect(await start({ endpoint: { secret: added } }).users(old)).toBe(401);
  });

  it.each([
    ['EdDSA', generateKeyPairSync('ed25519').privateKey],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ])('is signed with %s where the app has such a key', async (alg, privateKey) => {
    const signingKeys = [privateKey.export({ format: 'jwk' })];
    const { issued, users } = start({ endpoint: { secret: undefined, signingKeys } });
    const sent = await issued();
    expect(decodeProtectedHeader(sent).alg).toBe(alg);
    expect(await users(sent)).toBe(200);
    expect(await start().users(sent)).toBe(401);
    const both = start({ endpoint: { signingKeys } });
    expect(decodeProtectedHeader(await both.issued()).alg).toBe(alg);
    expect(await both.users(await start().issued())).toBe(200);
  });

  it('is refused where anything of it was changed', async () => {
    const { issued, users } = start();
    const sent = await issued();
    const [header = '', payload = '', signature = ''] = sent.split('.');
    const claims = decodeJwt(sent);
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { kid = '' } = decodeProtectedHeader(sent);
    const forged = [
      `${header}.${encoded({ ...claims, sub: 'other' })}.${signature}`,
      `${header}.${encoded({ ...claims, exp: 4_000_000_000 })}.${signature}`,
      `${encoded({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.`,
      unsignedToken({ alg: 'none', typ: 'at+jwt', kid }, claims, () => 'AAAA'),
      unsignedToken({ alg: 'HS384', typ: 'at+jwt', kid }, claims, () => signature),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
        .sign(new TextEncoder().encode(secret)),
      sent.slice(0, -1),
    ];
    for (const token of forged) expect(await users(token)).toBe(401);
    expect(await users(sent)).toBe(200);
  });

  it('ends with its lifetime', async () => {
    const options = { endpoint: { lifetimeSeconds: 60 } };
    const spy = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 66_000);
    const sent = await start(options)
      .issued()
      .finally(() => spy.mockRestore());
    expect(await start(options).users(sent)).toBe(401);
    expect(await start(options).users(await start(options).issued())).toBe(200);
  });
});

describe('the token endpoint under faults', () => {
  it('is 503 with Retry-After where the keys cannot be read', async () => {
    const failing = start({
      key: () => {
        throw new Error('database away');
      },
    });
    const response = await failing.token({ ...grant, ...credentials });
    expect([response.status, response.headers['retry-after'], response.body]).toEqual([
      ...[503, '5'],
      { error: 'temporarily_unavailable', error_description: expect.any(String) },
    ]);
    expect(response.text).not.toContain('database');
    expect(failing.onError).toHaveBeenCalledTimes(1);
  });

  it('is 429 with Retry-After for too many unknown keys', async () => {
    const { token } = start({ keys: connectorKeys(() => undefined, { missesPerSecond: 0 }) });
    const send = () => token({ ...grant, client_id: 'x', client_secret: generateConnectorKey().key });
    expect((await send()).status).toBe(401);
    const response = await send();
    expect([response.status, response.headers['retry-after']]).toEqual([429, '1']);
  });

  it('is 503 where clientIds returns no list', async () => {
    const { token, onError } = start({ endpoint: { clientIds: () => 'acme' as never } });
    expect((await token({ ...grant, ...credentials })).status).toBe(503);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  it('is 503 behind a parser that left no body', async () => {
    const drain: RequestListener = (req) => void req.resume().on('end', () => req.emit('drained'));
    const before = ((req: Parameters<RequestListener>[0], res: never, next: () => void) => {
      req.on('drained', () => next());
      drain(req, res);
    }) as never;
    const { token } = start({ before });
    expect((await token({ ...grant, ...credentials })).status).toBe(503);
  });

  it('reads a body without end only up to its limit', async () => {
    const { app } = start();
    const { server, url } = await listening(app);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    let sent = 0;
    let received = '';
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.write(
      'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n',
    );
    await new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      const more = (): void => {
        if (socket.destroyed) return;
        sent += 1_000;
        socket.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`);
        setImmediate(more);
      };
      more();
    });
    await closed(server);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(50_000_000);
  });

  it.each<[string, object]>([
    ['no keys', { keys: undefined }],
    ['keys that cannot be verified', { keys: { authenticate: () => undefined, schemes: [] } }],
    ['an issuer that is no URL', { issuer: 'app' }],
    ['an http issuer', { issuer: 'http://app.example.com' }],
    ['an issuer with a query', { issuer: 'https://app.example.com?x' }],
    ['an empty audience', { audience: '' }],
    ['a short secret', { secret: 'x'.repeat(31) }],
    ['a short secret in a list', { secret: [secret, ''] }],
    ['no secret', { secret: undefined }],
    ['an empty list', { secret: [] }],
    ['a secret twice', { secret: [secret, secret] }],
    ['a public key', { signingKeys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] }],
    [
      'an RSA key',
      { signingKeys: [generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' })] },
    ],
    ['a broken key', { signingKeys: [{ kty: 'OKP', crv: 'Ed25519', d: 'x', x: 'y' }] }],
    ['a lifetime of a week', { lifetimeSeconds: 604_800 }],
    ['a lifetime of half a second', { lifetimeSeconds: 0.5 }],
    ['client IDs that are a list', { clientIds: ['a'] }],
    ['a misspelled option', { lifetime: 60 }],
  ])('is refused at creation with %s', (_, change) => {
    const options = { keys: connectorKeys([{ key: one.key }]), issuer, secret, ...change };
    expect(() => tokenEndpoint(options as never)).toThrow(/^tokenEndpoint: /);
  });
});
