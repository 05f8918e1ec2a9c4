import { afterAll, describe, expect, it } from '@jest/globals';
import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';
import {
  type Connection,
  type ConnectionKey,
  type ConnectionStore,
  type LogEntry,
  type LogStore,
  memoryConnectionStore,
  memoryLogStore,
  provisioningLog,
} from '../../src/admin/index.js';
import { adminMigrations, createAdminTables, dropAdminTables, sqlConnectionStore, sqlLogStore } from '../../src/sql.js';
import { pglite } from '../soak/pglite.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { until } from './panel.js';
import { mariadbUrl, postgresUrl } from '../database-servers.js';

interface Stores {
  readonly connections: ConnectionStore;
  readonly log: LogStore;
  /** Where the tables are, with their prefix. */
  readonly at?: { readonly db: Kysely<unknown>; readonly tables: string };
}

/** Connections to destroy after the tests. */
const openedDatabases: Kysely<unknown>[] = [];
let createdTables = 0;

async function onTables(db: Kysely<unknown>): Promise<Stores> {
  const tables = `panel_${String(process.pid)}_${String(++createdTables)}_`;
  await createAdminTables(db, { tables });
  return { connections: sqlConnectionStore(db, { tables }), log: sqlLogStore(db, { tables }), at: { db, tables } };
}

function shared(open: () => Kysely<unknown>): () => Promise<Stores> {
  let db: Kysely<unknown> | undefined;
  return () => {
    if (db === undefined) openedDatabases.push((db = open()));
    return onTables(db);
  };
}

const kinds: (readonly [string, () => Promise<Stores>])[] = [
  ['memory', async () => ({ connections: memoryConnectionStore(), log: memoryLogStore() })],
  ['SQLite', () => onTables(sqlite().db)],
];
if (postgresUrl !== undefined) {
  const open = () => new PostgresDialect({ pool: new pg.Pool({ connectionString: postgresUrl, max: 5 }) });
  kinds.push(['PostgreSQL', shared(() => new Kysely({ dialect: open() }))]);
}
if (mariadbUrl !== undefined) {
  const open = () => new MysqlDialect({ pool: mysql.createPool({ uri: mariadbUrl ?? '', connectionLimit: 5 }) });
  kinds.push(['MariaDB', shared(() => new Kysely({ dialect: open() }))]);
}

afterAll(async () => {
  for (const db of openedDatabases) {
    for (let nth = 1; nth <= createdTables; nth++) {
      await dropAdminTables(db, { tables: `panel_${String(process.pid)}_${String(nth)}_` }).catch(() => undefined);
    }
    await db.destroy();
  }
});

const connection: Omit<Connection, 'keys'> = {
  ...{ id: 'main', tenant: 'a', name: 'Städte <b>', provider: 'okta', enabled: false },
};
const at = (minutes: number): Date => new Date(Date.UTC(2026, 2, 1, 12, minutes));
const key = (id: string, more: Partial<ConnectionKey> = {}): ConnectionKey => ({
  ...{ id, name: `Key ${id}`, digest: id.repeat(64).slice(0, 64), createdAt: at(0), ...more },
});

