import { createConnection } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import {
  type Actor,
  connectorKeys,
  MemoryStore,
  type Scope,
  type ScimRouterOptions,
  type UserStore,
} from '../../src/index.js';
import { enterprise, expresses, groupSchemas, key, patchSchemas, type Scim, scimOn, userSchemas } from '../http/app.js';
import { startServer } from '../servers.js';

const bulkSchemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
const searchSchemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];

describe.each(expresses)('the request ID on %s', (_, make) => {
  it('is in every response', async () => {
    const ids: string[] = [];
    const scim = scimOn(make, { onResponse: ({ requestId }) => void ids.push(requestId) });
    const id = await scim.user();
    const responses = [
      await scim.get(`/Users/${id}`),
      await scim.get('/Users'),
      await scim.get(`/Users/${id}`, { 'if-none-match': '*' }),
      await scim.get('/ServiceProviderConfig'),
      await scim.post('/Users', { schemas: userSchemas }),
      await scim.get('/Nothing'),
      await scim.get('/Users', { authorization: 'Bearer wrong' }),
      await scim.get('/Users', { accept: 'text/html' }),
      await scim.patch(`/Users/${id}`, []),
      await scim.delete(`/Users/${id}`),
    ];
    const statuses = responses.map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 304, 200, 400, 404, 401, 406, 200, 204]);
    expect(responses.map(({ headers }) => headers['x-request-id'] as unknown)).toEqual(ids.slice(1));
    for (const each of ids) expect(each).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it('is the one in the body of a 500, and not the client’s', async () => {
    const scim = scimOn(make, {
      authorize: () => {
        throw new Error('a bug');
      },
    });
    const response = await scim.get('/Users', { 'x-request-id': 'chosen-by-the-client' });
    expect(response.headers['x-request-id']).not.toContain('chosen');
    expect(JSON.stringify(response.body)).toContain(response.headers['x-request-id']);
  });
});

/** Clients with different scopes of one store. */
function clientsOf(make: (typeof expresses)[number][1], store: UserStore): (...scopes: readonly Scope[]) => Scim {
  return (...scopes) => scimOn(make, { authenticate: (): Actor => ({ id: scopes.join(' '), scopes }) }, store);
}

