import { testUserStore } from '../../../src/testing/index.js';
import { readyMade } from './built-in.js';
import { sqlite } from '../sql/sqlite.js';
import { randomStoreOptions } from '../../random.js';

async function make() {
  const { db, breakAt } = sqlite();
  return { ...(await readyMade(db)), breakAt };
}

testUserStore({ name: 'ready-made tables on SQLite', create: make, ...randomStoreOptions(150) });
