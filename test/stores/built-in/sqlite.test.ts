import { testUserStore } from '../../../src/testing/index.js';
import { builtInTables } from './built-in.js';
import { sqlite } from '../sql/sqlite.js';
import { randomStoreOptions } from '../../random.js';

for (const withOutbox of [true, false]) {
  testUserStore({
    name: `built-in tables on SQLite, ${withOutbox ? 'with' : 'without'} outbox`,
    create: async () => {
      const { db, breakAt } = sqlite();
      return { ...(await builtInTables(db, withOutbox)), breakAt };
    },
    ...randomStoreOptions(150),
  });
}
