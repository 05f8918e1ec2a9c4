import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { deliverObserved } from '../../src/contract/deliver.js';
import {
  type ChangeEvent,
  combineHooks,
  connectorKeys,
  generateConnectorKey,
  ForbiddenError,
  MemoryStore,
  type ScimRouterOptions,
} from '../../src/index.js';
import { adoptBy, guards, onEvents } from '../../src/lifecycle/index.js';
import { withRateLimit } from '../../src/rate-limit.js';
import { defineQuirk } from '../../src/quirks/custom-quirk.js';
import { expresses, scimOn, userSchemas } from '../http/app.js';

const [first] = expresses;
if (first === undefined) throw new Error('There is no Express.');
const [, make] = first;

const body = { schemas: userSchemas, userName: 'ada@example.com', externalId: 'e1' };
const headers = { authorization: `Bearer ${generateConnectorKey().key}` };
const broken = new Error('it broke');
const fail = (): never => {
  throw broken;
};
const reject = () => Promise.reject(broken);
const authenticate = () => ({ id: 'entra' });
const conflicts = { find: () => undefined, add: () => undefined } as never;

/** Hooks that fail, with the name in the log. */
const failing: readonly (readonly [string, string, Partial<ScimRouterOptions>])[] = [
  ['authenticate', 'authenticate', { authenticate: fail }],
  ['a lookup', 'authenticate > the lookup of connectorKeys', { authenticate: connectorKeys(reject) }],
  [
    'a limiter',
    'authenticate > limiter.consume',
    { authenticate: withRateLimit(() => ({ id: 'a' }), { consume: reject }) },
  ],
  ['tenantOf', 'tenantOf', { tenantOf: fail }],
  ['baseUrl', 'baseUrl', { baseUrl: fail }],
  ['access', 'access', { access: fail }],
  ['a configuration', 'tenants.configurationOf', { tenants: { configurationOf: reject } }],
  ['authorize', 'authorize', { authorize: fail }],
  ['authorize that rejects', 'authorize', { authorize: reject }],
  ['adopt', 'adopt', { adopt: reject }],
  ['find of adoptBy', 'adopt > adoptBy.find', { adopt: adoptBy({ find: reject, conflicts }) }],
  ['beforeChange', 'beforeChange', { beforeChange: reject }],
  ['a guard', 'beforeChange > guard 1 of guards()', { beforeChange: guards(undefined, fail) }],
  ['before of a check', 'beforeChange.before', { beforeChange: () => ({ before: fail }) }],
  ['after of a check', 'beforeChange.after', { beforeChange: () => ({ after: reject }) }],
  ['failed of a check', 'beforeChange.failed', { beforeChange: () => ({ before: refuse, failed: reject }) }],
  ['withinWrite', 'withinWrite', { withinWrite: fail }],
  ['a quirk', 'quirks.custom (x-fail)', { quirks: { custom: [quirk()] } }],
  ['onChange', 'onChange', { onChange: fail }],
  ['onChange that rejects', 'onChange', { onChange: reject }],
  ['a listener of events', 'onChange > onEvents["user.created"]', { onChange: onEvents({ 'user.created': fail }) }],
  ['a combined hook', 'onChange > argument 1 of combineHooks()', { onChange: combineHooks(undefined, reject) }],
  ['onResponse', 'onResponse', { onResponse: fail }],
  ['onExchange', 'onExchange', { onExchange: fail }],
];

function refuse(): never {
  throw new ForbiddenError('Not this one.');
}

function quirk() {
  return defineQuirk({ id: 'x-fail', clients: ['Our directory'], request: fail } as never);
}

