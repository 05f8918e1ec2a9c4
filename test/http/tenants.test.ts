import { describe, expect, it } from '@jest/globals';
import type express5 from 'express';
import request, { type Response } from 'supertest';
import {
  connectorKeys,
  createScimRouter,
  defineSchema,
  MemoryStore,
  type ScimHandler,
  type ScimRouterOptions,
  UnavailableError,
  NotFoundError,
} from '../../src/index.js';
import { expresses } from './app.js';

type Tenants = NonNullable<ScimRouterOptions['tenants']>;
type Configuration = Awaited<ReturnType<Tenants['configurationOf']>>;

const badge = defineSchema({
  id: 'urn:example:params:scim:schemas:extension:2.0:Badge',
  attributes: [{ name: 'number', required: true }],
});
const user = (userName: string, more: object = {}) => ({
  ...{ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName },
  ...more,
});

interface App {
  readonly router: ScimHandler<express5.Request>;
  readonly errors: unknown[];
  /** The tenants that were loaded, in order. */
  readonly loaded: string[];
  get(tenant: string, path: string, key?: string): Promise<Response>;
  post(tenant: string, path: string, body: object): Promise<Response>;
}

const tenantNames = ['a', 'b', 'c', 'd'];

describe.each(expresses)('configurations of tenants on %s', (_, make) => {
  const start = (
    configurationOf: (tenant: string) => unknown,
    tenants: Partial<Tenants> = {},
    options: Partial<ScimRouterOptions<express5.Request>> = {},
  ): App => {
    const errors: unknown[] = [];
    const loaded: string[] = [];
    const app = make();
    const router = createScimRouter<express5.Request>(new MemoryStore(), {
      authenticate: connectorKeys(tenantNames.map((tenant) => ({ key: `a-long-key-of-tenant-${tenant}`, tenant }))),
      onError: (error) => errors.push(error),
      tenants: {
        ...tenants,
        configurationOf(tenant) {
          loaded.push(tenant);
          return configurationOf(tenant) as Configuration;
        },
      },
      ...options,
    });
    app.use('/scim/v2', router);
    const header = (tenant: string) => ({ authorization: `Bearer a-long-key-of-tenant-${tenant}` });
    return {
      ...{ router, errors, loaded },
      get: async (tenant, path) => request(app).get(`/scim/v2${path}`).set(header(tenant)),
      post: async (tenant, path, body) =>
        request(app)
          .post(`/scim/v2${path}`)
          .set({ ...header(tenant), 'content-type': 'application/scim+json' })
          .send(JSON.stringify(body)),
    };
  };
  const only = (name: string, configuration: unknown) => (tenant: string) =>
    tenant === name ? configuration : undefined;

  it('give a tenant an extension of its own, in discovery and in writes', async () => {
    const { get, post } = start(only('a', { extensions: { User: [{ schema: badge, required: true }] } }));
    expect((await get('a', `/Schemas/${badge.id}`)).status).toBe(200);
    expect((await get('b', `/Schemas/${badge.id}`)).status).toBe(404);
    const types = async (tenant: string): Promise<unknown> =>
      (
        (await get(tenant, '/ResourceTypes/User')).body as { schemaExtensions?: { schema: string }[] }
      ).schemaExtensions?.map(({ schema }) => schema);
    expect(await types('a')).toEqual([badge.id]);
    expect(await types('b')).toEqual(['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']);
    expect((await post('a', '/Users', user('ada'))).status).toBe(400);
    expect((await post('b', '/Users', user('ada'))).status).toBe(201);
    const created = await post('a', '/Users', user('ada', { [badge.id]: { number: '7' } }));
    expect([created.status, created.body]).toEqual([201, expect.objectContaining({ [badge.id]: { number: '7' } })]);
    const filtered = await get('a', `/Users?filter=${encodeURIComponent(`${badge.id}:number eq "7"`)}`);
    expect((filtered.body as { totalResults: number }).totalResults).toBe(1);
    // Elsewhere it is an attribute that nobody knows.
    const unknown = await get('b', `/Users?filter=${encodeURIComponent(`${badge.id}:number eq "7"`)}`);
    expect(unknown.status).toBe(400);
  });

  it('keep the enterprise extension of a tenant that extends only groups', async () => {
    const { get } = start(() => ({ extensions: { Group: [{ schema: badge }] } }));
    const { body } = await get('a', '/ResourceTypes/User');
    expect(JSON.stringify(body)).toContain('extension:enterprise:2.0:User');
    expect((await get('a', `/Schemas/${badge.id}`)).status).toBe(200);
  });

  it('give a tenant limits of its own, beside those of the router', async () => {
    const { get, post } = start(
      only('a', { limits: { maxResults: 2, defaultResults: 1, bulkOperations: 3 } }),
      {},
      { limits: { maxResults: 50, defaultResults: 50, filterTerms: 5 } },
    );
    for (const tenant of ['a', 'b']) for (const name of ['x', 'y', 'z']) await post(tenant, '/Users', user(name));
    const count = async (tenant: string): Promise<unknown> =>
      ((await get(tenant, '/Users?count=99')).body as { Resources: unknown[] }).Resources.length;
    expect([await count('a'), await count('b')]).toEqual([2, 3]);
    const config = async (tenant: string) =>
      (await get(tenant, '/ServiceProviderConfig')).body as { filter: { maxResults: number }; bulk: object };
    expect(await config('a')).toMatchObject({ filter: { maxResults: 2 }, bulk: { maxOperations: 3 } });
    expect((await config('b')).filter.maxResults).toBe(50);
    const terms = encodeURIComponent(Array(6).fill('userName pr').join(' and '));
    for (const tenant of ['a', 'b']) expect((await get(tenant, `/Users?filter=${terms}`)).status).toBe(400);
  });

  it('make a tenant strict, or turn single quirks off', async () => {
    const { post } = start(
      (tenant) => ({ a: { strict: true }, b: { quirks: { 'boolean-as-string': false } } })[tenant],
    );
    const status = async (tenant: string) => (await post(tenant, '/Users', user('ada', { active: 'True' }))).status;
    expect([await status('a'), await status('b'), await status('c')]).toEqual([400, 400, 201]);
  });

  it('are not mixed up by requests of many tenants at the same time', async () => {
    const configurations = Object.fromEntries(
      tenantNames.map((name, n) => [name, { limits: { maxResults: n + 1, defaultResults: 1 } }]),
    );
    const { get } = start(
      async (tenant) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        return configurations[tenant];
      },
      { size: 2, maxAgeMilliseconds: 1 },
    );
    const responses = await Promise.all(
      Array.from({ length: 200 }, async (__, n) => {
        const tenant = tenantNames[n % 4] ?? '';
        const { body } = await get(tenant, '/ServiceProviderConfig');
        return (body as { filter: { maxResults: number } }).filter.maxResults === (n % 4) + 1;
      }),
    );
    expect(responses.every(Boolean)).toBe(true);
  });

  it('are loaded once for concurrent first requests, and then come from the cache', async () => {
    const { get, loaded } = start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { strict: true };
    });
    await Promise.all(Array.from({ length: 20 }, () => get('a', '/Schemas')));
    await get('a', '/Schemas');
    expect(loaded).toEqual(['a']);
  });

  it('are cached for so many tenants, and the least recently used is dropped', async () => {
    const { get, loaded } = start(() => ({ strict: true }), { size: 2 });
    for (const tenant of ['a', 'b', 'a', 'c', 'a', 'b']) await get(tenant, '/Schemas');
    expect(loaded).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are loaded again after forgetTenant, also where the object was changed in place', async () => {
    const configuration = { limits: { maxResults: 5, defaultResults: 5 } };
    const { get, router, loaded } = start(() => configuration);
    const max = async () =>
      ((await get('a', '/ServiceProviderConfig')).body as { filter: { maxResults: number } }).filter.maxResults;
    expect(await max()).toBe(5);
    configuration.limits.maxResults = 7;
    expect(await max()).toBe(5);
    router.forgetTenant('b');
    expect(await max()).toBe(5);
    router.forgetTenant('a');
    expect(await max()).toBe(7);
    expect(loaded).toEqual(['a', 'a']);
  });

  it('are not kept by a load that forgetTenant has overtaken', async () => {
    const waiting: ((value: unknown) => void)[] = [];
    const { get, router } = start(() => new Promise((resolve) => waiting.push(resolve)));
    const first = get('a', '/ServiceProviderConfig');
    while (waiting.length < 1) await new Promise((resolve) => setTimeout(resolve, 2));
    router.forgetTenant('a');
    waiting[0]?.({ limits: { maxResults: 3, defaultResults: 1 } });
    await first;
    const second = get('a', '/ServiceProviderConfig');
    while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    waiting[1]?.({ limits: { maxResults: 4, defaultResults: 1 } });
    expect((await second).body).toMatchObject({ filter: { maxResults: 4 } });
  });

  it.each([
    ['a mistake', { limits: { maxResults: 0 } }, /limits\.maxResults must be a positive integer/],
    ['an unknown limit', { limits: { maxResult: 1 } }, /Did you mean limits\.maxResults/],
    ['an unknown option', { stric: true }, /Did you mean strict/],
    ['an option that tenants do not have', { authenticate: () => undefined }, /no option "authenticate"/],
    ['a contradiction with the router', { limits: { defaultResults: 1e6 } }, /contradict/],
    ['a wrong kind', { strict: 'yes' }, /strict must be true or false/],
    ['a wrong kind of limits', { limits: [] }, /limits must be an object/],
    ['an unknown quirk', { quirks: { nope: true } }, /no option "quirks\.nope"/],
    ['a broken schema', { extensions: { User: [{ schema: { id: 'x' } }] } }, /extensions\.User/],
    ['false', false, /returned false/],
    ['a string', 'strict', /returned a string/],
    ['a list', [], /returned an empty list/],
  ])('make the requests of that tenant 500, and of no other, for %s', async (__, wrong, message) => {
    const { get, errors, loaded } = start(only('a', wrong));
    for (let tries = 0; tries < 2; tries++) {
      const response = await get('a', '/Users');
      expect(response.status).toBe(500);
      expect(response.text).not.toMatch(message);
    }
    expect((await get('b', '/Users')).status).toBe(200);
    expect(errors).toHaveLength(2);
    expect(String(errors[0])).toMatch(message);
    // Nothing of it is cached: the next request finds what was corrected.
    expect(loaded).toEqual(['a', 'a', 'b']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
      500,
    ],
    ['rejects', () => Promise.reject(new Error('down')), 500],
    ['is away', () => Promise.reject(new UnavailableError()), 503],
    [
      'throws an error of a client',
      () => {
        throw new NotFoundError('Nothing.');
      },
      500,
    ],
    ['rejects with an error of a client', () => Promise.reject(new NotFoundError('Nothing.')), 500],
  ])('make the requests of that tenant fail where the function %s', async (__, fail, status) => {
    const { get, errors } = start((tenant) => (tenant === 'a' ? fail() : undefined));
    expect((await get('a', '/Users')).status).toBe(status);
    expect((await get('b', '/Users')).status).toBe(200);
    expect(errors).toHaveLength(1);
  });

  it('fail closed where they cannot be loaded again, and work again afterwards', async () => {
    let isDown = false;
    const { get, router } = start(() => (isDown ? Promise.reject(new Error('down')) : { strict: true }));
    expect((await get('a', '/Users')).status).toBe(200);
    isDown = true;
    router.forgetTenant('a');
    expect((await get('a', '/Users')).status).toBe(500);
    isDown = false;
    expect((await get('a', '/Users')).status).toBe(200);
  });

  it('are not loaded for a client that is not authenticated, or switched off', async () => {
    const app = start(() => ({ strict: true }), {}, { authenticate: () => ({ id: 'k', tenant: 'a', enabled: false }) });
    expect((await app.get('a', '/Users')).status).toBe(403);
    const unknown = start(() => ({ strict: true }));
    expect((await unknown.get('nobody', '/Users')).status).toBe(401);
    expect([...app.loaded, ...unknown.loaded]).toEqual([]);
  });

  it('let a cursor outlive the compiled configuration that it was made under', async () => {
    const { get, post, router } = start(() => ({ limits: { maxResults: 5, defaultResults: 1 } }));
    for (const name of ['x', 'y']) await post('a', '/Users', user(name));
    const { body } = await get('a', '/Users?cursor&count=1');
    router.forgetTenant('a');
    const cursor = encodeURIComponent((body as { nextCursor: string }).nextCursor);
    expect((await get('a', `/Users?cursor=${cursor}&count=1`)).status).toBe(200);
    expect((await get('b', `/Users?cursor=${cursor}&count=1`)).status).toBe(400);
  });

  it('tell the tenant of the URL its own truth without credentials, in a cache that evicts no client', async () => {
    const app = make();
    const loaded: string[] = [];
    const router = createScimRouter<express5.Request>(new MemoryStore(), {
      authenticate: connectorKeys([{ key: 'a-long-key-of-tenant-a', tenant: 'a' }]),
      tenantOf: (req) => /^\/t\/([^/]+)/.exec(req.originalUrl)?.[1],
      publicDiscovery: true,
      tenants: {
        size: 1,
        configurationOf(tenant) {
          loaded.push(tenant);
          return tenant === 'a' ? { limits: { maxResults: 3, defaultResults: 1 } } : undefined;
        },
      },
    });
    app.use(['/t/:tenant/scim', '/scim'], router);
    const max = async (path: string, key?: string): Promise<unknown> => {
      const sent = request(app).get(`${path}/ServiceProviderConfig`);
      const { body } = await (key === undefined ? sent : sent.set('authorization', `Bearer ${key}`));
      return (body as { filter: { maxResults: number } }).filter.maxResults;
    };
    expect(await max('/t/a/scim', 'a-long-key-of-tenant-a')).toBe(3);
    expect(await max('/t/a/scim')).toBe(3);
    expect(await max('/scim')).toBe(200);
    for (let n = 0; n < 40; n++) expect(await max(`/t/x${String(n)}/scim`)).toBe(200);
    const before = loaded.length;
    expect(await max('/t/a/scim', 'a-long-key-of-tenant-a')).toBe(3);
    expect(loaded).toHaveLength(before);
  });
});

