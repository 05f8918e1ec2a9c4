// Builds the package into `dist`. The code is there once, as CommonJS; for `import` each subpath has a file that takes its
// names from it. docs/decisions/0018-one-copy-of-the-code.md says why.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'tsup';
import ts from 'typescript';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'dist');
const { exports: subpaths, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** The files that package.json exports, without extension. */
const entries = Object.values(subpaths).flatMap((target) =>
  typeof target === 'string' ? [] : [target.require.default.replace(/^\.\/dist\/|\.cjs$/g, '')],
);

await build({ silent: process.argv.includes('--silent') });

const files = readdirSync(dist);
const read = (file) => readFileSync(join(dist, file), 'utf8');
const write = (file, text) => writeFileSync(join(dist, file), withTabs(text, /\.d\.c?ts$/.test(file) ? 4 : 2));

for (const file of files.filter((each) => each.endsWith('.d.ts'))) {
  const types = withImports(read(file), cjsOf);
  const name = file.replace(/\.d\.ts$/, '');
  rmSync(join(dist, file));
  write(`${name}.d.cts`, types.text);
  const namesPeer = types.specifiers.some(isPeer);
  // A peer has other types for `import` than for `require`, and those of its classes do not fit each other.
  if (entries.includes(name)) write(`${name}.d.ts`, namesPeer ? types.text : `export * from './${name}.cjs';\n`);
  else if (namesPeer) throw new Error(`${file}: types of a peer in a shared file would be those of one format`);
}

const modules = new Map(files.filter((each) => each.endsWith('.js')).map((file) => [file, readModule(file)]));
for (const file of modules.keys()) checkOrder(file, []);
for (const [file, module] of modules) {
  const name = file.replace(/\.js$/, '');
  const peers = [...module.imports.keys()].filter(isPeer);
  const names = module.exports.map(({ name: exported }) => exported);
  rmSync(join(dist, file));
  if (peers.length === 0) {
    write(`${name}.cjs`, commonJs(module));
    if (entries.includes(name)) write(file, `import code from './${name}.cjs';\n${exportOf(names, 'code')}`);
    continue;
  }
  if (!entries.includes(name)) throw new Error(`${file}: a shared file cannot import a peer`);
  // The app may have the peer as ES module or as CommonJS: the code gets it from the file through which it is loaded.
  write(`${name}-code.cjs`, commonJs(module, peers));
  const required = peers.map((peer) => `${quote(peer)}: require(${quote(peer)})`);
  write(`${name}.cjs`, `'use strict';\nmodule.exports = require('./${name}-code.cjs')({ ${required.join(', ')} });\n`);
  const imports = peers.map((peer, index) => `import * as peer${index} from ${quote(peer)};\n`);
  const passed = peers.map((peer, index) => `${quote(peer)}: peer${index}`);
  write(
    file,
    `${imports.join('')}import code from './${name}-code.cjs';\n${exportOf(names, `code({ ${passed.join(', ')} })`)}`,
  );
}

function exportOf(names, value) {
  return `export const { ${names.join(', ')} } = ${value};\n`;
}

function quote(text) {
  return `'${text}'`;
}

function cjsOf(specifier) {
  return specifier.startsWith('./') ? specifier.replace(/\.js$/, '.cjs') : specifier;
}

function isPeer(specifier) {
  return Object.keys(peerDependencies).some((peer) => specifier === peer || specifier.startsWith(`${peer}/`));
}

/** Replaces the specifiers of a file of declarations. */
function withImports(text, replace) {
  const source = ts.createSourceFile('types.d.ts', text, ts.ScriptTarget.Latest);
  const specifiers = [];
  let result = '';
  let end = 0;
  for (const { moduleSpecifier } of source.statements) {
    if (moduleSpecifier === undefined) continue;
    specifiers.push(moduleSpecifier.text);
    result += text.slice(end, moduleSpecifier.getStart(source)) + quote(replace(moduleSpecifier.text));
    end = moduleSpecifier.end;
  }
  if (/\bimport\(['"]/.test(text.replace(/\/\*[^]*?\*\//g, ''))) throw new Error('a type is imported inline');
  return { text: result + text.slice(end), specifiers };
}

/** Takes a module of esbuild apart: what it imports, its code, what it exports. */
function readModule(file) {
  const text = read(file);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** For each specifier: how each name is called here. */
  const imports = new Map();
  const exported = [];
  const cuts = [];
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const specifier = statement.moduleSpecifier.text;
      if (!imports.has(specifier)) imports.set(specifier, []);
      const { name, namedBindings } = statement.importClause ?? {};
      const whole = name ?? (namedBindings && ts.isNamespaceImport(namedBindings) ? namedBindings.name : undefined);
      if (whole !== undefined) imports.get(specifier).push({ whole: whole.text });
      if (namedBindings !== undefined && ts.isNamedImports(namedBindings)) {
        for (const each of namedBindings.elements) {
          imports.get(specifier).push({ name: (each.propertyName ?? each.name).text, local: each.name.text });
        }
      }
      if (whole !== undefined && isPeer(specifier)) throw new Error(`${file}: import names from ${specifier}`);
      cuts.push(lineOf(statement));
    } else if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier !== undefined) throw new Error(`${file}: an export of another file`);
      for (const each of statement.exportClause.elements) {
        exported.push({ name: each.name.text, local: (each.propertyName ?? each.name).text });
      }
      cuts.push(lineOf(statement));
    } else if (
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    ) {
      throw new Error(`${file}: an export that is not at the end`);
    }
  }
  const declared = source.statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement],
  );
  const taken = [
    ...declared.map(({ name }) => name?.text),
    ...[...imports.values()].flat().map((each) => each.whole ?? each.local),
  ];
  for (const name of ['module', 'exports', 'require', 'peers']) {
    if (taken.includes(name)) throw new Error(`${file}: ${name} is what CommonJS passes to a file`);
  }
  const locals = new Set(exported.map(({ local }) => local));
  visit(source);
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? '';
  cuts.sort((one, other) => one.start - other.start);
  let code = '';
  let end = shebang.length;
  for (const cut of cuts) {
    code += text.slice(end, cut.start) + cut.text;
    end = cut.end;
  }
  code += text.slice(end);
  // A bundler cannot leave a part of a CommonJS file out.
  return { shebang, imports, exports: exported, code: code.replaceAll('/* @__PURE__ */ ', '').trim() };

  function lineOf(statement) {
    const after = text[statement.end] === '\n' ? 1 : 0;
    return { start: statement.getStart(source), end: statement.end + after, text: '' };
  }

  function visit(node) {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      throw new Error(`${file}: CommonJS has no import.meta`);
    }
    // The exports are read once, when the file is loaded.
    const changed = ts.isBinaryExpression(node)
      ? ts.isAssignmentOperator(node.operatorToken.kind) && node.left
      : (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
        [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator) &&
        node.operand;
    if (changed && ts.isIdentifier(changed) && locals.has(changed.text)) {
      throw new Error(`${file}: ${changed.text} is exported, and changes`);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const specifier = node.arguments[0].text;
      // Without `import`, which Jest has only for ES modules. A peer may be an ES module.
      if (specifier.startsWith('./')) {
        const text = `Promise.resolve().then(() => require(${quote(cjsOf(specifier))}))`;
        cuts.push({ start: node.getStart(source), end: node.end, text });
      }
    }
    ts.forEachChild(node, visit);
  }
}

