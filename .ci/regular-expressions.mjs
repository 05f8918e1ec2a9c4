// Finds regular expressions in src whose time grows faster than their input (ReDoS). An expression may run over any text
// that a client sent, and one that is not linear holds up all requests of the process. `npm run lint` runs this.
import { readdirSync, readFileSync } from 'node:fs';
import { checkSync } from 'recheck';
import ts from 'typescript';

// The analysis in JavaScript: the other backends start Java, or a binary that not every platform has.
process.env.RECHECK_BACKEND = 'pure';

// Expressions over values that are known at run time only, as `file: first argument`, and why they are no risk.
const builtAtRunTime = {
  'src/admin/route-builders.tsx: `^${path}$`': 'the paths are constants; a segment ends at a slash',
  'src/schema/constraints.ts: pattern': 'the application writes it, patternProblem checks it, longestMatched bounds it',
  'src/tools/conformance/rfc7644/bulk.ts: String(operations)': 'it consists of digits',
  "src/tools/simulator/fact.ts: fact.matches ?? ''": 'it comes from a fixture that the developer wrote',
  "src/tools/simulator/fixture.ts: matches ?? ''": 'it comes from a fixture that the developer wrote',
};

/** Each regular expression of a file: `where`, and its source and flags or the argument that is not constant. */
function expressionsOf(file) {
  const text = readFileSync(file, 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const constants = new Map();
  const found = [];

  /** The value of a constant string; undefined where it is known at run time only. */
  const constant = (node) => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isIdentifier(node)) return constants.get(node.text);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return joined([constant(node.left), constant(node.right)]);
    }
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'String.raw') return node.template.rawText;
    if (!ts.isTemplateExpression(node)) return undefined;
    const parts = node.templateSpans.flatMap(({ expression, literal }) => [constant(expression), literal.text]);
    return joined([node.head.text, ...parts]);
  };

  const visit = (node) => {
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer !== undefined &&
      ts.isSourceFile(node.parent.parent.parent)
    ) {
      constants.set(node.name.getText(), constant(node.initializer));
    }
    const where = `${file}:${String(tree.getLineAndCharacterOfPosition(node.getStart()).line + 1)}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ where, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
      const [pattern, flags] = node.arguments ?? [];
      const source = pattern === undefined ? '' : constant(pattern);
      if (source === undefined) found.push({ where, argument: `${file}: ${pattern.getText()}` });
      else if (!ts.isRegularExpressionLiteral(pattern)) {
        found.push({ where, source, flags: flags === undefined ? '' : (constant(flags) ?? '') });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function joined(parts) {
  return parts.includes(undefined) ? undefined : parts.join('');
}

/** What is wrong with an expression; undefined where its time is linear. */
function problemOf({ source, flags, argument }) {
  if (argument !== undefined) {
    if (Object.hasOwn(builtAtRunTime, argument)) return undefined;
    return `${argument} is built at run time: write a literal, or say in .ci/regular-expressions.mjs why it is no risk`;
  }
  const { status, complexity, attack, error } = checkSync(source, flags, { timeout: 30_000 });
  if (status === 'safe') return undefined;
  if (status === 'unknown') return `/${source}/${flags} could not be checked (${error.kind}): write it more simply`;
  return `/${source}/${flags} takes ${complexity.summary} time, for example for ${attack.pattern}`;
}

const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : readdirSync('src', { recursive: true }).map((name) => `src/${name}`);
const found = files.filter((name) => /\.(tsx?|m?js)$/.test(name)).flatMap(expressionsOf);
const known = new Map();
let problems = 0;
for (const expression of found) {
  const key = `${expression.argument ?? `/${expression.source}/${expression.flags}`}`;
  if (!known.has(key)) known.set(key, problemOf(expression));
  const problem = known.get(key);
  if (problem === undefined) continue;
  problems += 1;
  console.log(`${expression.where}: ${problem}`);
}
if (process.argv.length === 2) {
  for (const argument of Object.keys(builtAtRunTime)) {
    if (known.has(argument)) continue;
    problems += 1;
    console.log(`.ci/regular-expressions.mjs: there is no ${argument}`);
  }
}
process.exitCode = problems > 0 ? 1 : 0;
