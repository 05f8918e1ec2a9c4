import Sequencer from '@jest/test-sequencer';

// Jest starts the longest tests first, but a fresh clone has no durations yet: it would go by the size of the files, and
// these are short files that run the whole store test suite on a slow database.
const longest = [
  'stores/built-in/pglite',
  'stores/mapped/pglite',
  'stores/mapped/sqlite',
  'stores/built-in/sqlite',
  'stores/store-over-suite',
  'examples/custom-store',
  'tools/simulator/faults',
  'tools/conformance/conformance-tests',
  'stores/document-store',
  'cases/patches.http',
  'examples/orm-drizzle',
  'examples/orm-prisma',
  'stores/built-in/many-memberships',
  'examples/store-template',
  'stores/sql-store',
  'testing/broken',
  'docs/code',
  'examples/orm-sequelize',
];

function place({ path }) {
  const found = longest.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return found === -1 ? longest.length : found;
}

export default class LongestFirst extends Sequencer {
  sort(tests) {
    // Sorting is stable: the others stay in Jest's order.
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
}
