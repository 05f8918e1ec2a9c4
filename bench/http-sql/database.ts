// What the bench itself does to a database: statistics after seeding, bytes, and dropping what a run has made.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Sqlite from 'libsql';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import type { Engine } from './server-options.js';

export interface BenchDatabase {
  /** What a server with these tables connects to. */
  location(tables: string): string;
  /** Brings statistics and visibility up to date, as the database itself would do later. */
  settle(tables: string): Promise<void>;
  /** Bytes of these tables and their indexes, without the outbox. */
  bytes(tables: string): Promise<number>;
  version(): Promise<string>;
  /** Drops all tables of the run. */
  close(): Promise<void>;
}

/** @param run prefix of all tables of this run */
export async function openBenchDatabase(engine: Engine, url: string | undefined, run: string): Promise<BenchDatabase> {
  if (engine === 'sqlite') return sqliteBench();
  if (url === undefined) throw new Error(`The URL of ${engine} is missing.`);
  return engine === 'postgres' ? postgresBench(url, run) : mariadbBench(url, run);
}

async function postgresBench(url: string, run: string): Promise<BenchDatabase> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const named = async (tables: string): Promise<readonly string[]> => {
    const { rows } = await client.query<{ tablename: string }>(
      'select tablename from pg_tables where schemaname = current_schema() and starts_with(tablename, $1)',
      [tables],
    );
    return rows.map(({ tablename }) => tablename);
  };
  return {
    location: () => url,
    settle: async (tables) => {
      for (const name of await named(tables)) await client.query(`vacuum (analyze) ${name}`);
    },
    bytes: async (tables) => {
      const { rows } = await client.query<{ bytes: string | null }>(
        `select sum(pg_total_relation_size(tablename::regclass)) as bytes from pg_tables
          where schemaname = current_schema() and starts_with(tablename, $1) and tablename not like '%outbox%'`,
        [tables],
      );
      return Number(rows[0]?.bytes);
    },
    version: async () => {
      const { rows } = await client.query<{ text: string }>(
        `select 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync') as text`,
      );
      return rows[0]?.text ?? '';
    },
    close: async () => {
      for (const name of await named(run)) await client.query(`drop table if exists ${name} cascade`);
      await client.end();
    },
  };
}

async function mariadbBench(url: string, run: string): Promise<BenchDatabase> {
  const client = await createConnection({ uri: url });
  const named = async (tables: string): Promise<readonly string[]> => {
    const [rows] = await client.query<RowDataPacket[]>(
      'select table_name as name from information_schema.tables where table_schema = database() and left(table_name, ?) = ?',
      [tables.length, tables],
    );
    return rows.map((row) => String(row['name']));
  };
  return {
    location: () => url,
    settle: async (tables) => {
      for (const name of await named(tables)) await client.query(`analyze table ${name}`);
    },
    bytes: async (tables) => {
      const [rows] = await client.query<RowDataPacket[]>(
        `select sum(data_length + index_length) as bytes from information_schema.tables
          where table_schema = database() and left(table_name, ?) = ? and table_name not like '%outbox%'`,
        [tables.length, tables],
      );
      return Number(rows[0]?.['bytes']);
    },
    version: async () => {
      const [rows] = await client.query<RowDataPacket[]>(
        `select concat('MariaDB ', version(), ', innodb_flush_log_at_trx_commit ', @@innodb_flush_log_at_trx_commit) as text`,
      );
      return String(rows[0]?.['text']);
    },
    close: async () => {
      await client.query('set foreign_key_checks = 0');
      for (const name of await named(run)) await client.query(`drop table if exists ${name}`);
      await client.end();
    },
  };
}

function sqliteBench(): BenchDatabase {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'http-sql-'));
  const location = (tables: string): string => path.join(folder, `${tables}.db`);
  const query = <T>(tables: string, text: string): T => {
    const sqlite = new Sqlite(location(tables));
    try {
      return sqlite.prepare(text).get() as T;
    } finally {
      sqlite.close();
    }
  };
  return {
    location,
    settle: async () => {},
    bytes: async (tables) => {
      const { pages } = query<{ pages: number }>(tables, 'select page_count as pages from pragma_page_count');
      const { size } = query<{ size: number }>(tables, 'select page_size as size from pragma_page_size');
      return pages * size;
    },
    version: async () => {
      const sqlite = new Sqlite(':memory:');
      const { text } = sqlite.prepare(`select 'SQLite ' || sqlite_version() as text`).get() as {
        readonly text: string;
      };
      sqlite.close();
      return `${text}, WAL, synchronous normal`;
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
