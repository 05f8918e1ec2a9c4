import { readdirSync, readFileSync } from 'node:fs';
import {
  conformanceTests,
  type TestResult,
  type ConformanceTarget,
  runConformanceTests,
} from '../../../src/tools/index.js';
import { serveTested } from '../conformance/serve.js';

interface Row {
  readonly id: string;
  readonly source: string;
  readonly level: string;
  readonly requirement: string;
}

type Mode = 'default' | 'strict';

/** The result of a run for a row, or why there is none. */
interface Finding {
  readonly result: 'passed' | 'in part' | 'rejected' | 'failed' | 'skipped' | 'by test' | 'by design' | 'not tested';
  readonly reason: string;
}

/** By row: what its requirement states and its test does not check, and quirks whose rejection the test expects. */
type Gaps = Readonly<Record<Mode | 'both' | 'rejected', Readonly<Record<string, string>>>>;

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** docs/conformance.md: each row of the checklist with the results of a memory store behind Express 5. */
export async function conformanceReport(): Promise<{ readonly text: string; readonly failed: number }> {
  const { rows } = read('../conformance/checklist.json') as { readonly rows: readonly Row[] };
  const reasons = read('../conformance/reasons.json') as Readonly<Record<string, string>>;
  const gaps = read('../conformance/gaps.json') as Gaps;
  const runs = { default: await testOf('default'), strict: await testOf('strict') };
  const tests = titlesOfTests();
  const found = rows.map((row) => {
    const elsewhere = withoutTest(row, reasons, tests);
    const of = (mode: Mode): Finding =>
      withGaps(elsewhere ?? findingOf(runs[mode].get(row.id)), { id: row.id, mode, gaps, files: filesOf(row, tests) });
    return { row, default: of('default'), strict: of('strict') };
  });
  const sources = [...new Set(rows.map(({ source }) => source))];
  const failed = found.filter((each) => each.default.result === 'failed' || each.strict.result === 'failed').length;
  const text = [
    '# Conformance',
    '',
    inShort(found),
    intro,
    summary(sources, found),
    ...sources.map((source) =>
      chapter(
        source,
        found.filter(({ row }) => row.source === source),
      ),
    ),
  ].join('\n');
  return { text, failed };
}

type Found = Readonly<Record<Mode, Finding>> & { readonly row: Row };

/** What a reader who decides needs: how many requirements are met, and what is open. */
function inShort(found: readonly Found[]): string {
  const musts = found.filter(({ row }) => row.level === 'MUST');
  const has = (each: Found, ...results: readonly Finding['result'][]): boolean =>
    results.includes(each.default.result) || results.includes(each.strict.result);
  const met = musts.filter((each) => has(each, 'passed', 'by test', 'by design')).length;
  const inPart = musts.filter((each) => has(each, 'in part') && !has(each, 'passed', 'by test', 'by design')).length;
  const open = found.filter((each) => has(each, 'not tested') && !has(each, 'passed', 'in part'));
  const failed = found.filter((each) => has(each, 'failed')).length;
  const where = [...new Set(open.map(({ row }) => row.source))].map(
    (source) => `${source} (${String(open.filter(({ row }) => row.source === source).length)})`,
  );
  const list = where.length === 0 ? 'None.' : `${where.join(', ')}.`;
  return `**In short.** This page lists ${String(found.length)} requirements of the RFCs, of drafts and of real clients. ${failed === 0 ? 'No test fails' : `${String(failed)} tests fail`}.

- **Requirements with MUST:** ${String(musts.length)}. Proved as a whole: ${String(met)}. Proved in part, because a test does not check every word: ${String(inPart)}.
- **Not tested yet:** ${list}
- **To check it yourself:** \`npx express-scim conformance URL\` runs the same tests against any server.
- **What real clients send and the RFCs forbid** is accepted by default: [quirks](quirks.md). \`strict: true\` rejects it.

## How to read the tables
`;
}

const intro = `\`npm run conformance\` generates this page by running the conformance tests (\`express-scim/conformance\`) against a memory
store behind Express 5. Do not edit it. Each row is a requirement of the checklist. The column \`strict\` is a run with
\`strict: true\`, which rejects all quirks and follows the interoperability profile. That server also offers \`/Me\`.

- **passed**, **failed**, **skipped**: the result of the conformance test; the reason says why it was skipped
- **in part**: the test passed, but checks less than the requirement states. The reason says what it omits or permits, and which
  tests of the library also name the row
- **rejected**: the strict server rejects what the row describes, and the test expects that
- **by test**: not observable over HTTP, or not reproducible there; tests of the library with the ID of the row prove it
- **by design**: no test; the reason names what ensures it, or who is responsible
- **not tested**: not proved yet
`;

async function testOf(mode: Mode): Promise<ReadonlyMap<string, TestResult>> {
  let me: string | undefined;
  // A server offers /Me or refuses it: of the two rows about it, each run proves one.
  const server = await serveTested('5', mode === 'strict', mode === 'strict' ? { me: () => me } : {});
  try {
    if (mode === 'strict') me = await createUser(server.target);
    const { results } = await runConformanceTests(server.target, { timeoutMilliseconds: 60_000 });
    return new Map(results.map((result) => [result.id, result]));
  } finally {
    await server.close();
  }
}

