// One process of a service over a shared database: DATABASE_URL, PORT, SCIM_KEY, and for MariaDB SYNC_WAIT=1.
import express from 'express';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { connectorKeys, createScimRouter } from 'express-scim';
import { sqlStore } from 'express-scim/sql';

const { DATABASE_URL = '', PORT = '0', SCIM_KEY = '', SYNC_WAIT = '0' } = process.env;

function open(): Kysely<unknown> {
  if (DATABASE_URL.startsWith('postgres')) {
    const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10, connectionTimeoutMillis: 5_000 });
    // Without these a connection that breaks would end the process: the pool replaces it, and its statement fails anyway.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return new Kysely({ dialect: new PostgresDialect({ pool }) });
  }
  const pool = createPool({ uri: DATABASE_URL, connectionLimit: 10, connectTimeout: 5_000 });
  pool.on('connection', (connection) => {
    connection.query(`set session wsrep_sync_wait = ${String(Number(SYNC_WAIT))}`, () => undefined);
  });
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
}

const app = express();
app.use(
  '/scim/v2',
  // Every other process has an outbox: the ways of writing with one and without have to get on with each other.
  createScimRouter(sqlStore(open(), { outbox: Number(PORT) % 2 === 0 }), {
    authenticate: connectorKeys([{ key: SCIM_KEY }]),
    secret: SCIM_KEY.padEnd(32, '.'),
    onError: () => undefined,
  }),
);
app.listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
