import ts from 'typescript';
import { root } from '../examples.js';
import { sources } from '../type-check.js';

/** A property, method or parameter of what a subpath exports. */
export interface ExportedMember {
  readonly name: string;
  /** As in the source, on one line. */
  readonly type: string;
  readonly isOptional: boolean;
  readonly text: string;
}

/** What a subpath exports under one name. */
export interface Exported {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'value';
  /** The subpath, such as `express-scim/sql`. */
  readonly subpath: string;
  /** The doc comment without its tags. */
  readonly text: string;
  /** The declaration without its body: several where a function has overloads. */
  readonly signature: string;
  /** Members of an interface or class, in their order. */
  readonly members: readonly ExportedMember[];
  readonly parameters: readonly ExportedMember[];
  readonly returns: string | undefined;
  readonly throws: readonly string[];
  readonly example: string | undefined;
}

/** What a subpath of the package exports, and what its module comment says. */
export interface Subpath {
  readonly name: string;
  readonly text: string;
  readonly exports: readonly Exported[];
}

const checker = sources.getTypeChecker();

/** The subpaths of tsconfig.json, each with its exports in the order of their names. */
export function subpaths(): readonly Subpath[] {
  const paths = sources.getCompilerOptions().paths ?? {};
  return Object.entries(paths).map(([name, [file = '']]) => {
    const source = sources.getSourceFile(root + file.replace(/^\.\//, ''));
    if (source === undefined) throw new Error(`${name} has no source`);
    const module = checker.getSymbolAtLocation(source);
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    return {
      name,
      text: moduleText(source),
      exports: symbols
        .map((symbol) => exportedOf(name, symbol))
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    };
  });
}

/** The first comment of a file, without its tags. */
function moduleText(source: ts.SourceFile): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source.text)?.[1] ?? '';
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .filter((line) => !line.startsWith('@'))
    .join('\n')
    .trim();
}

function exportedOf(subpath: string, exported: ts.Symbol): Exported {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined) throw new Error(`${subpath}: ${exported.name} has no declaration`);
  const signature = ts.isFunctionDeclaration(declaration)
    ? checker.getSignatureFromDeclaration(declaration)
    : undefined;
  return {
    name: exported.name,
    kind: kindOf(declaration),
    subpath,
    text: textOf(symbol),
    signature: signatureOf(symbol, declaration),
    members:
      ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)
        ? contractOf(declaration).flatMap(memberOf)
        : [],
    parameters: (signature?.parameters ?? []).flatMap((parameter) => {
      const [first] = parameter.declarations ?? [];
      const text = textOf(parameter);
      if (text === '' || first === undefined || !ts.isParameter(first)) return [];
      const name = ts.isIdentifier(first.name) ? parameter.name : '{ … }';
      return [{ name, type: typeText(first.type), isOptional: false, text }];
    }),
    returns: tagsOf(symbol, 'returns')[0],
    throws: tagsOf(symbol, 'throws'),
    example: exampleOf(declaration),
  };
}

function kindOf(declaration: ts.Declaration): Exported['kind'] {
  if (ts.isFunctionDeclaration(declaration)) return 'function';
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isInterfaceDeclaration(declaration)) return 'interface';
  return ts.isTypeAliasDeclaration(declaration) ? 'type' : 'value';
}

function textOf(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

function tagsOf(symbol: ts.Symbol, tag: string): readonly string[] {
  return symbol
    .getJsDocTags(checker)
    .filter(({ name }) => name === tag)
    .map(({ text }) => ts.displayPartsToString(text).trim());
}

function signatureOf(symbol: ts.Symbol, declaration: ts.Declaration): string {
  if (ts.isFunctionDeclaration(declaration)) {
    const all = (symbol.declarations ?? []).filter(ts.isFunctionDeclaration);
    // With overloads, the implementation is no part of the contract.
    const shown = all.length > 1 ? all.filter(({ body }) => body === undefined) : all;
    return shown.map((each) => `${withoutBody(each)};`).join('\n');
  }
  if (ts.isTypeAliasDeclaration(declaration)) return withoutExport(declaration.getText());
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
    const end = declaration.members.pos - declaration.getStart() - 1;
    return withoutExport(declaration.getText().slice(0, end).trim());
  }
  const type = ts.isVariableDeclaration(declaration) && declaration.type?.getText();
  const shown = type || checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, declaration));
  const longest = 300;
  return `const ${symbol.name}: ${shown.length > longest ? `${shown.slice(0, longest)} …` : shown};`;
}

