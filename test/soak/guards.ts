// Guards under parallel requests on a cluster, where locks hold on one node only: node --import tsx test/soak/guards.ts galera [ROUNDS]
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { sqlStore } from 'express-scim/sql';
import type { UserStore } from 'express-scim';
import { type Arena, races, run, sqlArena } from '../lifecycle/guards/races.js';
import { galera, postgres } from './engines.js';

const [name = 'galera', rounds = '20'] = process.argv.slice(2);
const engine = name === 'galera' ? galera() : postgres();
const tables = 'guards_';

function open(url: string): Kysely<unknown> {
  if (url.startsWith('postgres')) {
    return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }) });
  }
  const pool = createPool({ uri: url, connectionLimit: 10 });
  pool.on('connection', (connection) => {
    connection.query('set session wsrep_sync_wait = 1', () => undefined);
  });
  return new Kysely({ dialect: new MysqlDialect({ pool }) });
}

/** A store that sends each call to the next node. */
function alternating(stores: readonly UserStore[]): UserStore {
  let calls = 0;
  const next = (): UserStore => {
    const store = stores[calls++ % stores.length];
    if (store === undefined) throw new Error('There is no node.');
    return store;
  };
  return {
    supports: stores[0]?.supports,
    create: (creation, ctx) => next().create(creation, ctx),
    get: (id, selection, ctx) => next().get(id, selection, ctx),
    list: (query, ctx) => next().list(query, ctx),
    update: (id, change, ctx) => next().update(id, change, ctx),
    delete: (id, removal, ctx) => next().delete(id, removal, ctx),
  };
}

await engine.start();
const nodes = engine.urls.map(open);
try {
  const [first] = nodes;
  if (first === undefined) throw new Error('There is no node.');
  const arena: Arena = await sqlArena(first, tables);
  const store = alternating(nodes.map((db) => sqlStore(db, { tables, outbox: true })));
  for (const [title, race] of Object.entries(races)) {
    const problems = await run({ ...arena, store }, race, Number(rounds));
    console.log(
      `${name}, ${title}: ${problems.length === 0 ? `${rounds} rounds` : `${String(problems.length)} problems`}`,
    );
    for (const problem of problems.slice(0, 5)) console.log(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
} finally {
  await Promise.all(nodes.map((db) => db.destroy()));
  await engine.stop();
}
