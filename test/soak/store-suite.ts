// The store test suite over a server: node --import tsx test/soak/store-suite.ts postgres | mysql URL
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { capabilityReport, runStoreCases, type StoreUnderTest } from 'express-scim/testing';
import { builtInTables } from '../stores/built-in/built-in.js';

const [engine = 'postgres', url = ''] = process.argv.slice(2);
const db = new Kysely<unknown>({
  dialect:
    engine === 'postgres'
      ? new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) })
      : new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 10 }) }),
});
for (const withOutbox of [true, false]) {
  const name = `built-in tables on ${engine}, ${withOutbox ? 'with' : 'without'} outbox`;
  let sample: (StoreUnderTest & { drop(): Promise<void> }) | undefined;
  const results = await runStoreCases({
    name,
    create: async () => (sample = await builtInTables(db, withOutbox)),
    destroy: () => sample?.drop(),
    randomRuns: 30,
  });
  for (const { status, message } of results) if (status === 'failed') console.log(message);
  console.log(capabilityReport(name, sample, results));
  if (results.some(({ status }) => status === 'failed')) process.exitCode = 1;
}
await db.destroy();
