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
 * Makes a pool of `pg` prepare each statement once a connection, so that PostgreSQL parses and plans it only once.
 *
 * Values are always parameters, so a store has few statement texts. Only the first 500 texts become prepared statements, which
 * bounds the memory that every connection spends on them. Statements without parameters do not.
 *
 * Do not use it with PgBouncer before 1.21 in transaction mode: a prepared statement may then belong to another
 * connection.
 *
 * @returns a pool with the same interface; the pool that you pass stays as it is
 *
 * @example
 * import { Kysely, PostgresDialect } from 'kysely';
 * import pg from 'pg';
 * import { withPreparedStatements } from 'express-scim/sql';
 *
 * const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
 * export const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
 */
export function withPreparedStatements<Client extends PostgresClient, Pool extends PostgresPool<Client>>(
  pool: Pool,
): Pool {
  const names = new Map<string, string>();
  // A pool hands out the same client again and again: it keeps its proxy.
  const proxies = new WeakMap<Client, Client>();
  const withNames = (client: Client): Client => {
    const existing = proxies.get(client);
    if (existing !== undefined) return existing;
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const named = (...args: unknown[]): unknown => {
      const [text, values] = args;
      return args.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0
        ? query({ name: nameOf(text, names), text, values })
        : query(...args);
    };
    const proxy = new Proxy(client, {
      get: (target, property) => (property === 'query' ? named : boundProperty(target, property)),
    });
    proxies.set(client, proxy);
    return proxy;
  };
  const connect = async (): Promise<Client> => withNames(await pool.connect());
  return new Proxy(pool, {
    get: (target, property) => (property === 'connect' ? connect : boundProperty(target, property)),
  });
}

// The classes of `pg` have private fields, which only methods called on the target itself can reach.
function boundProperty(target: object, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property, target);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

// A text that occurs once must not fill the memory of every connection.
const maxStatements = 500;

function nameOf(text: string, names: Map<string, string>): string | undefined {
  const existing = names.get(text);
  if (existing !== undefined || names.size >= maxStatements) return existing;
  const name = `scim_${String(names.size)}`;
  names.set(text, name);
  return name;
}
