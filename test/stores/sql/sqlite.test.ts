import { contractCases } from '../contract-cases.js';
import { filterProperty } from './filter-property.js';
import { readyMade } from './ready-made.js';
import { sqlite } from './sqlite.js';

async function make() {
  const { db, breakAt } = sqlite();
  return { ...(await readyMade(db)), breakAt };
}

contractCases('ready-made tables on SQLite', make);
filterProperty('ready-made tables on SQLite', make);
