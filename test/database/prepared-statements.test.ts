import { describe, expect, it } from '@jest/globals';
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect, sql, SqliteDialect } from 'kysely';
import Database from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { type PostgresClient, type PostgresPool, withPreparedStatements } from '../../src/sql.js';
import { mariadbUrl, postgresUrl as url } from '../database-servers.js';

/** A connection that records what it is asked; like those of `pg` it has private fields. */
class FakeClient implements PostgresClient {
  readonly #queries: unknown[][] = [];
  #released = 0;

  query(...args: unknown[]): Promise<{ rows: unknown[] }> {
    this.#queries.push(args);
    return Promise.resolve({ rows: [] });
  }

  release(): void {
    this.#released++;
  }

  get released(): number {
    return this.#released;
  }

  get queries(): readonly (readonly unknown[])[] {
    return this.#queries;
  }
}

class FakePool implements PostgresPool<FakeClient> {
  #next = 0;
  ended = false;

  constructor(readonly clients: readonly FakeClient[]) {}

  connect(): Promise<FakeClient> {
    const client = this.clients[this.#next++ % this.clients.length];
    return client === undefined ? Promise.reject(new Error('no client')) : Promise.resolve(client);
  }

  end(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }
}

function open(count = 1) {
  const clients = Array.from({ length: count }, () => new FakeClient());
  const pool = new FakePool(clients);
  return { clients, pool, prepared: withPreparedStatements<FakeClient, FakePool>(pool) };
}

const names = (client: FakeClient | undefined) =>
  client?.queries.map(([query]) => (query as { readonly name?: string }).name);

describe('prepared statements', () => {
  it('have one name for each text with values, the same on every connection', async () => {
    const { clients, prepared } = open(2);
    for (let i = 0; i < 2; i++) {
      const client = await prepared.connect();
      await client.query('select $1', [1]);
      await client.query('select $1', [2]);
      await client.query('select $1, $2', [1, 2]);
    }
    for (const client of clients) {
      const queries = client.queries as readonly (readonly [
        { readonly name: string; readonly text: string },
        unknown,
      ])[];
      expect(queries.map(([{ name, text }, values]) => ({ name, text, values }))).toEqual([
        { name: 'scim_0', text: 'select $1', values: [1] },
        { name: 'scim_0', text: 'select $1', values: [2] },
        { name: 'scim_1', text: 'select $1, $2', values: [1, 2] },
      ]);
    }
  });

  it('stay as they are where the driver changes what it gets', async () => {
    const { clients, prepared } = open();
    const client = await prepared.connect();
    await client.query('select $1', [1]);
    Object.assign(clients[0]?.queries[0]?.[0] as object, { name: 'other', values: [1] });
    await client.query('select $1', [2]);
    expect(names(clients[0])).toEqual(['other', 'scim_0']);
    expect(clients[0]?.queries[1]?.[0]).not.toHaveProperty('values');
  });

  it.each([
    [['begin']],
    [['select 1', []]],
    [[{ text: 'select $1', values: [1] }]],
    [['select $1', [1], () => undefined]],
  ])('are not made of anything but a text with values: %j', async (args) => {
    const { clients, prepared } = open();
    await (await prepared.connect()).query(...args);
    expect(clients[0]?.queries).toEqual([args]);
  });

  it('are limited to the first 500 texts', async () => {
    const { clients, prepared } = open();
    const client = await prepared.connect();
    for (let i = 0; i < 502; i++) await client.query(`select $1 + ${String(i)}`, [1]);
    await client.query('select $1 + 3', [1]);
    const last = names(clients[0]);
    expect(last?.slice(498)).toEqual(['scim_498', 'scim_499', undefined, undefined, 'scim_3']);
  });

  it('keep all other methods and properties of the pool and its clients', async () => {
    const { clients, pool, prepared } = open();
    const client = await prepared.connect();
    client.release();
    expect(client.released).toBe(1);
    expect(client.queries).toBe(clients[0]?.queries);
    expect(await prepared.connect()).toBe(client);
    await prepared.end();
    expect(pool.ended).toBe(true);
  });

  it('pass on errors of the pool', async () => {
    const { prepared } = open(0);
    await expect(prepared.connect()).rejects.toThrow('no client');
  });
});

describe('prepared statements of SQLite', () => {
  function openSqlite() {
    const sqlite = new Database(':memory:');
    const texts: string[] = [];
    const recorded = {
      close: () => sqlite.close(),
      prepare: (text: string) => {
        texts.push(text);
        return sqlite.prepare(text);
      },
    };
    const database = withPreparedStatements(recorded as never);
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
    return { db, texts, database };
  }

  it('are made once for each text', async () => {
    const { db, texts } = openSqlite();
    await sql`create table t (x integer primary key)`.execute(db);
    for (const value of [1, 2]) await sql`insert into t values (${value})`.execute(db);
    for (const value of [2, 1]) {
      expect((await sql`select x from t where x = ${value}`.execute(db)).rows).toEqual([{ x: value }]);
    }
    expect(texts).toEqual([
      'create table t (x integer primary key)',
      'insert into t values (?)',
      'select x from t where x = ?',
    ]);
    await db.destroy();
  });

  it('are made again after a statement that may change their columns', async () => {
    const { db } = openSqlite();
    await sql`create table t (x integer)`.execute(db);
    await sql`insert into t values (1)`.execute(db);
    const all = sql`select * from t`;
    expect((await all.execute(db)).rows).toEqual([{ x: 1 }]);
    await sql`alter table t add column y integer`.execute(db);
    expect((await all.execute(db)).rows).toEqual([{ x: 1, y: null }]);
  });

  it('are forgotten where they fail', async () => {
    const { db, texts } = openSqlite();
    await sql`create table t (x integer primary key)`.execute(db);
    const insertion = sql`insert into t values (${1})`;
    await insertion.execute(db);
    await expect(insertion.execute(db)).rejects.toThrow(/UNIQUE/);
    await sql`delete from t`.execute(db);
    await insertion.execute(db);
    expect(texts.filter((text) => text.startsWith('insert'))).toHaveLength(2);
  });

  it('are not used twice at a time', () => {
    const { database } = openSqlite();
    const statement = database.prepare('select value from json_each(?)');
    const rows = statement.iterate(['[1,2]']);
    expect(rows.next().value).toEqual({ value: 1 });
    expect(statement.all(['[3]'])).toEqual([{ value: 3 }]);
    expect(rows.next().value).toEqual({ value: 2 });
  });

  it('are limited to the first 500 texts', () => {
    const { database, texts } = openSqlite();
    for (let i = 0; i < 502; i++) database.prepare(`select ${String(i)}`);
    for (const i of [3, 501]) database.prepare(`select ${String(i)}`);
    expect(texts.slice(502)).toEqual(['select 501']);
  });
});

describe('prepared statements of mysql2', () => {
  /** A pool with one connection, which records how it is asked. */
  function openMysql() {
    const calls: unknown[][] = [];
    const record =
      (method: string) =>
      (...args: unknown[]) => {
        calls.push([method, ...args.filter((arg) => typeof arg !== 'function')]);
        const callback = args.at(-1);
        if (typeof callback === 'function') callback(null, []);
      };
    const connection = { query: record('query'), execute: record('execute'), release: () => calls.push(['release']) };
    const pool = {
      failure: undefined as Error | undefined,
      getConnection(callback: (error: unknown, connection: never) => void) {
        if (this.failure === undefined) callback(null, connection as never);
        else callback(this.failure, undefined as never);
      },
      end: (callback: (error: unknown) => void) => callback(null),
    };
    const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: withPreparedStatements(pool) }) });
    return { calls, pool, db };
  }

  it('are made of texts with values', async () => {
    const { calls, db } = openMysql();
    await sql`select ${1}`.execute(db);
    await sql`select ${null}, ${'a'}, ${new Date(0)}, ${Buffer.from('b')}, ${true}`.execute(db);
    await sql`select 1`.execute(db);
    expect(calls.filter(([method]) => method !== 'release')).toEqual([
      ['execute', 'select ?', [1]],
      ['execute', 'select ?, ?, ?, ?, ?', [null, 'a', new Date(0), Buffer.from('b'), true]],
      ['query', 'select 1', []],
    ]);
    expect(calls).toContainEqual(['release']);
  });

  it.each([
    ['an array', [[1, 2]]],
    ['an object', [{ a: 1 }]],
    ['undefined', [undefined]],
  ])('are not made where a value is %s, which the driver writes into the text', async (_name, values) => {
    const { calls, db } = openMysql();
    await db.executeQuery(CompiledQuery.raw('select ?', values));
    expect(calls[0]?.[0]).toBe('query');
  });

  it('are limited to the first 500 texts', async () => {
    const { calls, db } = openMysql();
    for (const i of [...Array(502).keys(), 3]) await db.executeQuery(CompiledQuery.raw(`select ? + ${String(i)}`, [1]));
    const methods = calls.map(([method]) => method).filter((method) => method !== 'release');
    expect(methods.slice(498)).toEqual(['execute', 'execute', 'query', 'query', 'execute']);
  });

  it('pass on errors of the pool', async () => {
    const { pool, db } = openMysql();
    pool.failure = new Error('no connection');
    await expect(sql`select ${1}`.execute(db)).rejects.toThrow('no connection');
  });
});

(mariadbUrl === undefined ? describe.skip : describe)('prepared statements on a MariaDB server', () => {
  it('are kept by the connection', async () => {
    const pool = createPool({ uri: mariadbUrl ?? '', connectionLimit: 1 });
    const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: withPreparedStatements(pool) }) });
    const count = async (name: string): Promise<number> => {
      const { rows } = await sql<{ Value: string }>`show session status like ${sql.lit(name)}`.execute(db);
      return Number(rows[0]?.Value);
    };
    const before = await count('com_stmt_prepare');
    for (const value of [1, 2]) await sql`select ${value} as n`.execute(db);
    expect(await count('com_stmt_prepare')).toBe(before + 1);
    expect(await count('com_stmt_execute')).toBe(2);
    await db.destroy();
  });
});

(url === undefined ? describe.skip : describe)('prepared statements on a PostgreSQL server', () => {
  it('are kept by the connection under their names', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
    for (const value of [1, 2]) await sql`select cast(${value} as integer) as n`.execute(db);
    const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(db);
    expect(rows).toEqual([{ name: 'scim_0' }]);
    await db.destroy();
  });
});
