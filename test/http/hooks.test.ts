import { describe, expect, it, jest } from '@jest/globals';
import {
  type ResponseRecord,
  type ChangeEvent,
  ForbiddenError,
  MemoryStore,
  type ProposedChange,
  type ScimRouterOptions,
  type UserStore,
} from '../../src/index.js';
import { enterprise, expresses, scimOn, userSchemas } from './app.js';

/** A memory store whose methods a test replaces. */
function storeWith(methods: Partial<UserStore>): UserStore {
  const store = new MemoryStore();
  return new Proxy<UserStore>(store, {
    get: (target, name) => {
      const own = methods[name as keyof UserStore];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

describe.each(expresses)('hooks on %s', (_, make) => {
  const body = { schemas: userSchemas, userName: 'ada@example.com' };

  it('asks authorize before every store call (7644-2-02, 7644-2-03)', async () => {
    const asked: unknown[] = [];
    const authorize: ScimRouterOptions['authorize'] = (access, ctx) => {
      asked.push({ ...access, tenant: ctx.tenant });
      return access.operation !== 'delete';
    };
    const scim = scimOn(make, { authorize });
    const id = await scim.user();
    await scim.get(`/Users/${id}`);
    await scim.get('/Users');
    await scim.put(`/Users/${id}`, body);
    await scim.patch(`/Users/${id}`, []);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(403);
    expect((await scim.get(`/Users/${id}`)).status).toBe(200);
    const of = (operation: string): object => ({ operation, resourceType: 'User', id, tenant: 'default' });
    const ofType = (operation: string): object => ({ operation, resourceType: 'User', tenant: 'default' });
    // A write asks about reading too, for its response.
    expect(asked).toEqual([
      ...[ofType('create'), ofType('read')],
      of('read'),
      ofType('query'),
      ...[of('replace'), of('read')],
      ...[of('patch'), of('read')],
      of('delete'),
      of('read'),
    ]);
  });

  it('lets beforeChange refuse, and nothing changes', async () => {
    const seen: ProposedChange[] = [];
    const scim = scimOn(make, {
      beforeChange: (change) => {
        seen.push(change);
        if (change.set['title'] === 'forbidden') throw new ForbiddenError('Not that title.');
      },
    });
    const id = await scim.user();
    const before = (await scim.get(`/Users/${id}`)).body as object;
    expect(
      (await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'forbidden' }])).body,
    ).toMatchObject({
      status: '403',
      detail: 'Not that title.',
    });
    expect((await scim.post('/Users', { ...body, title: 'forbidden' })).status).toBe(403);
    expect((await scim.put(`/Users/${id}`, { ...body, title: 'forbidden' })).status).toBe(403);
    expect((await scim.get(`/Users/${id}`)).body).toEqual(before);
    await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'title' }]);
    expect(seen.at(-1)).toMatchObject({
      operation: 'patch',
      id,
      set: {},
      unset: ['title'],
      addMembers: [],
      removeMembers: [],
    });
  });

  it('runs beforeChange again where the resource changed after current() was called', async () => {
    let meddle = true;
    let times = 0;
    const titles: unknown[] = [];
    const store = new MemoryStore();
    const plain = scimOn(make, {}, store);
    const scim = scimOn(
      make,
      {
        beforeChange: async (change) => {
          titles.push((await change.current())?.['title']);
          if (!meddle) return;
          meddle = false;
          await plain.patch(`/Users/${String(change.id)}`, [
            { op: 'replace', path: 'title', value: `meddled ${String(++times)}` },
          ]);
        },
      },
      store,
    );
    const id = await plain.user({ title: 'first' });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'nickName', value: 'N' }])).status).toBe(200);
    expect(titles).toEqual(['first', 'meddled 1']);
    meddle = true;
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    expect(titles).toEqual(['first', 'meddled 1', 'meddled 1', 'meddled 2']);
  });

  it('reports to onChange what really happened, with the quirks that were applied', async () => {
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, { onChange: (event) => void events.push(event) });
    const id = await scim.user({ title: 'T' });
    await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }]);
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]); // already so
    await scim.patch(`/Users/${id}`, [{ op: 'replace', value: { active: true, title: 'T' } }]);
    await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'name', value: { givenName: 'G' } }]);
    await scim.delete(`/Users/${id}`);
    expect(events.map((event) => [event.type, event.changed])).toEqual([
      ['user.created', ['userName', 'title', 'active']],
      ['user.deactivated', ['active']],
      ['user.updated', ['active']],
      ['user.reactivated', ['active']],
      ['user.updated', ['active']],
      ['user.updated', ['name']],
      ['user.deleted', []],
    ]);
    expect(events[1]).toMatchObject({
      resourceType: 'User',
      resourceId: id,
      tenant: 'default',
      quirks: ['op-case', 'boolean-as-string'],
    });
  });

  it('gives a failing onChange to onError, not to the client', async () => {
    const onError = jest.fn();
    const failing = scimOn(make, { onError, onChange: () => Promise.reject(new Error('handler')) });
    await failing.user();
    const throwing = scimOn(make, {
      onError,
      onChange: () => {
        throw new Error('handler');
      },
    });
    await throwing.user();
    expect(onError).toHaveBeenCalledTimes(2);
  });

  it('records each response, without personal data', async () => {
    const records: ResponseRecord[] = [];
    const scim = scimOn(make, { onResponse: (record) => void records.push(record) });
    const id = await scim.user();
    await scim.get(`/Users?filter=userName%20eq%20%22secret%22`);
    await scim.get('/Users/none');
    await scim.get('/Users', { authorization: '' });
    expect(records).toEqual([
      expect.objectContaining({
        operation: 'create',
        resourceType: 'User',
        status: 201,
        tenant: 'default',
        quirks: [],
      }),
      expect.objectContaining({ operation: 'query', status: 200 }),
      expect.objectContaining({ operation: 'read', id: 'none', status: 404 }),
      expect.objectContaining({ status: 401, tenant: undefined }),
    ]);
    expect(JSON.stringify(records)).not.toContain('secret');
    expect(id).toBeDefined();
  });

  it('survives hooks that report and fail', async () => {
    const scim = scimOn(make, {
      onResponse: () => {
        throw new Error('metrics');
      },
    });
    expect((await scim.get('/Users')).status).toBe(200);
  });

  it('turns a fault of the store into a 500 with a fixed text and the request id (7644-3.12-05)', async () => {
    const onError = jest.fn();
    const fault = new Error('relation "users" does not exist');
    const scim = scimOn(make, { onError }, storeWith({ get: () => Promise.reject(fault) }));
    const response = await scim.get('/Users/1');
    expect(response.body).toMatchObject({
      status: '500',
      detail: expect.stringMatching(/^An internal error occurred; it is logged as [0-9a-f-]{36}\.$/),
    });
    const requestId = response.headers['x-request-id'];
    const ctx = expect.objectContaining({ tenant: 'default', requestId });
    expect(onError).toHaveBeenCalledWith(fault, ctx, requestId, undefined);
  });

  it('bounds the time of a store call: 503 with Retry-After, and the signal aborts', async () => {
    let signal: AbortSignal | undefined;
    const get: UserStore['get'] = (_id, _want, ctx) => {
      signal = ctx.signal;
      return new Promise(() => undefined);
    };
    const scim = scimOn(make, { limits: { storeMilliseconds: 50 } }, storeWith({ get }));
    const response = await scim.get('/Users/1');
    expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
    expect(signal?.aborted).toBe(true);
  });

  it('stops retrying a write conflict at the deadline', async () => {
    const store = new MemoryStore();
    const scim = scimOn(
      make,
      { limits: { requestMilliseconds: 100 } },
      storeWith({
        create: store.create.bind(store),
        get: store.get.bind(store),
        update: (id, change, ctx) => store.update(id, { ...change, ifVersion: 'another' }, ctx),
      }),
    );
    const id = await scim.user();
    const response = await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'name', value: { givenName: 'x' } }]);
    expect([response.status, response.headers['retry-after']]).toEqual([503, '1']);
  });

  it('calls the store once for an unconditional write', async () => {
    const store = new MemoryStore();
    const get = jest.fn(store.get.bind(store));
    const scim = scimOn(
      make,
      {},
      storeWith({ create: store.create.bind(store), update: store.update.bind(store), get }),
    );
    const id = await scim.user();
    await scim.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false, title: 'x' } }]);
    await scim.put(`/Users/${id}`, { ...body, [enterprise]: { department: 'D' } });
    expect(get).not.toHaveBeenCalled();
  });

  it('leaves out, ignores and announces what the host does not keep', async () => {
    const store = new MemoryStore();
    const scim = scimOn(
      make,
      {},
      Object.assign(store, { supports: { attributes: ['userName', 'active', 'name', `${enterprise}:department`] } }),
    );
    const id = await scim.user({
      title: 'dropped',
      name: { givenName: 'G' },
      [enterprise]: { department: 'D', division: 'dropped' },
    });
    const response = await scim.patch(`/Users/${id}`, [
      { op: 'Replace', path: 'title', value: 'x' },
      { op: 'Replace', path: 'phoneNumbers[type eq "work"].value', value: '1' },
      { op: 'Replace', path: 'active', value: 'False' },
    ]);
    expect(response.body).toMatchObject({ active: false, name: { givenName: 'G' }, [enterprise]: { department: 'D' } });
    expect(JSON.stringify(response.body)).not.toContain('dropped');
    const schema = (await scim.get(`/Schemas/${userSchemas.join()}`)).body as { attributes: { name: string }[] };
    expect(schema.attributes.map((attribute) => attribute.name).sort()).toEqual([
      'active',
      'groups',
      'name',
      'userName',
    ]);
  });
});
