import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { User } from '../../../src/contract/resource.js';
import {
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  type SqlStore,
  sqlStore,
} from '../../../src/sql.js';
import { runStoreCases } from '../../../src/testing/index.js';
import { change, ctx, listQuery, newGroup, newUser, nothing, removal } from '../../../src/testing/requests.js';
import { postgresUrl as url } from '../../database-servers.js';

const tables = 'server_';

/** What only a real PostgreSQL shows. */
const only = url === undefined ? describe.skip : describe;

only('built-in tables on a PostgreSQL server', () => {
  const open = (options: pg.PoolConfig = {}) =>
    new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 4, ...options }) }),
    });
  let db: Kysely<unknown>;
  let store: SqlStore;
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

  it('keeps further resource types as users, and as members of groups', async () => {
    await createResourceTable(db, 'Device', { tables });
    const devices = store.resources('Device');
    expect(store.resources('Device')).toBe(devices);
    for (const name of ['User', 'a"b', 'x'.repeat(21)]) expect(() => store.resources(name)).toThrow(TypeError);
    const scanner = {
      resource: { displayName: 'Scanner' },
      keys: { serial: 's1' },
      selection: nothing,
      caseExact: new Set<string>(),
      events: () => [],
    };
    const { id } = (await devices.create(scanner, ctx())).resource;
    await expect(devices.create(scanner, ctx())).rejects.toMatchObject({ status: 409, attribute: 'serial' });
    const group = (await store.groups.create(newGroup('Crew', [id]), ctx())).resource;
    expect(group.members).toEqual([{ value: id, type: 'Device' }]);
    expect(await devices.namesOf?.([id, group.id], ctx())).toEqual(new Map([[id, 'Scanner']]));
    expect(await store.get(id, new Set(), ctx())).toBeUndefined();
    expect(await devices.get(id, new Set(), ctx('other'))).toBeUndefined();
    expect(await devices.delete(id, removal(), ctx())).toMatchObject({ resource: { id }, changed: true });
    const left = await store.groups.get(group.id, new Set(['members']), ctx());
    expect(left?.members).toEqual([]);
    expect(left?.meta.version).not.toBe(group.meta.version);
    await devices.create(scanner, ctx());
    await dropResourceTable(db, 'Device', { tables });
    const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(`${tables}keys`)}
      where path = 'serial'`.execute(db);
    expect(Number(rows[0]?.n)).toBe(0);
  });

  it('returns 503 after a statement timeout, and when the server is read-only', async () => {
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

  it('returns 503 when the pool has no free connection in time', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const held = await pool.connect();
    // Only from here on: the first connection may take its time.
    pool.options.connectionTimeoutMillis = 50;
    const small = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await expect(sqlStore(small, { tables }).get('x', new Set(), ctx())).rejects.toMatchObject({ status: 503 });
    held.release();
    await small.destroy();
    await sql`select 1`.execute(db);
  });
});

only('row-level security as docs/sql.md shows it', () => {
  const schema = `rls_${String(process.pid)}`;
  // The tenant that the store test suite uses for a store of one tenant.
  const role = 'scim_default';
  const connect = (user?: string): Kysely<unknown> => {
    const { hostname, port, pathname, username, password } = new URL(url ?? '');
    const pool = new pg.Pool({
      host: hostname,
      port: Number(port),
      database: pathname.slice(1),
      user: user ?? username,
      password,
      max: 8,
      options: `-c search_path=${schema}`,
    });
    return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  };
  const page = readFileSync(new URL('../../../docs/sql.md', import.meta.url), 'utf8');
  const statements = [...page.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  let owner: Kysely<unknown>;
  let tenant: Kysely<unknown>;

  beforeAll(async () => {
    owner = connect();
    await sql.raw(`create schema ${schema}`).execute(owner);
    await createScimTables(owner);
    await sql.raw(`drop role if exists ${role}`).execute(owner);
    for (const text of statements) await sql.raw(text.replaceAll('acme', 'default')).execute(owner);
    await sql.raw(`grant usage on schema ${schema} to ${role}`).execute(owner);
    tenant = connect(role);
  });
  afterAll(async () => {
    await tenant.destroy();
    await sql.raw(`drop schema ${schema} cascade`).execute(owner);
    await sql.raw(`drop role ${role}`).execute(owner);
    await owner.destroy();
  });

  it('keeps the rows of another tenant from a statement that forgot the tenant, and from being written', async () => {
    expect(statements).toHaveLength(2);
    const { id } = (await sqlStore(owner).create(newUser('theirs'), ctx('other'))).resource;
    const own = sqlStore(tenant);
    await own.create(newUser('ours'), ctx('default'));
    const { rows } = await sql<{ name: string }>`select name from scim_users`.execute(tenant);
    expect(rows.map(({ name }) => name)).toEqual(['ours']);
    expect(await own.get(id, new Set(), ctx('other'))).toBeUndefined();
    await expect(own.create(newUser('intruder'), ctx('other'))).rejects.toMatchObject({ code: '42501' });
    await sql`update scim_users set name = 'seized'`.execute(tenant);
    const { rows: names } = await sql<{ name: string }>`select name from scim_users order by name`.execute(owner);
    expect(names.map(({ name }) => name)).toEqual(['seized', 'theirs']);
  });

  it('lets the role of a tenant do all that the contract asks', async () => {
    const results = await runStoreCases({
      name: 'row-level security',
      create: async () => {
        for (const table of ['members', 'keys', 'users', 'groups', 'outbox']) {
          await sql`delete from ${sql.table(`scim_${table}`)}`.execute(owner);
        }
        const store = sqlStore(tenant, { outbox: true });
        Object.assign(store, { supports: { ...store.supports, tenants: 'one' } });
        return { store, anyAttribute: true };
      },
      randomRuns: 20,
    });
    expect(results.filter(({ status }) => status === 'failed').map(({ message }) => message)).toEqual([]);
    expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(170);
  });
});
