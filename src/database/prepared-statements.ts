/** What is needed of a pool of `pg`. */
export interface PostgresPool<Client extends PostgresClient = PostgresClient> {
  connect(): Promise<Client>;
  end(): Promise<void>;
}

/** What is needed of a connection of `pg`. */
export interface PostgresClient {
  query(...args: never[]): unknown;
}

/**
 * Makes a pool of `pg` prepare each statement once a connection, which PostgreSQL then neither parses nor plans anew.
 *
 * Values are parameters, so statements have few texts; of those that lists make endless the first 500 are prepared. Not
 * for PgBouncer in transaction mode before its version 1.21, where a prepared statement may be another connection's.
 *
 * @example
 * const db = new Kysely({ dialect: new PostgresDialect({ pool: preparing(new pg.Pool({ connectionString })) }) });
 */
export function withPreparedStatements<Client extends PostgresClient, Pool extends PostgresPool<Client>>(
  pool: Pool,
): Pool {
  const names = new Map<string, string>();
  const known = new WeakMap<Client, Client>();
  const wrap = (client: Client): Client => {
    const there = known.get(client);
    if (there !== undefined) return there;
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const wrapped = new Proxy(client, {
      get(target, property) {
        if (property !== 'query') {
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return (...args: unknown[]) => {
          const [text, values] = args;
          return args.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0
            ? query({ name: nameOf(text, names), text, values })
            : query(...args);
        };
      },
    });
    known.set(client, wrapped);
    return wrapped;
  };
  return new Proxy(pool, {
    get(target, property) {
      if (property === 'connect') return async () => wrap(await target.connect());
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

// Statements that are not met again should not fill the memory of every connection.
const mostStatements = 500;

function nameOf(text: string, names: Map<string, string>): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= mostStatements) return undefined;
  const name = `scim_${String(names.size)}`;
  names.set(text, name);
  return name;
}
