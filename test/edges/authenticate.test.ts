import { describe, expect, it, jest } from '@jest/globals';
import { anyAuthenticator, type Authenticate, MemoryStore, ScimError } from '../../src/index.js';
import { expresses, scimOn, userSchemas } from '../http/app.js';
import { malformedActors, wrongValues } from './values.js';

const returning = (value: unknown): Authenticate => (() => value) as unknown as Authenticate;
const empty = ['undefined', 'null', 'false'];

/** Ways in which the same value reaches the router. */
const ways: readonly (readonly [
  string,
  (make: () => unknown) => Authenticate | ReturnType<typeof anyAuthenticator>,
])[] = [
  ['as it is', (make) => ((): unknown => make()) as Authenticate],
  ['in a promise', (make) => (async () => make()) as Authenticate],
  [
    'in a thenable of another library',
    (make) => returning({ then: (resolve: (value: unknown) => void) => void setImmediate(() => resolve(make())) }),
  ],
  [
    'in a promise of a promise',
    (make) => returning({ then: (resolve: (v: unknown) => void) => resolve(Promise.resolve(make())) }),
  ],
  [
    'through anyAuthenticator',
    (make) =>
      anyAuthenticator(
        () => undefined,
        (() => make()) as Authenticate,
        () => null,
      ),
  ],
];

describe.each(expresses)('what authenticate returns, on %s', (_, make) => {
  describe.each(ways)('%s', (_way, wrap) => {
    it.each(wrongValues)('%s is 401, and nothing is read or written', async (name, value) => {
      const store = new MemoryStore();
      const onError = jest.fn();
      const [list, create] = [jest.spyOn(store, 'list'), jest.spyOn(store, 'create')];
      const scim = scimOn(make, { authenticate: wrap(value), onError }, store);
      for (const authorization of ['Bearer wrong', '']) {
        const responses = [
          await scim.get('/Users', { authorization }),
          await scim.post('/Users', { schemas: userSchemas, userName: 'eve' }, { authorization }),
        ];
        for (const response of responses) {
          expect(response.status).toBe(401);
          expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
          expect(response.body).toMatchObject({ status: '401' });
        }
      }
      expect(list).not.toHaveBeenCalled();
      expect(create).not.toHaveBeenCalled();
      // Once for its kind, however often it is returned; what is empty is no fault.
      expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual(
        empty.includes(name)
          ? []
          : [
              expect.stringMatching(
                /^authenticate returned .*non-empty string id.*See express-scim\/docs\/options\.md/,
              ),
            ],
      );
    });
  });

  it.each(malformedActors)('an actor with %s is 401 and reported', async (_name, actor) => {
    const onError = jest.fn();
    const scim = scimOn(make, { authenticate: returning(actor), onError });
    expect((await scim.get('/Users')).status).toBe(401);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(String(onError.mock.calls[0]?.[0])).not.toMatch(/groups:read|acme|everything/);
  });

  it('reads null as absent, and 0 and 1 as booleans', async () => {
    const status = async (actor: unknown): Promise<number> =>
      (await scimOn(make, { authenticate: returning(actor) }).get('/Users')).status;
    expect(await status({ id: 'x', tenant: null, scopes: null, enabled: null })).toBe(200);
    expect(await status({ id: 'x', enabled: 1 })).toBe(200);
    expect(await status({ id: 'x', enabled: 0 })).toBe(403);
    expect(await status({ id: 'x', scopes: [] })).toBe(403);
    expect(await status({ id: 'x', scopes: ['users:read'] })).toBe(200);
  });

  it('says the limit where a tenant is longer than a database keeps it', async () => {
    const onError = jest.fn();
    const status = async (tenant: string): Promise<number> =>
      (await scimOn(make, { authenticate: () => ({ id: 'x', tenant }), onError }).get('/Users')).status;
    expect([await status('x'.repeat(100)), await status('\u{1f600}'.repeat(100))]).toEqual([200, 200]);
    expect(onError).not.toHaveBeenCalled();
    expect([await status('x'.repeat(101)), await status('\u{1f600}'.repeat(101))]).toEqual([401, 401]);
    expect(String(onError.mock.calls[0]?.[0])).toContain('an actor whose tenant has more than 100 characters');
  });

  it('passes the object itself to hooks where nothing is to be changed', async () => {
    const actor = { id: 'x', data: { plan: 'pro' } };
    const seen: unknown[] = [];
    const authorize = (_access: unknown, ctx: { actor: unknown }): boolean => seen.push(ctx.actor) > 0;
    await scimOn(make, { authenticate: () => actor, authorize }).get('/Users');
    expect(seen[0]).toBe(actor);
  });

  it.each<[string, () => unknown, number]>([
    [
      'an Error',
      () => {
        throw new Error('database away');
      },
      503,
    ],
    [
      'undefined',
      () => {
        throw undefined;
      },
      503,
    ],
    [
      'a string',
      () => {
        throw 'text';
      },
      503,
    ],
    ['null in a promise', () => Promise.reject(null), 503],
    ['an Error in a promise', () => Promise.reject(new Error('away')), 503],
    [
      'an Error in a thenable',
      () => ({ then: (_: unknown, reject: (e: Error) => void) => reject(new Error('away')) }),
      503,
    ],
    [
      'an Error from then itself',
      () => ({
        then: () => {
          throw new Error('away');
        },
      }),
      503,
    ],
    [
      'an Error from a getter of then',
      () => ({
        get then() {
          throw new Error('away');
        },
      }),
      503,
    ],
    [
      'a ScimError',
      () => {
        throw new ScimError(429, 'Too many requests.');
      },
      429,
    ],
    ['a ScimError in a promise', () => Promise.reject(new ScimError(429, 'Too many requests.')), 429],
    [
      'a ScimError that is no error',
      () => {
        throw new ScimError(200, 'fine');
      },
      500,
    ],
    [
      'a ScimError without a status',
      () => {
        throw new ScimError(undefined as never, 'fine');
      },
      500,
    ],
  ])('that throws %s', async (_name, authenticate, status) => {
    const onError = jest.fn();
    const scim = scimOn(make, { authenticate: authenticate as Authenticate, onError });
    const response = await scim.get('/Users');
    expect([response.status, (response.body as { status: string }).status]).toEqual([status, String(status)]);
    expect(onError).toHaveBeenCalledTimes(status >= 500 ? 1 : 0);
  });

  it('is 503 where it does not return in time', async () => {
    const scim = scimOn(make, {
      authenticate: () => new Promise(() => undefined),
      limits: { requestMilliseconds: 50 },
    });
    expect((await scim.get('/Users')).status).toBe(503);
  });
});

describe('anyAuthenticator', () => {
  it.each([
    'x',
    null,
    undefined,
    {},
    { authenticate: 1, schemes: [] },
    { authenticate() {} },
    { authenticate() {}, schemes: [{}] },
  ])('refuses %j at creation', (way) => {
    expect(() => anyAuthenticator(() => undefined, way as never)).toThrow(/^anyAuthenticator: argument 1 /);
  });

  it('goes on to the next way after something that is no actor', async () => {
    const way = anyAuthenticator((() => true) as unknown as Authenticate, () => ({ id: 'second' }));
    expect(await way.authenticate({ headers: {} } as never)).toEqual({ id: 'second' });
  });
});
