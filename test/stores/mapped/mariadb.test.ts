import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { testUserStore } from '../../../src/testing/index.js';
import { reportCases } from '../sql/capability-report.js';
import { hostColumnCases } from './host-columns.js';
import { inspectCases } from './inspect.js';
import { dropHostTables, mapped, prepareMapped } from './mapped.js';
import { createOneTables, dropOneTables, oneTable } from './one-table.js';
import { mariadbUrl as url } from '../../database-servers.js';
import { patient } from '../../patient.js';

if (url === undefined) {
  describe('mapped tables on MariaDB', () => {
    it.skip('needs MARIADB_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 10 }) }),
  });
  beforeAll(async () => {
    await dropHostTables(db);
    await prepareMapped(db, 'mysql');
    await dropOneTables(db);
    await createOneTables(db, 'mysql');
  });
  afterAll(async () => {
    await dropHostTables(db);
    await dropOneTables(db);
    await db.destroy();
  });
  inspectCases(
    () => db,
    'collate utf8mb4_bin',
    'collate utf8mb4_general_ci',
    (column) => column,
    new URL(url).pathname.slice(1),
  );
  reportCases(
    () => Promise.resolve(db),
    'treats as equal: e and é, texts with and without a space at the end; treats as different: ss and ß, composed and decomposed letters',
  );
  hostColumnCases(() => db, 'mysql');
  testUserStore({ ...patient, name: 'mapped tables on MariaDB', create: () => mapped(db) });
  testUserStore({
    ...patient,
    name: 'mapped tables on MariaDB, one for each type',
    create: () => oneTable(db, 'mysql'),
  });
}
