import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { explainLogEntry, type LogStore, mappingRows, memoryLogStore, provisioningLog } from '../../src/admin/index.js';
import {
  type ChangeEvent,
  ConflictError,
  HeldError,
  MethodNotAllowedError,
  type ResponseRecord,
} from '../../src/index.js';
import type { LogFailure } from '../../src/admin/contract.js';
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

const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

const entriesOf = async (log: LogStore, tenant = 'a') => log.list(tenant, { limit: 99 });
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

afterEach(() => {
  jest.useRealTimers();
});

describe('the provisioning log', () => {
  it('adds changes to the entry, whether they arrive before or after the response', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    hooks.onChange(event);
    hooks.onResponse(record);
    await until(async () => (await entriesOf(log)).length === 1);
    hooks.onChange({ ...event, type: 'user.deactivated' });
    await until(async () => (await entriesOf(log))[0]?.changes.length === 2);
    expect((await entriesOf(log))[0]?.changes).toEqual([change, { ...change, type: 'user.deactivated' }]);
  });

  it('adds changes that an outbox delivers in another process', async () => {
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
  ] as const)('with bodies: %s, logs the bodies of status %i: %s', async (bodies, status, kept) => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log, { bodies });
    const response = status < 400 ? exchange.response : { schemas: [errorSchema], status: String(status) };
    hooks.onExchange({ ...exchange, response });
    hooks.onResponse({ ...record, status });
    await until(async () => (await entriesOf(log)).length === 1);
    const [entry] = await entriesOf(log);
    expect(entry?.request).toMatchObject({ method: 'PATCH', url: '/Users/u1' });
    expect(entry?.request?.body).toEqual(kept ? { title: 'x' } : undefined);
    expect(entry?.response).toEqual(kept ? response : undefined);
  });

  it('logs no secrets of the request or the response', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log, { secrets: ['Title'] });
    hooks.onExchange({ ...exchange, response: { id: 'u1', title: 'x', password: 'hunter2', meta: { TITLE: 'x' } } });
    hooks.onResponse(record);
    await until(async () => (await entriesOf(log)).length === 1);
    const [entry] = await entriesOf(log);
    expect(entry?.request?.body).toEqual({ title: '•••' });
    expect(entry?.response).toEqual({ id: 'u1', title: '•••', password: '•••', meta: { TITLE: '•••' } });
  });

  it('gives entries IDs in the order of their responses', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask', 'performance'] });
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    const requestIds = Array.from({ length: 20 }, (_, index) => `r${String(index)}`);
    for (const requestId of requestIds) hooks.onResponse({ ...record, requestId });
    await until(async () => (await entriesOf(log)).length === requestIds.length);
    expect((await entriesOf(log)).map(({ requestId }) => requestId)).toEqual(requestIds.reverse());
  });

  it('takes IDs from its own time, whatever another log in the process has seen', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask', 'performance'] });
    const [ahead, log] = [memoryLogStore(), memoryLogStore()];
    jest.setSystemTime(new Date('2090-01-01T00:00:00Z'));
    provisioningLog(ahead).onResponse(record);
    jest.setSystemTime(new Date('2026-01-01T00:00:00Z'));
    provisioningLog(log).onResponse(record);
    await until(async () => (await entriesOf(log)).length === 1);
    expect((await entriesOf(log))[0]?.id.slice(0, 11)).toBe(
      (Date.UTC(2026, 0, 1) * 1_000).toString(36).padStart(11, '0'),
    );
  });

  it('logs requests without a valid key only with unknownKeys, at most six a minute', async () => {
    const log = memoryLogStore();
    const unknown = { ...record, tenant: undefined, actor: undefined, status: 401 };
    provisioningLog(log).onResponse(unknown);
    const hooks = provisioningLog(log, { unknownKeys: { tenant: 'a', connection: 'default' } });
    for (let tries = 0; tries < 50; tries++) hooks.onResponse({ ...unknown, requestId: `r${String(tries)}` });
    await until(async () => (await entriesOf(log)).length >= 6);
    await settle();
    const entries = await entriesOf(log);
    expect(entries).toHaveLength(6);
    expect(entries[0]).toMatchObject({ status: 401, outcome: 'refused', connection: 'default' });
  });

  it('deletes entries that are older than `days`', async () => {
    const log = memoryLogStore();
    const time = new Date(Date.now() - 3 * 86_400_000);
    const old = { id: '0', time, tenant: 'a', requestId: 'r0', status: 200, milliseconds: 1, quirks: [], changes: [] };
    await log.append([{ ...old, outcome: 'succeeded' }]);
    provisioningLog(log, { days: 2 }).onResponse(record);
    await until(async () => (await entriesOf(log))[0]?.requestId === 'r1');
    await settle();
    expect(await entriesOf(log)).toHaveLength(1);
    expect(() => provisioningLog(log, { days: 0 })).toThrow(/days/);
  });

  it('reports errors of the store', async () => {
    const errors: unknown[] = [];
    const log: LogStore = { ...memoryLogStore(), append: () => Promise.reject(new Error('full')) };
    provisioningLog(log, { onError: (error) => errors.push(error) }).onResponse(record);
    await until(() => errors.length > 0);
    expect(errors).toEqual([new Error('full')]);
  });
});

