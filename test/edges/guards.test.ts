import { describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { type ChangeCheck, MemoryStore, type ScimRouterOptions } from '../../src/index.js';
import {
  adoptBy,
  type ExistingAccount,
  type Guard,
  guards,
  lastOwner,
  massDeactivationBreaker,
  memoryConflictStore,
  memoryHoldStore,
  seatLimit,
} from '../../src/lifecycle/index.js';
import { expresses, scimOn, userSchemas } from '../http/app.js';

const [[, make] = ['', undefined]] = expresses;
if (make === undefined) throw new Error('no Express');
const express = make;
const ada = { schemas: userSchemas, userName: 'ada@example.com', externalId: 'e1' };

/** A router with a guard, over a store with one user. */
async function guarded(options: Partial<ScimRouterOptions>) {
  const store = new MemoryStore();
  const id = await scimOn(express, {}, store).user();
  const errors: string[] = [];
  const scim = scimOn(express, { ...options, onError: (error) => void errors.push(String(error)) }, store);
  return { scim, id, errors };
}

// Each of these is less than 50 as JavaScript compares them, or adds up to a number that is never reached.
const noCounts: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['undefined', undefined],
  ['false', false],
  ['true', true],
  ['NaN', Number.NaN],
  ['-1', -1],
  ['an empty text', ''],
  ['a text', 'many'],
  ['a list', []],
  ['rows of a query', [{ count: '100' }]],
  ['a Date', new Date(0)],
];

describe('a count of the app', () => {
  it.each(noCounts)('seatLimit: %s lets nobody in', async (_, value) => {
    const options: readonly Parameters<typeof seatLimit>[0][] = [
      { seats: 50, count: () => value as number },
      { seats: () => value as number, count: () => 1 },
    ];
    for (const option of options) {
      const { scim, errors } = await guarded({ beforeChange: seatLimit(option) });
      expect((await scim.post('/Users', ada)).status).toBe(500);
      expect(errors.join()).toMatch(/seatLimit: (?:count|seats) returned .*Return a number that is not negative/);
    }
  });

  it.each(noCounts)('lastOwner: %s lets no owner go', async (_, value) => {
    const beforeChange = lastOwner({ isOwner: () => true, ownersLeft: () => value as number });
    const { scim, id, errors } = await guarded({ beforeChange });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(500);
    expect(errors.join()).toContain('lastOwner: ownersLeft returned');
  });

  it.each(noCounts)('massDeactivationBreaker: %s deactivates nobody', async (_, value) => {
    const beforeChange = massDeactivationBreaker({ count: () => value as number, holds: memoryHoldStore() });
    const { scim, id, errors } = await guarded({ beforeChange });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(500);
    expect(errors.join()).toContain('massDeactivationBreaker: count returned');
  });

  it.each<[unknown, unknown, number]>([
    ['9', '50', 201],
    ['100', '50', 403],
    [100n, 50n, 403],
    [9n, 50, 201],
    [100, Infinity, 201],
  ])('is compared as a number, however the driver returns it: %s of %s seats', async (count, seats, status) => {
    const beforeChange = seatLimit({ seats: () => seats as number, count: () => count as number });
    const { scim } = await guarded({ beforeChange });
    expect((await scim.post('/Users', ada)).status).toBe(status);
  });

  it('of active users that is text holds as many as one that is a number', async () => {
    const beforeChange = massDeactivationBreaker({
      count: () => '4' as unknown as number,
      minimum: 0,
      holds: memoryHoldStore(),
    });
    const { scim, id } = await guarded({ beforeChange });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(503);
  });
});

describe('what a check returns', () => {
  const outcomes: readonly (readonly [string, () => unknown, number])[] = [
    ['false', () => false, 403],
    ['a promise of false', () => Promise.resolve(false), 403],
    ['a generator', () => (function* () {})(), 500],
    ['an asynchronous generator', () => (async function* () {})(), 500],
    ['a query that was not executed', () => ({ compile: () => '', execute: () => undefined }), 500],
    ['nothing', () => undefined, 201],
    ['rows', async () => [{ id: 1 }], 201],
    ['null', () => null, 201],
  ];

  it.each(outcomes)('before, after, withinWrite: %s', async (_, outcome, status) => {
    const check = { before: outcome } as unknown as ChangeCheck;
    const later = { after: outcome } as unknown as ChangeCheck;
    const hooks: readonly Partial<ScimRouterOptions>[] = [
      { beforeChange: () => check },
      { beforeChange: () => later },
      { withinWrite: outcome as never },
      { beforeChange: () => later, withinWrite: () => undefined },
      {
        beforeChange: guards(
          () => check,
          () => ({ before: () => undefined }),
        ),
      },
      {
        beforeChange: guards(
          () => ({ after: () => undefined }),
          () => later,
        ),
      },
    ];
    for (const hook of hooks) {
      const { scim } = await guarded(hook);
      expect((await scim.post('/Users', ada)).status).toBe(status);
      expect((await scim.get('/Users')).body).toMatchObject({ totalResults: status === 201 ? 2 : 1 });
    }
  });

  it.each<[string, unknown, number]>([
    ['false', false, 403],
    ['a check with a misspelled name', { befor: () => undefined }, 500],
    ['an empty object', {}, 500],
    ['null', null, 201],
    ['true', true, 201],
  ])('guards: a guard beside another one that returns %s', async (_, value, status) => {
    const wrong: Guard = (() => value) as never;
    const sound: Guard = () => ({ before: () => undefined });
    for (const beforeChange of [guards(wrong, sound), guards(sound, wrong), guards(wrong, wrong)]) {
      const { scim } = await guarded({ beforeChange });
      expect((await scim.post('/Users', ada)).status).toBe(status);
    }
  });

  it('guards: says at creation which argument is no guard', () => {
    expect(() => guards(seatLimit({ seats: 1, count: () => 1 }), { before: 1 } as never)).toThrow(
      /^guards: argument 1 must be a function or undefined; got an object/,
    );
  });
});