describe('the option tenants', () => {
  const options = { authenticate: connectorKeys([{ key: 'a-long-key-of-tenant-a' }]) };
  it.each([
    [{}, /tenants\.configurationOf must be a function/],
    [{ configurationOf: () => undefined, size: 0 }, /tenants\.size must be/],
    [{ configurationOf: () => undefined, maxAgeMilliseconds: -1 }, /tenants\.maxAgeMilliseconds must be/],
    [{ configurationOf: () => undefined, max: 1 }, /no option "tenants\.max"/],
    ['a', /tenants must be an object/],
  ])('is checked: %j', (tenants, message) => {
    expect(() => createScimRouter(new MemoryStore(), { ...options, tenants: tenants as never })).toThrow(message);
  });

  it('compiles one object for several tenants once', async () => {
    const { TenantRuntimes } = await import('../../src/http/tenant-runtimes.js');
    const plan = { strict: true };
    let compiled = 0;
    const runtimes = new TenantRuntimes({
      load: () => plan,
      compile: () => ({ compiled: ++compiled }) as never,
      base: {} as never,
      size: 10,
      maxAgeMilliseconds: 60_000,
    });
    expect(await runtimes.of('a')).toBe(await runtimes.of('b'));
    expect(compiled).toBe(1);
  });

  it('compiles an equal configuration once, however often it is loaded', async () => {
    const { TenantRuntimes } = await import('../../src/http/tenant-runtimes.js');
    let [compiled, loaded] = [0, 0];
    const runtimes = new TenantRuntimes({
      load: () => ({ strict: ++loaded > 0 }),
      compile: () => ({ compiled: ++compiled }) as never,
      base: {} as never,
      size: 10,
      maxAgeMilliseconds: 0,
    });
    for (let n = 0; n < 5; n++) await runtimes.of('a');
    expect([loaded, compiled]).toEqual([5, 1]);
  });
});
