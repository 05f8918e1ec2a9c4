import { userStoreCases } from '../../src/testing/index.js';

const head = `# Test cases of the store contract

This page lists the test cases that [\`express-scim/testing\`](testing-a-store.md) runs against a store, for authors of stores who look
up a case by its ID. IDs are stable across releases.
\`npx tsx test/testing/write-case-list.ts\` writes this page.`;

/** The groups and test cases of the store test suite, as docs/store-cases.md lists them. */
export function caseList(): string {
  const cases = userStoreCases({
    name: 'any',
    create: () => {
      throw new Error('No case is run here.');
    },
  });
  const lines: string[] = [head, '', `${String(cases.length)} test cases, in the order in which they run:`];
  for (const group of new Set(cases.map((each) => each.group))) {
    const inGroup = cases.filter((each) => each.group === group);
    lines.push('', `## ${group} (${String(inGroup.length)})`, '', inGroup[0]?.why ?? '', '');
    for (const { id, title, needs } of inGroup) {
      lines.push(
        `- \`${id}\`: ${title.replaceAll('__', '\\_\\_')}${needs.length > 0 ? ` (needs ${needs.join(', ')})` : ''}`,
      );
    }
  }
  return lines.join('\n');
}
