import { afterAll, describe, it } from '@jest/globals';
import { Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import { testUserStore } from '../../../src/testing/index.js';
import { randomStoreOptions } from '../../random.js';
import { builtInTables } from './built-in.js';
import { mariadbUrl as url } from '../../database-servers.js';

if (url === undefined) {
  describe('built-in tables on MariaDB', () => {
    it.skip('needs MARIADB_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: 10 }) }),
  });
  for (const withOutbox of [true, false]) {
    let drop: (() => Promise<void>) | undefined;
    testUserStore({
      name: `built-in tables on MariaDB, ${withOutbox ? 'with' : 'without'} outbox`,
      create: async () => {
        const made = await builtInTables(db, withOutbox);
        drop = () => made.drop();
        return made;
      },
      destroy: () => drop?.(),
      ...randomStoreOptions(60),
    });
  }
  afterAll(() => db.destroy());
}