describe.each(kinds)('a connection store in %s', (_, make) => {
  const withKeys = async (...keys: ConnectionKey[]): Promise<ConnectionStore> => {
    const { connections } = await make();
    await connections.create(connection);
    for (const each of keys) await connections.addKey('a', 'main', each);
    return connections;
  };

  it('returns what was stored', async () => {
    const networks = ['203.0.113.0/24', '2001:db8::/32'];
    const stored = key('1', { scopes: ['users:read'], networks, expiresAt: at(9), lastUsedAt: at(3), temporary: true });
    const connections = await withKeys(key('0'), stored);
    expect(await connections.get('a', 'main')).toEqual({ ...connection, keys: [key('0'), stored] });
    expect(await connections.list('a')).toEqual([{ ...connection, keys: [key('0'), stored] }]);
    expect(await connections.findKey('1')).toEqual({ connection, key: stored });
  });

  it('treats the connection of another tenant like one that does not exist', async () => {
    const connections = await withKeys(key('1'));
    expect(await connections.get('b', 'main')).toBeUndefined();
    expect(await connections.list('b')).toEqual([]);
    expect(await connections.update('b', 'main', { enabled: true })).toBe(false);
    expect(await connections.addKey('b', 'main', key('2'))).toBe(false);
    expect(await connections.endKey('b', 'main', '1', { revokedAt: at(1) })).toBe(false);
    expect(await connections.endKey('a', 'other', '1', { revokedAt: at(1) })).toBe(false);
    expect((await connections.findKey('1'))?.key.revokedAt).toBeUndefined();
  });

  it('keeps the networks of a connection, until they are removed', async () => {
    const { connections } = await make();
    await connections.create({ ...connection, networks: ['10.0.0.0/8'] });
    expect((await connections.get('a', 'main'))?.networks).toEqual(['10.0.0.0/8']);
    await connections.update('a', 'main', { networks: [] });
    await connections.update('a', 'main', { enabled: true });
    expect((await connections.get('a', 'main'))?.networks).toEqual([]);
    await connections.update('a', 'main', { networks: null });
    expect(await connections.get('a', 'main')).toEqual({ ...connection, enabled: true, keys: [] });
  });

  it('keeps an existing connection when it is created again', async () => {
    const connections = await withKeys(key('1'));
    await connections.create({ ...connection, enabled: true, name: 'Other' });
    expect(await connections.get('a', 'main')).toEqual({ ...connection, keys: [key('1')] });
  });

  it('changes only the named properties', async () => {
    const connections = await withKeys(key('1'));
    expect(await connections.update('a', 'main', { enabled: true })).toBe(true);
    expect(await connections.update('a', 'main', { provider: 'entra' })).toBe(true);
    expect(await connections.get('a', 'main')).toMatchObject({
      name: connection.name,
      provider: 'entra',
      enabled: true,
    });
  });

  it('adds no more usable keys than the bound, also at the same time', async () => {
    const connections = await withKeys(
      ...[key('0', { revokedAt: at(0) }), key('1', { expiresAt: at(1) }), key('2', { temporary: true })],
      key('3', { expiresAt: at(9) }),
    );
    const bound = { max: 3, now: at(1) };
    const results = await Promise.all(
      ['4', '5', '6', '7', '8', '9'].map((id) => connections.addKey('a', 'main', key(id), bound)),
    );
    expect(results.map(String).sort()).toEqual(['full', 'full', 'full', 'full', 'true', 'true']);
    expect((await connections.get('a', 'main'))?.keys).toHaveLength(6);
    expect(await connections.addKey('b', 'main', key('a'), bound)).toBe(false);
  });

  it('lets a key expire earlier, and never later', async () => {
    const connections = await withKeys(key('1', { expiresAt: at(10) }), key('2'));
    const end = (id: string, expiresAt: Date) => connections.endKey('a', 'main', id, { expiresAt });
    expect(await end('1', at(20))).toBe(false);
    expect((await connections.findKey('1'))?.key.expiresAt).toEqual(at(10));
    expect(await end('1', at(5))).toBe(true);
    expect((await connections.findKey('1'))?.key.expiresAt).toEqual(at(5));
    expect(await end('2', at(5))).toBe(true);
    expect((await connections.findKey('2'))?.key.expiresAt).toEqual(at(5));
  });

  it('keeps a revoked key revoked', async () => {
    const connections = await withKeys(key('1'));
    expect(await connections.endKey('a', 'main', '1', { revokedAt: at(1) })).toBe(true);
    expect(await connections.endKey('a', 'main', '1', { revokedAt: at(2) })).toBe(false);
    expect(await connections.endKey('a', 'main', '1', { expiresAt: at(2) })).toBe(false);
    expect((await connections.findKey('1'))?.key).toEqual(key('1', { revokedAt: at(1) }));
  });

  it('removes only temporary keys', async () => {
    const connections = await withKeys(key('1'), key('2', { temporary: true }));
    await connections.removeKey('a', 'main', '1');
    await connections.removeKey('b', 'main', '2');
    expect((await connections.get('a', 'main'))?.keys).toHaveLength(2);
    await connections.removeKey('a', 'main', '2');
    expect((await connections.get('a', 'main'))?.keys).toEqual([key('1')]);
    expect(await connections.findKey('2')).toBeUndefined();
  });

  it('saves when a key was last used', async () => {
    const connections = await withKeys(key('1'));
    await connections.touchKey('1', at(7));
    await connections.touchKey('unknown', at(7));
    expect((await connections.findKey('1'))?.key.lastUsedAt).toEqual(at(7));
  });

  it('notifies listeners of changes, with the IDs of all keys', async () => {
    const connections = await withKeys(key('1'), key('2'));
    const notified: unknown[] = [];
    const stop = connections.watch?.((...change) => notified.push(change));
    await connections.update('a', 'main', { enabled: true });
    await connections.endKey('a', 'main', '2', { revokedAt: at(1) });
    stop?.();
    await connections.update('a', 'main', { enabled: false });
    expect(notified).toEqual([
      ['a', 'main', ['1', '2']],
      ['a', 'main', ['1', '2']],
    ]);
  });
});

const entry = (id: string, more: Partial<LogEntry> = {}): LogEntry => ({
  ...{ id, time: at(Number.parseInt(id, 36)), tenant: 'a', connection: 'main', requestId: `r${id}` },
  ...{ outcome: 'succeeded', status: 200, milliseconds: 1.5, quirks: [], changes: [] },
  ...more,
});

