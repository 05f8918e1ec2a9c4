// An app outside of the repository, with the packed package and the files of docs/deployment.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { fileOf } from './page.mjs';
import { run } from './processes.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packages = [
  'express',
  'express-rate-limit',
  'kysely',
  'pg',
  'preact',
  'preact-render-to-string',
  'rate-limit-redis',

  'rate-limiter-flexible',
  'redis',
];

/** Saves a connection with a key, and prints the key. */
const createKey = `
import { generateConnectorKey } from 'express-scim';
import { createAdminTables, sqlConnectionStore } from 'express-scim/sql';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }) }) });
await createAdminTables(db);
const connections = sqlConnectionStore(db);
const { key, id, digest } = generateConnectorKey();
await connections.create({ tenant: 'default', id: 'default', name: 'Recipes', provider: 'entra', enabled: true });
await connections.addKey('default', 'default', { id, digest, name: 'recipes', createdAt: new Date() });
console.log(key);
await db.destroy();
`;

/** A cache of npm that the Dockerfile may clear. */
export const npmCache = (folder) => join(folder, 'npm-cache');

/** Packs the package, installs it in `folder`, and writes the files of the page next to it. */
export async function createApp(folder) {
  // Steps before this one have built it; packing would build it again.
  if (!existsSync(join(root, 'dist/index.js'))) await run('npm', ['run', '--silent', 'build'], { cwd: root });
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[')));
  const app = join(folder, 'app');
  mkdirSync(app);
  const dependencies = Object.fromEntries(packages.map((name) => [name, devDependencies[name]]));
  const manifest = { private: true, dependencies: { 'express-scim': `file:../${filename}`, ...dependencies } };
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
  const env = { npm_config_cache: npmCache(folder) };
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: app, env });
  for (const name of ['server.mjs', 'cluster.mjs', 'ecosystem.config.cjs', 'Dockerfile', '.dockerignore']) {
    writeFileSync(join(app, name), fileOf('deployment.md', name));
  }
  writeFileSync(join(app, 'create-key.mjs'), createKey);
  return app;
}

/**
 * A database of its own for one recipe: the environment of an app that uses it, a key, and functions that query it, cut
 * its connections, accept connections again, and drop it.
 */
export async function createDatabase(serverUrl, recipe, app) {
  const name = `recipes_${process.pid}_${recipe.replace('-', '_')}`;
  const execute = async (statement) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await execute(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const env = { DATABASE_URL: url.href, SCIM_SECRET: 'a secret of 32 bytes for the recipes' };
  const key = (await run(process.execPath, ['create-key.mjs'], { cwd: app, env })).trim();
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  pool.on('error', () => undefined); // `cut` ends its connection too
  return {
    env,
    key,
    query: async (text) => (await pool.query(text)).rows,
    async cut() {
      await execute(`alter database ${name} with allow_connections false`);
      await execute(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    },
    accept: () => execute(`alter database ${name} with allow_connections true`),
    async drop() {
      await pool.end();
      await execute(`drop database ${name} with (force)`);
    },
  };
}
