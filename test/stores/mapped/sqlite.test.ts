import { testUserStore } from '../../../src/testing/index.js';
import { reportCases } from '../sql/capability-report.js';
import { hostColumnCases } from './host-columns.js';
import { inspectCases } from './inspect.js';
import { mapped, prepareMapped } from './mapped.js';
import { createOneTables, listening, manyMembersCases, oneTable, statementCases, triggerCases } from './one-table.js';
import { sqlite } from '../sql/sqlite.js';
import { randomStoreOptions } from '../../random.js';

testUserStore({
  name: 'mapped tables on SQLite',
  create: async () => {
    const { db, breakAt } = sqlite();
    await prepareMapped(db, 'sqlite');
    return { ...(await mapped(db)), breakAt, longText: true };
  },
  ...randomStoreOptions(),
});

const openOneTables = async () => {
  const { db } = sqlite();
  await createOneTables(db, 'sqlite');
  return db;
};

testUserStore({
  name: 'mapped tables on SQLite, one for each type',
  create: async () => {
    const { db, breakAt } = sqlite();
    await createOneTables(db, 'sqlite');
    return { ...(await oneTable(db, 'sqlite')), breakAt, longText: true };
  },
  ...randomStoreOptions(),
});

triggerCases(openOneTables, 'sqlite');
statementCases(async (seen) => listening(await openOneTables(), seen), 'sqlite');
manyMembersCases(async (seen) => listening(await openOneTables(), seen), 'sqlite');

inspectCases(
  () => sqlite().db,
  '',
  '',
  (column) => `${column} collate nocase`,
  'main',
);

hostColumnCases(() => sqlite().db, 'sqlite');

reportCases(async () => {
  const { db } = sqlite();
  await prepareMapped(db, 'sqlite');
  return db;
}, 'no difference found');