describe.each(kinds)('a log store in %s', (_, make) => {
  const filled = async (...entries: LogEntry[]): Promise<LogStore> => {
    const { log } = await make();
    await log.append(entries);
    return log;
  };
  const ids = async (log: LogStore, query: object): Promise<string> =>
    (await log.list('a', { limit: 200, ...query })).map(({ id }) => id).join('');

  it('returns what was stored', async () => {
    const complete = entry('1', {
      operation: 'patch',
      quirks: ['op-case'],
      changes: [{ type: 'user.updated', resourceType: 'User', resourceId: 'u1', attributes: ['title'] }],
      request: { method: 'PATCH', url: '/Users/u1', body: { x: ['é', null, { y: 1 }] } },
      response: { id: 'u1' },
    });
    const log = await filled(complete);
    expect(await log.get('a', '1')).toEqual(complete);
    expect(await log.list('a', { limit: 5 })).toEqual([complete]);
  });

  it('separates tenants and connections', async () => {
    const log = await filled(entry('1'), entry('2', { tenant: 'b' }), entry('3', { connection: 'other' }));
    expect(await ids(log, {})).toBe('31');
    expect(await ids(log, { connection: 'main' })).toBe('1');
    expect(await log.get('a', '2')).toBeUndefined();
  });

  it('filters by each property', async () => {
    const changes = [{ type: 'user.created', resourceType: 'User', resourceId: 'u1', attributes: [] }];
    const log = await filled(
      entry('1', { outcome: 'refused', operation: 'create' }),
      entry('2', { outcome: 'failed', operation: 'patch', actor: 'k1' }),
      entry('3', { operation: 'create', changes, resourceId: 'u1' }),
    );
    expect(await ids(log, { outcome: 'refused' })).toBe('1');
    expect(await ids(log, { operation: 'create' })).toBe('31');
    expect(await ids(log, { operation: 'create', outcome: 'succeeded' })).toBe('3');
    expect(await ids(log, { changed: true })).toBe('3');
    expect(await ids(log, { about: 'u1' })).toBe('3');
    expect(await ids(log, { about: 'k1' })).toBe('2');
    expect(await ids(log, { about: 'r1' })).toBe('1');
    expect(await ids(log, { about: "' or 1=1 --" })).toBe('');
  });

  it('pages in both directions, newest first, in the order of IDs', async () => {
    const log = await filled(...['2', '1', '3', '5', '4'].map((id) => entry(id)));
    expect(await ids(log, { limit: 2 })).toBe('54');
    expect(await ids(log, { limit: 2, before: '4' })).toBe('32');
    expect(await ids(log, { limit: 2, before: '2' })).toBe('1');
    expect(await ids(log, { limit: 2, after: '1' })).toBe('32');
    expect(await ids(log, { limit: 9, after: '3' })).toBe('54');
  });

  it('adds changes to a logged request', async () => {
    const log = await filled(entry('1'), entry('2', { requestId: 'r2' }));
    const change = { type: 'user.deleted', resourceType: 'User', resourceId: 'u1', attributes: [] };
    await log.addChanges('a', 'r1', [change], 0);
    await log.addChanges('a', 'r1', [change], 0);
    await log.addChanges('b', 'r2', [change], 0);
    await log.addChanges('a', 'unknown', [change], 0);
    expect((await log.get('a', '1'))?.changes).toEqual([change, change]);
    expect((await log.get('a', '2'))?.changes).toEqual([]);
    expect(await ids(log, { changed: true })).toBe('1');
  });

  it('lists at most 200 changes of an entry, and counts the others', async () => {
    const changes = Array.from({ length: 150 }, (_, index) => ({
      ...{ type: 'user.deleted', resourceType: 'User', resourceId: `u${String(index)}`, attributes: [] },
    }));
    const log = await filled(
      entry('1', { changes, omittedChanges: 4 }),
      entry('2', { changes: [...changes, ...changes] }),
    );
    await log.addChanges('a', 'r1', changes, 3);
    const [second, first] = await log.list('a', { limit: 9 });
    expect(first?.changes).toEqual([...changes, ...changes.slice(0, 50)]);
    expect(first?.omittedChanges).toBe(4 + 100 + 3);
    expect([second?.changes.length, second?.omittedChanges]).toEqual([200, 100]);
  });

  it('counts requests by hour', async () => {
    const log = await filled(
      entry('1'),
      entry('2', { outcome: 'refused' }),
      entry('3', { time: at(61), outcome: 'failed' }),
      entry('4', { time: at(62), connection: 'other' }),
      entry('5', { time: at(-90) }),
      entry('6', { tenant: 'b' }),
    );
    const sorted = [...(await log.hours('a', 'main', at(-30)))].sort((a, b) => a.hour.getTime() - b.hour.getTime());
    expect(sorted).toEqual([
      { hour: at(0), requests: 2, errors: 1 },
      { hour: at(60), requests: 1, errors: 1 },
    ]);
    const both = await log.hours('a', undefined, at(30));
    expect(both).toEqual([{ hour: at(60), requests: 2, errors: 1 }]);
  });

  it('deletes old entries of all tenants', async () => {
    const log = await filled(entry('1'), entry('2', { tenant: 'b' }), entry('z'));
    await log.prune(at(20));
    expect(await ids(log, {})).toBe('z');
    expect(await log.get('b', '2')).toBeUndefined();
  });
});

