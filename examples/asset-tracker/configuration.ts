// Everything that the environment can say, read once at start; README.md has the same table for users.

/** What the server is told by its environment. */
export interface Configuration {
  readonly host: string;
  readonly port: number;
  /** Public address without a trailing slash; undefined: as the request says. */
  readonly publicUrl: string | undefined;
  /** Hops of reverse proxies in front, whose X-Forwarded-* are believed. */
  readonly trustProxy: number;
  /** PostgreSQL; undefined: the file. */
  readonly databaseUrl: string | undefined;
  /** File of SQLite, or `:memory:`. */
  readonly databaseFile: string;
  /** Connections to PostgreSQL, 3 or more. */
  readonly databasePool: number;
  readonly adminEmail: string;
  /** Undefined: one is made at each start, and printed. */
  readonly adminPassword: string | undefined;
  /** Signs cookies; undefined: made once and kept in the database. */
  readonly sessionSecret: string | undefined;
  readonly sessionHours: number;
  /** Members who may sign in at the same time. */
  readonly seats: number;
  /** E-mail domains that the company has proved to own: there an address tells who somebody is. */
  readonly verifiedDomains: readonly string[];
  /** Whether an empty database is filled with a company to look at. */
  readonly seed: boolean;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How long requests may take to end at shutdown. */
  readonly shutdownSeconds: number;
}

/** Variables as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment. @throws Error that names every variable that makes no sense */
export function readConfiguration(environment: Environment): Configuration {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const number = (name: string, otherwise: number, least: number, most: number): number => {
    const value = text(name);
    const read = value === undefined ? otherwise : Number(value);
    if (Number.isInteger(read) && read >= least && read <= most) return read;
    problems.push(`${name} must be a whole number from ${String(least)} to ${String(most)}`);
    return otherwise;
  };
  const choice = <const T extends string>(name: string, choices: readonly T[], otherwise: T): T => {
    const value = text(name) ?? otherwise;
    const found = choices.find((each) => each === value);
    if (found === undefined) problems.push(`${name} must be one of ${choices.join(', ')}`);
    return found ?? otherwise;
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
    problems.push('ADMIN_PASSWORD must have 10 characters or more; leave it out to have one made');
  }
  const sessionSecret = text('SESSION_SECRET');
  if (sessionSecret !== undefined && sessionSecret.length < 32) {
    problems.push('SESSION_SECRET must have 32 characters or more; leave it out to have one made and kept');
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
  if (problems.length > 0) throw new Error(`The environment is not right:\n- ${problems.join('\n- ')}`);
  return configuration;
}
