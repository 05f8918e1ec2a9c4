import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from './examples.js';

const page = readFileSync(`${root}docs/security.md`, 'utf8');
const columns = ['asset', 'attacker', 'surface', 'rule', 'code', 'test'];

const cellsOf = (line: string): readonly string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** The rows of all tables of the threat model. */
function threats(): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let inside = false;
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) inside = false;
    else if (cellsOf(line).join() === columns.join()) inside = true;
    else if (inside && !/^\| -/.test(line)) rows.push(cellsOf(line));
  }
  return rows;
}

const attackers = [...(/^## Attackers[\s\S]*?(?=^## )/m.exec(page)?.[0] ?? '').matchAll(/^\| (\w[\w ]*?) +\|/gm)].map(
  ([, name]) => name,
);

describe('each threat in docs/security.md', () => {
  const rows = threats();

  it('is one of many, from each attacker', () => {
    expect(rows.length).toBeGreaterThan(30);
    const named = new Set(rows.map(([, attacker]) => attacker));
    expect(attackers.filter((name) => name !== 'attacker' && !named.has(name))).toEqual([]);
    expect([...named].filter((name) => !attackers.includes(name))).toEqual([]);
  });

  it.each(rows.map((row) => [`${row[0] ?? ''}, ${row[2] ?? ''}`, row] as const))(
    '%s: every cell is filled, and its code and its test exist',
    (_, row) => {
      expect(row).toHaveLength(columns.length);
      expect(row.filter((cell) => cell === '')).toEqual([]);
      const [code = '', test = ''] = row.slice(4);
      const codePath = /^\[`(src\/[^`]+)`\]\(\.\.\/\1\)$/.exec(code)?.[1] ?? 'no path';
      expect([codePath, existsSync(root + codePath)]).toEqual([codePath, true]);
      const [, testPath = 'no path', title = 'no title'] =
        /^\[`((?:test|src\/testing)\/[^`]+)`\]\(\.\.\/\1\): "([^"]+)"$/.exec(test) ?? [];
      expect([testPath, existsSync(root + testPath)]).toEqual([testPath, true]);
      expect(readFileSync(root + testPath, 'utf8')).toContain(title);
    },
  );
});

it('the security policy says how to report, and the README links to it', () => {
  expect(readFileSync(`${root}.github/SECURITY.md`, 'utf8')).toContain('## Report a vulnerability');
  expect(readFileSync(`${root}README.md`, 'utf8')).toContain('/blob/main/.github/SECURITY.md)');
});
