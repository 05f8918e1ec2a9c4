import { afterAll, describe, it } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { contractCases, type Harness } from '../contract-cases.js';
import { filterProperty } from './filter-property.js';
import { readyMade } from './ready-made.js';

const url = process.env['POSTGRES_URL'];

if (url === undefined) {
  describe('ready-made tables on PostgreSQL', () => {
    it.skip('needs POSTGRES_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
  });
  const made: (() => Promise<void>)[] = [];
  const make = async (): Promise<Harness> => {
    const harness = await readyMade(db);
    made.push(() => harness.drop());
    return harness;
  };
  afterAll(async () => {
    for (const drop of made) await drop();
    await db.destroy();
  }, 60_000);
  contractCases('ready-made tables on PostgreSQL', make);
  filterProperty('ready-made tables on PostgreSQL', make, 60);
}
