import type { MysqlPool, MysqlPoolConnection, SqliteDatabase, SqliteStatement } from 'kysely';
import { mistakeInArgument, usageError } from '../contract/option-mistakes.js';

/** The part of a pool of `pg` that `withPreparedStatements` uses. */
export interface PostgresPool<Client extends PostgresClient = PostgresClient> {
  connect(): Promise<Client>;
  end(): Promise<void>;
}

/** The part of a connection of `pg` that `withPreparedStatements` uses. */
export interface PostgresClient {
  query(...args: never[]): unknown;
}

/**
 * Prepares each statement once: on PostgreSQL, MariaDB and MySQL once for each connection, so that the server parses it only once,
 * and on SQLite once for the database.
 *
 * Values are always parameters, so a store has few statement texts. Only the first 500 texts are kept as prepared statements,
 * which limits the memory that they take. On a server, statements without parameters have no prepared statement.
 *
 * Do not use it with PgBouncer before 1.21 in transaction mode: a prepared statement may then belong to another
 * connection. MariaDB and MySQL limit the prepared statements of all connections together (`max_prepared_stmt_count`, 16,382
 * by default).
 *
 * @param database a pool of `pg`, a pool of `mysql2` (not of `mysql2/promise`), or a database of a SQLite driver as Kysely's
 * `SqliteDialect` takes it, such as `better-sqlite3` or `libsql`
 * @returns what the dialect of Kysely takes instead; what you pass stays as it is
 *
 * @example
 * import { Kysely, PostgresDialect } from 'kysely';
 * import pg from 'pg';
 * import { withPreparedStatements } from 'express-scim/sql';
 *
 * const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
 * export const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
 */
export function withPreparedStatements(database: SqliteDatabase): SqliteDatabase;
export function withPreparedStatements<Client extends PostgresClient, Pool extends PostgresPool<Client>>(
  database: Pool,
): Pool;
export function withPreparedStatements<Pool extends MysqlPool>(database: Pool): Pool;
export function withPreparedStatements(
  database: SqliteDatabase | PostgresPool | MysqlPool,
): SqliteDatabase | PostgresPool | MysqlPool {
  const isDriver = ['prepare', 'connect', 'getConnection'].some(
    (method) => mistakeInArgument(database, '', { methods: [method] }) === undefined,
  );
  if (!isDriver) {
    const mistake = 'the first argument must be a database of better-sqlite3, or a pool of pg or mysql2';
    throw usageError('withPreparedStatements', mistake, 'sql.md');
  }
  if ('prepare' in database) return databaseWithStatements(database);
  return 'getConnection' in database ? poolWithExecute(database) : poolWithNames(database);
}

function poolWithNames<Client extends PostgresClient, Pool extends PostgresPool<Client>>(pool: Pool): Pool {
  const statements = new Map<string, PreparedStatement>();
  // A pool hands out the same client again and again: it keeps its proxy.
  const proxies = new WeakMap<Client, Client>();
  const withNames = (client: Client): Client => {
    const existing = proxies.get(client);
    if (existing !== undefined) return existing;
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const named = (...args: unknown[]): unknown => {
      const [text, values] = args;
      if (args.length !== 2 || typeof text !== 'string' || !Array.isArray(values) || values.length === 0) {
        return query(...args);
      }
      const statement = statementOf(text, statements);
      // `pg` may change what it gets, or copies its own properties, which takes longer than to make this.
      return statement === undefined ? query(text, values) : query(Object.create(statement), values);
    };
    const proxy = withMethod(client, 'query', named);
    proxies.set(client, proxy);
    return proxy;
  };
  const connect = async (): Promise<Client> => withNames(await pool.connect());
  return withMethod(pool, 'connect', connect);
}

function poolWithExecute(pool: MysqlPool): MysqlPool {
  const texts = new Set<string>();
  const proxies = new WeakMap<MysqlPoolConnection, MysqlPoolConnection>();
  const withExecute = (connection: MysqlPoolConnection): MysqlPoolConnection => {
    const existing = proxies.get(connection);
    if (existing !== undefined) return existing;
    const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
    const execute = boundProperty(connection, 'execute');
    const preparing = (...args: unknown[]): unknown => {
      const [text, values, callback] = args;
      return typeof execute === 'function' &&
        typeof text === 'string' &&
        Array.isArray(values) &&
        values.length > 0 &&
        typeof callback === 'function' &&
        values.every(isOneParameter) &&
        isKept(text, texts)
        ? execute(...args)
        : query(...args);
    };
    const proxy = withMethod(connection, 'query', preparing);
    proxies.set(connection, proxy);
    return proxy;
  };
  const getConnection: MysqlPool['getConnection'] = (callback) =>
    // Without a connection there is an error, which `callback` looks at first.
    pool.getConnection((error, connection) => callback(error, error ? connection : withExecute(connection)));
  return withMethod(pool, 'getConnection', getConnection);
}

/** `query` writes an array or an object as a part of the statement; `execute` refuses undefined. */
function isOneParameter(value: unknown): boolean {
  return typeof value === 'object'
    ? value === null || value instanceof Date || Buffer.isBuffer(value)
    : value !== undefined;
}

function isKept(text: string, texts: Set<string>): boolean {
  if (texts.has(text)) return true;
  if (texts.size >= maxStatements) return false;
  texts.add(text);
  return true;
}

/** The same object with another method in place of one of its own. */
function withMethod<Target extends object>(object: Target, name: string, method: unknown): Target {
  return new Proxy(object, {
    get: (target, property) => (property === name ? method : boundProperty(target, property)),
  });
}

// The classes of `pg` have private fields, which only methods called on the target itself can reach.
function boundProperty(target: object, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

// A text that occurs once must not fill the memory of every connection.
const maxStatements = 500;

interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

function statementOf(text: string, statements: Map<string, PreparedStatement>): PreparedStatement | undefined {
  const existing = statements.get(text);
  if (existing !== undefined || statements.size >= maxStatements) return existing;
  const statement = { name: `scim_${String(statements.size)}`, text };
  statements.set(text, statement);
  return statement;
}

function databaseWithStatements(database: SqliteDatabase): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      statements.clear();
      database.close();
    },
    prepare: (text) => {
      const existing = statements.get(text);
      if (existing !== undefined) return existing;
      // A driver may keep the columns of a statement, which another one changes.
      if (definition.test(text)) statements.clear();
      if (statements.size >= maxStatements || definition.test(text)) return database.prepare(text);
      const statement = keptStatement(database, text, () => statements.delete(text));
      statements.set(text, statement);
      return statement;
    },
  };
}

const definition = /^\s*(?:alter|create|drop|attach|detach|pragma|vacuum)\b/i;

/** @param forget called when the statement failed: `libsql` would keep the locks of a kept one */
function keptStatement(database: SqliteDatabase, text: string, forget: () => void): SqliteStatement {
  const statement = database.prepare(text);
  const forgetting = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      forget();
      throw error;
    }
  };
  return {
    reader: statement.reader,
    all: (parameters) => forgetting(() => statement.all(parameters)),
    run: (parameters) => forgetting(() => statement.run(parameters)),
    // The rows are read while other statements run, so none of them may be this one.
    iterate: (parameters) => database.prepare(text).iterate(parameters),
  };
}
