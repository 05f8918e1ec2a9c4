import ts from 'typescript';
import { type Example, root } from './examples.js';

const config: ts.ParsedCommandLine = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, (name) => ts.sys.readFile(name)).config,
  ts.sys,
  root,
);

/** The package names of tsconfig.json, and the sources that they stand for. */
export const entries: readonly string[] = Object.values(config.options.paths ?? {}).map(([path = '']) =>
  path.replace(/^\.\//, ''),
);

const options: ts.CompilerOptions = {
  ...config.options,
  // An example may declare a name only to show it, and need not write `import type`.
  noUnusedLocals: false,
  noUnusedParameters: false,
  verbatimModuleSyntax: false,
  isolatedModules: false,
  allowJs: true,
  checkJs: true,
};

/** What examples may use: the reader's own app, and a package that is not installed. */
const given: readonly string[] = ['app.ts', 'better-sqlite3.d.ts'].map((file) => `${root}test/docs/${file}`);

/** A program over the sources of the package only. */
export const sources: ts.Program = ts.createProgram(
  entries.map((entry) => root + entry),
  options,
);

/** Type-checks all examples in one program: gives the errors of one, with lines of the file in which it stands. */
export function typeCheck(examples: readonly Example[]): (example: Example) => readonly string[] {
  const texts = new Map<string, string>();
  const names = new Map<Example, string>();
  for (const example of examples) names.set(example, nameOf(example));
  for (const [example, name] of names) texts.set(name, moduleOf(example, examples, names));

  const compiler = ts.createCompilerHost(options);
  const program = ts.createProgram([...given, ...texts.keys()], options, {
    ...compiler,
    fileExists: (name) => texts.has(name) || compiler.fileExists(name),
    readFile: (name) => texts.get(name) ?? compiler.readFile(name),
    getSourceFile: (name, version, ...rest) => {
      const text = texts.get(name);
      if (text !== undefined) return ts.createSourceFile(name, text, version);
      return sources.getSourceFile(name) ?? compiler.getSourceFile(name, version, ...rest);
    },
  });
  return (example) => {
    const file = program.getSourceFile(names.get(example) ?? '');
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) => {
        const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + example.line;
        return `line ${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  };
}

function nameOf({ file, line, language }: Example): string {
  return `${root}${file}.line-${String(line)}.${language === 'ts' ? 'ts' : 'js'}`;
}

/** The code as a module of its own, which exports what it declares and imports what an earlier block of its page declares. */
function moduleOf(example: Example, examples: readonly Example[], names: ReadonlyMap<Example, string>): string {
  const { file, line } = example;
  const code = withImports(example.code);
  const own = declaredIn(code);
  const used = new Set(code.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
  const imports = new Map<string, string>();
  if (file.endsWith('.md')) {
    for (const earlier of examples) {
      if (earlier.file !== file || earlier.line >= line) continue;
      for (const name of declaredIn(withImports(earlier.code))) {
        if (used.has(name) && !own.has(name)) imports.set(name, names.get(earlier) ?? '');
      }
    }
  }
  return [
    code,
    ...[...imports].map(([name, from]) => `import { ${name} } from ${JSON.stringify(from.replace(/ts$/, 'js'))};`),
    `export { ${[...own].join(', ')} };`,
  ].join('\n');
}

/** CommonJS as the ES module that means the same: the sources, against which examples are checked, are ES modules. */
function withImports(code: string): string {
  return code.replace(/^const (.+) = require\(('[^']+')\);/gm, 'import $1 from $2;');
}

/** Names that a block declares or imports at its top level. */
function declaredIn(code: string): ReadonlySet<string> {
  const names = new Set<string>();
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
  };
  for (const statement of ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2022).statements) {
    if ('modifiers' in statement && isExported(statement)) continue;
    if (ts.isVariableStatement(statement))
      statement.declarationList.declarations.forEach(({ name }) => {
        bind(name);
      });
    else if (
      (ts.isFunctionDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name
    )
      names.add(statement.name.text);
    else if (ts.isImportDeclaration(statement) && statement.importClause) {
      const { name, namedBindings } = statement.importClause;
      if (name) names.add(name.text);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
      if (namedBindings && ts.isNamedImports(namedBindings))
        namedBindings.elements.forEach((each) => names.add(each.name.text));
    }
  }
  return names;
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}
