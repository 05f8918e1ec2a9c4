import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { rateLimit } from 'express-rate-limit';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import express from 'express';
import request from 'supertest';
import { type Authenticate, connectorKeys, createScimRouter, MemoryStore, ScimError } from '../src/index.js';
import { type Limiter, tenantRateLimit, withRateLimit } from '../src/rate-limit.js';
import { expresses } from './http/app.js';

const secretOf = (tenant: string, nth = 1): string => `a-connector-key-of-${tenant}-${String(nth)}`;
const keys = connectorKeys([
  { key: secretOf('a'), tenant: 'a' },
  { key: secretOf('a', 2), tenant: 'a' },
  { key: secretOf('b'), tenant: 'b' },
]);

const scim429 = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: '429',
  detail: 'Too many requests; try again later.',
};

type Kind = readonly [
  string,
  (
    make: (typeof expresses)[number][1],
    authenticate: typeof keys | Authenticate,
  ) => ReturnType<(typeof expresses)[number][1]>,
];

const kinds: readonly Kind[] = [
  [
    'express-rate-limit',
    (make, authenticate) => {
      const app = make();
      app.set('trust proxy', true);
      app.use(
        '/scim/v2',
        rateLimit({ windowMs: 60_000, limit: 3, validate: { trustProxy: false }, ...tenantRateLimit(authenticate) }),
        createScimRouter(new MemoryStore(), { authenticate, onError: () => undefined }),
      );
      return app;
    },
  ],
  [
    'rate-limiter-flexible',
    (make, authenticate) => {
      const app = make();
      app.set('trust proxy', true);
      const limiter = new RateLimiterMemory({ points: 3, duration: 60 });
      app.use(
        '/scim/v2',
        createScimRouter(new MemoryStore(), {
          authenticate: withRateLimit(authenticate, limiter),
          onError: () => undefined,
        }),
      );
      return app;
    },
  ],
];

describe.each(expresses)('limits for each tenant, on %s', (_express, make) => {
  describe.each(kinds)('with %s', (_kind, create) => {
    const client = (authenticate: typeof keys | Authenticate = keys) => {
      const app = create(make, authenticate);
      return async (secret: string, address = '203.0.113.1') =>
        request(app)
          .get('/scim/v2/Users')
          .set({ authorization: `Bearer ${secret}`, 'x-forwarded-for': address });
    };
    const statuses = async (send: () => Promise<{ status: number }>, count: number): Promise<number[]> => {
      const all: number[] = [];
      for (let nth = 0; nth < count; nth++) all.push((await send()).status);
      return all;
    };

    it('count the requests of all keys of a tenant, and of no other', async () => {
      const get = client();
      expect(await statuses(() => get(secretOf('a')), 2)).toEqual([200, 200]);
      expect(await statuses(() => get(secretOf('a', 2), '203.0.113.2'), 2)).toEqual([200, 429]);
      expect(await statuses(() => get(secretOf('a')), 1)).toEqual([429]);
      expect(await statuses(() => get(secretOf('b')), 4)).toEqual([200, 200, 200, 429]);
    });

    it('send 429 in SCIM form, with Retry-After', async () => {
      const get = client();
      await statuses(() => get(secretOf('a')), 3);
      const response = await get(secretOf('a'));
      expect(response.status).toBe(429);
      expect(response.headers['content-type']).toBe('application/scim+json');
      expect(JSON.parse(response.text)).toEqual(scim429);
      expect(response.headers['retry-after']).toMatch(/^\d+$/);
      const seconds = Number(response.headers['retry-after']);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(response.headers['cache-control']).toBe('no-store');
    });

    it('count strangers by address, so that they use up the limit of no tenant', async () => {
      const get = client();
      expect(await statuses(() => get('wrong'), 4)).toEqual([401, 401, 401, 429]);
      expect(await statuses(() => get('wrong', '203.0.113.2'), 1)).toEqual([401]);
      expect(await statuses(() => get(secretOf('a')), 1)).toEqual([200]);
    });

    it.each([
      ['2001:db8:1:ff00::1', '2001:db8:1:ffab:1:2:3:4', true],
      ['2001:db8:1:ff00::1', '2001:0DB8:0001:FF00::', true],
      ['2001:db8:1:ff00::1', '2001:db8:1:fe00::1', false],
      ['2001:db8::1', '2001:db8:0:ff::192.0.2.1', true],
      ['::1', '::2', true],
      ['1::200:3:4:192.0.2.1', '1:0:0:200::', true],
      ['203.0.113.1', '::ffff:203.0.113.1', true],
      ['203.0.113.1', '203.0.113.2', false],
    ])('count %s and %s together: %s', async (first, second, together) => {
      const get = client();
      await statuses(() => get('wrong', first), 3);
      expect(await statuses(() => get('wrong', second), 1)).toEqual([together ? 429 : 401]);
    });

    it('leave an error of the authenticator to the router', async () => {
      const away = client(() => {
        throw new Error('database away');
      });
      expect(await statuses(() => away('x'), 2)).toEqual([503, 503]);
      const busy = client(() => {
        throw new ScimError(429, 'Too many requests with unknown keys.', { headers: { 'retry-after': '7' } });
      });
      const response = await busy('x');
      expect([response.status, response.headers['retry-after']]).toEqual([429, '7']);
    });
  });
});

describe('withRateLimit', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const get = async (limiter: Limiter, onError = jest.fn()) => {
    const router = createScimRouter(new MemoryStore(), { authenticate: withRateLimit(keys, limiter), onError });
    return request(express().use('/scim/v2', router))
      .get('/scim/v2/Users')
      .set({ authorization: `Bearer ${secretOf('a')}` });
  };

  it('lets nobody in where the limiter fails', async () => {
    const onError = jest.fn();
    const response = await get({ consume: () => Promise.reject(new Error('database away')) }, onError);
    expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
    expect(onError).toHaveBeenCalledTimes(1);
    expect((await get({ consume: () => Promise.reject({ remainingPoints: 0 }) })).status).toBe(503);
    const late = Object.assign(new Error('timeout'), { msBeforeNext: 1 });
    expect((await get({ consume: () => Promise.reject(late) })).status).toBe(503);
  });

  it('lets nobody in where the limiter returns false instead of rejecting', async () => {
    const onError = jest.fn();
    expect((await get({ consume: async () => false }, onError)).status).toBe(503);
    expect(String(onError.mock.calls[0])).toContain('consume returned false: reject with');
  });

  it.each([
    [0, '1'],
    [1, '1'],
    [1_001, '2'],
    [-5, '1'],
    [Number.NaN, '60'],
  ])('rounds %d milliseconds up to %s seconds', async (msBeforeNext, seconds) => {
    const response = await get({ consume: () => Promise.reject({ msBeforeNext }) });
    expect([response.status, response.headers['retry-after']]).toEqual([429, seconds]);
  });

  it('announces the schemes of the authenticator, and refuses what is no limiter', () => {
    expect(withRateLimit(keys, { consume: async () => undefined }).schemes).toEqual(keys.schemes);
    for (const wrong of [undefined, {}, { consume: 1 }, 'x']) {
      expect(() => withRateLimit(keys, wrong as never)).toThrow(TypeError);
    }
  });
});
