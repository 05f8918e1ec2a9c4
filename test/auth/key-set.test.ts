import type { Server } from 'node:http';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { JWK, JWTVerifyGetKey } from 'jose';
import { createScimRouter, isScimError, MemoryStore } from '../../src/index.js';
import { jwtBearer } from '../../src/jwt/index.js';
import { remoteKeySet } from '../../src/jwt/key-set.js';
import express5 from 'express';
import request from 'supertest';
import { audience, closed, issuer, type IssuerKey, issuerKey, listening } from './jwt-issuer.js';

let first: IssuerKey;
let second: IssuerKey;
beforeAll(async () => {
  [first, second] = await Promise.all([issuerKey('first'), issuerKey('second')]);
});

const minute = 60_000;
const hour = 60 * minute;

/** A key set behind a fake fetch, with a clock that the test moves. */
function keySet(published: () => unknown) {
  let now = 0;
  const fetched: RequestInit[] = [];
  const onError = jest.fn<(error: unknown) => void>();
  const send = (async (_url: unknown, init: RequestInit = {}) => {
    fetched.push(init);
    const body = published();
    if (body instanceof Response) return body;
    return new Response(typeof body === 'string' ? body : JSON.stringify(body));
  }) as typeof fetch;
  const url = new URL('https://login.example.com/jwks');
  const find: JWTVerifyGetKey = remoteKeySet({ url, fetch: send, onError, clock: () => now });
  const ask = async (kid: string): Promise<string> => {
    try {
      await find({ alg: 'ES256', kid }, {} as never);
      return 'found';
    } catch (error) {
      if (isScimError(error)) return `${String(error.status)} after ${error.headers?.['retry-after'] ?? ''}`;
      return (error as { code: string }).code;
    }
  };
  return { ask, fetched, onError, wait: (milliseconds: number) => void (now += milliseconds) };
}

const away = (): never => {
  throw new Error('connect ECONNREFUSED');
};

