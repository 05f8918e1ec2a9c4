// Opens a database with Kysely, as docs/sql.md says.
import { Kysely, type LogEvent, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { withPreparedStatements } from 'express-scim/sql';
import { applyPragmas } from '../hand-written/sqlite-pragmas.js';
import type { ServerOptions } from '../server-options.js';
import { recordStatement } from './control.js';

export function openDatabase<DB>({ engine, database, pool: size, isTimed }: ServerOptions): Kysely<DB> {
  // Kysely measures no statement where nothing listens.
  const log = isTimed && { log: ({ queryDurationMillis }: LogEvent) => recordStatement(queryDurationMillis) };
  switch (engine) {
    case 'postgres': {
      const pool = new pg.Pool({ connectionString: database, max: size });
      return new Kysely<DB>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }), ...log });
    }
    case 'mariadb':
      return new Kysely<DB>({
        dialect: new MysqlDialect({
          pool: withPreparedStatements(createPool({ uri: database, connectionLimit: size })),
        }),
        ...log,
      });
    case 'sqlite': {
      const sqlite = new Sqlite(database);
      applyPragmas(sqlite);
      return new Kysely<DB>({
        dialect: new SqliteDialect({ database: withPreparedStatements(sqlite as never) }),
        ...log,
      });
    }
  }
}
