import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { sqlite } from '../stores/sql/sqlite.js';
import { isEmbeddedTested, mariadbUrl, postgresUrl } from '../database-servers.js';

/** A database with a prefix for tables of its own. */
export interface TestDatabase {
  readonly db: Kysely<unknown>;
  readonly tables: string;
  /** Runs when all tests are over, before the connection is closed. */
  afterwards(drop: () => Promise<void>): void;
}

const drops: (() => Promise<void>)[] = [];
const afterwards = (drop: () => Promise<void>): void => void drops.push(drop);

const servers: (readonly [string, Kysely<unknown>])[] = [];
if (postgresUrl !== undefined) {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 10 });
  servers.push(['PostgreSQL', new Kysely({ dialect: new PostgresDialect({ pool }) })]);
}
if (mariadbUrl !== undefined) {
  const pool = createPool({ uri: mariadbUrl, connectionLimit: 10 });
  servers.push(['MariaDB', new Kysely({ dialect: new MysqlDialect({ pool }) })]);
}

const embedded = ['SQLite', () => ({ db: sqlite().db, tables: 'scim_', afterwards })] as const;

/** SQLite, and the servers of the environment. */
export const databases: readonly (readonly [string, () => TestDatabase])[] = [
  ...(isEmbeddedTested ? [embedded] : []),
  ...servers.map(
    ([name, db]) => [name, () => ({ db, tables: `l${randomBytes(6).toString('hex')}_`, afterwards })] as const,
  ),
];

afterAll(async () => {
  for (const drop of drops) await drop();
  for (const [, db] of servers) await db.destroy();
});
