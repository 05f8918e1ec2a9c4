import { describe, expect, it, jest } from '@jest/globals';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { expresses, groupSchemas, type Scim, scimOn, userSchemas } from '../http/app.js';
import { wrongValues } from './values.js';

type Method = 'create' | 'get' | 'list' | 'update' | 'delete';
const meta = { created: '2026-01-02T03:04:05Z', lastModified: '2026-01-02T03:04:05Z', version: '1' };
const user = { id: 'u1', meta, userName: 'ada@example.com' };
const result = { resource: user, changed: true };

/** A memory store of which one method returns something else. */
function storeWith(
  methods: { readonly [name: string]: unknown },
  groups: { readonly [name: string]: unknown } = {},
): UserStore {
  const replaced = <T extends object>(target: T, by: { readonly [name: string]: unknown }): T =>
    new Proxy(target, {
      get: (object, name) => {
        if (name === 'groups') return replaced((object as unknown as UserStore).groups as object, groups);
        if (typeof name === 'string' && Object.hasOwn(by, name)) return by[name];
        const value: unknown = Reflect.get(object, name);
        return typeof value === 'function' ? (value as () => unknown).bind(object) : value;
      },
    });
  return replaced(new MemoryStore() as UserStore, methods);
}

const requests: Readonly<Record<Method, readonly ((scim: Scim) => ReturnType<Scim['get']>)[]>> = {
  create: [(scim) => scim.post('/Users', { schemas: userSchemas, userName: 'ada' })],
  get: [
    (scim) => scim.get('/Users/u1'),
    (scim) => scim.patch('/Users/u1', [{ op: 'add', path: 'emails', value: [{ value: 'a@b.c' }] }]),
  ],
  list: [(scim) => scim.get('/Users'), (scim) => scim.get('/Users?cursor'), (scim) => scim.get('/')],
  update: [
    (scim) => scim.put('/Users/u1', { schemas: userSchemas, userName: 'ada' }),
    (scim) => scim.patch('/Users/u1', [{ op: 'replace', path: 'title', value: 'T' }]),
  ],
  delete: [(scim) => scim.delete('/Users/u1')],
};

/** What `null` and `undefined` mean where they mean something. */
const nothing: Readonly<Record<Method, readonly string[]>> = {
  create: [],
  get: ['undefined', 'null'],
  list: [],
  update: ['undefined', 'null'],
  delete: ['undefined', 'null'],
};

const methods: readonly Method[] = ['create', 'get', 'list', 'update', 'delete'];

async function expectFault(
  scim: Scim,
  send: (scim: Scim) => ReturnType<Scim['get']>,
  onError: jest.Mock,
  place: string,
): Promise<void> {
  onError.mockClear();
  const response = await send(scim);
  expect([response.status, (response.body as { status?: string }).status]).toEqual([500, '500']);
  expect(onError).toHaveBeenCalledTimes(1);
  const message = (onError.mock.calls[0]?.[0] as Error).message;
  expect(message).toContain(`${place} `);
  expect(message).toMatch(/ See express-scim\/docs\/stores\.md$/);
}

