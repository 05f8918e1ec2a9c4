import { testUserStore } from '../../../src/testing/index.js';
import { builtInTables } from './built-in.js';
import { sqlite } from '../sql/sqlite.js';
import { randomStoreOptions } from '../../random.js';

async function make() {
  const { db, breakAt } = sqlite();
  return { ...(await builtInTables(db)), breakAt };
}

testUserStore({ name: 'built-in tables on SQLite', create: make, ...randomStoreOptions(150) });
