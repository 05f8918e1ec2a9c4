import { afterAll, beforeAll } from '@jest/globals';
import { testUserStore } from '../../../src/testing/index.js';
import { pglite } from '../../soak/pglite.js';
import { hostColumnCases } from './host-columns.js';
import { inspectCases } from './inspect.js';
import { mapped, prepareMapped } from './mapped.js';
import { patient } from '../../patient.js';
import { storeCases } from '../../store-cases.js';

// Runs the statements of PostgreSQL in every run of the tests; postgres.test.ts runs them on a server.
const db = pglite();

beforeAll(() => prepareMapped(db, 'postgres'));
afterAll(() => db.destroy());

inspectCases(
  () => db,
  '',
  '',
  (column) => `lower(${column})`,
  'public',
);
hostColumnCases(() => db, 'postgres');
testUserStore({
  ...patient,
  name: 'mapped tables on PGlite, versions by xmin',
  create: () => mapped(db, 'xmin'),
  // They take almost half of the time.
  only: storeCases((group) => group !== 'members' && group !== 'memberships'),
  randomRuns: 10,
});
