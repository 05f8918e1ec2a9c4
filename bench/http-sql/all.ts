// Measures all engines for docs/performance.md: `npm run bench:http-sql`. Starts PostgreSQL and MariaDB unless
// POSTGRES_URL and MARIADB_URL name them. An engine that fails is named, and the others are measured all the same.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { positive } from './command.js';
import { type Engine, engines } from './server-options.js';

const help = `npm run bench:http-sql -- [SIZE] [ROUNDS] [options]

  SIZE        users. Default: 20000. The targets about growth need 100000
  ROUNDS      of each work. Default: 5
  --seconds   of a server in a round. Default: 0.6
  --engines   comma-separated. Default: ${engines.join(',')}
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const script = path.join(root, '.ci/databases.sh');
const command = readAll();
const folder = mkdtempSync(path.join(os.tmpdir(), 'http-sql-databases-'));
// The databases run as users of their own.
chmodSync(folder, 0o755);
// Ports of its own, so that databases that run for the tests stay out of it; and memory for all tables, as in operation.
const settings = { POSTGRES_PORT: '24343', MARIADB_PORT: '23074', POSTGRES_BUFFERS: '1GB', MARIADB_BUFFERS: '1G' };
const isStarting = !['POSTGRES_URL', 'MARIADB_URL'].every((name) => process.env[name] !== undefined);
const urls = isStarting ? start() : {};
const failed: string[] = [];
let child: ChildProcess | undefined;
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    child?.kill();
  });
}

for (const engine of command.engines) {
  if (isInterrupted) break;
  console.log(`\n${engine}`);
  if ((await measureEngine(engine)) !== 0) failed.push(engine);
}
if (isStarting) stop();
rmSync(folder, { recursive: true, force: true });
spawnSync('node', ['bench/report.mjs'], { cwd: root, stdio: 'inherit' });
if (failed.length > 0) {
  console.error(`Something failed on ${failed.join(', ')}: read what it printed.`);
  process.exitCode = 1;
}

function readAll() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '0.6' },
        engines: { type: 'string', default: engines.join(',') },
      },
    });
    const [size = '20000', rounds = '5'] = positionals;
    return {
      size: positive('SIZE', size),
      rounds: positive('ROUNDS', rounds),
      seconds: positive('--seconds', values.seconds),
      engines: values.engines.split(',').map((name) => {
        const engine = engines.find((each) => each === name);
        if (engine === undefined) throw new Error(`--engines does not know ${name}.`);
        return engine;
      }),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

/** The variables of the environment that name the databases; empty where they do not start. */
function start(): Readonly<Record<string, string>> {
  const log = path.join(folder, 'log');
  const started = spawnSync(script, ['start', path.join(folder, 'databases')], {
    // The databases keep the descriptor of the script's errors: a pipe would never end.
    stdio: ['ignore', 'pipe', openSync(log, 'w')],
    encoding: 'utf8',
    env: { ...process.env, ...settings },
  });
  if (started.status !== 0) console.error(`The databases did not start:\n${readFileSync(log, 'utf8')}`);
  const lines = started.stdout.split('\n').map((line) => /^([A-Z_]+)=(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? '']])));
}

function stop(): void {
  spawnSync(script, ['stop', path.join(folder, 'databases')], {
    stdio: 'ignore',
    env: { ...process.env, ...settings },
  });
}

function measureEngine(engine: Engine): Promise<number | null> {
  const file = fileURLToPath(new URL('./run.ts', import.meta.url));
  const args = [engine, String(command.size), String(command.rounds), '--full', '--seconds', String(command.seconds)];
  return new Promise((resolve) => {
    child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...urls },
    });
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
}
