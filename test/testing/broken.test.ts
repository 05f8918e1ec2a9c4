import { describe, expect, it } from '@jest/globals';
import { runStoreCases } from '../../src/testing/index.js';
import { brokenStores } from './broken-stores.js';

/** What each mistake is caught by: among others, and by these for sure. */
const caughtBy: Readonly<Record<string, readonly string[]>> = {
  'lost update': ['versions-compare-and-swap', 'versions-stale', 'deletion-version'],
  'case-sensitive unique': ['uniqueness-letter-case', 'uniqueness-parallel'],
  'check-then-insert': ['uniqueness-parallel'],
  'leaking tenant': ['identity-unknown-0', 'identity-tenant-names', 'filters-tenant'],
  'unstable pages': ['order-stable', 'pages-whole-0'],
  'half a write': ['members-reject'],
  'members replaced': ['members-parallel', 'members-delta'],
  'name taken for ever': ['uniqueness-deleted', 'uniqueness-frees'],
  'everything is a change': ['versions-nothing-changes'],
  'total of the page': ['pages-whole-0', 'pages-count-only'],
  'nulls first': ['order-ascending'],
  'not of null': ['filters-not'],
  'an error for the unknown': ['identity-unknown-1', 'deletion-invisible'],
};

describe('the contract kit', () => {
  it.each(brokenStores.map((store) => [store.name, store] as const))('catches: %s', async (name, store) => {
    const results = await runStoreCases({ name, create: () => store.create(), randomRuns: 3 });
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map((each) => each.case.id)).toEqual(expect.arrayContaining([...(caughtBy[name] ?? ['is named'])]));
    for (const { message } of failed) {
      expect(message).toMatch(/What the store did: .+\n.+What the contract says: .+\n.+Why it matters: /);
    }
  });

  it('has more than ten mistakes to catch, and names each', () => {
    expect(Object.keys(caughtBy)).toEqual(brokenStores.map(({ name }) => name));
  });
});
