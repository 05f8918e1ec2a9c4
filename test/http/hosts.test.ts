import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type express from 'express';
import { connectorKeys, createScimRouter, digestConnectorKey, MemoryStore, scimErrors } from '../../src/index.js';
import { clientOf, expresses, key, scimOn, userSchemas } from './app.js';

type Located = { id: string; meta: { location: string } };

describe.each(expresses)('in a host on %s', (_, make) => {
  afterEach(() => void jest.restoreAllMocks());

  it('works at any mount path, and takes the base URL from the request (7644-1.3-01)', async () => {
    const app = make();
    const parent = make.Router();
    parent.use('/:org/v2', createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
    app.use('/api', parent);
    const scim = clientOf(app, '/api/acme%20inc/v2');
    const response = await scim.post(
      '/Users',
      { schemas: userSchemas, userName: 'a' },
      { host: 'app.example.com:8080' },
    );
    const { id, meta } = response.body as Located;
    expect(meta.location).toBe(`http://app.example.com:8080/api/acme%20inc/v2/Users/${id}`);
  });

  it('works at the root', async () => {
    const app = make();
    app.use(createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
    const response = await clientOf(app, '').post('/Users/', { schemas: userSchemas, userName: 'a' }, { host: 'h' });
    expect((response.body as Located).meta.location).toMatch(/^http:\/\/h\/Users\/./);
  });

  it('believes forwarded headers only from a trusted proxy', async () => {
    const headers = { host: 'inner:1', 'x-forwarded-host': 'outer.example.com', 'x-forwarded-proto': 'https' };
    const location = async (app: express.Express): Promise<string> =>
      ((await clientOf(app).post('/Users', { schemas: userSchemas, userName: 'a' }, headers)).body as Located).meta
        .location;
    expect(await location(scimOn(make, { baseUrl: undefined }).app)).toMatch(/^http:\/\/inner:1\/scim/);
    const trusting = scimOn(make, { baseUrl: undefined }).app;
    trusting.set('trust proxy', true);
    expect(await location(trusting)).toMatch(/^https:\/\/outer\.example\.com\/scim/);
  });

  it('ignores a forged Host header when baseUrl is set, and an invalid one always', async () => {
    const fixed = scimOn(make, { baseUrl: 'https://app.example.com/scim' });
    const body = { schemas: userSchemas, userName: 'a' };
    expect((await fixed.post('/Users', body, { host: 'evil.example' })).text ?? '').not.toContain('evil');
    const response = await scimOn(make, { baseUrl: undefined }).post('/Users', body, { host: 'evil"<script>' });
    expect((response.body as Located).meta.location).toMatch(/^http:\/\/localhost\//);
  });

  it('works behind express.json(), warning once', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const scim = scimOn(make, {}, new MemoryStore(), (app, router) => {
      app.use(make.json({ type: ['application/json', 'application/scim+json'] }));
      app.use('/scim/v2', router);
    });
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(201);
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'b' })).status).toBe(201);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('reads the body itself where the parser left it alone (Express 4 sets req.body all the same)', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const scim = scimOn(make, {}, new MemoryStore(), (app, router) => {
      app.use(make.json());
      app.use('/scim/v2', router);
    });
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(201);
    expect(warn).not.toHaveBeenCalled();
  });

  it('takes what raw and text parsers have read', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    for (const parser of [make.raw({ type: '*/*' }), make.text({ type: '*/*' })]) {
      const scim = scimOn(make, {}, new MemoryStore(), (app, router) => app.use('/scim/v2', parser, router));
      expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(201);
    }
  });

  it('reports to onError, not to the client, that the body was read before', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, new MemoryStore(), (app, router) =>
      app.use(
        '/scim/v2',
        (req, _res, next) => {
          req.resume().once('end', () => {
            delete (req as { body?: unknown }).body;
            next();
          });
        },
        router,
      ),
    );
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(500);
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('mount the SCIM router first') }),
      expect.anything(),
      expect.any(String),
      undefined,
    );
  });

  it('gives a parser’s errors SCIM form with scimErrors()', async () => {
    const scim = scimOn(make, {}, new MemoryStore(), (app, router) => {
      app.use('/scim/v2', make.json({ type: '*/*', limit: 10 }), router);
      app.use('/scim/v2', scimErrors());
    });
    expect((await scim.post('/Users', { a: 'far too long' })).body).toMatchObject({ status: '413' });
    expect((await scim.get('/Users')).status).toBe(200);
    const broken = scimOn(make, {}, new MemoryStore(), (app, router) => {
      app.use('/scim/v2', make.json({ type: '*/*' }), router, scimErrors());
    });
    const response = await broken.put('/Users/1', [] as object, { 'content-encoding': 'nonsense' });
    expect(response.body).toMatchObject({ status: '415' });
  });

  it('keeps two routers in one process apart', async () => {
    const app = make();
    for (const path of ['/a', '/b'])
      app.use(path, createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
    await clientOf(app, '/a').user({ userName: 'same' });
    expect((await clientOf(app, '/b').get('/Users')).body).toMatchObject({ totalResults: 0 });
    await clientOf(app, '/b').user({ userName: 'same' });
  });
});

