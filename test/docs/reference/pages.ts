import { attributesPage, patchPathsPage } from './attributes-page.js';
import { commandLinePage } from './command-line-page.js';
import { errorsPage } from './errors-page.js';
import { subpaths } from './exports.js';
import { fileOf, modulePage } from './module-page.js';
import { nameGroups, namesPage } from './names-page.js';
import { tablesPage } from './tables-page.js';

/** The pages that `npm run reference` writes into docs/reference, by file name. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const modules = subpaths();
  const [main] = modules;
  if (main === undefined) throw new Error('tsconfig.json names no subpath');
  return new Map([
    ['README.md', indexPage(modules.map(({ name, text }) => [name, text] as const))],
    ['names.md', namesPage(await nameGroups(modules))],
    ['errors.md', errorsPage(main)],
    ['attributes.md', attributesPage()],
    ['patch-paths.md', await patchPathsPage()],
    ['command-line.md', await commandLinePage()],
    ['tables.md', tablesPage()],
    ...modules.map((module) => [fileOf(module.name), modulePage(module)] as const),
  ]);
}

function indexPage(modules: readonly (readonly [string, string])[]): string {
  return `<!-- Written by \`npm run reference\`. -->

# Reference

These pages are generated from the types, the schemas and the command line, so they are complete. To learn how to do something,
start with [the guides](../README.md).

| page | what it lists |
| --- | --- |
| [Index of names](names.md) | every option, limit, scope and error code, with the page that explains it |
| [Errors](errors.md) | every error by code: status, \`scimType\`, cause, what to do |
| [Attributes](attributes.md) | every attribute: type, mutability, normalization, column |
| [PATCH paths](patch-paths.md) | every path of a PATCH, and the operations it takes |
| [Command line](command-line.md) | \`express-scim doctor\`, \`simulate\`, \`conformance\`, \`replay\`, \`openapi\` |
| [Tables](tables.md) | every table that the library can create, as SQL |
| [Options](../options.md) | the options of \`createScimRouter\`, with limits and scopes |
| [Quirks](../quirks.md) | accepted deviations of clients |

| module | what it exports |
| --- | --- |
${modules.map(([name, text]) => `| [\`${name}\`](${fileOf(name)}) | ${(text.split('\n\n')[0] ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|')} |`).join('\n')}
`;
}
