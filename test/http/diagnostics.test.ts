import { channel, tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConflictError, MemoryStore, type UserStore } from '../../src/index.js';
import { memoryOffboardingTaskStore, offboarding } from '../../src/lifecycle/index.js';
import { createScimTables, dispatchOutbox, sqlStore } from '../../src/sql.js';
import { sqlite } from '../stores/sql/sqlite.js';
import type { ChangeMessage, JobMessage, RequestMessage, StoreMessage } from '../../src/otel/index.js';
import { expresses, key, scimOn, userSchemas } from './app.js';

type Step = 'start' | 'end' | 'error' | 'asyncStart' | 'asyncEnd';
const steps: readonly Step[] = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

const subscriptions: (() => void)[] = [];
afterEach(() => {
  for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
});

/** Records each step of a tracing channel, with a copy of its message. */
function listen<M extends object>(name: string): { readonly step: Step; readonly message: M }[] {
  const heard: { step: Step; message: M }[] = [];
  const traces = tracingChannel<unknown, M>(name);
  for (const step of steps) {
    const hear = (message: unknown): void => void heard.push({ step, message: { ...(message as M) } });
    traces[step].subscribe(hear);
    subscriptions.push(() => traces[step].unsubscribe(hear));
  }
  return heard;
}

function listenToChanges(): ChangeMessage[] {
  const heard: ChangeMessage[] = [];
  const hear = (message: unknown): void => void heard.push(message as ChangeMessage);
  channel('express-scim:change').subscribe(hear);
  subscriptions.push(() => channel('express-scim:change').unsubscribe(hear));
  return heard;
}

const ended = <M>(heard: readonly { readonly step: Step; readonly message: M }[]): readonly M[] =>
  heard.filter(({ step }) => step === 'asyncEnd').map(({ message }) => message);

describe.each(expresses)('diagnostics channels, %s', (_, make) => {
  it('publish a request with its route and the record of its response', async () => {
    const heard = listen<RequestMessage>('express-scim:request');
    const scim = scimOn(make);
    const id = await scim.user();
    const response = await scim.get(`/Users/${id}?attributes=userName`, { traceparent: '00-1-2-03' });
    expect(response.status).toBe(200);
    expect(heard.map(({ step }) => step)).toEqual(
      [...Array<Step[]>(2)].flatMap(() => ['start', 'end', 'asyncStart', 'asyncEnd']),
    );
    const [started] = heard.slice(4);
    expect(started?.message).toEqual({
      requestId: response.headers['x-request-id'],
      method: 'GET',
      traceparent: '00-1-2-03',
      tracestate: undefined,
    });
    const [, message] = ended(heard);
    expect(message).toMatchObject({
      route: '/Users/{id}',
      response: { status: 200, operation: 'read', resourceType: 'User', id, tenant: 'default' },
    });
    expect(message?.milliseconds).toBeGreaterThan(0);
  });

  it.each<[string, 'get' | 'post' | 'delete', string, string | undefined, number]>([
    ['a query', 'get', '/Users', '/Users', 200],
    ['a search', 'post', '/Users/.search', '/Users/.search', 200],
    ['a query over all types', 'get', '/', '/', 200],
    ['a search over all types', 'post', '/.search', '/.search', 200],
    ['bulk', 'post', '/Bulk', '/Bulk', 400],
    ['the configuration', 'get', '/ServiceProviderConfig', '/ServiceProviderConfig', 200],
    ['a schema', 'get', `/Schemas/${String(userSchemas[0])}`, '/Schemas/{id}', 200],
    ['the schemas', 'get', '/Schemas', '/Schemas', 200],
    ['a resource type', 'get', '/ResourceTypes/User', '/ResourceTypes/{id}', 200],
    ['the resource types', 'get', '/ResourceTypes', '/ResourceTypes', 200],
    ['/Me', 'get', '/Me', '/Me', 404],
    ['a group that does not exist', 'delete', '/Groups/none', '/Groups/{id}', 404],
    ['an unknown path, which has no route', 'get', '/Nowhere', undefined, 404],
  ])('name the route of %s', async (_name, method, path, route, status) => {
    const heard = listen<RequestMessage>('express-scim:request');
    const scim = scimOn(make, { me: () => undefined });
    const response = await (method === 'post' ? scim.post(path, {}) : scim[method](path));
    expect(response.status).toBe(status);
    const [message] = ended(heard);
    expect(message?.route).toBe(route);
    expect(message?.response?.status).toBe(status);
  });

  it('publish a request that is not authenticated, without a tenant', async () => {
    const heard = listen<RequestMessage>('express-scim:request');
    const scim = scimOn(make);
    await scim.get('/Users', { authorization: 'Bearer wrong' });
    const [message] = ended(heard);
    expect(message?.response).toMatchObject({ status: 401, tenant: undefined });
    expect(message?.route).toBeUndefined();
    expect(message?.errorType).toBeUndefined();
  });

  it('publish each store call; one that a store refuses has the code of the error', async () => {
    const heard = listen<StoreMessage>('express-scim:store');
    const scim = scimOn(make);
    await scim.user({ userName: 'ada' });
    await scim.post('/Users', { schemas: userSchemas, userName: 'ada' });
    await scim.get('/Users');
    expect(ended(heard)).toMatchObject([
      { operation: 'create', resourceType: 'User', tenant: 'default' },
      { operation: 'groupsOf', resourceType: 'Group' },
      { operation: 'create', errorType: 'SCIM_CONFLICT' },
      { operation: 'list', resources: 1 },
      { operation: 'groupsOf', resourceType: 'Group' },
    ]);
    expect(heard.filter(({ step }) => step === 'error')).toHaveLength(1);
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new RangeError('the value ada@example.com');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('the value ada@example.com'))],
  ])('publish the steps of a store call that %s, in order, and never the message of its error', async (_name, get) => {
    const heard = listen<StoreMessage>('express-scim:store');
    const memory = new MemoryStore();
    const store: UserStore = new Proxy(memory, {
      get: (target, name) => (name === 'get' ? get : Reflect.get(target, name, target)),
    });
    const response = await scimOn(make, {}, store).get('/Users/1');
    expect(response.status).toBe(500);
    expect(heard.map(({ step }) => step)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(ended(heard)).toMatchObject([{ operation: 'get', errorType: 'RangeError' }]);
    expect(JSON.stringify(heard)).not.toContain('ada@example.com');
  });

  it('run a call inside what a subscriber of start has set', async () => {
    const order: string[] = [];
    const traces = tracingChannel<unknown, StoreMessage>('express-scim:store');
    const wrap = (published: unknown): void => {
      const message = published as StoreMessage;
      message.around = (call) => {
        order.push('before');
        const result = call();
        order.push('after');
        return result;
      };
    };
    traces.start.subscribe(wrap);
    subscriptions.push(() => traces.start.unsubscribe(wrap));
    const response = await scimOn(make).get('/Users/none');
    expect(response.status).toBe(404);
    expect(order).toEqual(['before', 'after']);
  });

  it('publish committed changes, without data, and none for a write that was refused or changed nothing', async () => {
    const heard = listenToChanges();
    const scim = scimOn(make);
    const id = await scim.user({ userName: 'ada@example.com', displayName: 'Ada' });
    await scim.post('/Users', { schemas: userSchemas, userName: 'ada@example.com' });
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'displayName', value: 'Ada' }]);
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    await scim.delete(`/Users/${id}`);
    expect(heard.map(({ type }) => type)).toEqual(['user.created', 'user.deactivated', 'user.updated', 'user.deleted']);
    expect(heard[0]).toMatchObject({ resourceId: id, tenant: 'default' });
    expect(heard.some((message) => 'data' in message)).toBe(false);
    expect(JSON.stringify(heard)).not.toContain('ada@example.com');
  });

  it('count the operations of a bulk request', async () => {
    const heard = listen<RequestMessage>('express-scim:request');
    const user = (userName: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId: userName,
      data: { schemas: userSchemas, userName },
    });
    await scimOn(make).post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [user('a'), user('b'), { method: 'DELETE', path: '/Users/none' }],
    });
    expect(ended(heard)).toMatchObject([{ route: '/Bulk', bulk: { operations: 3, failed: 1 } }]);
  });

  it('contain neither values nor credentials', async () => {
    const requests = listen<RequestMessage>('express-scim:request');
    const stores = listen<StoreMessage>('express-scim:store');
    const scim = scimOn(make);
    const id = await scim.user({ userName: 'ada@example.com', name: { familyName: 'Lovelace' } });
    await scim.get('/Users?filter=userName eq "ada@example.com"');
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'name.familyName', value: 'King' }]);
    await scim.post('/Users', { schemas: userSchemas, userName: 'ada@example.com' });
    const text = JSON.stringify([requests, stores]);
    for (const secret of ['ada@example.com', 'Lovelace', 'King', key]) expect(text).not.toContain(secret);
  });
});

