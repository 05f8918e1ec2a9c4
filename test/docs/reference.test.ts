import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from './examples.js';
import { subpaths } from './reference/exports.js';
import { nameGroups } from './reference/names-page.js';
import { referencePages } from './reference/pages.js';

const folder = `${root}docs/reference/`;
const pages = await referencePages();
const groups = await nameGroups(subpaths());

describe('docs/reference is what `npm run reference` writes', () => {
  it.each([...pages.keys()])('%s', (file) => {
    // Without the difference: it is as long as the page.
    expect(existsSync(folder + file) && readFileSync(folder + file, 'utf8') === pages.get(file)).toBe(true);
  });

  it('and nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort());
  });
});

describe('the index of names', () => {
  it('has every kind of name', () => {
    const titles = groups.map(({ title }) => title);
    for (const title of ['Limits: `limits.…`', 'Scopes', 'Error codes', 'Command line: `express-scim doctor`']) {
      expect(titles).toContain(title);
    }
    expect(titles).toContain('Options: `ScimRouterOptions` of `express-scim`');
    expect(groups.filter(({ names }) => names.length === 0)).toEqual([]);
  });

  it.each(groups.map(({ title, names }) => [title, names] as const))('%s: each has a page', (_, names) => {
    expect(names.filter(({ page }) => page === undefined).map(({ name }) => name)).toEqual([]);
  });

  it.each(['ScimRouterOptions', 'TypeRules', 'KeyRights', 'ConnectorKeyOptions'])(
    'has the options of %s in a guide',
    (type) => {
      const names = groups.find(({ title }) => title.startsWith(`Options: \`${type}\``))?.names ?? [];
      expect(names.filter(({ page = '' }) => !page.startsWith('../')).map(({ name }) => name)).toEqual([]);
    },
  );
});
