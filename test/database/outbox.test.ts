import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type * as kysely from 'kysely';
import { Kysely, Migrator, NO_MIGRATIONS, sql, SqliteDialect } from 'kysely';
import Database from 'libsql';
import type { ChangeEvent } from '../../src/contract/event.js';
import type { Group, User } from '../../src/contract/resource.js';
import {
  adminMigrations,
  createOutboxTable,
  createScimTables,
  deliveryMigrations,
  dispatchOutbox,
  lifecycleMigrations,
  mappedStore,
  offboardingMigrations,
  scimMigrations,
  sqlStore,
  type SqlStoreOptions,
  sqlTombstoneStore,
} from '../../src/sql.js';
import { inTransaction, reading } from '../../src/database/transaction.js';
import { groupsIn, users } from '../stores/users.js';
import { attribute, change, ctx, listQuery, newGroup, newUser } from '../../src/testing/requests.js';
import { mappings, prepareMapped } from '../stores/mapped/mapped.js';
import { sqlite } from '../stores/sql/sqlite.js';

async function open(options: SqlStoreOptions = {}) {
  const { db } = sqlite();
  await createScimTables(db);
  return { db, store: sqlStore(db, options) };
}

async function left(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from scim_outbox`.execute(db);
  return Number(rows[0]?.n);
}

describe('the outbox', () => {
  it.each<[string, () => unknown, string]>([
    ['false', () => false, 'throw an error'],
    [
      'a query that was not executed',
      () => ({ execute: () => undefined, compile: () => undefined }),
      'call its execute()',
    ],
    ['a generator', function* () {}, 'write an async function'],
  ])('keeps an event for which `deliver` returned %s', async (_, deliver, message) => {
    const { db, store } = await open({ outbox: true });
    await store.create(newUser('ada'), ctx());
    for (const each of [deliver, async () => deliver()]) {
      await expect(dispatchOutbox(db, each as () => void)).rejects.toThrow(message);
      expect(await left(db)).toBe(1);
    }
    expect(await dispatchOutbox(db, () => undefined)).toBe(1);
  });

  it('delivers in the order of the writes, and keeps a batch whose delivery failed', async () => {
    const { db, store } = await open({ outbox: true });
    const { id } = (await store.create(newUser('ada'), ctx())).resource;
    for (const title of ['a', 'b']) {
      // Events of one millisecond have no order between them.
      await new Promise((resolve) => setTimeout(resolve, 3));
      await store.update(id, change<User>({ set: { title } }), ctx());
    }
    const away = () => {
      throw new Error('away');
    };
    await expect(dispatchOutbox(db, away)).rejects.toThrow('away');
    expect(await left(db)).toBe(3);
    const delivered: ChangeEvent[] = [];
    expect(await dispatchOutbox(db, (event) => void delivered.push(event), { batch: 2 })).toBe(3);
    expect(delivered.map((event) => event.id)).toEqual([1, 2, 3].map((version) => `${id}@${String(version)}`));
    expect(await left(db)).toBe(0);
    expect(await dispatchOutbox(db, away)).toBe(0);
  });

  it('throws what the receiver threw, whatever its code, and asks it once', async () => {
    const { db, store } = await open({ outbox: true });
    await store.create(newUser('ada'), ctx());
    for (const code of ['40001', 'ECONNREFUSED']) {
      let asked = 0;
      const refuse = () => {
        asked++;
        throw Object.assign(new Error('the queue is away'), { code });
      };
      await expect(dispatchOutbox(db, refuse)).rejects.toThrow('the queue is away');
      expect(asked).toBe(1);
    }
    expect(await left(db)).toBe(1);
  });

  it('names a handler that waits for the transaction, keeps the event, and delivers it through the transaction', async () => {
    const { db, store } = await open({ outbox: true });
    await sql`create table audit (id text)`.execute(db);
    await store.create(newUser('ada'), ctx());
    const write = (event: ChangeEvent, handle: Kysely<unknown>) =>
      sql`insert into audit (id) values (${event.id})`.execute(handle).then(() => undefined);
    const waiting = dispatchOutbox(db, (event) => write(event, db), { deliverMilliseconds: 50 });
    await expect(waiting).rejects.toThrow(/did not return within 50 ms .* Write through the transaction/);
    expect(await left(db)).toBe(1);
    expect(await dispatchOutbox(db, write)).toBe(1);
  });

  it('of a mapped store has the name that the host gave it', async () => {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    await createOutboxTable(db, 'my_events');
    const store = mappedStore(db, { ...mappings('hash'), sideTables: 'scim_side_', outbox: 'my_events' });
    const { id } = (await store.create(newUser('ada'), ctx())).resource;
    const delivered: string[] = [];
    await dispatchOutbox(db, ({ resourceId }) => void delivered.push(resourceId), { outbox: 'my_events' });
    expect(delivered).toEqual([id]);
    expect(await dispatchOutbox(db, () => undefined, { outbox: 'my_events' })).toBe(0);
  });

  it('delivers an event again when the process was killed during its delivery', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
    try {
      const file = join(folder, 'db');
      const script = new URL('dying-process.ts', import.meta.url).pathname;
      const died = (await promisify(execFile)(process.execPath, ['--import', 'tsx', script, file], {
        env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'))),
      }).catch((error: unknown) => error)) as { readonly signal?: string; readonly stdout: string };
      expect(died.signal).toBe('SIGKILL');
      const before = died.stdout.trim().split('\n');
      expect(before).toHaveLength(2);
      const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) as never }) });
      const after: string[] = [];
      await dispatchOutbox(db, ({ resourceId }) => void after.push(resourceId));
      expect(after).toEqual(before);
      expect(await left(db)).toBe(0);
      await db.destroy();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('stays empty where it is not switched on', async () => {
    const { db, store } = await open();
    expect(store.supports?.outbox).toBe(false);
    await store.create(newUser('ada'), ctx());
    expect(await left(db)).toBe(0);
  });
});

describe('transactions', () => {
  const fails = (times: number, error: object) => {
    let runs = 0;
    const work = async (): Promise<number> => {
      if (++runs <= times) throw Object.assign(new Error('no'), error);
      return runs;
    };
    return work;
  };

  it.each([{ code: '40001' }, { code: '40P01' }, { errno: 1213 }, { errno: 1205 }, { code: 'SQLITE_BUSY' }])(
    'are run again whole after %j',
    async (error) => {
      expect(await inTransaction(sqlite().db, 'sqlite', fails(3, error))).toBe(4);
    },
  );

  it('are retried as a whole when COMMIT fails', async () => {
    const database = new Database(':memory:');
    let commits = 0;
    const failing = {
      close: () => database.close(),
      prepare: (text: string) => {
        if (text === 'commit' && ++commits <= 2) throw Object.assign(new Error('lost'), { code: '40001' });
        return database.prepare(text);
      },
    };
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: failing as never }) });
    await createScimTables(db);
    const store = sqlStore(db, { outbox: true });
    await store.create(newUser('ada'), ctx());
    expect(commits).toBe(3);
    expect((await store.list(listQuery<User>(), ctx())).totalResults).toBe(1);
    expect(await left(db)).toBe(1);
  });

  it('are retried, and reads as well', async () => {
    expect(await reading(fails(3, { code: '40001' }))).toBe(4);
    await expect(reading(fails(1, { code: '42P01' }))).rejects.toMatchObject({ code: '42P01' });
  });

  it.each([
    ...['57P01', '08P01', '57014', '25006', 'EHOSTUNREACH', 'ER_CONNECTION_KILLED'].map((code) => ({ code })),
    ...[{ errno: 1290 }, { errno: 1969 }, { message: 'timeout exceeded when trying to connect' }],
  ])('answer 503 where the database is away, too slow or read-only: %j', async (error) => {
    const unavailable = { status: 503, headers: { 'retry-after': expect.any(String) } };
    await expect(reading(fails(1, error))).rejects.toMatchObject(unavailable);
    await expect(inTransaction(sqlite().db, 'sqlite', fails(1, error))).rejects.toMatchObject(unavailable);
  });

  it('are given up after a bounded number of runs, and at once where the connection is lost or the error is another', async () => {
    const { db } = sqlite();
    const unavailable = { status: 503, headers: { 'retry-after': expect.any(String) } };
    await expect(inTransaction(db, 'sqlite', fails(99, { code: '40001' }))).rejects.toMatchObject(unavailable);
    await expect(inTransaction(db, 'sqlite', fails(1, { code: 'ECONNRESET' }))).rejects.toMatchObject(unavailable);
    await expect(inTransaction(db, 'sqlite', fails(1, { code: '22P02' }))).rejects.toMatchObject({ code: '22P02' });
  });
});

describe('built-in tables', () => {
  it("come and go with Kysely's Migrator, with those of guards, tombstones and the panel", async () => {
    const { db } = sqlite();
    const all = {
      ...scimMigrations({ resourceTypes: ['Device'] }),
      ...lifecycleMigrations(),
      ...offboardingMigrations(),
      ...adminMigrations(),
      ...deliveryMigrations(),
    };
    const migrator = new Migrator({ db, provider: { getMigrations: async () => all } });
    expect((await migrator.migrateToLatest()).error).toBeUndefined();
    const store = sqlStore(db);
    await store.create(newUser('ada'), ctx());
    await store.resources('Device').list(listQuery(), ctx());
    expect(await sqlTombstoneStore(db).get('acme', 'x')).toBeUndefined();
    // Names of the host's that come before those that were run.
    const later = { ...all, '2027_mine': { up: () => Promise.resolve() } };
    const unordered = { db, allowUnorderedMigrations: true, provider: { getMigrations: async () => later } };
    expect((await new Migrator(unordered).migrateToLatest()).error).toBeUndefined();
    expect((await new Migrator(unordered).migrateTo(NO_MIGRATIONS)).error).toBeUndefined();
    await expect(async () => sqlStore(db).create(newUser('ada'), ctx())).rejects.toThrow('no such table');
    const { rows } = await sql<{ name: string }>`select name from sqlite_master where name like 'scim%'`.execute(db);
    expect(rows).toEqual([]);
  });

  it('know the dialect of a Kysely that is another copy, and ask for it where it is none of theirs', async () => {
    const { Kysely: Other, SqliteDialect: OtherDialect } = createRequire(import.meta.url)('kysely') as typeof kysely;
    expect(Other).not.toBe(Kysely);
    const db = new Other<unknown>({ dialect: new OtherDialect({ database: new Database(':memory:') as never }) });
    await createScimTables(db);
    await sqlStore(db).create(newUser('ada'), ctx());
    const strange = { getExecutor: () => ({ adapter: {} }) } as never;
    expect(() => sqlStore(strange)).toThrow('pass { dialect: ');
  });

  it('throws for a prefix that cannot start a table name', () => {
    expect(() => sqlStore(sqlite().db, { tables: 'a"; drop' })).toThrow(TypeError);
  });

  it('reports what it evaluates in memory, and throws beyond the limit', async () => {
    const scanned: string[] = [];
    const { store } = await open({ scanLimit: 2, onScan: (type) => void scanned.push(type) });
    const [a = ''] = await users(store, 1);
    const byName = { op: 'eq' as const, attribute: attribute('members.display'), value: 'user 0' };
    const groups = groupsIn(store);
    const ask = async () => groups.list(listQuery<Group>({ filter: byName }), ctx());
    await groups.create(newGroup('A', [a]), ctx());
    await groups.create(newGroup('B'), ctx());
    expect((await ask()).resources.map(({ displayName }) => displayName)).toEqual(['A']);
    await groups.create(newGroup('C'), ctx());
    await expect(ask()).rejects.toMatchObject({ scimType: 'tooMany' });
    expect(scanned).toEqual(['Group', 'Group']);
  });
});
