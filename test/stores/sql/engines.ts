import { Kysely, type LogEvent, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import type { Dialect } from '../../../src/sql.js';
import { pglite } from '../../soak/pglite.js';
import { sqlite } from './sqlite.js';
import { isEmbeddedTested, mariadbUrl, postgresUrl } from '../../database-servers.js';

/** A database that tests can run on. */
export interface TestEngine {
  readonly name: string;
  readonly dialect: Dialect;
  /** @param onStatement is called with the text of each statement */
  connect(onStatement?: (text: string) => void): Kysely<unknown>;
}

function logTo(onStatement: ((text: string) => void) | undefined): { log?: (event: LogEvent) => void } {
  return onStatement === undefined ? {} : { log: ({ query }) => onStatement(query.sql) };
}

const embedded: readonly TestEngine[] = [
  { name: 'SQLite', dialect: 'sqlite', connect: (onStatement) => sqlite(onStatement).db },
  { name: 'PGlite', dialect: 'postgres', connect: (onStatement) => pglite(onStatement) },
];

/** SQLite, PGlite, and the servers of the environment. */
export const engines: readonly TestEngine[] = [
  ...(isEmbeddedTested ? embedded : []),
  ...(postgresUrl === undefined
    ? []
    : [
        {
          name: 'PostgreSQL',
          dialect: 'postgres',
          connect: (onStatement) =>
            new Kysely<unknown>({
              dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: postgresUrl, max: 4 }) }),
              ...logTo(onStatement),
            }),
        } satisfies TestEngine,
      ]),
  ...(mariadbUrl === undefined
    ? []
    : [
        {
          name: 'MariaDB',
          dialect: 'mysql',
          connect: (onStatement) =>
            new Kysely<unknown>({
              dialect: new MysqlDialect({ pool: createPool({ uri: mariadbUrl ?? '', connectionLimit: 4 }) }),
              ...logTo(onStatement),
            }),
        } satisfies TestEngine,
      ]),
];