/** A log store that counts its calls, and holds each `append` up until `release` is called. */
function countingLog() {
  const store = memoryLogStore({ max: 10_000 });
  const calls = { append: 0, addChanges: 0 };
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const log: LogStore = {
    ...store,
    async append(entries) {
      calls.append++;
      await held;
      await store.append(entries);
    },
    async addChanges(...change) {
      calls.addChanges++;
      await store.addChanges(...change);
    },
  };
  return { log, calls, release: () => release() };
}

describe('the bounds of the provisioning log', () => {
  const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  const changeOf = (resourceId: string): ChangeEvent => ({ ...event, resourceId });

  it('writes the changes of one request together, before and after its response', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const { log, calls, release } = countingLog();
    release();
    const hooks = provisioningLog(log);
    for (let nth = 0; nth < 300; nth++) hooks.onChange(changeOf(`before-${String(nth)}`));
    hooks.onResponse(record);
    for (let nth = 0; nth < 300; nth++) hooks.onChange(changeOf(`after-${String(nth)}`));
    await jest.advanceTimersByTimeAsync(11_000);
    expect(calls).toEqual({ append: 1, addChanges: 1 });
    const [entry] = await entriesOf(log);
    expect(entry?.changes.length).toBeGreaterThan(50);
    expect((entry?.changes.length ?? 0) + (entry?.omittedChanges ?? 0)).toBe(600);
  });

  it('keeps an entry below 32 kB, whatever the request, the response and the changes hold', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    const large = Object.fromEntries(Array.from({ length: 5_000 }, (_, nth) => [`ё${String(nth)}`, 'ё'.repeat(5_000)]));
    const names = Array.from({ length: 1_000 }, (_, nth) => `urn:example:${'ё'.repeat(1_000)}:${String(nth)}`);
    for (let nth = 0; nth < 1_000; nth++) hooks.onChange({ ...changeOf('ё'.repeat(1_000)), changed: names });
    const url = `/Users/${'ё'.repeat(30_000)}?filter=${'password eq 1 or '.repeat(1_000)}`;
    const response = { ...large, id: 'ё'.repeat(30_000), detail: 'ё'.repeat(30_000) };
    hooks.onExchange({ ...exchange, url, request: large, response });
    const quirks = Array.from({ length: 500 }, (_, nth) => `quirk-${String(nth)}`);
    hooks.onResponse({ ...record, status: 400, id: 'ё'.repeat(30_000), actor: 'ё'.repeat(30_000), quirks });
    for (let nth = 0; nth < 1_000; nth++) hooks.onChange({ ...changeOf('ё'.repeat(1_000)), changed: names });
    await until(async () => ((await entriesOf(log))[0]?.omittedChanges ?? 0) > 1_900);
    expect(size(await entriesOf(log))).toBeLessThan(32_768);
  });

  // Quadratic time would be hours here.
  it('logs twelve refused requests of 8 MB without their 96 MB', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    const Operations = Array.from({ length: 20 }, () => ({ op: 'replace', path: '['.repeat(400_000), value: 'x' }));
    for (let nth = 0; nth < 12; nth++) {
      hooks.onExchange({ ...exchange, requestId: `r${String(nth)}`, request: { Operations } });
      hooks.onResponse({ ...record, requestId: `r${String(nth)}`, status: 400 });
    }
    await until(async () => (await entriesOf(log)).length === 12);
    expect(size(await entriesOf(log))).toBeLessThan(12 * 32_768);
  });

  it('leaves bodies out once a tenant has filled the log, and says so', async () => {
    // The log regains room with time.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask'] });
    const log = memoryLogStore({ max: 10_000 });
    const hooks = provisioningLog(log);
    const request = { list: Array.from({ length: 20 }, () => 'x'.repeat(400)) };
    const send = async (count: number, tenant: string): Promise<void> => {
      const saved = async () => (await log.list(tenant, { limit: 10_000 })).length;
      for (let nth = 0; nth < count; nth++) {
        const requestId = `${tenant}${String(nth)}`;
        hooks.onExchange({ ...exchange, requestId, request });
        hooks.onResponse({ ...record, tenant, requestId });
        if (nth % 500 === 0) await until(async () => (await saved()) === nth + 1);
      }
      await until(async () => (await saved()) === count);
    };
    await send(3_000, 'a');
    await send(1, 'b');
    const entries = await log.list('a', { limit: 10_000 });
    expect(entries).toHaveLength(3_000);
    expect(entries[0]?.request?.body).toBe('… not logged: too many requests');
    expect(entries.at(-1)?.request?.body).not.toBe('… not logged: too many requests');
    expect(size(entries)).toBeLessThan(11_000_000);
    expect((await log.list('b', { limit: 1 }))[0]?.request?.body).toHaveProperty('list');
  });

  it('keeps at most 1,000 writes waiting for a slow store, and says how many entries are lost', async () => {
    const errors: unknown[] = [];
    const { log, calls, release } = countingLog();
    const hooks = provisioningLog(log, { onError: (error) => errors.push(error) });
    hooks.onResponse({ ...record, requestId: 'first' });
    await until(() => calls.append === 1);
    for (let nth = 0; nth < 3_000; nth++) hooks.onResponse({ ...record, requestId: `r${String(nth)}` });
    release();
    await until(() => errors.length === 1);
    const kept = (await log.list('a', { limit: 10_000 })).length;
    expect(kept).toBeGreaterThan(900);
    expect(kept).toBeLessThanOrEqual(1_001);
    expect(String(errors[0])).toContain(`lost ${String(3_000 - kept + 1)} `);
    // In batches of 50.
    expect(calls.append).toBeLessThan(30);
  });

  it('saves the other entries when the store refuses one, and survives an onError that throws', async () => {
    const store = memoryLogStore();
    const append: LogStore['append'] = (entries) => {
      if (entries.some(({ requestId }) => requestId === 'bad')) throw new Error('refused');
      return store.append(entries);
    };
    const onError = (): never => {
      throw new Error('no');
    };
    const hooks = provisioningLog({ ...store, append }, { onError });
    for (const requestId of ['r1', 'bad', 'r2']) hooks.onResponse({ ...record, requestId });
    await until(async () => (await entriesOf(store)).length === 2);
    hooks.onResponse({ ...record, requestId: 'r3' });
    await until(async () => (await entriesOf(store)).length === 3);
  });

  it('stores what no database column can hold in a form that it can', async () => {
    const log = memoryLogStore();
    const hooks = provisioningLog(log);
    hooks.onExchange({ ...exchange, url: '/Users/a\u0000', request: { 'a\u0000': '\ud800' } });
    hooks.onResponse({ ...record, id: 'a\u0000' });
    await until(async () => (await entriesOf(log)).length === 1);
    const [entry] = await entriesOf(log);
    expect(entry).toMatchObject({
      resourceId: 'a\ufffd',
      request: { url: '/Users/a\ufffd', body: { 'a\ufffd': '\ufffd' } },
    });
  });
});