describe('a log store in memory', () => {
  it('keeps the newest entries', async () => {
    const log = memoryLogStore({ max: 2 });
    for (const id of ['1', '2', '3']) await log.append([entry(id)]);
    expect((await log.list('a', { limit: 9 })).map(({ id }) => id)).toEqual(['3', '2']);
  });

  it('rejects an invalid size', () => expect(() => memoryLogStore({ max: 0 })).toThrow(/must be a positive integer/));
});

describe('a log store in PostgreSQL (PGlite)', () => {
  const statements: string[] = [];
  const db = pglite((text) => statements.push(text));
  afterAll(() => db.destroy());

  it('writes the changes of a bulk in a fixed number of statements, and never the rest of the entry again', async () => {
    await createAdminTables(db);
    const log = sqlLogStore(db);
    const changes = Array.from({ length: 300 }, (_, index) => ({
      ...{ type: 'user.updated', resourceType: 'User', resourceId: `u${String(index)}`, attributes: ['title'] },
    }));
    statements.length = 0;
    await log.append([
      entry('1', { request: { method: 'POST', url: '/Bulk', body: 'whole' } }),
      entry('2', { changes }),
    ]);
    await log.addChanges('a', 'r1', changes, 0);
    const writes = statements.filter((text) => /^(?:insert|update|delete|select)/.test(text));
    expect(writes.length).toBeLessThan(8);
    expect(writes.filter((text) => text.includes('"entry"') || / entry[,)]/.test(text)).length).toBeLessThan(4);
    statements.length = 0;
    expect((await log.list('a', { limit: 200 })).map((each) => each.omittedChanges)).toEqual([100, 100]);
    expect(statements).toHaveLength(2);
    await log.prune(at(60));
    expect(await log.list('a', { limit: 200 })).toEqual([]);
    const { rows } = await sql`select 1 from scim_log_changes`.execute(db);
    expect(rows).toEqual([]);
  });

  it('has the entries of requests with NUL and with half a surrogate pair', async () => {
    const log = sqlLogStore(db);
    const errors: unknown[] = [];
    const hooks = provisioningLog(log, { onError: (error) => errors.push(error) });
    const [requestId, bad] = ['nul', 'a\u0000\ud800'];
    hooks.onExchange({
      requestId,
      method: 'POST',
      url: `/Users/${bad}`,
      request: { [bad]: bad },
      response: { id: bad },
    });
    hooks.onResponse({
      ...{ requestId, tenant: 'a', actor: bad, status: 400, milliseconds: 1, quirks: [] },
      ...{ operation: 'read', resourceType: 'User', id: bad.repeat(100) },
    });
    await until(async () => (await log.list('a', { about: 'nul', limit: 1 })).length === 1);
    expect(errors).toEqual([]);
  });
});

function fail(): never {
  throw new Error('no tables');
}

describe.each(kinds.slice(1))('the tables of the panel in %s', (_, make) => {
  it('get the columns that they lack, from several processes at once', async () => {
    const { at: { db, tables } = fail() } = await make();
    const names = [`${tables}connections`, `${tables}connection_keys`];
    for (const name of names) await sql`alter table ${sql.table(name)} drop column networks`.execute(db);
    await sql`insert into ${sql.table(`${tables}connections`)} (tenant, id, name, provider, enabled)
      values ('a', 'main', 'Old', 'okta', 1)`.execute(db);
    await Promise.all([1, 2, 3].map(() => createAdminTables(db, { tables })));
    const connections = sqlConnectionStore(db, { tables });
    await connections.update('a', 'main', { networks: ['10.0.0.0/8'] });
    expect(await connections.get('a', 'main')).toMatchObject({ name: 'Old', networks: ['10.0.0.0/8'] });
    await adminMigrations({ tables })['express_scim_admin_0002_networks']?.up(db);
  });
});

describe('the tables of the panel', () => {
  it('can be dropped and created again', async () => {
    const { db } = sqlite();
    await createAdminTables(db, { tables: 'custom_' });
    await dropAdminTables(db, { tables: 'custom_' });
    await createAdminTables(db, { tables: 'custom_' });
    expect(await sqlConnectionStore(db, { tables: 'custom_' }).list('a')).toEqual([]);
  });
});
