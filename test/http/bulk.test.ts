import { describe, expect, it, jest } from '@jest/globals';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { enterprise, expresses, groupSchemas, patchSchemas, scimOn, userSchemas } from './app.js';

interface Result {
  readonly method: string;
  readonly bulkId?: string;
  readonly status: string;
  readonly location?: string;
  readonly version?: string;
  readonly response?: { readonly scimType?: string };
}

const bound = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
};

const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
const postUser = (bulkId: string, userName: string, more: object = {}): object => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: userSchemas, userName, ...more },
});
const postGroup = (bulkId: string, displayName: string, ...members: string[]): object => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: groupSchemas, displayName, members: members.map((value) => ({ value })) },
});

describe.each(expresses)('bulk on %s (RFC 7644 3.7)', (_, make) => {
  const scim = scimOn(make);
  const send = async (Operations: readonly object[], more: object = {}): Promise<Result[]> => {
    const response = await scim.post('/Bulk', { schemas, Operations, ...more });
    expect(response.status).toBe(200);
    const body = response.body as { schemas: string[]; Operations: Result[] };
    expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
    return body.Operations;
  };
  const path = (result: Result | undefined): string => new URL(result?.location ?? '').pathname.replace('/scim/v2', '');
  const statuses = (results: readonly Result[]): string[] => results.map((result) => result.status);
  const group = async (result: Result | undefined): Promise<{ id: string; members?: { value: string }[] }> =>
    (await scim.get(path(result))).body as { id: string; members?: { value: string }[] };

  it('runs every method, with results in the order of the request (7644-3.7-04, 7644-3.7-09, 7644-3.7.3-02)', async () => {
    const id = await scim.user();
    const gone = await scim.user();
    const results = await send([
      postUser('new', 'bulk-all@example.com'),
      { method: 'put', path: `/Users/${id}`, data: { schemas: userSchemas, userName: 'bulk-put@example.com' } },
      {
        method: 'PATCH',
        path: `/Users/${id}`,
        data: { schemas: patchSchemas, Operations: [{ op: 'add', path: 'title', value: 'T' }] },
      },
      { method: 'DELETE', path: `/Users/${gone}` },
      { method: 'DELETE', path: `/Users/${gone}` },
    ]);
    expect(statuses(results)).toEqual(['201', '200', '200', '204', '404']);
    expect(results[0]).toEqual({
      method: 'POST',
      bulkId: 'new',
      status: '201',
      location: expect.stringContaining('/Users/'),
      version: expect.stringMatching(/^W\//),
    });
    expect(results[4]).toMatchObject({
      method: 'DELETE',
      location: expect.stringContaining(gone),
      response: { status: '404' },
    });
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ userName: 'bulk-put@example.com', title: 'T' });
  });

  it('resolves references forward and backward, in any attribute (7644-3.7.2-01)', async () => {
    const results = await send([
      postGroup('team', 'Team', 'bulkId:late', 'bulkId:early'),
      postUser('early', 'bulk-early@example.com'),
      postUser('late', 'bulk-late@example.com', { [enterprise]: { manager: { value: 'bulkId:early' } } }),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:team',
        data: { schemas: patchSchemas, Operations: [{ op: 'remove', path: 'members[value eq "bulkId:early"]' }] },
      },
    ]);
    expect(statuses(results)).toEqual(['201', '201', '201', '204']);
    const [team, early, late] = await Promise.all(results.slice(0, 3).map(group));
    expect(team?.members?.map((member) => member.value)).toEqual([late?.id]);
    expect(late).toMatchObject({ [enterprise]: { manager: { value: early?.id } } });
  });

  it('creates groups that name each other (7644-3.7.1-01)', async () => {
    const results = await send([postGroup('a', 'A', 'bulkId:b'), postGroup('b', 'B', 'bulkId:a')]);
    expect(statuses(results)).toEqual(['201', '201']);
    const [a, b] = await Promise.all(results.map(group));
    expect(a?.members).toMatchObject([{ value: b?.id }]);
    expect(b?.members).toMatchObject([{ value: a?.id }]);
  });

  it('deletes what it created where a circular reference cannot be completed', async () => {
    const results = await send([postGroup('a', 'Unclosed', 'bulkId:b'), postGroup('b', '', 'bulkId:a')]);
    expect(statuses(results)).toEqual(['409', '400']);
    expect((await scim.get('/Groups?filter=displayName eq "Unclosed"')).body).toMatchObject({ totalResults: 0 });
  });

  it('stores no reference that has no id (7644-3.7.2-03)', async () => {
    const results = await send([
      { ...postUser('bad', ''), data: { schemas: userSchemas } },
      postGroup('g', 'Needs bad', 'bulkId:bad'),
      postGroup('h', 'Needs nobody', 'bulkId:nosuch'),
      { method: 'DELETE', path: '/Users/bulkId:nosuch' },
    ]);
    expect(statuses(results)).toEqual(['400', '409', '400', '400']);
    expect((await scim.get('/Groups?filter=displayName sw "Needs"')).body).toMatchObject({ totalResults: 0 });
  });

  it('goes on after failures, or stops at failOnErrors (7644-3.7-13, 7644-3.7-14)', async () => {
    const operations = [
      { method: 'DELETE', path: '/Users/none' },
      postUser('x', `bulk-stop@example.com`),
      { method: 'DELETE', path: '/Groups/none' },
    ];
    expect(statuses(await send(operations, { failOnErrors: 1 }))).toEqual(['404']);
    expect(statuses(await send(operations, { failOnErrors: 2 }))).toEqual(['404', '201', '404']);
    expect(statuses(await send(operations))).toEqual(['404', '409', '404']);
  });

  it('runs creations concurrently as if in order: the first of two equal names wins', async () => {
    const operations = Array.from({ length: 40 }, (__, i) =>
      postUser(`n${String(i)}`, `wave-${String(i % 20)}@Example.com`),
    );
    const results = await send(operations);
    expect(statuses(results)).toEqual([...Array<string>(20).fill('201'), ...Array<string>(20).fill('409')]);
  });

  it('lets the first of two equal names win although the store returns the second sooner', async () => {
    const store = new MemoryStore();
    const create: UserStore['create'] = async (creation, ctx) => {
      // The later an operation stands in its run of eight, the sooner it is done.
      const place = Number(String(creation.resource.title).slice(1));
      await new Promise((resolve) => setTimeout(resolve, 5 * (8 - (place % 8))));
      return store.create(creation, ctx);
    };
    const slow = scimOn(
      make,
      {},
      new Proxy<UserStore>(store, { get: (target, name) => (name === 'create' ? create : bound(target, name)) }),
    );
    const Operations = Array.from({ length: 16 }, (__, i) =>
      postUser(`s${String(i)}`, `slow-${String(Math.floor(i / 2))}@example.com`, { title: `t${String(i)}` }),
    );
    const { body } = await slow.post('/Bulk', { schemas, Operations });
    expect(statuses((body as { Operations: Result[] }).Operations)).toEqual(
      Array.from({ length: 16 }, (__, i) => (i % 2 === 0 ? '201' : '409')),
    );
  });

  it('compares a version (7644-3.7-08)', async () => {
    const id = await scim.user();
    const data = { schemas: patchSchemas, Operations: [{ op: 'add', path: 'title', value: 'T' }] };
    const results = await send([
      { method: 'PATCH', path: `/Users/${id}`, version: 'W/"stale"', data },
      {
        method: 'PATCH',
        path: `/Users/${id}`,
        version: String((await scim.get(`/Users/${id}`)).headers['etag']),
        data: data.Operations,
      },
    ]);
    expect(statuses(results)).toEqual(['412', '200']);
  });

  it.each<[string, object, number]>([
    ['empty schemas', { schemas: [], Operations: [] }, 400],
    ['no Operations', { schemas }, 400],
    ['an operation that is none', { schemas, Operations: ['x'] }, 400],
    ['an unknown method', { schemas, Operations: [{ method: 'GET', path: '/Users' }] }, 400],
    ['no path', { schemas, Operations: [{ method: 'DELETE' }] }, 400],
    ['a bulkId twice', { schemas, Operations: [postUser('x', 'a'), postUser('x', 'b')] }, 400],
    ['a bulkId of another type', { schemas, Operations: [{ method: 'DELETE', path: '/Users/1', bulkId: 1 }] }, 400],
    ['failOnErrors 0', { schemas, Operations: [], failOnErrors: 0 }, 400],
    ['two spellings', { schemas, Operations: [], operations: [] }, 400],
  ])('refuses %s', async (__, body, status) => {
    expect((await scim.post('/Bulk', body)).status).toBe(status);
  });

  it.each<[string, object, string]>([
    ['a POST without bulkId', { method: 'POST', path: '/Users', data: {} }, '400'],
    ['a POST without data', { method: 'POST', path: '/Users', bulkId: 'x' }, '400'],
    ['a POST to a resource', { method: 'POST', path: '/Users/1', bulkId: 'x', data: {} }, '405'],
    ['an unknown type', { method: 'DELETE', path: '/Devices/1' }, '404'],
    ['a search', { method: 'POST', path: '/Users/.search', bulkId: 'x', data: {} }, '400'],
    ['a bulk inside', { method: 'POST', path: '/Bulk', bulkId: 'x', data: {} }, '400'],
  ])('returns %s as that operation’s result', async (__, operation, status) => {
    expect(statuses(await send([operation]))).toEqual([status]);
  });

  it('creates a group of more members than a response may show, since a result shows none', async () => {
    const bounded = scimOn(make, { limits: { maxMembers: 2 } });
    const response = await bounded.post('/Bulk', { schemas, Operations: [postGroup('g', 'Many', 'a', 'b', 'c')] });
    expect(response.body).toMatchObject({ Operations: [{ status: '201' }] });
    const filter = encodeURIComponent('members.value eq "c"');
    expect((await bounded.get(`/Groups?filter=${filter}&excludedAttributes=members`)).body).toMatchObject({
      totalResults: 1,
    });
  });

  it('bounds the operations, naming the limit (7644-3.7.4-01, 7644-3.7.4-02)', async () => {
    const small = scimOn(make, { limits: { bulkOperations: 2, bulkBytes: 1_000 } });
    const operation = { method: 'DELETE', path: '/Users/1' };
    const response = await small.post('/Bulk', { schemas, Operations: [operation, operation, operation] });
    expect([response.status, (response.body as { detail: string }).detail]).toEqual([
      413,
      expect.stringContaining('2'),
    ]);
    const large = await small.post('/Bulk', { schemas, Operations: [{ ...operation, path: `/${'x'.repeat(1_000)}` }] });
    expect([large.status, (large.body as { detail: string }).detail]).toEqual([413, expect.stringContaining('1000')]);
    expect((await small.get('/ServiceProviderConfig')).body).toMatchObject({
      bulk: { supported: true, maxOperations: 2, maxPayloadSize: 1_000 },
    });
  });

  it('reports a 5xx of an operation to onError with its cause, and a 501 not at all', async () => {
    const fault = new Error('connection reset');
    const onError = jest.fn();
    const store = new MemoryStore();
    const failing = scimOn(
      make,
      { onError },
      new Proxy<UserStore>(store, {
        get: (target, name) => (name === 'delete' ? () => Promise.reject(fault) : bound(target, name)),
      }),
    );
    const id = await failing.user();
    const { body } = await failing.post('/Bulk', {
      schemas,
      Operations: [
        { method: 'DELETE', path: `/Users/${id}` },
        { method: 'DELETE', path: '/Me' },
        { method: 'PATCH', path: '/Users/none', data: { Operations: [{ op: 'remove', path: 'title' }] } },
      ],
    });
    const results = (body as { Operations: Result[] }).Operations;
    expect(statuses(results)).toEqual(['500', '501', '404']);
    expect(results[0]?.response).toMatchObject({
      detail: expect.stringMatching(/^An internal error occurred; it is logged as /),
    });
    expect(onError.mock.calls).toEqual([[fault, expect.objectContaining({ tenant: 'default' }), expect.any(String)]]);
  });

  it('authorizes each operation', async () => {
    const readOnly = scimOn(make, { authorize: (access) => access.operation !== 'delete' });
    const id = await readOnly.user();
    const { body } = await readOnly.post('/Bulk', {
      schemas,
      Operations: [{ method: 'DELETE', path: `/Users/${id}` }],
    });
    expect((body as { Operations: Result[] }).Operations).toMatchObject([{ status: '403' }]);
    expect((await readOnly.get(`/Users/${id}`)).status).toBe(200);
  });
});
