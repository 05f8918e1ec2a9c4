// How random tests run. `npm test` draws the same values in each run; `.ci/soak random` draws others, and more of them.
//   SCIM_TEST_SEED   seed of all random tests, default 1
//   SCIM_TEST_RUNS   factor for the number of runs, default 1
import { patient } from './patient.js';

const { SCIM_TEST_SEED = '1', SCIM_TEST_RUNS = '1' } = process.env;

/** The seed of all random tests. fast-check and the store test suite print it when a test fails. */
export const seed = integer('SCIM_TEST_SEED', SCIM_TEST_SEED);

const factor = integer('SCIM_TEST_RUNS', SCIM_TEST_RUNS);

/** Parameters of `fc.assert` for a property that `npm test` checks `runs` times. */
export function random(runs = 100): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: runs * factor };
}

/** Options of `testUserStore` for a store that `npm test` queries with `runs` random sets of users. */
export function randomStoreOptions(runs = 100): {
  readonly seed: number;
  readonly randomRuns: number;
  readonly timeoutMilliseconds: number;
} {
  return { seed, randomRuns: runs * factor, timeoutMilliseconds: patient.timeoutMilliseconds * factor };
}

function integer(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} must be an integer of up to ten digits.`);
  return Number(text);
}