describe.each(expresses)('a key that writes and does not read, on %s', (_, make) => {
  const secret = 'A title that only readers see';
  const everything = '?attributes=userName,title,emails,externalId,name,groups,meta,displayName,members,schemas';

  it.each([['write'], ['users:write'], ['users:write', 'groups:write', 'groups:read']] as const)(
    'with %s sees nothing that is stored',
    async (...scopes) => {
      const store = new MemoryStore();
      const admin = scimOn(make, {}, store);
      const id = await admin.user({ title: secret });
      const writer = clientsOf(make, store)(...scopes);
      expect((await writer.get(`/Users/${id}`)).status).toBe(403);
      expect((await writer.get('/Users')).status).toBe(403);
      const body = { schemas: userSchemas, userName: 'new@example.com' };
      for (const query of ['', everything, '?attributes=title', '?excludedAttributes=userName']) {
        const responses = [
          await writer.patch(`/Users/${id}${query}`, []),
          await writer.patch(`/Users/${id}${query}`, [{ op: 'replace', path: 'nickName', value: 'N' }]),
          await writer.patch(`/Users/${id}${query}`, [
            { op: 'add', path: 'emails', value: [{ value: 'a@b.example' }] },
          ]),
          await writer.post('/Bulk', {
            schemas: bulkSchemas,
            Operations: [
              { method: 'PATCH', path: `/Users/${id}${query}`, data: { schemas: patchSchemas, Operations: [] } },
            ],
          }),
        ];
        for (const { status, text, body: shown } of responses) {
          expect(status).toBeLessThan(300);
          expect(text + JSON.stringify(shown)).not.toContain(secret);
          expect(JSON.stringify(shown)).not.toMatch(/userName|title|emails|nickName/);
        }
      }
      const created = await writer.post('/Users', body);
      expect(created.status).toBe(201);
      expect(Object.keys(created.body as object).toSorted()).toEqual(['id', 'meta', 'schemas']);
      expect(created.headers['location']).toBe((created.body as { meta: { location: string } }).meta.location);
      const put = await writer.put(`/Users/${id}`, { ...body, userName: 'other@example.com' });
      expect([put.status, Object.keys(put.body as object).toSorted()]).toEqual([200, ['id', 'meta', 'schemas']]);
    },
  );

  it('gets 204 for a PATCH of a group, also where it selects attributes', async () => {
    const store = new MemoryStore();
    const admin = scimOn(make, {}, store);
    const group = await admin.post('/Groups', { schemas: groupSchemas, displayName: secret });
    const { id } = group.body as { id: string };
    const writer = clientsOf(make, store)('groups:write');
    const response = await writer.patch(`/Groups/${id}?attributes=displayName,members`, []);
    expect(response.status).toBe(204);
    expect(response.headers).not.toHaveProperty('content-length');
  });

  it('does not read the account that it adopts', async () => {
    const store = new MemoryStore();
    const id = await scimOn(make, {}, store).user({ title: secret });
    const authenticate = (): Actor => ({ id: 'w', scopes: ['users:write'] });
    const scim = scimOn(make, { authenticate, adopt: () => ({ id }) }, store);
    const response = await scim.post('/Users', { schemas: userSchemas, userName: 'x', externalId: 'e' });
    expect(response.status).toBe(201);
    expect(JSON.stringify(response.body)).not.toContain(secret);
  });

  it('sees nothing that is stored where authorize permits writing and not reading', async () => {
    const store = new MemoryStore();
    const admin = scimOn(make, {}, store);
    const id = await admin.user({ title: secret });
    for (const returned of [false, undefined, 'yes']) {
      const writer = scimOn(
        make,
        {
          authorize: (({ operation }) => operation !== 'read' || returned) as ScimRouterOptions['authorize'],
          onError: () => undefined,
        },
        store,
      );
      for (const query of ['', everything]) {
        const patched = await writer.patch(`/Users/${id}${query}`, []);
        expect(Object.keys(patched.body as object).toSorted()).toEqual(['id', 'meta', 'schemas']);
        const put = await writer.put(`/Users/${id}${query}`, { schemas: userSchemas, userName: 'x@example.com' });
        expect(Object.keys(put.body as object).toSorted()).toEqual(['id', 'meta', 'schemas']);
      }
      const body = { schemas: userSchemas, userName: `${String(returned)}@example.com` };
      const created = await writer.post('/Users', body);
      expect([created.status, Object.keys(created.body as object).toSorted()]).toEqual([
        201,
        ['id', 'meta', 'schemas'],
      ]);
    }
  });

  it('does not read the account that it adopts where authorize refuses that account', async () => {
    const store = new MemoryStore();
    const id = await scimOn(make, {}, store).user({ title: secret });
    const authorize: ScimRouterOptions['authorize'] = (access) => access.operation !== 'read' || access.id !== id;
    const scim = scimOn(make, { authorize, adopt: () => ({ id }) }, store);
    const response = await scim.post('/Users', { schemas: userSchemas, userName: 'x', externalId: 'e' });
    expect([response.status, JSON.stringify(response.body).includes(secret)]).toEqual([201, false]);
  });

  it('changes nothing where authorize fails when it is asked about reading', async () => {
    const store = new MemoryStore();
    const admin = scimOn(make, {}, store);
    const id = await admin.user({ title: secret });
    const authorize: ScimRouterOptions['authorize'] = ({ operation }) => {
      if (operation === 'read') throw new Error('database away');
      return true;
    };
    const scim = scimOn(make, { authorize, onError: () => undefined }, store);
    expect((await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'x' })).status).toBe(500);
    expect((await admin.get(`/Users/${id}`)).body).toMatchObject({ title: secret });
  });

  it('with read beside it sees what it wrote', async () => {
    const client = clientsOf(make, new MemoryStore())('users:write', 'users:read');
    const response = await client.post('/Users', { schemas: userSchemas, userName: 'ada', title: secret });
    expect(response.body).toMatchObject({ title: secret });
  });
});