describe('explainLogEntry', () => {
  it.each([400, 401, 403, 404, 409, 412, 413, 415, 418, 429, 500, 501, 503])('explains status %i', (status) => {
    const { meaning, remedy } = explainLogEntry({ status, requestId: 'r1' }) ?? { meaning: '', remedy: '' };
    expect(meaning).not.toBe('');
    expect(remedy).not.toBe('');
  });

  it('prefers the explanation of the scimType', () => {
    expect(explainLogEntry({ status: 409, scimType: 'uniqueness', requestId: 'r' })?.meaning).toMatch(/already in use/);
    const explained = (status: number, scimType: string | undefined, detail: string): string | undefined =>
      explainLogEntry({ status, scimType, detail, requestId: 'r' })?.meaning;
    // The real errors, so that a change of their text shows here.
    expect(explained(409, 'uniqueness', new ConflictError('externalId').message)).toMatch(/whose externalId/);
    expect(explained(409, 'uniqueness', new ConflictError('displayName').message)).toMatch(/another group/);
    expect(explained(409, 'uniqueness', new ConflictError('userName').message)).toMatch(/userName/);
    expect(explained(400, 'invalidValue', 'members.value must be a string.')).toMatch(/does not fit/);
    expect(explained(503, undefined, 'This sentence says that it is held.')).toMatch(/database/);
    const held = { status: 503, code: new HeldError(1, 'Later.').code, requestId: 'r' };
    expect(explainLogEntry(held)?.remedy).toMatch(/Approve or refuse/);
    expect(explainLogEntry({ status: 404, detail: 'There is no such endpoint.', requestId: 'r' })?.remedy).toMatch(
      /base URL/,
    );
    expect(explained(405, undefined, new MethodNotAllowedError(['GET']).message)).toMatch(/does not offer/);
    expect(explainLogEntry({ status: 400, scimType: 'toString', requestId: 'r' })?.meaning).toMatch(/was refused/);
    expect(explainLogEntry({ status: 200, requestId: 'r' })).toBeUndefined();
  });
});