describe.each(expresses)('what a store returns, on %s', (_, make) => {
  describe.each(methods)('%s', (method) => {
    it.each(wrongValues)('%s', async (name, value) => {
      for (const wrap of [
        value,
        () => Promise.resolve(value()),
        () => ({ then: (done: (v: unknown) => void) => done(value()) }),
      ]) {
        const onError = jest.fn();
        const scim = scimOn(make, { onError }, storeWith({ [method]: wrap }));
        for (const send of requests[method]) {
          if (nothing[method].includes(name)) {
            expect((await send(scim)).status).toBe(404);
            expect(onError).not.toHaveBeenCalled();
          } else await expectFault(scim, send, onError, `store.${method}`);
        }
      }
    });
  });

  const wrongResources: readonly (readonly [string, unknown])[] = [
    ['no id', { ...user, id: undefined }],
    ['id null', { ...user, id: null }],
    ['id a number', { ...user, id: 7 }],
    ['id empty', { ...user, id: '' }],
    ['no meta', { ...user, meta: undefined }],
    ['meta null', { ...user, meta: null }],
    ['meta a list', { ...user, meta: [] }],
    ['meta empty', { ...user, meta: {} }],
    ['no version', { ...user, meta: { ...meta, version: undefined } }],
    ['version a number', { ...user, meta: { ...meta, version: 1 } }],
    ['version empty', { ...user, meta: { ...meta, version: '' } }],
    ['version with a quotation mark', { ...user, meta: { ...meta, version: '1"' } }],
    ['version with a line break', { ...user, meta: { ...meta, version: '1\r\nset-cookie: a=b' } }],
    ['version a Date', { ...user, meta: { ...meta, version: new Date() } }],
    ['version too long', { ...user, meta: { ...meta, version: '1'.repeat(129) } }],
    ['lastModified milliseconds', { ...user, meta: { ...meta, lastModified: Date.now() } }],
    ['lastModified invalid', { ...user, meta: { ...meta, lastModified: new Date(Number.NaN) } }],
    ['lastModified as SQL writes it', { ...user, meta: { ...meta, lastModified: '2026-01-02 03:04:05' } }],
    ['created milliseconds', { ...user, meta: { ...meta, created: 1 } }],
    ['created invalid', { ...user, meta: { ...meta, created: new Date(Number.NaN) } }],
  ];

  it.each(wrongResources)('a resource with %s is a fault wherever it is returned', async (_name, resource) => {
    const returned: Readonly<Record<string, unknown>> = {
      create: { resource, changed: true },
      get: resource,
      list: { resources: [user, resource], totalResults: 2 },
      update: { resource, changed: true },
      delete: { resource, changed: true },
    };
    for (const method of methods) {
      const onError = jest.fn();
      const scim = scimOn(make, { onError }, storeWith({ [method]: () => returned[method] }));
      for (const send of requests[method]) await expectFault(scim, send, onError, `store.${method}`);
    }
  });

  it.each<[string, unknown]>([
    ['the resource itself', user],
    ['no changed', { resource: user }],
    ['changed null', { resource: user, changed: null }],
    ['changed 1', { resource: user, changed: 1 }],
    ['changed text', { resource: user, changed: 'true' }],
    ['no resource', { changed: true }],
    ['resource null', { resource: null, changed: true }],
    ['resource a list', { resource: [user], changed: true }],
    ['before a list', { ...result, before: [user] }],
    ['before text', { ...result, before: 'x' }],
    ['added a number', { ...result, added: 1 }],
    ['added with members', { ...result, added: [{ value: 'u1' }] }],
    ['removed a Set', { ...result, removed: new Set(['u1']) }],
  ])('a result of a write with %s is a fault', async (_name, value) => {
    for (const method of ['create', 'update', 'delete'] as const) {
      const onError = jest.fn();
      const scim = scimOn(make, { onError }, storeWith({ [method]: () => value }));
      for (const send of requests[method]) await expectFault(scim, send, onError, `store.${method}`);
    }
  });

  it('a deletion that says that nothing changed is a fault', async () => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ delete: () => ({ ...result, changed: false }) }));
    for (const send of requests.delete) await expectFault(scim, send, onError, 'store.delete');
  });

  it.each<[string, unknown]>([
    ['no resources', { totalResults: 0 }],
    ['resources null', { resources: null, totalResults: 0 }],
    ['resources an object', { resources: {}, totalResults: 0 }],
    ['resources a Set', { resources: new Set([user]), totalResults: 1 }],
    ['a resource undefined', { resources: [undefined], totalResults: 1 }],
    ['a resource null', { resources: [user, null], totalResults: 2 }],
    ['a hole', { resources: new Array<unknown>(1), totalResults: 1 }],
    ['totalResults text', { resources: [user], totalResults: '1' }],
    ['totalResults bigint', { resources: [user], totalResults: 1n }],
    ['totalResults negative', { resources: [user], totalResults: -1 }],
    ['totalResults a fraction', { resources: [user], totalResults: 1.5 }],
    ['totalResults NaN', { resources: [user], totalResults: Number.NaN }],
    ['more resources than the page', { resources: new Array<unknown>(201).fill(user), totalResults: 201 }],
    ['a full page without totalResults', { resources: new Array<unknown>(100).fill(user) }],
    ['rows', { rows: [user], rowCount: 1 }],
    ['data and count', { data: [user], count: 1 }],
  ])('a page with %s is a fault', async (_name, page) => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ list: () => page }));
    await expectFault(scim, (each) => each.get('/Users'), onError, 'store.list');
  });

  it.each([
    ['next', 'x'],
    ['next', {}],
    ['previous', 7],
  ])('a cursor page whose %s is %j is a fault', async (name, value) => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ list: () => ({ resources: [user], [name]: value }) }));
    await expectFault(scim, (each) => each.get('/Users?cursor'), onError, 'store.list');
  });

  it.each([
    ['a resource', user],
    ['a resource without an id', { userName: 'ada@example.com' }],
  ])('%s instead of a result is explained', async (_name, returned) => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ create: () => returned }));
    expect((await requests.create[0]?.(scim))?.status).toBe(500);
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({
        message: expect.stringContaining('store.create returned a resource. Return { resource, changed }'),
      }),
      ...[expect.anything(), expect.anything(), undefined],
    );
  });

  it('null is nothing inside results, and a short page need not count', async () => {
    const created = storeWith({ create: () => ({ ...result, before: null, added: null, removed: null }) });
    const events: unknown[] = [];
    const scim = scimOn(make, { onChange: (event) => void events.push(event.type) }, created);
    expect((await requests.create[0]?.(scim))?.status).toBe(201);
    expect(events).toEqual(['user.created']);
    for (const page of [
      { resources: [user], totalResults: null },
      { resources: [user], next: null, previous: null },
    ]) {
      const listing = scimOn(make, {}, storeWith({ list: () => page }));
      expect((await listing.get('/Users')).body).toMatchObject({ totalResults: 1 });
    }
  });

  it.each<[string, unknown]>([
    ['left out', undefined],
    ['null', null],
    ['the start of 1970', new Date(0)],
    ['the start of 1970 as text', '1970-01-01T00:00:00.000Z'],
  ])('meta.created %s is left out of responses', async (_name, created) => {
    const scim = scimOn(make, {}, storeWith({ get: () => ({ ...user, meta: { ...meta, created } }) }));
    const { body } = await scim.get('/Users/u1');
    expect(body).toMatchObject({ meta: { lastModified: meta.lastModified } });
    expect((body as { meta: object }).meta).not.toHaveProperty('created');
  });

  const derived: readonly (readonly [string, unknown, boolean])[] = [
    ['undefined', undefined, true],
    ['null', null, true],
    ['an empty Map', new Map(), true],
    ['a Map of null', new Map([['u1', null]]), true],
    ['an object', { u1: 'x' }, false],
    ['a list', [['u1', 'x']], false],
    ['a Set', new Set(['x']), false],
    ['text', 'x', false],
    ['a number', 7, false],
    ['a Map of numbers', new Map([['u1', 7]]), false],
    ['a Map of objects', new Map([['u1', { display: 'x' }]]), false],
    ['a Map of lists of text', new Map([['u1', ['g1']]]), false],
  ];

  it.each(derived)('groupsOf that returns %s', async (_name, value, fine) => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ get: () => user }, { groupsOf: () => value }));
    if (!fine) return expectFault(scim, (each) => each.get('/Users/u1'), onError, 'store.groups.groupsOf');
    const response = await scim.get('/Users/u1');
    expect(response.status).toBe(200);
    expect(response.body).not.toHaveProperty('groups');
  });

  it.each(derived)('namesOf that returns %s', async (_name, value, fine) => {
    const onError = jest.fn();
    const group = { id: 'g1', meta, displayName: 'G', members: [{ value: 'u1', type: 'User' }] };
    const scim = scimOn(make, { onError }, storeWith({ namesOf: () => value }, { get: () => group }));
    if (!fine) return expectFault(scim, (each) => each.get('/Groups/g1'), onError, 'store.namesOf');
    const response = await scim.get('/Groups/g1');
    expect(response.status).toBe(200);
    expect((response.body as { members: object[] }).members[0]).not.toHaveProperty('display');
  });

  it('names the store of groups, and a store of the app’s own type', async () => {
    const onError = jest.fn();
    const groups = scimOn(make, { onError }, storeWith({}, { create: () => undefined }));
    await expectFault(
      groups,
      (s) => s.post('/Groups', { schemas: groupSchemas, displayName: 'G' }),
      onError,
      'store.groups.create',
    );
    const schema = { id: 'urn:example:Device', attributes: [{ name: 'displayName' }] };
    const store = storeWith({ list: () => undefined }) as never;
    const devices = scimOn(make, { onError, resourceTypes: [{ name: 'Device', schema, store }] });
    await expectFault(devices, (s) => s.get('/Devices'), onError, 'resourceTypes[0].store.list');
  });

  it('a store with an outbox that passes a wrong result to events has it refused inside its transaction', async () => {
    const onError = jest.fn();
    const create = ({ events }: { events(value: unknown): unknown }) => events(user);
    const scim = scimOn(make, { onError }, storeWith({ create }));
    await expectFault(scim, (s) => requests.create[0]?.(s) as never, onError, 'events');
  });

  it.each<[string, () => unknown]>([
    [
      'throws undefined',
      () => {
        throw undefined;
      },
    ],
    [
      'throws text',
      () => {
        throw 'SQLITE_BUSY';
      },
    ],
    ['rejects with undefined', () => Promise.reject()],
    ['rejects with an object', () => Promise.reject({ code: 'P2002' })],
  ])('a store that %s is a 500 that onError hears about', async (_name, get) => {
    const onError = jest.fn();
    const scim = scimOn(make, { onError }, storeWith({ get }));
    expect((await scim.get('/Users/u1')).body).toMatchObject({ status: '500' });
    expect(onError).toHaveBeenCalledTimes(1);
  });
});
