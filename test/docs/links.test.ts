import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MemoryStore, quirks } from '../../src/index.js';
import { userStoreCases } from '../../src/testing/index.js';
import { anchorsOf } from './anchors.js';

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

/** The address of the repository: README.md links to pages there, because npm shows it without them. */
const repository = (
  JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { readonly repository: { readonly url: string } }
).repository.url.replace(/^git\+|\.git$/g, '');

/** Each link of a page to a file of the repository, as the path below the root and the anchor. */
function linksOf(
  page: string,
): readonly { readonly target: string; readonly file: string; readonly anchor?: string }[] {
  const text = readFileSync(new URL(page, root), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    const [path = '', anchor] = target.split('#');
    const below = /^\/(?:blob|tree)\/main\/(.*)$/.exec(
      path.startsWith(repository) ? path.slice(repository.length) : '',
    );
    if (below === null && /^(?:https?:|mailto:)/.test(target)) return [];
    const file = path === '' ? page : (below?.[1] ?? join(dirname(page), path));
    return [{ target, file, ...(anchor === undefined ? {} : { anchor }) }];
  });
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(new URL(page, root), 'utf8');

  it('links to files and headings that exist', () => {
    const broken = linksOf(page).filter(({ file, anchor }) => {
      const target = new URL(file, root);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
    });
    expect(broken.map(({ target }) => target)).toEqual([]);
  });

  it('names quirks that exist', () => {
    // An API report declares a type there, and the reference describes it.
    if (page.startsWith('docs/reference/')) return;
    const prose = text.replace(/^```ts\n[\s\S]*?^```$/gm, '');
    const named = [...prose.matchAll(/quirk: ([a-z-]+)/g)].map(([, id]) => id);
    const known: readonly string[] = quirks.map(({ id }) => id);
    expect(named.filter((id) => id !== undefined && !known.includes(id))).toEqual([]);
  });
});

it('README.md links to pages by their address, so that the links work on npm', () => {
  const text = readFileSync(new URL('README.md', root), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  expect(targets.filter((target) => !target.startsWith('https://'))).toEqual([]);
  expect(targets.filter((target) => target.startsWith(`${repository}/`)).length).toBeGreaterThan(5);
});

it('package.json has the addresses of the repository, and no other', () => {
  const { homepage, bugs } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    readonly homepage: string;
    readonly bugs: { readonly url: string };
  };
  expect([homepage, bugs.url]).toEqual([`${repository}#readme`, `${repository}/issues`]);
});

it('every page of docs is reached by links from docs/README.md', () => {
  const reached = new Set(['docs/README.md']);
  for (const page of reached) {
    for (const { file } of linksOf(page)) if (pages.includes(file)) reached.add(file);
  }
  const orphans = pages.filter(
    (page) => page.startsWith('docs/') && !page.startsWith('docs/api/') && !reached.has(page),
  );
  expect(orphans).toEqual([]);
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
