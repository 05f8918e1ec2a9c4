import { userStoreCases } from '../../src/testing/index.js';

const head = `# The cases of the store contract

What [\`express-scim/testing\`](testing-a-store.md) asks of a store, written by \`npx tsx test/testing/write-case-list.ts\`.
Ids stay the same from release to release.`;

/** Groups and cases of the kit, as docs/store-cases.md shows them. */
export function caseList(): string {
  const cases = userStoreCases({
    name: 'any',
    create: () => {
      throw new Error('No case is run here.');
    },
  });
  const lines: string[] = [head, '', `${String(cases.length)} cases, in the order in which they run:`];
  for (const group of new Set(cases.map((each) => each.group))) {
    const own = cases.filter((each) => each.group === group);
    lines.push('', `## ${group} (${String(own.length)})`, '', own[0]?.why ?? '', '');
    for (const { id, title, needs } of own) {
      lines.push(
        `- \`${id}\`: ${title.replaceAll('__', '\\_\\_')}${needs.length > 0 ? ` (needs ${needs.join(', ')})` : ''}`,
      );
    }
  }
  return lines.join('\n');
}
