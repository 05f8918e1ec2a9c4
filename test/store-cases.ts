import { MemoryStore } from '../src/index.js';
import { userStoreCases } from '../src/testing/index.js';

const isWhole = process.env['SCIM_TEST_CASES'] === 'all';

/**
 * IDs of the store test cases for a store that `npm test` does not test whole, because that takes minutes and other
 * stores have the same code. With `SCIM_TEST_CASES=all`, as in `npm run soak`, the IDs of all.
 */
export function storeCases(isChosen: (group: string) => boolean): readonly string[] {
  return userStoreCases({ name: 'any store', create: () => new MemoryStore() })
    .filter(({ group }) => isWhole || isChosen(group))
    .map(({ id }) => id);
}
