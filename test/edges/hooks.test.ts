import { describe, expect, it, jest } from '@jest/globals';
import { combineHooks, MemoryStore, type ScimRouterOptions } from '../../src/index.js';
import { parseAdoption } from '../../src/operations/parse-hooks.js';
import { expresses, scimOn, userSchemas } from '../http/app.js';
import { wrongValues } from './values.js';

type Options = Partial<ScimRouterOptions>;
const empty = new Set(['undefined', 'null', 'false', '0', '-0', 'an empty string']);
const nothing = new Set(['undefined', 'null']);
const body = { schemas: userSchemas, userName: 'ada@example.com', externalId: 'e1' };
const hook = (name: keyof ScimRouterOptions, value: () => unknown): Options => ({ [name]: value });

describe.each(expresses)('what hooks return, on %s', (_, make) => {
  it.each(wrongValues)('authorize: %s does not permit', async (name, value) => {
    if (name === 'true') return;
    for (const returned of [value, async () => value()]) {
      const onError = jest.fn();
      const store = new MemoryStore();
      const create = jest.spyOn(store, 'create');
      const scim = scimOn(make, { ...hook('authorize', returned), onError }, store);
      expect((await scim.get('/Users')).status).toBe(403);
      expect((await scim.get('/')).status).toBe(403);
      expect((await scim.post('/Users', body)).body).toMatchObject({ status: '403' });
      expect(create).not.toHaveBeenCalled();
      expect(onError).toHaveBeenCalledTimes(empty.has(name) ? 0 : 1);
      if (!empty.has(name)) expect(String(onError.mock.calls[0]?.[0])).toContain('Only true permits');
    }
  });

  it.each(wrongValues)('me: %s is nobody, or a fault', async (name, value) => {
    if (name.startsWith('a string') || name.startsWith('the text') || name === 'JSON text' || name === 'a space')
      return;
    const onError = jest.fn();
    const scim = scimOn(make, { ...hook('me', value), onError });
    expect((await scim.get('/Me')).status).toBe(nothing.has(name) ? 404 : 500);
    expect(onError).toHaveBeenCalledTimes(nothing.has(name) ? 0 : 1);
  });

  it.each([
    ...wrongValues,
    ['id a number in a decision', () => ({ id: 7 })],
    ['two decisions', () => ({ id: 'u1', refused: true })],
    ['attributes as text', () => ({ id: 'u1', attributes: 'active' })],
    ['relink as text', () => ({ id: 'u1', relink: 'false' })],
    ['refused false', () => ({ refused: false })],
    ['refused 1', () => ({ refused: 1 })],
    ['tombstone empty', () => ({ tombstone: '' })],
    ['ambiguous true', () => ({ ambiguous: true })],
  ] as typeof wrongValues)('adopt: %s creates nobody unless it is nothing', async (name, value) => {
    const onError = jest.fn();
    const store = new MemoryStore();
    const [create, update] = [jest.spyOn(store, 'create'), jest.spyOn(store, 'update')];
    const scim = scimOn(make, { ...hook('adopt', value), onError }, store);
    const { status } = await scim.post('/Users', body);
    expect(status).toBe(nothing.has(name) ? 201 : 500);
    expect(create).toHaveBeenCalledTimes(nothing.has(name) ? 1 : 0);
    expect(update).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledTimes(nothing.has(name) ? 0 : 1);
  });

  it.each(wrongValues)('tenantOf: %s is another tenant unless it is nothing', async (name, value) => {
    const onError = jest.fn();
    const scim = scimOn(make, { ...hook('tenantOf', value), onError });
    expect((await scim.get('/Users')).status).toBe(nothing.has(name) ? 200 : 401);
    expect((await scim.get('/Users')).status).toBe(nothing.has(name) ? 200 : 401);
    const isString = typeof value() === 'string';
    expect(onError).toHaveBeenCalledTimes(nothing.has(name) || isString ? 0 : 1);
  });

  it('tenantOf that returns a promise lets nobody in, and says so', async () => {
    const onError = jest.fn();
    const scim = scimOn(make, { ...hook('tenantOf', async () => 'default'), onError });
    expect((await scim.get('/Users')).status).toBe(401);
    expect(String(onError.mock.calls[0]?.[0])).toContain('tenantOf returned a Promise');
  });

  it.each([
    ...wrongValues,
    ['a path', () => '/scim/v2'],
    ['another scheme', () => 'ftp://x.example'],
    ['a query', () => 'https://x.example?a=b'],
    ['a promise', async () => 'https://x.example'],
  ] as typeof wrongValues)('baseUrl: %s is a fault, and the Host header is not used instead', async (_name, value) => {
    const onError = jest.fn();
    const store = new MemoryStore();
    const create = jest.spyOn(store, 'create');
    const scim = scimOn(make, { ...hook('baseUrl', value), onError }, store);
    const response = await scim.post('/Users', body, { host: 'evil.example' });
    expect(response.status).toBe(500);
    expect(JSON.stringify(response.body)).not.toContain('evil');
    expect(create).not.toHaveBeenCalled();
    expect(String(onError.mock.calls[0]?.[0])).toContain('baseUrl returned');
  });

  it('beforeChange that returns false refuses, and says what to write', async () => {
    for (const returned of [() => false, async () => false]) {
      const onError = jest.fn();
      const store = new MemoryStore();
      const create = jest.spyOn(store, 'create');
      const scim = scimOn(make, { ...hook('beforeChange', returned), onError }, store);
      for (let i = 0; i < 2; i++) expect((await scim.post('/Users', body)).status).toBe(403);
      expect(create).not.toHaveBeenCalled();
      expect(onError).toHaveBeenCalledTimes(1);
      expect(String(onError.mock.calls[0]?.[0])).toContain('Throw a ScimError to refuse');
    }
  });

  it('beforeChange that returns a string is a fault, and nothing is written', async () => {
    for (const returned of [() => 'denied', async () => '']) {
      const onError = jest.fn();
      const store = new MemoryStore();
      const create = jest.spyOn(store, 'create');
      const scim = scimOn(make, { ...hook('beforeChange', returned), onError }, store);
      expect((await scim.post('/Users', body)).status).toBe(500);
      expect(create).not.toHaveBeenCalled();
      expect(String(onError.mock.calls[0]?.[0])).toMatch(
        /beforeChange returned an? (?:empty )?string\. Throw a ScimError/,
      );
    }
  });

  it('onChange that returns a query that was not executed is reported', async () => {
    const query = { execute: () => Promise.resolve([]), compile: () => ({}) };
    for (const returned of [() => query, async () => query]) {
      const onError = jest.fn();
      const scim = scimOn(make, { ...hook('onChange', returned), onError });
      expect((await scim.post('/Users', body)).status).toBe(201);
      while (onError.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(String(onError.mock.calls[0]?.[0])).toMatch(/onChange returned .* call its execute\(\) and await it/);
    }
  });

  it.each(['authorize', 'beforeChange', 'me'] as const)('%s that never returns is 503', async (name) => {
    const scim = scimOn(make, {
      ...hook(name, () => new Promise(() => undefined)),
      limits: { requestMilliseconds: 50 },
    });
    const response = name === 'me' ? await scim.get('/Me') : await scim.post('/Users', body);
    expect(response.status).toBe(503);
  });

  it.each(['onChange', 'onResponse', 'onExchange', 'onQuirk'] as const)(
    'what %s throws or rejects with goes to onError, and the response is sent',
    async (name) => {
      const fail = (): never => {
        throw new Error(`${name} failed`);
      };
      for (const failing of [fail, () => Promise.reject(new Error(`${name} failed`))]) {
        const onError = jest.fn();
        const scim = scimOn(make, { ...hook(name, failing), onError });
        const id = await scim.user();
        onError.mockClear();
        expect((await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }])).status).toBe(
          200,
        );
        while (onError.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(onError.mock.calls.every(([error]) => (error as Error).message === `${name} failed`)).toBe(true);
      }
    },
  );

  it('an onError that throws or rejects changes no response', async () => {
    const log = jest.spyOn(console, 'error').mockReturnValue();
    const fail = (): never => {
      throw new Error('logger failed');
    };
    for (const onError of [fail, (() => Promise.reject(new Error('logger failed'))) as unknown as () => void]) {
      const scim = scimOn(make, { onError, authorize: () => fail() });
      expect((await scim.get('/Users')).body).toMatchObject({ status: '500' });
    }
    await new Promise(setImmediate);
    expect(log).toHaveBeenCalledTimes(2);
    log.mockRestore();
  });
});