describe('jobs', () => {
  it('are published for each attempt of off-boarding, with its number', async () => {
    const heard = listen<JobMessage>('express-scim:job');
    let failures = 1;
    let now = 0;
    const leaving = offboarding({
      handlers: [
        {
          name: 'laptops',
          heldBy: () => {
            if (failures-- > 0) throw new ConflictError('x', 'the value ada@example.com');
            return [];
          },
          apply: () => undefined,
        },
      ],
      policy: { laptops: 'revoke' },
      store: memoryOffboardingTaskStore(),
      clock: () => now,
      onError: () => undefined,
    });
    await leaving.onChange({
      id: 'e',
      type: 'user.deactivated',
      time: new Date(0).toISOString(),
      tenant: 'acme',
      actor: 'entra',
      requestId: 'r',
      resourceType: 'User',
      resourceId: '1',
      changed: ['active'],
      quirks: [],
      data: {},
    });
    await leaving.run();
    now = 10_000;
    await leaving.run();
    expect(ended(heard)).toMatchObject([
      { job: 'off-boarding', subject: 'laptops', tenant: 'acme', attempt: 1, errorType: 'SCIM_CONFLICT' },
      { job: 'off-boarding', subject: 'laptops', tenant: 'acme', attempt: 2 },
    ]);
    expect(JSON.stringify(heard)).not.toContain('ada@example.com');
  });

  it('are published for each delivery of an outbox; its events are those that were published at the commit', async () => {
    const { db } = sqlite();
    await createScimTables(db);
    const [, express] = expresses[0] ?? [];
    if (express === undefined) throw new Error('no Express');
    const changes = listenToChanges();
    const jobs = listen<JobMessage>('express-scim:job');
    const scim = scimOn(express, {}, sqlStore(db, { outbox: true }));
    await scim.user();
    await expect(dispatchOutbox(db, () => Promise.reject(new TypeError('receiver away')))).rejects.toThrow('away');
    const delivered: string[] = [];
    await dispatchOutbox(db, (event) => void delivered.push(event.id));
    expect(changes.map(({ id }) => id)).toEqual(delivered);
    const { requestId } = changes[0] ?? {};
    expect(ended(jobs)).toMatchObject([
      { job: 'outbox', subject: 'user.created', tenant: 'default', requestId, errorType: 'TypeError' },
      { job: 'outbox', subject: 'user.created', tenant: 'default', requestId },
    ]);
  });
});
