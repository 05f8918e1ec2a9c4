import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MemoryStore, quirks } from '../../src/index.js';
import { userStoreCases } from '../../src/testing/index.js';

const root = new URL('../../', import.meta.url);
const pages = ['README.md', 'CONTRIBUTING.md', ...walk('docs'), ...walk('examples')].filter((name) =>
  name.endsWith('.md'),
);

function walk(folder: string): string[] {
  return readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === 'node_modules') return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** The anchor that a heading gets. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(new URL(page, root), 'utf8');

  it('links to files and headings that exist', () => {
    const broken: string[] = [];
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path = '', heading] = target.split('#');
      const file = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
      if (!existsSync(file)) broken.push(target);
      else if (heading !== undefined) {
        const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, each = '']) => anchor(each));
        if (!headings.includes(heading)) broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });

  it('names quirks that exist', () => {
    // An API report declares a type there.
    const prose = text.replace(/^```ts\n[\s\S]*?^```$/gm, '');
    const named = [...prose.matchAll(/quirk: ([a-z-]+)/g)].map(([, id]) => id);
    const known: readonly string[] = quirks.map(({ id }) => id);
    expect(named.filter((id) => id !== undefined && !known.includes(id))).toEqual([]);
  });
});

it('docs/testing-a-store.md names cases that exist', () => {
  const text = readFileSync(new URL('docs/testing-a-store.md', root), 'utf8');
  const ids = userStoreCases({ name: 'any', create: () => new MemoryStore() }).map(({ id }) => id);
  const named = [...(/^\| the case [\s\S]*?\n\n/m.exec(text)?.[0] ?? '').matchAll(/^\| (`[^|]*)\|/gm)].flatMap(
    ([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});