describe('explainLogEntry of a bulk request that succeeded', () => {
  const failures = (...statuses: readonly (readonly [number, string?])[]): readonly LogFailure[] =>
    statuses.map(([status, scimType], index) => ({ index, status, scimType }));
  const explain = (...statuses: readonly (readonly [number, string?])[]) =>
    explainLogEntry({ status: 200, failures: failures(...statuses), requestId: 'r' });

  it('says how many operations failed, and why most of them did', () => {
    const { meaning, remedy } = explain([404], [409, 'uniqueness'], [409, 'uniqueness']) ?? {};
    expect(meaning).toMatch(/^3 operations of the bulk request failed; the others were applied\. 2 of them: .*in use/);
    expect(remedy).toBe(explainLogEntry({ status: 409, scimType: 'uniqueness', requestId: 'r' })?.remedy);
  });

  it('names the attributes of an operation that failed alone', () => {
    const [failure] = failures([400, 'invalidValue']);
    const errors = [{ path: 'title', code: 'type', message: 'title must be a string.' }];
    const entry = { status: 200, failures: failure && [{ ...failure, errors }], requestId: 'r' };
    expect(explainLogEntry(entry)?.meaning).toBe(
      'An operation of the bulk request failed; the others were applied. A value does not fit its attribute: title.',
    );
  });

  it('is none where all succeeded', () => {
    expect(explain()).toBeUndefined();
  });
});

