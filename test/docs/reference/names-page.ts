import { readdirSync, readFileSync } from 'node:fs';
import { defaultLimits } from '../../../src/index.js';
import { scopesIn } from './scopes.js';
import { root } from '../examples.js';
import { helpTexts, optionsIn } from './command-line-page.js';
import { errorsOf } from './errors-page.js';
import type { Exported, Subpath } from './exports.js';
import { anchorOf, cell, fileOf } from './module-page.js';

/** A name that a reader looks up, and where a guide explains it. */
interface ExplainedName {
  readonly name: string;
  readonly summary: string;
  /** A link from docs/reference; undefined where no page explains the name. */
  readonly page: string | undefined;
}

export interface NameGroup {
  readonly title: string;
  readonly names: readonly ExplainedName[];
}

/** Pages that explain the members of these types: looked through first, in this order. `#` names the best section. */
const pagesOf: Readonly<Record<string, readonly string[]>> = {
  ScimRouterOptions: ['options.md'],
  TypeRules: ['options.md#users'],
  ResourceTypeOption: ['options.md#resourcetypes', 'resource-types.md'],
  Extension: ['options.md#extensions'],
  KeyRights: ['options.md#fields-of-a-key'],
  ConnectorKey: ['options.md#fields-of-a-key'],
  PlainKey: ['options.md#fields-of-a-key'],
  ConnectorKeyOptions: ['options.md#lookups-of-keys'],
  ScimErrorsOptions: ['hosts.md#behind-a-body-parser'],
  MemoryStoreOptions: ['stores.md'],
  ScimAdminOptions: ['admin.md'],
  StoreOverOptions: ['stores.md'],
  StorePrimitives: ['stores.md#a-store-from-five-operations'],
  MappedStoreOptions: ['sql.md'],
  MappingIn: ['sql.md#options-of-a-mapping'],
  SqlStoreOptions: ['sql.md#built-in-tables'],
  MongoStoreOptions: ['mongodb.md'],
  AdoptByOptions: ['lifecycle.md#existing-accounts-adopt'],
  OffboardingOptions: ['lifecycle.md'],
};

/** Options of the router and of keys must be in a guide: the reference alone does not do. */
const isOfRouter = ({ name }: Exported): boolean => (pagesOf[name] ?? []).some((page) => page.startsWith('options.md'));

/** Types that hold options though their names do not end like it. */
const optionTypes = new Set(Object.keys(pagesOf));

const isOptions = ({ name, kind, members }: Exported): boolean =>
  kind === 'interface' && members.length > 0 && (/(?:Options?|Rules|Config)$/.test(name) || optionTypes.has(name));

/** Guides: what is generated names everything and explains less. */
const generated = new Set(['conformance.md', 'quirks.md', 'store-cases.md', 'README.md']);

interface Guide {
  readonly file: string;
  readonly lines: readonly string[];
}

function guides(): readonly Guide[] {
  return readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md') && !generated.has(file))
    .sort()
    .map((file) => ({ file, lines: readFileSync(`${root}docs/${file}`, 'utf8').split('\n') }));
}

