// The command line of the bench.
import { parseArgs } from 'node:util';
import { type Engine, engines, type ServerOptions } from './server-options.js';
import { works } from './work.js';

/** A server that takes part. Servers with the same tables share their data. */
export interface Contestant {
  readonly program: 'ours' | 'hand-written';
  readonly store: ServerOptions['store'];
  readonly tables: string;
  readonly outbox: boolean;
  /** Users in its tables, where that is not the size of the run. */
  readonly size?: number;
}

export const contestants = {
  'hand-written': { program: 'hand-written', store: 'driver', tables: 'w_', outbox: false },
  'hand-written-kysely': { program: 'hand-written', store: 'kysely', tables: 'k_', outbox: false },
  'built-in': { program: 'ours', store: 'built-in', tables: 'b_', outbox: false },
  'built-in-outbox': { program: 'ours', store: 'built-in', tables: 'b_', outbox: true },
  'built-in-1000': { program: 'ours', store: 'built-in', tables: 's_', outbox: false, size: 1_000 },
  mapped: { program: 'ours', store: 'mapped', tables: 'm_', outbox: false },
  'mapped-outbox': { program: 'ours', store: 'mapped', tables: 'm_', outbox: true },
} as const satisfies Readonly<Record<string, Contestant>>;

export type ContestantName = keyof typeof contestants;

export interface Command {
  readonly engine: Engine;
  readonly database: string | undefined;
  readonly size: number;
  readonly rounds: number;
  readonly works: readonly string[];
  readonly servers: readonly ContestantName[];
  readonly milliseconds: number;
  readonly pool: number;
  readonly profile: boolean;
  /** Measures everything that the performance page shows, and keeps it. */
  readonly full: boolean;
}

const pageServers = 'hand-written,hand-written-kysely,built-in,built-in-outbox,built-in-1000,mapped';

const help = `node --import tsx bench/http-sql/run.ts ENGINE SIZE [ROUNDS] [WORK] [options]

  ENGINE      ${engines.join(', ')}; the URL is POSTGRES_URL or MARIADB_URL of the environment
  SIZE        users, such as 2000
  ROUNDS      rounds of each work, each with all servers in turns. Default: 3
  WORK        comma-separated. Default: all of ${works.map(({ name }) => name).join(', ')}
  --servers   comma-separated, of ${Object.keys(contestants).join(', ')}. Default: hand-written,built-in
  --seconds   of a server in a round. Default: 1
  --pool      connections to the database. Default: 10
  --profile   then a round of each work with the CPU profiler on in each server of ours; prints where the time went
  --full      with all servers but mapped-outbox, also times filters at the database and a first synchronization, and
              keeps all figures in bench/results/http-sql.json. bench/http-sql/all.ts does it for each engine
`;

/** Reads the arguments; prints the help and exits where they cannot be read. */
export function readCommand(): Command {
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

function read(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      servers: { type: 'string' },
      seconds: { type: 'string', default: '1' },
      pool: { type: 'string', default: '10' },
      profile: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
    },
  });
  const [engineName = '', size = '', rounds = '3', names] = positionals;
  const engine = engines.find((each) => each === engineName);
  if (engine === undefined) throw new Error(`ENGINE must be one of ${engines.join(', ')}.`);
  const { servers = values.full ? pageServers : 'hand-written,built-in' } = values;
  const known = works.map(({ name }) => name);
  return {
    engine,
    database: databaseOf(engine),
    size: positive('SIZE', size),
    rounds: positive('ROUNDS', rounds),
    works: names === undefined ? known : names.split(',').map((name) => oneOf('WORK', name, known)),
    servers: servers.split(',').map((name) => oneOf('--servers', name, contestantNames())),
    milliseconds: positive('--seconds', values.seconds) * 1_000,
    pool: positive('--pool', values.pool),
    profile: values.profile,
    full: values.full,
  };
}

function contestantNames(): readonly ContestantName[] {
  return Object.keys(contestants) as ContestantName[];
}

/** Undefined on SQLite, whose file the bench makes. */
function databaseOf(engine: Engine): string | undefined {
  if (engine === 'sqlite') return undefined;
  const name = { postgres: 'POSTGRES_URL', mariadb: 'MARIADB_URL' }[engine];
  const url = process.env[name];
  if (url === undefined) throw new Error(`${name} is missing: .ci/databases.sh start prints one.`);
  return url;
}

/** @throws Error that names the argument */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0.`);
  return value;
}

function oneOf<Name extends string>(place: string, name: string, known: readonly Name[]): Name {
  const found = known.find((each) => each === name);
  if (found === undefined) throw new Error(`${place} does not know ${name}: write one of ${known.join(', ')}.`);
  return found;
}