describe.each(expresses)('authentication on %s', (_, make) => {
  it('refuses every bad credential in the same way, with WWW-Authenticate (7644-2-01)', async () => {
    const scim = scimOn(make);
    const responses = await Promise.all(
      ['', 'Bearer', 'Bearer wrong-key-of-some-length', `Bearer Bearer ${key}`, `Basic ${key}`, key].map(
        (authorization) => scim.get('/Users', { authorization }),
      ),
    );
    const [first] = responses;
    for (const response of responses) {
      expect(response.status).toBe(401);
      expect(response.headers['www-authenticate']).toMatch(/^Bearer realm="SCIM"/);
      expect(response.body).toEqual(first?.body);
    }
    expect((await scim.get(`/Users?access_token=${key}`, { authorization: '' })).status).toBe(401);
    expect((await scim.get('/nope', { authorization: '' })).status).toBe(401);
  });

  it('reads nothing of the body before the key is checked', async () => {
    let read: boolean | undefined;
    const scim = scimOn(make, {
      authenticate: async (req) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        read = req.readableDidRead;
        return undefined;
      },
    });
    expect((await scim.post('/Users', { huge: 'x'.repeat(100_000) })).status).toBe(401);
    expect(read).toBe(false);
  });

  it('returns 503 where the lookup of keys fails, and reports why to onError', async () => {
    const onError = jest.fn();
    const cause = new Error('database away');
    const scim = scimOn(make, { onError, authenticate: () => Promise.reject(cause) });
    const response = await scim.get('/Users');
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.text ?? '').not.toContain('database');
    expect(onError).toHaveBeenCalledWith(cause, undefined, response.headers['x-request-id'], 'authenticate');
  });

  it('returns 403 where provisioning is switched off, and nothing changes', async () => {
    const store = new MemoryStore();
    const off = scimOn(
      make,
      { authenticate: connectorKeys([{ id: 'k', digest: digestConnectorKey(key), enabled: false }]) },
      store,
    );
    expect((await off.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(403);
    expect((await scimOn(make, {}, store).get('/Users')).body).toMatchObject({ totalResults: 0 });
  });

  it('keeps tenants apart, and a key in another tenant’s URL is unknown (7644-6.1-02, 7644-6.2-02)', async () => {
    const keys = connectorKeys(
      ['a', 'b'].map((tenant) => ({ id: tenant, digest: digestConnectorKey(`${key}-${tenant}`), tenant })),
    );
    const app = make();
    app.use(
      '/:tenant',
      createScimRouter<express.Request>(new MemoryStore(), {
        authenticate: keys,
        tenantOf: (req) => String(req.params['tenant']),
        baseUrl: (ctx) => `https://x.example/${ctx.tenant}/`,
      }),
    );
    const at = (tenant: string): ReturnType<typeof clientOf> => clientOf(app, `/${tenant}`);
    const auth = (tenant: string): Record<string, string> => ({ authorization: `Bearer ${key}-${tenant}` });
    const body = { schemas: userSchemas, userName: 'same', externalId: 'E' };
    const a = (await at('a').post('/Users', body, auth('a'))).body as Located;
    expect(a.meta.location).toBe(`https://x.example/a/Users/${a.id}`);
    expect((await at('b').post('/Users', body, auth('b'))).status).toBe(201);
    expect((await at('b').get(`/Users/${a.id}`, auth('b'))).status).toBe(404);
    expect((await at('b').get('/Users', auth('b'))).body).toMatchObject({ totalResults: 1 });
    expect((await at('b').get('/Users', auth('a'))).status).toBe(401);
  });

  it.each([
    [['read'], 200, 403],
    [['write'], 403, 201],
    [['users:read'], 200, 403],
    [['users:write'], 403, 201],
    [['groups:read', 'groups:write'], 403, 403],
  ])('lets scopes %j decide', async (scopes, reading, writing) => {
    const scim = scimOn(make, { authenticate: connectorKeys([{ key, scopes: scopes as never }]) });
    expect((await scim.get('/Users')).status).toBe(reading);
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'a' })).status).toBe(writing);
  });
});