describe('an account of the app', () => {
  /** The account of the user, as a row of a database. */
  async function adopting(row: (id: string) => unknown) {
    const store = new MemoryStore();
    const plain = scimOn(express, {}, store);
    const id = await plain.user({ userName: 'owner@example.com' });
    const adopt = adoptBy({
      find: () => [row(id)] as ExistingAccount[],
      account: () => row(id) as ExistingAccount,
      conflicts: memoryConflictStore(),
    });
    const errors: string[] = [];
    const onError = (error: unknown): void => void errors.push(String(error));
    const scim = scimOn(express, { adopt, beforeChange: adopt.guard, onError }, store);
    const rename = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'T' }]);
    return { rename: rename.status, create: (await scim.post('/Users', ada)).status, errors };
  }

  it.each<[string, object]>([
    ['true', { review: true }],
    ['1', { review: 1 }],
    ['1n', { review: 1n }],
    ['true, with an externalId that is null', { review: true, externalId: null, active: null }],
  ])('under review is closed where review is %s', async (_, fields) => {
    const { rename, create, errors } = await adopting((id) => ({ id, label: 'The owner', ...fields }));
    expect([rename, create, errors]).toEqual([403, 409, []]);
  });

  it.each<[string, object]>([
    ['review as text', { review: 'true' }],
    ['review as a list', { review: [] }],
    ['review 2', { review: 2 }],
    ['an empty externalId', { externalId: '' }],
    ['externalId as a number', { externalId: 7 }],
    ['active as text', { active: 'false' }],
    ['an id that is a number', { id: 7 }],
    ['an unknown field', { needsReview: true }],
    ['a field in another case', { Review: true }],
    ['the name of a column', { external_id: null }],
  ])('is neither linked nor changed where it has %s', async (_, fields) => {
    const { rename, create, errors } = await adopting((id) => ({ id, label: 'The owner', ...fields }));
    expect([rename, create]).toEqual([500, 500]);
    expect(errors.join()).toContain('adoptBy: account returned an account ');
    expect(errors.join()).toContain('adoptBy: find returned an account ');
  });

  it.each([null, undefined, 0, false, ''])(
    'is open where `account` returns null, and linked where review is %j',
    async (review) => {
      const row = (id: string): object => ({ id, label: 'Somebody', review, externalId: null });
      if (review === '') {
        expect(await adopting(row)).toMatchObject({ rename: 500, create: 500 });
        return;
      }
      expect(await adopting(row)).toMatchObject({ rename: 200, create: 201, errors: [] });
    },
  );

  it.each([null, {}, { id: 'x' }, 'x', 7])('`find` must return a list, and returned %j', async (value) => {
    const adopt = adoptBy({ find: () => value as never, conflicts: memoryConflictStore() });
    const { scim, errors } = await guarded({ adopt });
    expect((await scim.post('/Users', ada)).status).toBe(500);
    expect(errors.join()).toContain('adoptBy: find returned');
  });
});

describe('fields behind the getters of a class', () => {
  class Client {
    readonly id = 'x';
    get tenantId(): string {
      return 'acme';
    }
  }
  class Restricted {
    readonly id = 'x';
    get tenant(): string {
      return 'acme';
    }
    get scopes(): readonly string[] {
      return ['users:read'];
    }
  }

  it('count as other fields do: a misspelled one lets nobody in', async () => {
    const onError = jest.fn();
    const scim = scimOn(express, { authenticate: () => new Client(), onError });
    expect((await scim.get('/Users')).status).toBe(401);
    expect(String(onError.mock.calls[0])).toContain('the field tenantId, which must be named tenant');
  });

  it('are read where they are named as an actor names them', async () => {
    const seen: string[] = [];
    const authenticate = (() => new Restricted()) as unknown as ScimRouterOptions['authenticate'];
    const scim = scimOn(express, { authenticate, onResponse: ({ tenant }) => void seen.push(String(tenant)) });
    expect((await scim.get('/Users')).status).toBe(200);
    expect((await scim.post('/Users', ada)).status).toBe(403);
    expect(seen).toEqual(['acme', 'acme']);
  });
});

describe('publicDiscovery', () => {
  it.each([7, true, {}, 'x'.repeat(101)])('serves no tenant that is none: %j', async (tenant) => {
    const tenantOf = (() => tenant) as unknown as NonNullable<ScimRouterOptions['tenantOf']>;
    const seen: unknown[] = [];
    const baseUrl = (ctx: { readonly tenant: unknown }): string => {
      seen.push(ctx.tenant);
      return 'https://app.example.com/scim/v2';
    };
    const scim = scimOn(express, { publicDiscovery: true, tenantOf, baseUrl, onError: () => undefined });
    const response = await request(scim.app).get('/scim/v2/Schemas');
    expect([response.status, seen]).toEqual([401, []]);
  });
});
