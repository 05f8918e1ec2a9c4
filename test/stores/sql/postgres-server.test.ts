import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { User, UserStore } from '../../../src/store/contract.js';
import { createScimTables, dropScimTables, sqlStore } from '../../../src/store/sql/index.js';
import { change, ctx, listQuery, newUser } from '../../../src/testing/requests.js';

const url = process.env['POSTGRES_URL'];
const tables = 'server_';

/** What only a real PostgreSQL shows. */
const only = url === undefined ? describe.skip : describe;

only('ready-made tables on a PostgreSQL server', () => {
  const open = (options: pg.PoolConfig = {}) =>
    new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 4, ...options }) }),
    });
  let db: Kysely<unknown>;
  let store: UserStore;
  beforeAll(async () => {
    db = open();
    await createScimTables(db, { tables });
    store = sqlStore(db, { tables });
  });
  afterAll(async () => {
    await dropScimTables(db, { tables });
    await db.destroy();
  });

  it('keeps more values of an attribute than a statement has parameters for', async () => {
    const { id } = (await store.create(newUser('many'), ctx())).resource;
    const emails = Array.from({ length: 3_000 }, (_, i) => ({
      value: `m${String(i)}@x`,
      type: 'other',
      display: String(i),
    }));
    await store.update(id, change<User>({ set: { emails } }), ctx());
    expect((await store.get(id, new Set(['emails']), ctx()))?.emails).toEqual(emails);
    await store.update(id, change<User>({ unset: ['emails'] }), ctx());
    expect((await store.get(id, new Set(['emails']), ctx()))?.emails).toBeUndefined();
  });

  it('answers 503 where a statement takes longer than the host allows, and where the server writes no more', async () => {
    const { id } = (await store.create(newUser('slow'), ctx())).resource;
    const held = await new pg.Client({ connectionString: url });
    await held.connect();
    try {
      await held.query('begin');
      await held.query(`select 1 from ${tables}users where id = $1 for update`, [id]);
      const hasty = open({ statement_timeout: 50 });
      const late = sqlStore(hasty, { tables }).update(id, change<User>({ set: { title: 'x' } }), ctx());
      await expect(late).rejects.toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
      await hasty.destroy();
    } finally {
      await held.query('rollback');
      await held.end();
    }
    const standby = open({ options: '-c default_transaction_read_only=on' });
    const refused = sqlStore(standby, { tables });
    await expect(refused.create(newUser('late'), ctx())).rejects.toMatchObject({ status: 503 });
    expect((await refused.list(listQuery<User>(), ctx())).totalResults).toBeGreaterThan(0);
    await standby.destroy();
  });

  it('answers 503 where every connection is taken for longer than the pool waits', async () => {
    const small = open({ max: 1, connectionTimeoutMillis: 50 });
    await small.connection().execute(async () => {
      await expect(sqlStore(small, { tables }).get('x', new Set(), ctx())).rejects.toMatchObject({ status: 503 });
    });
    await small.destroy();
    await sql`select 1`.execute(db);
  });
});
