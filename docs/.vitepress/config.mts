// The site: `npm run site` builds it into docs/.vitepress/dist. The pages are the Markdown files of this folder, which are also
// read on GitHub and in the installed package, so links between them stay relative and end in .md.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';

const docs = join(import.meta.dirname, '..');
const { repository, version } = JSON.parse(readFileSync(join(docs, '../package.json'), 'utf8'));
const address = repository.url.replace(/^git\+|\.git$/g, '');

/** A page in the sidebar, titled by its heading. */
function page(file: string, text?: string) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(docs, file), 'utf8'))?.[1] ?? file;
  return {
    text: text ?? heading.replaceAll('`', ''),
    link: `/${file.replace(/README\.md$/, '').replace(/\.md$/, '')}`,
  };
}

/** Pages that another branch of the documentation may add: those that exist. */
function pages(...files: string[]) {
  const existing = readdirSync(docs, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => existing.includes(file)).map((file) => page(file));
}

const folder = (name: string) =>
  readdirSync(join(docs, name))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .sort()
    .map((file) => page(`${name}/${file}`));

const sidebar = [
  { text: 'Start', items: [page('README.md', 'Overview'), ...pages('tutorial.md', 'primer.md', 'story.md', 'faq.md')] },
  {
    text: 'Evaluate',
    items: pages(
      'comparison.md',
      'conformance.md',
      'security.md',
      'data-protection.md',
      'performance.md',
      'versioning.md',
      'how-it-works.md',
    ),
  },
  {
    text: 'Build',
    items: [
      ...pages('hosts.md', 'sql.md', 'orms.md', 'mongodb.md', 'stores.md', 'testing-a-store.md', 'admin.md'),
      ...pages('connections.md', 'lifecycle.md', 'access-rights.md', 'attribute-access.md', 'tokens.md', 'webhooks.md'),
      ...pages('tenants.md', 'resource-types.md', 'openapi.md', 'recipes.md', 'migration.md'),
    ],
  },
  {
    text: 'Operate',
    items: pages('deployment.md', 'rate-limits.md', 'observability.md', 'troubleshooting.md'),
  },
  {
    text: 'Identity providers',
    collapsed: true,
    items: [page('providers/README.md', 'Overview'), ...folder('providers')],
  },
  {
    text: 'Look up',
    items: [
      ...pages('options.md', 'reference/README.md', 'reference/names.md', 'reference/errors.md'),
      ...pages(
        'reference/attributes.md',
        'reference/patch-paths.md',
        'reference/command-line.md',
        'reference/tables.md',
        'quirks.md',
      ),
      ...pages('store-cases.md', 'glossary.md'),
    ],
  },
  {
    text: 'Modules',
    collapsed: true,
    items: folder('reference').filter(({ link }) => link.includes('/express-scim')),
  },
  {
    text: 'Design decisions',
    collapsed: true,
    items: [page('decisions/README.md', 'Overview'), ...folder('decisions')],
  },
];

/** Links to files outside of the site lead to the repository. */
function repositoryLinks(md: MarkdownRenderer): void {
  const render =
    md.renderer.rules.link_open ?? ((tokens, i, options, _env, self) => self.renderToken(tokens, i, options));
  md.renderer.rules.link_open = (tokens, i, options, env: { relativePath?: string }, self) => {
    const token = tokens[i];
    const href = token?.attrGet('href') ?? '';
    if (token !== undefined && !/^(?:[a-z]+:|#|\/)/.test(href)) {
      const [path = '', anchor] = href.split('#');
      // README.md becomes index.md, so the folder of a page is that of its file.
      const target = relative(docs, join(docs, dirname(env.relativePath ?? ''), path));
      if (target.startsWith('..') || target.startsWith('api') || target.startsWith('observability/')) {
        const file = join('docs', target);
        token.attrSet('href', `${address}/blob/main/${file}${anchor === undefined ? '' : `#${anchor}`}`);
      } else if (/(?:^|\/)README\.md$/.test(path)) {
        token.attrSet('href', href.replace('README.md', 'index.md'));
      }
    }
    return render(tokens, i, options, env, self);
  };
}

/** The anchor of a heading as GitHub makes it, so that one link works on both. */
function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Diagrams are drawn in the browser, by the component of the theme. */
function diagrams(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, i, options, env, self) => {
    const token = tokens[i];
    if (token?.info.trim() === 'mermaid') return `<Diagram code="${encodeURIComponent(token.content)}" />`;
    return fence?.(tokens, i, options, env, self) ?? '';
  };
}

export default defineConfig({
  title: 'express-scim',
  description: 'A SCIM 2.0 service provider for any Express app',
  srcExclude: ['api/**', 'node_modules/**'],
  rewrites: {
    'README.md': 'index.md',
    'providers/README.md': 'providers/index.md',
    'reference/README.md': 'reference/index.md',
    'decisions/README.md': 'decisions/index.md',
  },
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    anchor: { slugify },
    config: (md) => {
      repositoryLinks(md);
      diagrams(md);
    },
  },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Reference', link: '/reference/' },
      { text: version, link: `${address}/blob/main/CHANGELOG.md` },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: address }],
    editLink: { pattern: `${address}/edit/main/docs/:path` },
    footer: { message: 'MIT License' },
  },
});