describe.each(expresses)('filters on names of another type, on %s', (_, make) => {
  async function setUp(): Promise<(...scopes: readonly Scope[]) => Scim> {
    const store = new MemoryStore();
    const admin = scimOn(make, {}, store);
    const manager = await admin.user({ displayName: 'Grace', title: 'T' });
    const value = await admin.user({ displayName: 'Ada', [enterprise]: { manager: { value: manager } } });
    await admin.post('/Groups', { schemas: groupSchemas, displayName: 'Owners', members: [{ value }] });
    return clientsOf(make, store);
  }

  const status = async (scim: Scim, endpoint: string, query: string): Promise<readonly number[]> => {
    const search = Object.fromEntries([...new URLSearchParams(query)]);
    return [
      (await scim.get(`${endpoint}?${query}`)).status,
      (await scim.post(`${endpoint}/.search`, { schemas: searchSchemas, ...search })).status,
    ];
  };

  it.each([
    'filter=groups.display eq "Owners"',
    'filter=groups.display sw "O"',
    'filter=groups[display eq "Owners"]',
    'filter=not (groups.display eq "x")',
    'filter=title pr and (userName pr or groups.display co "w")',
    'filter=groups.value pr',
    'filter=groups pr',
    'sortBy=groups.display',
  ])('users:read may not send %s for users', async (query) => {
    const clients = await setUp();
    expect(await status(clients('users:read'), '/Users', query)).toEqual([403, 403]);
    for (const scopes of [['read'], ['users:read', 'groups:read']] as const) {
      expect((await status(clients(...scopes), '/Users', query))[0]).not.toBe(403);
    }
  });

  it.each(['filter=members.display eq "Ada"', 'filter=members[display sw "A"]', 'filter=not (members.display pr)'])(
    'groups:read may not send %s for groups: the names are those of users',
    async (query) => {
      const clients = await setUp();
      expect(await status(clients('groups:read'), '/Groups', query)).toEqual([403, 403]);
      expect(await status(clients('groups:read', 'users:read'), '/Groups', query)).toEqual([200, 200]);
    },
  );

  it('a PATCH that selects members by their names needs the right to read users', async () => {
    const store = new MemoryStore();
    const admin = scimOn(make, {}, store);
    const value = await admin.user({ displayName: 'Ada' });
    const created = await admin.post('/Groups', { schemas: groupSchemas, displayName: 'G', members: [{ value }] });
    const { id } = created.body as { id: string };
    const clients = clientsOf(make, store);
    const remove = [{ op: 'remove', path: 'members[display eq "Ada"]' }];
    expect((await clients('groups:write', 'groups:read').patch(`/Groups/${id}`, remove)).status).toBe(403);
    expect((await admin.get(`/Groups/${id}`)).body).toMatchObject({ members: [{ value }] });
    expect((await clients('groups:write', 'users:read').patch(`/Groups/${id}`, remove)).status).toBe(204);
  });

  it('groups:read may not sort groups by members.display', async () => {
    const clients = await setUp();
    const query = 'sortBy=members.display';
    expect(await status(clients('groups:read'), '/Groups', query)).toEqual([403, 403]);
    expect((await status(clients('groups:read', 'users:read'), '/Groups', query))[0]).not.toBe(403);
  });

  it('other filters need no further scope', async () => {
    const clients = await setUp();
    expect(await status(clients('users:read'), '/Users', 'filter=title pr')).toEqual([200, 200]);
    expect(await status(clients('users:read'), '/Users', `filter=${enterprise}:manager.value eq "x"`)).toEqual([
      200, 200,
    ]);
    expect(await status(clients('groups:read'), '/Groups', 'filter=members.value pr')).toEqual([200, 200]);
    expect(
      await status(clients('groups:read'), '/Groups', 'filter=displayName eq "Owners"&sortBy=displayName'),
    ).toEqual([200, 200]);
  });

  it('a query over all types leaves out the types whose names it may not compare', async () => {
    const clients = await setUp();
    const all = await clients('users:read', 'groups:read').get('/?filter=groups.display eq "Owners"');
    expect(all.body).toMatchObject({ totalResults: 1 });
    expect((await clients('users:read').get('/?filter=groups.display eq "Owners"')).status).toBe(403);
  });

  it('asks authorize about the other type where the app decides', async () => {
    const asked: unknown[] = [];
    const scim = scimOn(make, {
      authorize: ({ operation, resourceType }) => {
        asked.push([operation, resourceType]);
        return resourceType === 'User';
      },
    });
    expect((await scim.get('/Users?filter=groups.display eq "Owners"')).status).toBe(403);
    expect(asked).toEqual([
      ['query', 'User'],
      ['query', 'Group'],
    ]);
  });
});

describe.each(expresses)('a body that arrives too slowly, on %s', (_, make) => {
  // Concurrent: each waits until the router no longer discards what arrives, after 5 s.
  it.concurrent.each(['/Users', '/Bulk', '/Users/.search'])(
    'of POST %s is 408, and the connection is closed',
    async (path) => {
      const store = new MemoryStore();
      const create = jest.spyOn(store, 'create');
      const server = await startServer(make, { limits: { requestMilliseconds: 200 }, onError: () => undefined }, store);
      const { hostname, port } = new URL(server.baseUrl);
      const socket = createConnection(Number(port), hostname);
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write(
        `POST /scim/v2${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
          'Content-Type: application/scim+json\r\nContent-Length: 1000\r\n\r\n{',
      );
      const timer = setInterval(() => socket.write(' '), 20);
      await closed;
      clearInterval(timer);
      expect(text).toMatch(/^HTTP\/1.1 408 /);
      expect(text.toLowerCase()).toContain('connection: close');
      expect(text).toContain('"status":"408"');
      expect(create).not.toHaveBeenCalled();
      await server.close();
    },
  );

  it('is not read at all before the client is authenticated', async () => {
    const read = jest.fn();
    const scim = scimOn(make, {
      authenticate: (req) => {
        read(req.readableDidRead);
        return connectorKeys([{ key }]).authenticate(req);
      },
    });
    await scim.post('/Users', { schemas: userSchemas, userName: 'a' });
    expect(read.mock.calls).toEqual([[false]]);
  });
});