function withoutBody(declaration: ts.FunctionDeclaration | ts.MethodDeclaration | ts.ConstructorDeclaration): string {
  const { body } = declaration;
  const text = declaration.getText();
  return withoutExport(body === undefined ? text : text.slice(0, body.getStart() - declaration.getStart())).replace(
    /[;\s]+$/,
    '',
  );
}

function withoutExport(text: string): string {
  return text.replace(/^export /, '').replace(/^async /, '');
}

/** Members without the implementations of overloaded methods, which are no part of the contract. */
function contractOf(
  declaration: ts.InterfaceDeclaration | ts.ClassDeclaration,
): readonly (ts.TypeElement | ts.ClassElement)[] {
  const members: readonly (ts.TypeElement | ts.ClassElement)[] = [...declaration.members];
  const overloaded = new Set(
    members.flatMap((member) => (ts.isMethodDeclaration(member) && !member.body ? [member.name.getText()] : [])),
  );
  return members.filter(
    (member) => !(ts.isMethodDeclaration(member) && member.body && overloaded.has(member.name.getText())),
  );
}

function memberOf(member: ts.TypeElement | ts.ClassElement): readonly ExportedMember[] {
  if (ts.canHaveModifiers(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword))
    return [];
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return [];
  const symbol = member.name && checker.getSymbolAtLocation(member.name);
  const text = symbol === undefined ? '' : textOf(symbol);
  const isOptional = 'questionToken' in member && member.questionToken !== undefined;
  const name = member.name?.getText() ?? '';
  if (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) {
    return [{ name, type: typeText(member.type) || initialText(member), isOptional, text }];
  }
  if (ts.isConstructorDeclaration(member)) {
    return [{ name: 'constructor', type: line(withoutBody(member)), isOptional: false, text: constructorText(member) }];
  }
  if (ts.isMethodSignature(member) || ts.isMethodDeclaration(member)) {
    const whole = ts.isMethodDeclaration(member) ? withoutBody(member) : member.getText().replace(/;$/, '');
    return [{ name, type: line(whole.slice(whole.indexOf(name))), isOptional, text }];
  }
  if (ts.isIndexSignatureDeclaration(member)) {
    const [parameter] = member.parameters;
    return [{ name: `[${parameter?.name.getText() ?? ''}]`, type: typeText(member.type), isOptional: false, text }];
  }
  if (ts.isGetAccessorDeclaration(member)) return [{ name, type: typeText(member.type), isOptional, text }];
  return [];
}

/** What the comment of a constructor says about its parameters. */
function constructorText(member: ts.ConstructorDeclaration): string {
  return ts
    .getJSDocTags(member)
    .filter(ts.isJSDocParameterTag)
    .map((tag) => `\`${tag.name.getText()}\`: ${ts.getTextOfJSDocComment(tag.comment) ?? ''}`)
    .join('; ');
}

/** `undefined` is what every optional property may be. */
function typeText(type: ts.TypeNode | undefined): string {
  return line(type?.getText() ?? '')
    .replace(/^\| /, '')
    .replace(/ \| undefined$/, '')
    .replace(/^\((.*)\)$/, (whole, inner: string) => (balanced(inner) ? inner : whole));
}

function balanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function initialText(member: ts.PropertySignature | ts.PropertyDeclaration): string {
  return 'initializer' in member ? (member.initializer?.getText() ?? '') : '';
}

function line(text: string): string {
  return text
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function exampleOf(declaration: ts.Declaration): string | undefined {
  const host = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const tag = ts.getJSDocTags(host).find(({ tagName }) => tagName.text === 'example');
  if (tag === undefined) return undefined;
  const text = (ts.getTextOfJSDocComment(tag.comment) ?? '').trim();
  return /^```(?:ts)?\n([\s\S]*?)\n```$/.exec(text)?.[1] ?? text;
}