/** Indents by tabs, for a smaller package: a step is two spaces in code, and four in types. */
function withTabs(text, spaces) {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest);
  // The lines inside a template are its text.
  const kept = new Set();
  visit(source);
  const starts = source.getLineStarts();
  const tabs = (indentation) => '\t'.repeat(indentation.length / spaces) + ' '.repeat(indentation.length % spaces);
  return starts
    .map((start, line) => {
      const whole = text.slice(start, starts[line + 1]);
      return kept.has(line) ? whole : whole.replace(/^ +/, tabs);
    })
    .join('');

  function visit(node) {
    if (ts.isTemplateLiteralToken(node) || node.kind === ts.SyntaxKind.TemplateExpression) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.end).line;
      for (let line = first + 1; line <= last; line++) kept.add(line);
    }
    ts.forEachChild(node, visit);
  }
}

/** Throws when files import each other in a circle, which the order of `require` cannot resolve. */
function checkOrder(file, path) {
  if (path.includes(file)) throw new Error(`files import each other: ${[...path, file].join(', ')}`);
  for (const specifier of modules.get(file).imports.keys()) {
    if (specifier.startsWith('./')) checkOrder(specifier.slice(2), [...path, file]);
  }
}

/** The module as CommonJS. With peers it is a function of them. */
function commonJs({ shebang, imports, exports: exported, code }, peers = []) {
  const requires = [...imports].map(([specifier, names]) => {
    const value = peers.includes(specifier) ? `peers[${quote(specifier)}]` : `require(${quote(cjsOf(specifier))})`;
    const whole = names.flatMap((each) => (each.whole === undefined ? [] : [each.whole]));
    const parts = names.flatMap(({ name, local }) =>
      name === undefined ? [] : [name === local ? name : `${name}: ${local}`],
    );
    if (names.length === 0) return `${value};\n`;
    const bindings = [...whole, ...(parts.length === 0 ? [] : [`{ ${parts.join(', ')} }`])];
    return `const ${bindings.map((binding) => `${binding} = ${value}`).join(', ')};\n`;
  });
  const names = exported.map(({ name, local }) => (name === local ? name : `${name}: ${local}`));
  const body = `${requires.join('')}${code}\n`;
  if (peers.length === 0) {
    const last = names.length === 0 ? '' : `module.exports = { ${names.join(', ')} };\n`;
    return `${shebang}'use strict';\n${body}${last}`;
  }
  // V8 compiles a function in parentheses at once, and reads others twice.
  return `'use strict';\nmodule.exports = ((peers) => {\n${body}return { ${names.join(', ')} };\n});\n`;
}