/** Where a page defines a name: in a heading, else in the first cell of a table, else in its text. */
function placeIn({ file, lines }: Guide, name: string): { readonly page: string; readonly rank: number } | undefined {
  const word = name.replace(/[$[\]]/g, '\\$&');
  // Alone, or as a property of an object: `{ schema, required }`.
  const quoted = new RegExp(
    `\`(?:(?:[\\w.]+\\.)?${word}(?:[(:?][^\`]*)?|[^\`]*\\{[^\`]*\\b${word}\\b[^\`]*\\}[^\`]*)\``,
  );
  let heading = '';
  let best: { page: string; rank: number } | undefined;
  for (const line of lines) {
    if (/^#+ /.test(line)) {
      heading = line.replace(/^#+ /, '');
      if (heading === name || quoted.test(heading)) return { page: `../${file}#${anchor(heading)}`, rank: 0 };
    }
    const [, first = ''] = /^\|([^|]*)\|/.exec(line) ?? [];
    const rank = quoted.test(first) ? 1 : quoted.test(line) ? 2 : undefined;
    if (rank !== undefined && (best === undefined || rank < best.rank)) {
      best = { page: `../${file}${heading === '' ? '' : `#${anchor(heading)}`}`, rank };
    }
  }
  return best;
}

/** As GitHub and the site make it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** The lines of a guide that belong to one heading. */
function sectionOf({ file, lines }: Guide, section: string): Guide {
  const start = lines.findIndex((line) => /^#+ /.test(line) && anchor(line.replace(/^#+ /, '')) === section);
  if (start === -1) throw new Error(`docs/${file} has no section ${section}`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
  return { file, lines: lines.slice(start, length === -1 ? undefined : start + 1 + length) };
}

function bestPlace(pages: readonly Guide[], name: string): string | undefined {
  let best: { page: string; rank: number } | undefined;
  for (const page of pages) {
    const found = placeIn(page, name);
    if (found !== undefined && (best === undefined || found.rank < best.rank)) best = found;
  }
  return best?.page;
}

/** Every exported option, limit, scope, error code and option of the command line, with the page that explains it. */
export async function nameGroups(modules: readonly Subpath[]): Promise<readonly NameGroup[]> {
  const all = guides();
  const only = (files: readonly string[]): readonly Guide[] => all.filter(({ file }) => files.includes(file));
  const placeOf = (pages: readonly string[], name: string): string | undefined => {
    const sections = pages.flatMap((page) => {
      const [file = '', section] = page.split('#');
      return section === undefined ? [] : only([file]).map((guide) => sectionOf(guide, section));
    });
    return bestPlace(sections, name) ?? bestPlace(only(pages.map((page) => page.replace(/#.*/, ''))), name);
  };
  const seen = new Set<string>();
  const options = modules.flatMap(({ exports }) =>
    exports.filter((each) => isOptions(each) && !seen.has(each.name) && seen.add(each.name)),
  );
  const rootModule = modules.find(({ name }) => name === 'express-scim');
  if (rootModule === undefined) throw new Error('there is no root module');
  const exportsOf = ({ subpath }: Exported): readonly Exported[] =>
    modules.find(({ name }) => name === subpath)?.exports ?? [];
  const limits = rootModule.exports.find(({ name }) => name === 'Limits')?.members ?? [];
  return [
    ...options.map((type) => ({
      title: `Options: \`${type.name}\` of \`${type.subpath}\``,
      names: type.members.map(({ name, text }) => ({
        name,
        summary: firstSentence(text),
        page:
          placeOf(pagesOf[type.name] ?? [], name) ??
          (isOfRouter(type) ? bestPlace(all, name) : undefined) ??
          // A page about something else may use the same word: the description of the type is exact.
          (text === '' ? undefined : `${fileOf(type.subpath)}#${anchorOf(type, exportsOf(type))}`),
      })),
    })),
    {
      title: 'Limits: `limits.…`',
      names: limits.map(({ name, text }) => ({
        name,
        summary: Object.hasOwn(defaultLimits, name) ? firstSentence(text) : '',
        page: bestPlace(only(['options.md']), name),
      })),
    },
    {
      title: 'Scopes',
      names: scopesIn(rootModule).map((name) => ({
        name,
        summary: '',
        page: bestPlace(only(['options.md', 'attribute-access.md']), name),
      })),
    },
    {
      title: 'Error codes',
      names: errorsOf(rootModule).map(({ code, text }) => ({
        name: code,
        summary: firstSentence(text),
        page: `errors.md#${code.toLowerCase()}`,
      })),
    },
    ...(await helpTexts()).map(([command, help]) => ({
      title: `Command line: \`express-scim ${command}\``,
      names: optionsIn(help).map((name) => ({ name, summary: '', page: `command-line.md#${command}` })),
    })),
  ];
}

function firstSentence(text: string): string {
  return /^[\s\S]*?(?:\.(?=\s|$)|(?=:\s*\n\s*-))/.exec(text)?.[0] ?? text;
}

/** docs/reference/names.md */
export function namesPage(groups: readonly NameGroup[]): string {
  return `<!-- Written by \`npm run reference\`. -->

# Index of names

Every option, limit, scope and error code that the package exports, and every option of its command line, each with the page that
explains it. To look up a function, class or type, see [the reference](README.md).

${groups
  .map(
    ({ title, names }) =>
      `## ${title}\n\n| name | what it is | explained in |\n| --- | --- | --- |\n${names
        .map(
          ({ name, summary, page }) => `| \`${name}\` | ${cell(summary)} | ${page === undefined ? '' : linkTo(page)} |`,
        )
        .join('\n')}`,
  )
  .join('\n\n')}
`;
}

function linkTo(page: string): string {
  return `[${page.replace(/^\.\.\//, '').replace(/#.*/, '')}](${page})`;
}
