import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { explainLogEntry, type LogStore, mappingRows, memoryLogStore, provisioningLog } from '../../src/admin/index.js';
import type { ResponseRecord, ChangeEvent } from '../../src/index.js';
import { until } from './panel.js';

const record: ResponseRecord = {
  ...{ requestId: 'r1', tenant: 'a', actor: 'k1', status: 200, milliseconds: 1, quirks: [] },
  ...{ operation: 'patch', resourceType: 'User', id: 'u1' },
};
const event: ChangeEvent = {
  ...{ id: 'e1', type: 'user.updated', time: '2026-03-01T12:00:00Z', tenant: 'a', actor: 'k1', requestId: 'r1' },
  ...{ resourceType: 'User', resourceId: 'u1', changed: ['title'], quirks: [], data: {} },
};
const change = { type: 'user.updated', resourceType: 'User', resourceId: 'u1', attributes: ['title'] };
const exchange = {
  requestId: 'r1',
  method: 'PATCH',
  url: '/Users/u1',
  request: { title: 'x' },
  response: { id: 'u1' },
};

const entriesOf = async (log: LogStore, tenant = 'a') => log.list(tenant, { limit: 99 });
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

afterEach(() => {
  jest.useRealTimers();
});

describe('the provisioning log', () => {
  it('puts changes that come before the answer, and after it, with the entry', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    hooks.onChange(event);
    hooks.onResponse(record);
    await until(async () => (await entriesOf(log)).length === 1);
    hooks.onChange({ ...event, type: 'user.deactivated' });
    await until(async () => (await entriesOf(log))[0]?.changes.length === 2);
    expect((await entriesOf(log))[0]?.changes).toEqual([change, { ...change, type: 'user.deactivated' }]);
  });

  it('adds what an outbox of another process delivers to the entry that is there', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const log = memoryLogStore();
    provisioningLog(log).onResponse(record);
    provisioningLog(log).onChange(event);
    await jest.advanceTimersByTimeAsync(11_000);
    expect((await entriesOf(log))[0]?.changes).toEqual([change]);
  });

  it.each([
    ['all', 200, true],
    ['none', 400, false],
    ['errors', 200, false],
    ['errors', 400, true],
  ] as const)('with bodies: %s keeps those of a %i: %s', async (bodies, status, kept) => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log, { bodies });
    hooks.onExchange(exchange);
    hooks.onResponse({ ...record, status });
    await until(async () => (await entriesOf(log)).length === 1);
    const [entry] = await entriesOf(log);
    expect(entry?.request).toMatchObject({ method: 'PATCH', url: '/Users/u1' });
    expect(entry?.request?.body).toEqual(kept ? { title: 'x' } : undefined);
    expect(entry?.response).toEqual(kept ? { id: 'u1' } : undefined);
  });

  it('keeps no values of what the host calls a secret', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log, { secrets: ['Title'] });
    hooks.onExchange(exchange);
    hooks.onResponse(record);
    await until(async () => (await entriesOf(log)).length === 1);
    expect((await entriesOf(log))[0]?.request?.body).toEqual({ title: '•••' });
  });

  it('shows requests without a valid key where it is told to, six a minute', async () => {
    const log = memoryLogStore();
    const unknown = { ...record, tenant: undefined, actor: undefined, status: 401 };
    provisioningLog(log).onResponse(unknown);
    const hooks = provisioningLog(log, { unknownKeys: { tenant: 'a', connection: 'default' } });
    for (let tries = 0; tries < 50; tries++) hooks.onResponse({ ...unknown, requestId: `r${String(tries)}` });
    await settle();
    const entries = await entriesOf(log);
    expect(entries).toHaveLength(6);
    expect(entries[0]).toMatchObject({ status: 401, outcome: 'refused', connection: 'default' });
  });

  it('forgets after the days that it is told', async () => {
    const log = memoryLogStore();
    const time = new Date(Date.now() - 3 * 86_400_000);
    const old = { id: '0', time, tenant: 'a', requestId: 'r0', status: 200, milliseconds: 1, quirks: [], changes: [] };
    await log.append({ ...old, outcome: 'succeeded' });
    provisioningLog(log, { days: 2 }).onResponse(record);
    await until(async () => (await entriesOf(log))[0]?.requestId === 'r1');
    await settle();
    expect(await entriesOf(log)).toHaveLength(1);
    expect(() => provisioningLog(log, { days: 0 })).toThrow(/days/);
  });

  it('reports what cannot be saved', async () => {
    const errors: unknown[] = [];
    const log: LogStore = { ...memoryLogStore(), append: () => Promise.reject(new Error('full')) };
    provisioningLog(log, { onError: (error) => errors.push(error) }).onResponse(record);
    await settle();
    expect(errors).toEqual([new Error('full')]);
  });
});

describe('the explanation of an error', () => {
  it.each([400, 401, 403, 404, 409, 412, 413, 415, 418, 429, 500, 501, 503])('is there for %i', (status) => {
    const { meaning, remedy } = explainLogEntry({ status, requestId: 'r1' }) ?? { meaning: '', remedy: '' };
    expect(meaning).not.toBe('');
    expect(remedy).not.toBe('');
  });

  it('is of the scimType first', () => {
    expect(explainLogEntry({ status: 409, scimType: 'uniqueness', requestId: 'r' })?.meaning).toMatch(/is taken/);
    expect(explainLogEntry({ status: 400, scimType: 'toString', requestId: 'r' })?.meaning).toMatch(/was refused/);
    expect(explainLogEntry({ status: 200, requestId: 'r' })).toBeUndefined();
  });
});

describe('rows of the mapping table', () => {
  it('say what a mapping says', () => {
    const rows = mappingRows({
      table: 'members',
      attributes: {
        userName: 'email',
        active: { column: 'status', on: ['active'], off: ['gone'] },
        title: { column: 'title', read: String },
        locale: { kind: 'constant', value: 'en' },
        displayName: { kind: 'computed', columns: ['first', 'last'], read: String },
        department: {
          kind: 'lookup',
          column: 'dep',
          table: 'departments',
          key: 'id',
          value: 'name',
          unknown: 'reject',
        },
        manager: { kind: 'reference', column: 'manager_id' },
        emails: { kind: 'children', table: 'addresses', owner: 'member', columns: {} },
      },
    });
    expect(rows.map(({ attribute, target, direction }) => [attribute, target, direction])).toEqual([
      ['userName', 'members.email', 'both'],
      ['active', 'members.status', 'both'],
      ['title', 'members.title', 'read'],
      ['locale', 'always "en"', 'read'],
      ['displayName', 'members.first, members.last', 'read'],
      ['department', 'members.dep, found by departments.name', 'both'],
      ['manager', 'members.manager_id', 'both'],
      ['emails', 'rows of addresses', 'both'],
    ]);
    expect(rows[1]?.note).toBe('true: active; false: gone');
    expect(rows[5]?.note).toBe('A name that is not there is refused.');
  });
});
