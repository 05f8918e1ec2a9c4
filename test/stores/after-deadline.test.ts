import { afterEach, describe, expect, it } from '@jest/globals';
import type { Kysely } from 'kysely';
import type { ScimContext } from '../../src/contract/context.js';
import { KeyedLocks } from '../../src/contract/keyed-locks.js';
import type { Group, User } from '../../src/contract/resource.js';
import type { UserStore } from '../../src/contract/store.js';
import { UnavailableError } from '../../src/errors.js';
import { createScimTables, sqlStore } from '../../src/sql.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';
import { repeatWrite } from '../../src/stores/mongodb/attempts.js';
import type { TenantScope } from '../../src/stores/mongodb/document.js';
import { change, ctx, members, newGroup, newUser, removal, withMembers } from '../../src/testing/requests.js';
import { mapped, prepareMapped } from './mapped/mapped.js';
import { sqlite } from './sql/sqlite.js';

// A client that got its 503 may have sent something else by now, which no write of the request before may undo.

let destroy: () => Promise<void> = () => Promise.resolve();
afterEach(() => destroy());

/** A request that ends while a statement runs, for example because it waited long for a connection or a lock. */
interface EndedRequest {
  readonly context: ScimContext;
  /** The writes of it, from that statement on. */
  readonly writes: readonly string[];
}

/** A database, and what makes a request that ends at the first statement that `last` matches: by default, at its first one. */
function database(): { readonly db: Kysely<unknown>; begin(last?: RegExp): EndedRequest } {
  let onStatement: (text: string) => void = () => undefined;
  const { db } = sqlite((text) => onStatement(text));
  destroy = () => db.destroy();
  return {
    db,
    begin(last = /(?:)/) {
      const aborter = new AbortController();
      const writes: string[] = [];
      onStatement = (text) => {
        if (last.test(text)) aborter.abort();
        if (/^\s*(?:insert|update|delete)/i.test(text)) writes.push(text);
      };
      return { context: { ...ctx(), signal: aborter.signal }, writes };
    },
  };
}

const builtIn = (outbox: boolean) => async (db: Kysely<unknown>) => {
  await createScimTables(db);
  return sqlStore(db, { outbox });
};
const stores: readonly (readonly [string, (db: Kysely<unknown>) => Promise<UserStore>])[] = [
  ['the built-in tables', builtIn(false)],
  ['the built-in tables with an outbox', builtIn(true)],
  [
    'mapped tables',
    async (db) => {
      await prepareMapped(db, 'sqlite');
      return (await mapped(db)).store;
    },
  ],
];

const emails = [{ value: 'late@example.com', type: 'work' }];
const requests: readonly (readonly [
  string,
  (store: UserStore, ids: { readonly user: string; readonly group: string }, context: ScimContext) => unknown,
])[] = [
  ['creation', (store, _, context) => store.create(newUser('late', { emails }), context)],
  ['change', (store, { user }, context) => store.update(user, change<User>({ set: { displayName: 'Late' } }), context)],
  [
    'change of what has an index',
    (store, { user }, context) => store.update(user, change<User>({ set: { emails } }), context),
  ],
  [
    'move of a member',
    (store, { user, group }, context) =>
      store.groups?.update(group, change({ members: members({ add: [user] }) }), context),
  ],
  ['deletion', (store, { user }, context) => store.delete(user, removal(), context)],
];

describe.each(stores)('%s', (_, open) => {
  it.each(requests)('begin no %s after the deadline of the request', async (_name, request) => {
    const { db, begin } = database();
    const store = await open(db);
    const user = (await store.create(newUser('ada'), ctx())).resource.id;
    const group = (await store.groups?.create(newGroup('Crew', []), ctx()))?.resource.id ?? '';
    const { context, writes } = begin();
    await expect(request(store, { user, group }, context)).rejects.toBeInstanceOf(UnavailableError);
    expect(writes).toEqual([]);
  });
});

it.each(stores)('%s commit nothing where the deadline passes within the transaction', async (_name, open) => {
  const { db, begin } = database();
  const store = await open(db);
  const user = (await store.create(newUser('ada'), ctx())).resource.id;
  // A lock that another transaction holds makes a statement wait.
  const { context, writes } = begin(/^\s*delete/i);
  await expect(store.delete(user, removal(), context)).rejects.toBeInstanceOf(UnavailableError);
  expect(writes).not.toEqual([]);
  expect(await store.get(user, new Set(), ctx())).toBeDefined();
});

it('a large change in memory does not begin after the deadline of the request', async () => {
  const store = new MemoryStore();
  const ids = await Promise.all(
    Array.from({ length: 6_000 }, async (_, i) => (await store.create(newUser(`user${String(i)}`), ctx())).resource.id),
  );
  const group = (await store.groups.create(newGroup('Crew', []), ctx())).resource.id;
  const aborter = new AbortController();
  const additions = change<Group>({ members: members({ add: ids }) });
  const first = store.groups.update(group, additions, ctx());
  // It waits for the first one.
  const removals = change<Group>({ members: members({ remove: ids }) });
  const second = store.groups.update(group, removals, { ...ctx(), signal: aborter.signal });
  aborter.abort();
  await expect(second).rejects.toBeInstanceOf(UnavailableError);
  await first;
  expect((await store.groups.get(group, withMembers, ctx()))?.members).toHaveLength(ids.length);
});

describe('a write on MongoDB', () => {
  const scope = { tenant: 'acme' } as unknown as TenantScope;

  it('is not repeated after the deadline of the request', async () => {
    const aborter = new AbortController();
    let attempts = 0;
    const target = { id: 'u', type: 'User', keys: {}, scope, locks: undefined, ctx: { signal: aborter.signal } };
    const written = repeatWrite(target, () => {
      attempts++;
      aborter.abort();
      return Promise.resolve(undefined);
    });
    await expect(written).rejects.toBeInstanceOf(UnavailableError);
    expect(attempts).toBe(1);
  });

  it('does not begin where the deadline has passed while another write of the resource was made', async () => {
    const aborter = new AbortController();
    const locks = new KeyedLocks();
    const target = { id: 'u', type: 'User', keys: {}, scope, locks };
    const first = repeatWrite({ ...target, ctx: ctx() }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      aborter.abort();
      return { result: 'first' };
    });
    let attempts = 0;
    const second = repeatWrite({ ...target, ctx: { signal: aborter.signal } }, () => {
      attempts++;
      return Promise.resolve({ result: 'second' });
    });
    await expect(second).rejects.toBeInstanceOf(UnavailableError);
    expect(await first).toBe('first');
    expect(attempts).toBe(0);
  });
});
