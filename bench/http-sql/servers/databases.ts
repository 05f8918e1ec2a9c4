// Opens a database with Kysely, as docs/sql.md says.
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { withPreparedStatements } from 'express-scim/sql';
import { applyPragmas } from '../hand-written/sqlite-pragmas.js';
import type { ServerOptions } from '../server-options.js';

export function openDatabase<DB>({ engine, database, pool: size }: ServerOptions): Kysely<DB> {
  switch (engine) {
    case 'postgres': {
      const pool = new pg.Pool({ connectionString: database, max: size });
      return new Kysely<DB>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
    }
    case 'mariadb':
      return new Kysely<DB>({
        dialect: new MysqlDialect({ pool: createPool({ uri: database, connectionLimit: size }) }),
      });
    case 'sqlite': {
      const sqlite = new Sqlite(database);
      applyPragmas(sqlite);
      return new Kysely<DB>({ dialect: new SqliteDialect({ database: sqlite as never }) });
    }
  }
}
