// What the bench tells a server that it starts, in one variable of the environment.

export const engines = ['postgres', 'mariadb', 'sqlite'] as const;
export type Engine = (typeof engines)[number];

export interface ServerOptions {
  readonly engine: Engine;
  /** URL of the database; on SQLite the path of its file. */
  readonly database: string;
  /** Prefix of the names of all tables. */
  readonly tables: string;
  /** Connections of the pool. SQLite has one. */
  readonly pool: number;
  /** Bearer key of the requests. */
  readonly key: string;
  /** Whether each write saves its events. The hand-written app has none. */
  readonly outbox: boolean;
  /** Whether the server records how long its statements take. */
  readonly isTimed: boolean;
  /** Which store the router is over, and what the hand-written app is: over the driver, or over Kysely. */
  readonly store: 'built-in' | 'mapped' | 'driver' | 'kysely';
}

/** Name of the variable. */
export const optionsVariable = 'BENCH_SERVER';

/** The options of this process, which only the bench starts. */
export function readServerOptions(): ServerOptions {
  const text = process.env[optionsVariable];
  if (text === undefined) throw new Error(`${optionsVariable} is missing: bench/http-sql/run.ts starts this server.`);
  return JSON.parse(text) as ServerOptions;
}
