import { MysqlAdapter, PostgresAdapter, SqliteAdapter } from 'kysely';

/** The SQL dialects that the stores support. MariaDB is `mysql`; PGlite and CockroachDB are `postgres`. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';

/** The dialect of an adapter of Kysely; undefined where it is none of Kysely's own. */
export function dialectOfAdapter(adapter: object): Dialect | undefined {
  // By name too: the host may load another copy of Kysely, such as the CommonJS one.
  let prototype: unknown = adapter;
  for (; typeof prototype === 'object' && prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const { constructor } = prototype;
    if (constructor === PostgresAdapter || constructor.name === 'PostgresAdapter') return 'postgres';
    if (constructor === MysqlAdapter || constructor.name === 'MysqlAdapter') return 'mysql';
    if (constructor === SqliteAdapter || constructor.name === 'SqliteAdapter') return 'sqlite';
  }
  return undefined;
}
