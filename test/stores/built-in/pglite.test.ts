import { afterAll, beforeAll } from '@jest/globals';
import { sql } from 'kysely';
import type { ChangeEvent } from '../../../src/contract/event.js';
import { createScimTables, sqlStore } from '../../../src/sql.js';
import { testUserStore } from '../../../src/testing/index.js';
import { pglite } from '../../soak/pglite.js';
import { breakable } from '../sql/breakable.js';
import { patient } from '../../patient.js';
import { storeCases } from '../../store-cases.js';

// Runs the statements of PostgreSQL in every run of the tests; postgres.test.ts runs them on a server.
const db = pglite();
const tables = ['members', 'keys', 'users', 'groups', 'outbox'];

/** An empty store. The tables are emptied and not created anew, which is faster. */
async function emptyStore(outbox: boolean) {
  for (const table of tables) await sql`delete from ${sql.table(`scim_${table}`)}`.execute(db);
  const { db: faulty, breakAt } = breakable(db);
  return {
    breakAt,
    store: sqlStore(faulty, { outbox }),
    anyAttribute: true,
    ...(outbox && {
      outbox: async () => {
        const { rows } = await sql<{ event: unknown }>`select event from scim_outbox`.execute(db);
        return rows.map(({ event }) => JSON.parse(String(event)) as ChangeEvent);
      },
    }),
  };
}

beforeAll(() => createScimTables(db));
afterAll(() => db.destroy());

/** Reads take most of the time, and they are the same with an outbox. */
const reads: readonly string[] = [
  'filters',
  'members',
  'memberships',
  'pages',
  ...['user', 'group'].flatMap((type) => ['filters', 'literals', 'pages'].map((kind) => `${type}-${kind}`)),
];

for (const outbox of [true, false]) {
  testUserStore({
    ...patient,
    name: `built-in tables on PGlite, ${outbox ? 'with' : 'without'} outbox`,
    create: () => emptyStore(outbox),
    only: storeCases((group) => outbox || !reads.includes(group)),
    randomRuns: 10,
  });
}
