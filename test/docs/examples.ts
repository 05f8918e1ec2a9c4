import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';

export const root = new URL('../../', import.meta.url).pathname;

/** A piece of code in a page or in a doc comment. */
export interface Example {
  /** Path of the page or source below the root. */
  readonly file: string;
  /** The line on which the code begins, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What follows `run` in a hidden comment before the block; undefined where there is none. */
  readonly run: string | undefined;
}

/** Every page with words of ours: the README, CONTRIBUTING, and all below `docs` and `examples`. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...['docs', 'examples']
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules') && !name.startsWith('docs/api/'))
    .sort(),
];

const fences =
  /(?:^[ ]*<!-- run(?: (?<run>[^>]*?))? -->\n\n?)?^(?<indent>[ ]*)```(?<language>\w+)[^\n]*\n(?<code>[\s\S]*?)^\k<indent>```$/gm;

/** Declarations for later blocks of the page, which readers need not see. */
const setups = /^<!-- setup\n(?<code>[\s\S]*?)-->$/gm;

/** The fenced blocks of a page, indented ones of lists included, and its hidden set-up. */
export function blocksOf(file: string): readonly Example[] {
  const text = readFileSync(root + file, 'utf8');
  return [...text.matchAll(fences), ...text.matchAll(setups)]
    .map((match) => {
      const { run, indent = '', language = 'ts', code = '' } = match.groups ?? {};
      return {
        file,
        line: text.slice(0, match.index + match[0].lastIndexOf(code)).split('\n').length,
        language,
        code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
        run: match[0].includes('<!-- run') ? (run ?? '') : undefined,
      };
    })
    .sort((left, right) => left.line - right.line);
}

/** The `@example`s of all that the entries of the package export, members included. */
export function examplesIn(program: ts.Program, entries: readonly string[]): readonly Example[] {
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Node>();
  const examples: Example[] = [];
  const visit = (node: ts.Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text === 'example' && !seen.has(tag)) {
        seen.add(tag);
        examples.push(exampleOf(tag));
      }
    }
    ts.forEachChild(node, (child) => {
      if (ts.isTypeElement(child) || ts.isClassElement(child)) visit(child);
    });
  };
  for (const entry of entries) {
    const source = program.getSourceFile(root + entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry} exports nothing`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      for (const declaration of symbol.declarations ?? []) visit(declaration);
    }
  }
  return examples;
}

function exampleOf(tag: ts.JSDocTag): Example {
  const source = tag.getSourceFile();
  const line = source.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
  const written = tag
    .getText()
    .replace(/^@example[^\n]*\n/, '')
    .split('\n')
    .map((each) => each.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replace(/\s*\*?\/?\s*$/, '\n');
  const fenced = /^```(?:ts)?\n([\s\S]*?)^```/m.exec(written);
  return {
    file: relative(root, source.fileName),
    line: line + 1 + (fenced ? written.slice(0, fenced.index).split('\n').length : 0),
    language: 'ts',
    code: fenced?.[1] ?? written,
    run: undefined,
  };
}
