import { describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import {
  type ChangeCheck,
  ForbiddenError,
  MemoryStore,
  type ProposedChange,
  type ScimRouterOptions,
  type UserStore,
  type WriteTransaction,
} from '../../src/index.js';
import { createScimTables, createSideTables, defineMapping, mappedStore, sqlStore } from '../../src/sql.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { clientOf, expresses, groupSchemas, scimOn, userSchemas } from './app.js';

const set = (path: string, value: unknown) => [{ op: 'replace', path, value }];

/** The memory store as one of an author who knows nothing of checks. */
function uncheckedStore(): { readonly store: UserStore; readonly sound: MemoryStore } {
  const sound = new MemoryStore();
  return {
    sound,
    store: {
      create: async (creation, ctx) => sound.create(creation, ctx),
      get: async (id, selection, ctx) => sound.get(id, selection, ctx),
      list: async (query, ctx) => sound.list(query, ctx),
      update: async (id, change, ctx) => sound.update(id, change, ctx),
      delete: async (id, removal, ctx) => sound.delete(id, removal, ctx),
    },
  };
}

describe.each(expresses)('a check that beforeChange returns, on %s', (_, make) => {
  const open = (check: (change: ProposedChange) => unknown, more: Partial<ScimRouterOptions> = {}) => {
    const store = new MemoryStore();
    const errors: unknown[] = [];
    const beforeChange = (change: ProposedChange) => check(change) as ChangeCheck;
    const onError = (error: unknown): void => void errors.push(error);
    return { plain: scimOn(make, {}, store), scim: scimOn(make, { beforeChange, onError, ...more }, store), errors };
  };

  it('refuses the write with what it throws, and then `failed` runs', async () => {
    const failures: unknown[] = [];
    const { scim, plain } = open(() => ({
      before() {
        throw new ForbiddenError('not today');
      },
      failed: (error: unknown) => void failures.push(error),
    }));
    const id = await plain.user();
    const refused = await scim.patch(`/Users/${id}`, set('title', 'T'));
    expect([refused.status, refused.body]).toMatchObject([403, { detail: 'not today' }]);
    expect((await scim.delete(`/Users/${id}`)).status).toBe(403);
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(403);
    expect(failures).toHaveLength(3);
    expect((await plain.get('/Users')).body).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });

  it.each([{}, { before: true }, []])('refuses the write with 500 where it is %j', async (value) => {
    const { scim, plain, errors } = open(() => value);
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(500);
    expect(String(errors[0])).toContain('Return nothing, or an object with the functions before, after or failed');
    expect((await plain.get('/Users')).body).toMatchObject({ totalResults: 0 });
  });

  it.each([undefined, null, true, 0])('is none where it is %j', async (value) => {
    const { scim } = open(() => value);
    expect(await scim.user()).toBeDefined();
  });

  it('may use what current() returned, and must not call it for the first time', async () => {
    const seen: unknown[] = [];
    const reads = open(async (change) => {
      await change.current();
      return { before: async () => void seen.push(await change.current()) };
    });
    const id = await reads.plain.user({ title: 'before' });
    expect((await reads.scim.patch(`/Users/${id}`, set('title', 'after'))).status).toBe(200);
    expect(seen).toMatchObject([{ title: 'before' }]);
    const late = open((change) => ({ before: async () => void (await change.current()) }));
    const other = await late.plain.user();
    expect((await late.scim.patch(`/Users/${other}`, set('title', 'T'))).status).toBe(500);
    expect(String(late.errors[0])).toContain('current()');
  });

  it('ends with the request, which gives the lock back: a check that hangs is a 503', async () => {
    let hangs = true;
    const { scim, errors } = open(() => ({ before: () => (hangs ? new Promise(() => undefined) : undefined) }), {
      limits: { storeMilliseconds: 150 },
    });
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(503);
    hangs = false;
    while (!errors.some((error) => String(error).includes('transaction.handle'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(201);
  });

  it('runs ahead of the write in a store without checks, which can run no `after`', async () => {
    const { store, sound } = uncheckedStore();
    const check: ChangeCheck[] = [];
    const scim = scimOn(make, { beforeChange: () => check[0] }, store);
    const transactions: WriteTransaction[] = [];
    check[0] = { before: (transaction) => void transactions.push(transaction) };
    expect(await scim.user()).toBeDefined();
    expect(transactions).toEqual([{ handle: undefined }]);
    check[0] = { after: () => undefined };
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(500);
    expect((await scimOn(make, {}, sound).get('/Users')).body).toMatchObject({ totalResults: 1 });
  });

  it('decides by the version that it saw, in a store without checks too', async () => {
    const { store, sound } = uncheckedStore();
    const plain = scimOn(make, {}, sound);
    const id = await plain.user();
    let decisions = 0;
    const beforeChange = async (change: ProposedChange): Promise<ChangeCheck> => {
      await change.current();
      // Another client comes in between, once.
      if (decisions++ === 0) await plain.patch(`/Users/${id}`, set('title', 'theirs'));
      return { before: () => void checked.push(decisions) };
    };
    const checked: number[] = [];
    expect((await scimOn(make, { beforeChange }, store).patch(`/Users/${id}`, set('nickName', 'N'))).status).toBe(200);
    expect(checked).toEqual([2]);
  });
});

describe('options.withinWrite', () => {
  async function open(withinWrite: (db: Kysely<unknown>) => NonNullable<ScimRouterOptions['withinWrite']>) {
    const { db } = sqlite();
    await createScimTables(db);
    await sql`create table seats (user_id text primary key, plan text not null)`.execute(db);
    const [[, make] = expresses[0] ?? []] = expresses;
    if (make === undefined) throw new Error('no Express');
    const store = sqlStore(db, { outbox: true });
    const plain = scimOn(make, {}, store);
    const scim = scimOn(make, { withinWrite: withinWrite(db) }, store);
    const rows = async (table: string) => (await sql`select * from ${sql.table(table)}`.execute(db)).rows;
    return { scim, plain, rows };
  }
  const handleOf = ({ handle }: WriteTransaction): Kysely<unknown> => handle as Kysely<unknown>;

  it('commits the rows of the app with the resource, and rolls both back', async () => {
    let plan = 'team';
    const { scim, rows } = await open(() => async (change, { resource }, transaction) => {
      if (change.operation !== 'create') return;
      await sql`insert into seats (user_id, plan) values (${resource.id}, ${plan})`.execute(handleOf(transaction));
      if (plan === 'none') throw new ForbiddenError('There is no plan.');
    });
    const id = await scim.user();
    expect(await rows('seats')).toEqual([{ user_id: id, plan: 'team' }]);
    const events = (await rows('scim_outbox')).length;
    plan = 'none';
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(403);
    expect(await rows('seats')).toHaveLength(1);
    expect(await rows('scim_users')).toHaveLength(1);
    expect(await rows('scim_outbox')).toHaveLength(events);
  });

  it('is called for each write that changes something, with what the client asked for', async () => {
    const calls: unknown[] = [];
    const { scim } = await open(() => ({ operation, resourceType, set: changed }, { before, resource }) => {
      calls.push([operation, resourceType, Object.keys(changed).includes('title'), before?.id ?? null, resource.id]);
    });
    const id = await scim.user();
    await scim.patch(`/Users/${id}`, set('title', 'Dr'));
    await scim.patch(`/Users/${id}`, set('title', 'Dr'));
    const group = (await scim.post('/Groups', { schemas: groupSchemas, displayName: 'G' })).body as { id: string };
    await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'y' });
    await scim.delete(`/Users/${id}`);
    await scim.delete(`/Users/${id}`);
    expect(calls).toEqual([
      ['create', 'User', false, null, id],
      ['patch', 'User', true, id, id],
      ['create', 'Group', false, null, group.id],
      ['replace', 'User', false, id, id],
      ['delete', 'User', false, null, id],
    ]);
  });

  it('is an error at creation for a store without checks, which names the store', () => {
    const [[, make] = expresses[0] ?? []] = expresses;
    const withinWrite = (): void => undefined;
    const without = { ...uncheckedStore().store, groups: new MemoryStore().groups };
    expect(() => make && scimOn(make, { withinWrite }, without)).toThrow(/supports\.checks: true.*the store of User /);
    expect(() => make && scimOn(make, { withinWrite })).not.toThrow();
  });
});

describe('a mapped store without a table of locks', () => {
  it('says which table to create, where a guard needs it, and needs none otherwise', async () => {
    const { db } = sqlite();
    await sql`create table people (id integer primary key, login text not null unique)`.execute(db);
    const users = defineMapping<{ people: { id: number; login: string } }>()({
      table: 'people',
      id: { column: 'id', prefix: 'u' },
      version: 'hash',
      attributes: { userName: 'login' },
    });
    await createSideTables(db, { users });
    const store = mappedStore(db, { users, sideTables: 'scim_side_', onWarning: () => undefined });
    const [[, make] = expresses[0] ?? []] = expresses;
    if (make === undefined) throw new Error('no Express');
    const errors: unknown[] = [];
    const beforeChange = (): ChangeCheck => ({ before: () => undefined });
    const guarded = scimOn(make, { beforeChange, onError: (error) => void errors.push(error) }, store);
    expect((await guarded.post('/Users', { schemas: userSchemas, userName: 'x' })).status).toBe(500);
    expect(String(errors[0])).toContain("createLockTable(db, 'scim_locks')");
    expect(await clientOf(scimOn(make, {}, store).app).user()).toBeDefined();
  });
});
