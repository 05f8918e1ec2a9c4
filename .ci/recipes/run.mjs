// Runs the recipes of docs/deployment.md and docs/rate-limits.md as they are written there: behind nginx, under PM2 and
// node:cluster, in the steps of the Dockerfile, and with a rate limit that two processes share. Installs what is missing.
//   node .ci/recipes/run.mjs [NAME...]   only the recipes with these names; POSTGRES_URL: a server that is already running
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { summary } from './checks.mjs';
import { checkCluster, checkPm2 } from './cluster.mjs';
import { endAll, run } from './processes.mjs';
import { createApp, createDatabase } from './project.mjs';
import { checkShutdown } from './shutdown.mjs';

const recipes = { shutdown: checkShutdown, cluster: checkCluster, pm2: checkPm2 };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recipes);
const databases = fileURLToPath(new URL('../databases.sh', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'express-scim-recipes-'));
const ends = [];

try {
  await prepare();
} finally {
  await endAll();
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
const { passed, failed } = summary();
console.log(`${passed} recipes passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function prepare() {
  const missing = ['nginx', 'redis-server'].filter((name) => !exists(name));
  if (missing.length > 0) {
    await run('apt-get', ['update', '-q']);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const packages = missing.map((name) => (name === 'nginx' ? 'nginx-light' : name));
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  }
  const [app, database] = await Promise.all([createApp(folder), postgres().then(createDatabase)]);
  ends.push(database.drop);
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  ends.push(() => pool.end());
  const env = { DATABASE_URL: database.url, SCIM_SECRET: 'a secret of 32 bytes for the recipes' };
  const key = (await run(process.execPath, ['create-key.mjs'], { cwd: app, env })).trim();
  const query = async (text) => (await pool.query(text)).rows;
  for (const name of names) await recipes[name]({ folder, app, env, key, query });
}

function exists(command) {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The URL of a PostgreSQL server. */
async function postgres() {
  if (process.env.POSTGRES_URL !== undefined) return process.env.POSTGRES_URL;
  const data = join(folder, 'databases');
  const env = { ...process.env, POSTGRES_PORT: '54342', MARIADB_PORT: '33073' };
  ends.push(() => run(databases, ['stop', data], { env }));
  const printed = execFileSync(databases, ['start', data], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return /^POSTGRES_URL=(.*)$/m.exec(printed)?.[1] ?? '';
}
