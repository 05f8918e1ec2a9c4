import { contractCases } from '../contract-cases.js';
import { inspectCases } from './inspect.js';
import { mapped, prepareMapped } from './mapped.js';
import { sqlite } from './sqlite.js';

contractCases('mapped tables on SQLite', async () => {
  const { db, breakAt } = sqlite();
  await prepareMapped(db, 'sqlite');
  return { ...(await mapped(db)), breakAt };
});

inspectCases(
  () => sqlite().db,
  '',
  '',
  (column) => `${column} collate nocase`,
);
