import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { testUserStore } from '../../../src/testing/index.js';
import { cardCases } from './card.js';
import { hostColumnCases } from './host-columns.js';
import { inspectCases } from './inspect.js';
import { dropHostTables, mapped, prepareMapped } from './mapped.js';

const url = process.env['POSTGRES_URL'];

if (url === undefined) {
  describe('mapped tables on PostgreSQL', () => {
    it.skip('needs POSTGRES_URL (.ci/databases.sh start)', () => undefined);
  });
} else {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
  });
  beforeAll(async () => {
    await dropHostTables(db);
    await prepareMapped(db, 'postgres');
  });
  afterAll(async () => {
    await dropHostTables(db);
    await db.destroy();
  }, 60_000);
  inspectCases(
    () => db,
    '',
    '',
    (column) => `lower(${column})`,
    'public',
  );
  cardCases(() => Promise.resolve(db), 'does not take decomposed letters for composed ones');
  hostColumnCases(() => db, 'postgres');
  testUserStore({ name: 'mapped tables on PostgreSQL, versions by xmin', create: () => mapped(db, 'xmin') });
  testUserStore({ name: 'mapped tables on PostgreSQL, versions by hash', create: () => mapped(db, 'hash') });
}
