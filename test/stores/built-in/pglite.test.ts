import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { ChangeEvent } from '../../../src/contract/event.js';
import type { Group, User } from '../../../src/contract/resource.js';
import { createScimTables, sqlStore } from '../../../src/sql.js';
import { testUserStore } from '../../../src/testing/index.js';
import { change, ctx, members, newGroup, newUser, nothing } from '../../../src/testing/requests.js';
import { pglite } from '../../soak/pglite.js';
import { breakable } from '../sql/breakable.js';
import { groupsIn } from '../users.js';

// Runs the statements of PostgreSQL in every run of the tests; postgres.test.ts runs them on a server.
const statements: string[] = [];
const db = pglite((text) => statements.push(text));
const tables = ['members', 'keys', 'users', 'groups', 'outbox'];

/** An empty store. The tables are emptied and not created anew, which is faster. */
async function emptyStore(outbox: boolean) {
  for (const table of tables) await sql`delete from ${sql.table(`scim_${table}`)}`.execute(db);
  const { db: faulty, breakAt } = breakable(db);
  return {
    breakAt,
    store: sqlStore(faulty, { outbox }),
    anyAttribute: true,
    ...(outbox && {
      outbox: async () => {
        const { rows } = await sql<{ event: unknown }>`select event from scim_outbox`.execute(db);
        return rows.map(({ event }) => JSON.parse(String(event)) as ChangeEvent);
      },
    }),
  };
}

beforeAll(() => createScimTables(db));
afterAll(() => db.destroy());

for (const outbox of [true, false]) {
  testUserStore({
    name: `built-in tables on PGlite, ${outbox ? 'with' : 'without'} outbox`,
    create: () => emptyStore(outbox),
    randomRuns: 10,
  });
}

describe('the fast paths of PostgreSQL', () => {
  const store = sqlStore(db);
  const groups = groupsIn(store);
  /** The first words of the statements of some work; a transaction shows as `start` and `commit`. */
  async function verbsOf(work: () => Promise<unknown>): Promise<(string | undefined)[]> {
    statements.length = 0;
    await work();
    return statements.map((text) => /^\s*(\w+)/.exec(text)?.[1]);
  }

  it('set active in one statement', async () => {
    const { id } = (await store.create(newUser('active'), ctx())).resource;
    const off = change<User>({ set: { active: false } });
    const verbs = await verbsOf(async () => {
      expect(await store.update(id, off, ctx())).toMatchObject({ changed: true, resource: { active: false } });
      expect(await store.update(id, off, ctx())).toMatchObject({ changed: false, resource: { active: false } });
      expect(await store.update(randomUUID(), off, ctx())).toBeUndefined();
    });
    expect(verbs).toEqual(['with', 'with', 'with']);
  });

  it('add and remove members in one statement', async () => {
    const { id: user } = (await store.create(newUser('member'), ctx())).resource;
    const { id } = (await groups.create(newGroup('Crew'), ctx())).resource;
    const update = (delta: Parameters<typeof members>[0]) =>
      groups.update(id, change<Group>({ members: members({ ...delta, pending: 'keep' }), selection: nothing }), ctx());
    const verbs = await verbsOf(async () => {
      expect(await update({ add: [user] })).toMatchObject({ changed: true, added: [user], removed: [] });
      expect(await update({ add: [user] })).toMatchObject({ changed: false, added: [], removed: [] });
      expect(await update({ remove: [user] })).toMatchObject({ changed: true, added: [], removed: [user] });
    });
    expect(verbs).toEqual(['with', 'with', 'with']);
    // A member that is not a user violates the foreign key of that statement: the second attempt is a transaction.
    const retried = await verbsOf(async () => {
      expect(await update({ add: ['pending'] })).toMatchObject({ changed: true, added: ['pending'] });
    });
    expect([retried.slice(0, 2), retried.at(-1)]).toEqual([['with', 'start'], 'commit']);
  });

  it('change other attributes in a read and a write without a transaction', async () => {
    const { id } = (await store.create(newUser('title', { nickName: 'T' }), ctx())).resource;
    const verbs = await verbsOf(async () => {
      const result = await store.update(id, change<User>({ set: { title: 'Dr' }, unset: ['nickName'] }), ctx());
      expect(result).toMatchObject({ changed: true, resource: { title: 'Dr' } });
    });
    expect(verbs).toEqual(['select', 'with']);
    expect(await store.get(id, nothing, ctx())).not.toHaveProperty('nickName');
  });

  it('lock the row when a unique key changes', async () => {
    const { id } = (await store.create(newUser('before'), ctx())).resource;
    const verbs = await verbsOf(async () => {
      const renamed = change<User>({ set: { userName: 'after' }, keys: { userName: 'after' } });
      expect(await store.update(id, renamed, ctx())).toMatchObject({ changed: true });
    });
    expect([verbs.slice(0, 2), verbs.at(-1)]).toEqual([['select', 'start'], 'commit']);
    await store.create(newUser('before'), ctx());
    await expect(store.create(newUser('after'), ctx())).rejects.toMatchObject({ status: 409, attribute: 'userName' });
  });
});