describe('a key set behind a URL', () => {
  it('is fetched once for many tokens, without following redirects', async () => {
    const { ask, fetched } = keySet(() => ({ keys: [first.jwk] }));
    expect(await Promise.all([ask('first'), ask('first'), ask('first')])).toEqual(['found', 'found', 'found']);
    expect(await ask('first')).toBe('found');
    expect(fetched).toHaveLength(1);
    expect(fetched[0]).toMatchObject({ redirect: 'error' });
    expect(fetched[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it('is fetched again for a new key, at most every 30 seconds', async () => {
    let keys: JWK[] = [first.jwk];
    const { ask, fetched, wait } = keySet(() => ({ keys }));
    expect(await ask('first')).toBe('found');
    keys = [first.jwk, second.jwk];
    wait(10_000);
    expect(await ask('second')).toBe('ERR_JWKS_NO_MATCHING_KEY');
    wait(20_000);
    expect(await ask('second')).toBe('found');
    for (let nth = 0; nth < 20; nth++) expect(await ask(`invented-${String(nth)}`)).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(fetched).toHaveLength(2);
  });

  it('forgets a removed key after ten minutes', async () => {
    let keys: JWK[] = [first.jwk, second.jwk];
    const { ask, wait } = keySet(() => ({ keys }));
    expect(await ask('first')).toBe('found');
    keys = [second.jwk];
    wait(10 * minute);
    expect(await ask('first')).toBe('found');
    wait(1);
    expect(await ask('first')).toBe('ERR_JWKS_NO_MATCHING_KEY');
    expect(await ask('second')).toBe('found');
  });

  it('is unavailable where it was never fetched, and tried again after 30 seconds', async () => {
    let isAway = true;
    const { ask, fetched, onError, wait } = keySet(() => (isAway ? away() : { keys: [first.jwk] }));
    expect(await ask('first')).toBe('503 after 30');
    wait(10_000);
    expect(await ask('first')).toBe('503 after 20');
    expect(fetched).toHaveLength(1);
    expect(onError).toHaveBeenCalledTimes(1);
    isAway = false;
    wait(20_000);
    expect(await ask('first')).toBe('found');
  });

  it('serves cached keys for 24 hours while it is away, and 503 for an unknown key', async () => {
    let isAway = false;
    const { ask, fetched, wait } = keySet(() => (isAway ? away() : { keys: [first.jwk] }));
    expect(await ask('first')).toBe('found');
    isAway = true;
    wait(hour);
    expect(await ask('first')).toBe('found');
    expect(await ask('second')).toBe('503 after 30');
    expect(fetched).toHaveLength(2);
    wait(22 * hour);
    expect(await ask('first')).toBe('found');
    wait(hour);
    expect(await ask('first')).toBe('found');
    wait(1);
    expect(await ask('first')).toBe('503 after 30');
    isAway = false;
    wait(30_000);
    expect(await ask('first')).toBe('found');
    expect(await ask('second')).toBe('ERR_JWKS_NO_MATCHING_KEY');
  });

  it.each<[string, () => unknown]>([
    ['is no JSON', () => '<html>'],
    ['is a list', () => []],
    ['has no keys', () => ({ keys: [] })],
    ['has symmetric keys only', () => ({ keys: [{ kty: 'oct', k: 'AAAA' }] })],
    ['has encryption keys only', () => ({ keys: [{ ...first.jwk, use: 'enc' }] })],
    ['has private keys only', () => ({ keys: [{ ...first.jwk, d: 'AAAA' }] })],
    ['has too many keys', () => ({ keys: Array.from({ length: 101 }, () => first.jwk) })],
    ['is too large', () => ({ keys: [second.jwk], x: 'x'.repeat(600_000) })],
    ['has another status', () => new Response('{}', { status: 500 })],
    ['is nothing', () => new Response(null, { status: 204 })],
  ])('keeps its cached keys where a new one %s', async (_, published) => {
    let body: () => unknown = () => ({ keys: [first.jwk] });
    const { ask, onError, wait } = keySet(() => body());
    expect(await ask('first')).toBe('found');
    body = published;
    wait(11 * minute);
    expect(await ask('first')).toBe('found');
    expect(onError).toHaveBeenCalledTimes(1);
    expect(String(onError.mock.calls[0]?.[0])).toContain('the key set at https://login.example.com cannot be read');
  });

  it('leaves out single keys that cannot verify', async () => {
    const { ask } = keySet(() => ({ keys: [null, 'x', { kty: 'oct', k: 'AAAA', kid: 'secret' }, first.jwk] }));
    expect(await ask('first')).toBe('found');
    expect(await ask('secret')).toBe('ERR_JWKS_NO_MATCHING_KEY');
  });
});

describe('a router whose key set is away', () => {
  let server: Server | undefined;
  afterEach(async () => {
    if (server !== undefined) await closed(server);
  });

  it('responds with 503 and Retry-After, follows no redirect, and recovers in another process', async () => {
    let respond: 'refuse' | 'redirect' | 'keys' = 'refuse';
    const started = await listening((req, res) => {
      if (respond === 'refuse') res.destroy();
      else if (respond === 'keys' || req.url === '/moved') res.end(JSON.stringify({ keys: [first.jwk] }));
      else res.writeHead(302, { location: '/moved' }).end();
    });
    server = started.server;
    const get = async () => {
      const authenticate = jwtBearer({ issuer, audience, jwks: `${started.url}/jwks`, onError: () => undefined });
      const app = express5().use(createScimRouter(new MemoryStore(), { authenticate, onError: () => undefined }));
      return request(app)
        .get('/Users')
        .set({ authorization: `Bearer ${await first.sign()}` });
    };
    for (const state of ['refuse', 'redirect'] as const) {
      respond = state;
      const response = await get();
      expect([response.status, response.headers['retry-after']]).toEqual([503, '30']);
    }
    respond = 'keys';
    expect((await get()).status).toBe(200);
  });
});
