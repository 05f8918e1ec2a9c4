import { afterAll, describe, it } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { testUserStore } from '../../../src/testing/index.js';
import { randomStoreOptions } from '../../random.js';
import { builtInTables } from './built-in.js';
import { postgresUrl as url } from '../../database-servers.js';

if (url === undefined) {
  describe('built-in tables on PostgreSQL', () => {
    it.skip('needs POSTGRES_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
  });
  for (const withOutbox of [true, false]) {
    let drop: (() => Promise<void>) | undefined;
    testUserStore({
      name: `built-in tables on PostgreSQL, ${withOutbox ? 'with' : 'without'} outbox`,
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
