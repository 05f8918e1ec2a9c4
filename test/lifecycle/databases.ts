import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { sqlite } from '../stores/sql/sqlite.js';

/** A database with a prefix for tables of its own. */
export interface TestDatabase {
  readonly db: Kysely<unknown>;
  readonly tables: string;
  /** Runs when all tests are over, before the connection is closed. */
  afterwards(drop: () => Promise<void>): void;
}

const { POSTGRES_URL: postgres, MARIADB_URL: mariadb } = process.env;
const drops: (() => Promise<void>)[] = [];
const afterwards = (drop: () => Promise<void>): void => void drops.push(drop);

const servers: (readonly [string, Kysely<unknown>])[] = [];
if (postgres !== undefined) {
  const pool = new pg.Pool({ connectionString: postgres, max: 10 });
  servers.push(['PostgreSQL', new Kysely({ dialect: new PostgresDialect({ pool }) })]);
}
if (mariadb !== undefined) {
  const pool = createPool({ uri: mariadb, connectionLimit: 10 });
  servers.push(['MariaDB', new Kysely({ dialect: new MysqlDialect({ pool }) })]);
}

/** SQLite always; PostgreSQL and MariaDB where POSTGRES_URL and MARIADB_URL name them (.ci/databases.sh start). */
export const databases: readonly (readonly [string, () => TestDatabase])[] = [
  ['SQLite', () => ({ db: sqlite().db, tables: 'scim_', afterwards })],
  ...servers.map(
    ([name, db]) => [name, () => ({ db, tables: `l${randomBytes(6).toString('hex')}_`, afterwards })] as const,
  ),
];

afterAll(async () => {
  for (const drop of drops) await drop();
  for (const [, db] of servers) await db.destroy();
});