async function createUser({ baseUrl, key }: ConformanceTarget): Promise<string> {
  const response = await fetch(`${baseUrl}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'me@example.com' }),
  });
  return ((await response.json()) as { id: string }).id;
}

const tested = new Set(conformanceTests.map(({ id }) => id));

function withoutTest(
  { id }: Row,
  reasons: Readonly<Record<string, string>>,
  tests: ReadonlyMap<string, readonly string[]>,
): Finding | undefined {
  if (tested.has(id)) return undefined;
  if (Object.hasOwn(reasons, id)) return { result: 'by design', reason: reasons[id] ?? '' };
  const files = filesOf({ id }, tests);
  if (files.length > 0) return { result: 'by test', reason: `Proved by ${files.join(', ')}.` };
  return { result: 'not tested', reason: 'No test yet.' };
}

function filesOf({ id }: Pick<Row, 'id'>, tests: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...tests].filter(([, titles]) => titles.some((each) => each.includes(id))).map(([file]) => file);
}

function findingOf(result: TestResult | undefined): Finding {
  switch (result?.status) {
    case 'passed':
      return { result: 'passed', reason: '' };
    case 'skipped':
      return { result: 'skipped', reason: settled(result.reason) };
    case 'failed':
      return { result: 'failed', reason: settled(result.messages.join('; ')) };
    default:
      return { result: 'not tested', reason: 'The run has no result.' };
  }
}

interface Gapped {
  readonly id: string;
  readonly mode: Mode;
  readonly gaps: Gaps;
  /** The tests of the library that name the row. */
  readonly files: readonly string[];
}

function withGaps(finding: Finding, { id, mode, gaps, files }: Gapped): Finding {
  if (finding.result !== 'passed' && finding.result !== 'by test') return finding;
  const rejected = mode === 'strict' ? gaps.rejected[id] : undefined;
  if (rejected !== undefined) return { result: 'rejected', reason: rejected };
  const missing = [gaps.both[id], gaps[mode][id]].filter((text) => text !== undefined);
  if (missing.length === 0) return finding;
  const more = finding.result === 'passed' && files.length > 0 ? `More is tested by ${files.join(', ')}.` : '';
  return { result: 'in part', reason: [finding.reason, ...missing, more].filter(Boolean).join(' ') };
}

/** Without what differs between two runs: names, ids, ports, times. */
function settled(text: string): string {
  return text
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '…')
    .replace(/-[\da-f]{10}-\d+\b/g, '-…')
    .replace(/127\.0\.0\.1:\d+/g, '…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…');
}

/** Titles of the library's tests. Those of the conformance tests name every row and prove nothing here. */
function titlesOfTests(): ReadonlyMap<string, readonly string[]> {
  const root = new URL('../..', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts') && !/^tools\/conformance\/(conformance-tests|catalog)\./.test(file))
    .sort();
  return new Map(
    files.map((file) => [
      `test/${file}`,
      [...readFileSync(new URL(file, root), 'utf8').matchAll(title)].map(([text]) => text),
    ]),
  );
}

const title = /\b(?:it|describe|test)(?:\.each)?\b[^'"`]*(['"`])(?:(?!\1)[^\\\n]|\\.)*\1/g;

const levels = ['MUST', 'SHOULD', 'MAY', 'implied', 'client'] as const;

function summary(sources: readonly string[], found: readonly Found[]): string {
  const line = (name: string, of: readonly Found[]): string => {
    const either = (result: Finding['result']): number =>
      of.filter((each) => each.default.result === result || each.strict.result === result).length;
    const passed = (mode: Mode): number => of.filter((each) => each[mode].result === 'passed').length;
    const never = of.filter((each) => each.default.result === 'skipped' && each.strict.result === 'skipped').length;
    const inPart = of.filter(
      (each) =>
        [each.default.result, each.strict.result].includes('in part') &&
        ![each.default.result, each.strict.result].includes('passed'),
    ).length;
    const counts = [of.length, passed('default'), passed('strict'), either('passed'), inPart, either('failed'), never];
    return `| ${name} | ${[...counts, either('by test'), either('by design'), either('not tested')].join(' | ')} |`;
  };
  const head = [
    '| | rows | passed, default | passed, strict | passed in either | in part | failed | skipped in both | by test | by design | not tested |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
  ];
  return [
    ...head,
    ...sources.map((source) =>
      line(
        source,
        found.filter(({ row }) => row.source === source),
      ),
    ),
    ...levels.map((level) =>
      line(
        `_${level}_`,
        found.filter(({ row }) => row.level === level),
      ),
    ),
    line('**all**', found),
    '',
  ].join('\n');
}

function chapter(source: string, found: readonly Found[]): string {
  return [
    `## ${source}`,
    '',
    '| row | level | requirement | default | strict | reason |',
    '| --- | --- | --- | --- | --- | --- |',
    ...found.map((each) => {
      const { row, default: byDefault, strict } = each;
      const cells = [row.id, row.level, cell(row.requirement), byDefault.result, strict.result, cell(reasonOf(each))];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

function reasonOf({ default: byDefault, strict }: Found): string {
  if (byDefault.reason === strict.reason) return byDefault.reason;
  if (strict.reason === '') return `default: ${byDefault.reason}`;
  if (byDefault.reason === '') return `strict: ${strict.reason}`;
  return `default: ${byDefault.reason}; strict: ${strict.reason}`;
}

function cell(text: string): string {
  return text.replace(/[\\|*_<[\]]/g, '\\$&').replace(/\s+/g, ' ');
}