describe('parseAdoption', () => {
  it.each([
    { id: 'u1', refused: true },
    { id: 'u1', tombstone: 't1' },
    { ambiguous: [], refused: true },
    { id: 'u1', relink: 1 },
    { id: 'u1', attributes: [''] },
    { id: 'u1', ambigous: true },
    { id: 'u1', review: true },
    { ambiguous: ['u1'], reason: 1 },
  ])('refuses %j: which decision counts must not be a guess', (value) => {
    expect(() => parseAdoption(value)).toThrow(/^adopt returned an object\. Return \{ id \}/);
  });

  it.each([
    { id: 'u1' },
    { id: 'u1', relink: true, attributes: ['active'] },
    { ambiguous: ['u1'] },
    { ambiguous: ['u1'], reason: 'two accounts' },
    { tombstone: 't1' },
    { refused: true },
  ])('reads %j', (value) => {
    expect(parseAdoption(value)).toBe(value);
  });
});

describe('combineHooks', () => {
  it('calls every hook in order with the same arguments, and skips undefined', () => {
    const calls: unknown[] = [];
    const hook = combineHooks<[string, number]>(
      (...args) => void calls.push(['first', ...args]),
      undefined,
      (...args) => void calls.push(['second', ...args]),
    );
    expect(hook('a', 1)).toBeUndefined();
    expect(calls).toEqual([
      ['first', 'a', 1],
      ['second', 'a', 1],
    ]);
  });

  it('calls the others where one fails, and then throws what it threw', async () => {
    const last = jest.fn<() => void>();
    const fail = (): never => {
      throw new Error('first');
    };
    expect(() => combineHooks(fail, last)()).toThrow('first');
    await expect(combineHooks(() => Promise.reject(new Error('second')), last)()).rejects.toThrow('second');
    await expect(combineHooks(fail, () => Promise.reject(new Error('second')), last)()).rejects.toMatchObject({
      errors: [new Error('first'), new Error('second')],
    });
    expect(last).toHaveBeenCalledTimes(3);
  });

  it('does not let one hook wait for another, and waits for all', async () => {
    const calls: string[] = [];
    const slow = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      calls.push('slow');
    };
    await combineHooks(slow, () => void calls.push('quick'))();
    expect(calls).toEqual(['quick', 'slow']);
  });

  it.each([null, 'x', {}, [() => undefined]])('refuses %j at creation', (hook) => {
    expect(() => combineHooks(() => undefined, hook as never)).toThrow(/^combineHooks: argument 1 must be a function/);
  });

  it('serves onChange and onResponse of a router', async () => {
    const seen: string[] = [];
    const [, make] = expresses[0] ?? [];
    if (make === undefined) throw new Error('no Express');
    const scim = scimOn(make, {
      onChange: combineHooks(
        (event) => void seen.push(`1 ${event.type}`),
        (event) => void seen.push(`2 ${event.type}`),
      ),
      onResponse: combineHooks((record) => void seen.push(`3 ${String(record.status)}`), undefined),
    });
    await scim.user();
    expect(seen).toEqual(['1 user.created', '2 user.created', '3 201']);
  });
});
