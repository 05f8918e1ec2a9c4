import { afterAll, describe, it } from '@jest/globals';
import { Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { contractCases, type Harness } from '../contract-cases.js';
import { filterProperty } from './filter-property.js';
import { readyMade } from './ready-made.js';

const url = process.env['MARIADB_URL'];

if (url === undefined) {
  describe('ready-made tables on MariaDB', () => {
    it.skip('needs MARIADB_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 10 }) }),
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
  contractCases('ready-made tables on MariaDB', make);
  filterProperty('ready-made tables on MariaDB', make, 60);
}
