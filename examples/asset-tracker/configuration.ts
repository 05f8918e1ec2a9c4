// The environment variables, read once at start. README.md documents them.

/** Configuration of the server. */
export interface Configuration {
  readonly host: string;
  readonly port: number;
  /** Public address without a trailing slash; undefined: taken from each request. */
  readonly publicUrl: string | undefined;
  /** Number of reverse proxies in front, whose X-Forwarded-* headers are trusted. */
  readonly trustProxy: number;
  /** URL of PostgreSQL; undefined: SQLite. */
  readonly databaseUrl: string | undefined;
  /** SQLite file, or `:memory:`. */
  readonly databaseFile: string;
  /** Connections to PostgreSQL, 3 or more. */
  readonly databasePool: number;
  readonly adminEmail: string;
  /** Undefined: generated at each start and printed. */
  readonly adminPassword: string | undefined;
  /** Signs cookies; undefined: generated once and stored in the database. */
  readonly sessionSecret: string | undefined;
  readonly sessionHours: number;
  /** Maximum number of members who may sign in. */
  readonly seats: number;
  /** Email domains that the company owns: an address in one of them identifies a member. */
  readonly verifiedDomains: readonly string[];
  /** Whether an empty database is filled with sample data. */
  readonly seed: boolean;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How long running requests may take at shutdown. */
  readonly shutdownSeconds: number;
}

/** Variables as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment variables. @throws Error that lists every invalid variable */
export function readConfiguration(environment: Environment): Configuration {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const number = (name: string, fallback: number, least: number, most: number): number => {
    const value = text(name);
    const read = value === undefined ? fallback : Number(value);
    if (Number.isInteger(read) && read >= least && read <= most) return read;
    problems.push(`${name} must be an integer from ${String(least)} to ${String(most)}`);
    return fallback;
  };
  const choice = <const T extends string>(name: string, choices: readonly T[], fallback: T): T => {
    const value = text(name) ?? fallback;
    const found = choices.find((each) => each === value);
    if (found === undefined) problems.push(`${name} must be one of ${choices.join(', ')}`);
    return found ?? fallback;
  };
  const publicUrl = text('PUBLIC_URL')?.replace(/\/+$/, '');
  if (publicUrl !== undefined && !(URL.canParse(publicUrl) && /^https?:/i.test(publicUrl))) {
    problems.push('PUBLIC_URL must be the address that browsers use, such as https://assets.example.com');
  }
  const databaseUrl = text('DATABASE_URL');
  if (databaseUrl !== undefined && !/^postgres(?:ql)?:\/\//.test(databaseUrl)) {
    problems.push('DATABASE_URL must begin with postgres://; leave it out for SQLite');
  }
  const adminPassword = text('ADMIN_PASSWORD');
  if (adminPassword !== undefined && adminPassword.length < 10) {
    problems.push('ADMIN_PASSWORD must have 10 characters or more; leave it out to generate one');
  }
  const sessionSecret = text('SESSION_SECRET');
  if (sessionSecret !== undefined && sessionSecret.length < 32) {
    problems.push('SESSION_SECRET must have 32 characters or more; leave it out to generate and store one');
  }
  const configuration: Configuration = {
    host: text('HOST') ?? '127.0.0.1',
    port: number('PORT', 3000, 0, 65_535),
    publicUrl,
    trustProxy: number('TRUST_PROXY', 0, 0, 10),
    databaseUrl,
    databaseFile: text('DATABASE_FILE') ?? './data/asset-tracker.db',
    databasePool: number('DATABASE_POOL', 10, 3, 500),
    adminEmail: text('ADMIN_EMAIL') ?? 'robin.hale@fernhill.example',
    adminPassword,
    sessionSecret,
    sessionHours: number('SESSION_HOURS', 12, 1, 720),
    seats: number('SEATS', 100, 1, 1_000_000),
    verifiedDomains: (text('VERIFIED_DOMAINS') ?? 'fernhill.example').split(/[\s,]+/).filter((each) => each !== ''),
    seed: choice('SEED', ['yes', 'no'], 'yes') === 'yes',
    logFormat: choice('LOG_FORMAT', ['text', 'json'], 'text'),
    logLevel: choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    shutdownSeconds: number('SHUTDOWN_SECONDS', 10, 0, 600),
  };
  if (problems.length > 0) throw new Error(`Invalid environment variables:\n- ${problems.join('\n- ')}`);
  return configuration;
}