describe('the wrong attributes of a refused request', () => {
  const mistake = (path: string, code = 'type', message = `${path} is wrong.`) => ({ path, code, message });

  it('are in the entry: the first 20, with the start of their messages', async () => {
    const log = memoryLogStore();
    const errors = Array.from({ length: 30 }, (_, i) => ({
      ...{ path: `title${String(i)}`, message: 'x'.repeat(1_000), operation: i },
      code: 'value' as const,
    }));
    const refused = { status: 400, scimType: 'invalidValue', code: 'SCIM_INVALID_VALUE' } as const;
    provisioningLog(log).onResponse({ ...record, ...refused, errors });
    await until(async () => (await entriesOf(log)).length === 1);
    const [entry] = await entriesOf(log);
    expect(entry).toMatchObject(refused);
    expect(entry?.errors).toHaveLength(20);
    expect(entry?.errors?.[1]).toMatchObject({ path: 'title1', code: 'value', operation: 1 });
    expect(entry?.errors?.[1]?.message.length).toBeLessThanOrEqual(200);
  });

  it('are in the entry of a bulk request: 20 operations, with 20 attributes in all', async () => {
    const log = memoryLogStore();
    const errors = Array.from({ length: 15 }, (_, i) => ({
      ...{ path: `title${String(i)}`, message: 'x'.repeat(1_000), code: 'value' as const },
    }));
    const failure = { status: 400, scimType: 'invalidValue', code: 'SCIM_INVALID_VALUE' } as const;
    const failures = Array.from({ length: 30 }, (_, index) => ({ index, ...failure, errors }));
    provisioningLog(log).onResponse({ ...record, failures });
    await until(async () => (await entriesOf(log)).length === 1);
    const [{ failures: kept = [] } = {}] = await entriesOf(log);
    expect(kept).toHaveLength(20);
    expect(kept.map((each) => each.errors?.length ?? 0)).toEqual([15, 5, ...Array.from({ length: 18 }, () => 0)]);
    expect(kept[1]).toMatchObject({ index: 1, ...failure });
    expect(kept[1]?.errors?.[0]?.message.length).toBeLessThanOrEqual(200);
  });

  it('are named by the explanation, missing ones first', () => {
    const explained = (errors: readonly ReturnType<typeof mistake>[]) =>
      explainLogEntry({ status: 400, scimType: 'invalidValue', errors, requestId: 'r' })?.meaning;
    expect(explained([mistake('title'), mistake('userName', 'required'), mistake('title', 'length')])).toBe(
      'A required value is missing: userName. A value does not fit its attribute: title.',
    );
    expect(explained([mistake('name', 'unknown'), mistake('title')])).toBe(
      'A value does not fit its attribute: title. An attribute does not exist here, in name.',
    );
    const unknown = { status: 400, scimType: 'invalidSyntax', errors: [mistake('name', 'unknown')], requestId: 'r' };
    expect(explainLogEntry(unknown)?.remedy).toMatch(/does not have/);
    expect(explained(Array.from('abcdefgh', (path) => mistake(path)))).toBe(
      'A value does not fit its attribute: a, b, c, d, e and 3 more.',
    );
  });
});

describe('mappingRows', () => {
  it('describes each kind of column', () => {
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
      ['department', 'members.dep, looked up by departments.name', 'both'],
      ['manager', 'members.manager_id', 'both'],
      ['emails', 'rows of addresses', 'both'],
    ]);
    expect(rows[1]?.note).toBe('true: active; false: gone');
    expect(rows[5]?.note).toBe('A name that does not exist is rejected.');
  });

  it('has the words of the product in place of tables and columns', () => {
    const members = { table: 'team_members', group: 'team_id', member: 'member_id' };
    const mapping = { table: 'teams', attributes: { displayName: 'name', externalId: 'ext' }, members };
    const labels = { displayName: 'Name of the team', members: 'Members of the team' };
    expect(mappingRows(mapping, { resourceType: 'Group', labels })).toEqual([
      { resourceType: 'Group', attribute: 'displayName', target: 'Name of the team', direction: 'both' },
      { resourceType: 'Group', attribute: 'externalId', target: 'teams.ext', direction: 'both' },
      { resourceType: 'Group', attribute: 'members', target: 'Members of the team', direction: 'both' },
    ]);
    expect(mappingRows(mapping)[2]).toEqual({
      attribute: 'members',
      target: 'rows of team_members',
      direction: 'both',
    });
  });
});