/** What a mock was first called with; waits for a hook that rejects after the response. */
async function seen<T>(mock: { readonly mock: { readonly calls: readonly T[] } }): Promise<T> {
  for (let turn = 0; turn < 1_000; turn++) {
    const [call] = mock.mock.calls;
    if (call !== undefined) return call;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('Nothing was reported.');
}

describe('the name of the hook that failed', () => {
  let log: jest.SpiedFunction<typeof console.error>;
  beforeEach(() => {
    log = jest.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => {
    log.mockRestore();
  });

  it.each(failing)('of %s is in the log with the request: %s', async (_, name, options) => {
    await scimOn(make, { authenticate, ...options, onError: undefined }, new MemoryStore()).post(
      '/Users',
      body,
      headers,
    );
    const [format, place, error] = await seen(log);
    expect(format).toBe('express-scim: %s:');
    expect(place).toMatch(/^error in .* \(request [0-9a-f-]{36}\)$/);
    expect(String(place).replace(/ \(request .*/, '')).toBe(`error in ${name}`);
    expect(error).toBe(broken);
  });

  it.each(failing)('of %s is passed to onError: %s', async (_, name, options) => {
    const onError = jest.fn();
    await scimOn(make, { authenticate, ...options, onError }, new MemoryStore()).post('/Users', body, headers);
    const [error, , requestId, hook] = await seen(onError);
    expect([error, hook]).toEqual([broken, name]);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('stays the same when one error is thrown again', async () => {
    const onError = jest.fn();
    const scim = scimOn(make, { beforeChange: guards(fail), onError });
    for (let i = 0; i < 3; i++) await scim.post('/Users', body);
    expect(onError.mock.calls.map(([, , , hook]) => hook)).toEqual(Array(3).fill('beforeChange > guard 0 of guards()'));
  });

  it('is there where a hook returns what it must not, without a request', async () => {
    const scim = scimOn(make, { authenticate: () => true as never, onError: undefined });
    expect((await scim.get('/Users')).status).toBe(401);
    expect(log.mock.calls[0]?.slice(0, 2)).toEqual(['express-scim: %s:', 'error in authenticate']);
  });

  it('is that of a hook which does not return in time', async () => {
    const never = new Promise<void>(() => undefined);
    const scim = scimOn(make, { beforeChange: () => never, limits: { requestMilliseconds: 50 }, onError: undefined });
    expect((await scim.post('/Users', body)).status).toBe(503);
    expect(log.mock.calls[0]?.[1]).toMatch(/^error in beforeChange \(request/);
    expect(String(log.mock.calls[0]?.[2])).toContain('beforeChange did not return before the deadline');
  });

  it('is not in the log for a fault of the store', async () => {
    const store = new MemoryStore();
    jest.spyOn(store, 'get').mockImplementation(fail);
    await scimOn(make, { onError: undefined }, store).get('/Users/u1');
    expect(log.mock.calls[0]?.[1]).toMatch(/^request [0-9a-f-]{36} failed$/);
  });
});

describe('what a combined hook returns', () => {
  const query = { execute: () => Promise.resolve([]), compile: () => ({}) };

  it.each([
    ['a query that was not executed', () => query],
    ['a promise of one', async () => query],
    ['a generator', function* () {}],
  ])('%s is an error that names the argument, and the others run', async (_, hook) => {
    const other = jest.fn<() => void>();
    const combined = async (): Promise<void> => combineHooks(() => undefined, hook as () => void, other)();
    await expect(combined()).rejects.toThrow(/^argument 1 of combineHooks\(\) returned an? .* See express-scim\/docs/);
    expect(other).toHaveBeenCalledTimes(1);
  });

  it.each<readonly [string, () => unknown]>([
    ['false', () => false],
    ['a promise of it', () => Promise.resolve(false)],
  ])('%s is returned, and names the argument where events are delivered', async (_, hook) => {
    const other = jest.fn<() => void>();
    const combined = combineHooks<[ChangeEvent]>(undefined, hook as () => void, other);
    const event = { id: 'e1', type: 'user.created', tenant: 'acme', requestId: 'r1' } as ChangeEvent;
    expect(await combined(event)).toBe(false);
    const delivered = async (deliver: (event: ChangeEvent) => unknown) => deliverObserved({ ...event }, deliver);
    const remedy =
      'returned false. To keep the event in the outbox, throw an error. See express-scim/docs/sql.md#the-outbox';
    await expect(delivered(combined)).rejects.toThrow(
      `The function that delivers events (argument 1 of combineHooks()) ${remedy}`,
    );
    await expect(delivered(hook)).rejects.toThrow(`The function that delivers events ${remedy}`);
    expect(other).toHaveBeenCalledTimes(2);
  });

  it('refuses a change where it is false, as that of a single hook does', async () => {
    const scim = scimOn(make, { beforeChange: combineHooks(() => undefined, (() => false) as never) });
    expect((await scim.post('/Users', body)).status).toBe(403);
  });

  it('is nothing where nobody asks for it', async () => {
    const onError = jest.fn();
    const scim = scimOn(make, { onChange: combineHooks((() => false) as never), onError });
    expect((await scim.post('/Users', body)).status).toBe(201);
    expect(onError).not.toHaveBeenCalled();
    expect(combineHooks(() => undefined)()).toBeUndefined();
  });

  it('is named for all hooks that fail', async () => {
    const combined = combineHooks(
      () => query as never,
      () => undefined,
      reject,
    );
    await expect(combined()).rejects.toMatchObject({
      message: 'combineHooks: 2 hooks failed (arguments 0, 2).',
      errors: [expect.objectContaining({ message: expect.stringContaining('argument 0') }), broken],
    });
  });
});

it('a throwing onUsed is a warning with its name', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const key = 'a-key-for-the-tests-0123456789';
  const keys = connectorKeys([{ key }], { onUsed: fail });
  await keys.verify(key, { headers: {}, socket: {} } as never);
  expect(warn.mock.calls[0]?.[0]).toBe('connectorKeys: error in onUsed: it broke');
  warn.mockRestore();
});
