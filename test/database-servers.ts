// The database servers of the environment: `.ci/databases.sh start` prints their addresses. `.ci/run` runs each test that
// imports this module once more with servers (`jest --findRelatedTests test/database-servers.ts`).
import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';

const { POSTGRES_URL, MARIADB_URL, JEST_WORKER_ID, SCIM_TEST_DATABASES } = process.env;

/** False where `SCIM_TEST_DATABASES` is `servers`: the embedded databases had their turn in `npm test`. */
export const isEmbeddedTested = SCIM_TEST_DATABASES !== 'servers';

/** The address for this worker, or undefined without a server. */
export const postgresUrl: string | undefined =
  POSTGRES_URL === undefined
    ? undefined
    : await ofThisWorker(POSTGRES_URL, () => {
        return new PostgresDialect({ pool: new pg.Pool({ connectionString: POSTGRES_URL, max: 1 }) });
      });

/** The address for this worker, or undefined without a server. */
export const mariadbUrl: string | undefined =
  MARIADB_URL === undefined
    ? undefined
    : await ofThisWorker(MARIADB_URL, () => {
        return new MysqlDialect({ pool: createPool({ uri: MARIADB_URL, connectionLimit: 1 }) });
      });

/**
 * Two workers of jest would meet in the same tables. The first one uses the database that the environment names, each
 * other one a database of its own beside it.
 */
async function ofThisWorker(url: string, open: () => MysqlDialect | PostgresDialect): Promise<string> {
  if (JEST_WORKER_ID === undefined || JEST_WORKER_ID === '1') return url;
  const address = new URL(url);
  address.pathname += `_${JEST_WORKER_ID}`;
  const name = address.pathname.slice(1);
  const db = new Kysely<unknown>({ dialect: open() });
  try {
    // `information_schema.schemata` has only the schemas of one database on PostgreSQL.
    const found = url.startsWith('postgres')
      ? sql`select 1 from pg_database where datname = ${name}`
      : sql`select 1 from information_schema.schemata where schema_name = ${name}`;
    const { rows } = await found.execute(db);
    if (rows.length === 0) await sql`create database ${sql.id(name)}`.execute(db);
  } finally {
    await db.destroy();
  }
  return address.href;
}
