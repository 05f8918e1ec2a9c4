import { expect, it } from '@jest/globals';
import {
  createAdminTables,
  createScimTables,
  createSideTables,
  defineMapping,
  mappedStore,
  sqlLogStore,
  sqlStore,
} from '../../../src/sql.js';
import { ctx, listQuery } from '../../../src/testing/requests.js';
import { sqlite } from './sqlite.js';

it('an app can pass the options of a store to the functions that create its tables', async () => {
  const { db } = sqlite();
  const options = { tables: 'own_', outbox: true, lookups: ['emails.value'], scanLimit: 100, onScan: () => undefined };
  await createScimTables(db, options);
  expect((await sqlStore(db, options).list(listQuery(), ctx())).totalResults).toBe(0);
  await createAdminTables(db, options);
  expect(sqlLogStore(db, options)).toBeDefined();
  await db.destroy();
});

it('an app can pass the options of a mapped store to `createSideTables`', async () => {
  const { db } = sqlite();
  await db.schema.createTable('people').addColumn('id', 'integer').addColumn('name', 'text').execute();
  const users = defineMapping<{ people: { id: number; name: string } }>()({
    table: 'people',
    id: { column: 'id' },
    version: 'hash',
    attributes: { userName: 'name' },
  });
  const options = { users, outbox: 'own_outbox', locks: 'own_locks', scanLimit: 100, onWarning: () => undefined };
  await createSideTables(db, options);
  expect((await mappedStore(db, options).list(listQuery(), ctx())).totalResults).toBe(0);
  await db.destroy();
});

it('a misspelled option is still refused', async () => {
  const { db } = sqlite();
  await expect(createScimTables(db, { table: 'own_' } as never)).rejects.toThrow('did you mean tables?');
  await db.destroy();
});
