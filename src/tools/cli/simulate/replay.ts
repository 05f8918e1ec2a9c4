import { readFile } from 'node:fs/promises';
import { type Fixture, type FixtureProblem, replayFixture } from '../../index.js';
import { readArguments, readUrl, requireKey, UsageError } from '../arguments.js';
import { checkReachable } from '../conformance/run.js';
import { messageOf } from '../error-message.js';
import type { CleanSurroundings } from '../surroundings.js';
import { printable } from '../printable.js';
import { type Look, lookOf, paint } from '../table.js';

const replayHelp = `express-scim replay URL FILE... [options]

Sends recorded requests of identity providers to a SCIM 2.0 server and compares the responses with the expected ones.
A file is one recording as JSON: { id, client, title, steps: [{ name, request, capture, expect }] }.

  URL                 base URL of the service, such as https://app.example.com/scim/v2
  --key KEY           bearer key; prefer SCIM_KEY in the environment, which stays out of the shell history
  --help              show this help

Exit code: 0 when every required expectation was met, 1 when one was not, 2 when the command could not run.
`;

/** Runs `express-scim replay`. @returns the exit code */
export async function runReplay(args: readonly string[], { env, stdout }: CleanSurroundings): Promise<number> {
  const options = { key: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) {
    stdout.write(replayHelp);
    return 0;
  }
  const [url, ...files] = positionals;
  if (url === undefined) throw new UsageError('The URL is missing: write express-scim replay URL FILE.');
  if (files.length === 0) throw new UsageError('The file is missing: write express-scim replay URL FILE.');
  const target = { baseUrl: readUrl(url), key: requireKey(values.key, env) };
  const fixtures = await Promise.all(files.map(readFixture));
  await checkReachable(target);
  const look = lookOf(stdout, env);
  let failed = 0;
  for (const fixture of fixtures) {
    const problems = await replayFixture(target, fixture);
    const bad = problems.some(({ severity }) => severity === 'must');
    if (bad) failed++;
    stdout.write(outcome(fixture, problems, look));
  }
  stdout.write(`${String(fixtures.length - failed)} passed, ${String(failed)} failed\n`);
  return failed > 0 ? 1 : 0;
}

function outcome({ id, title }: Fixture, problems: readonly FixtureProblem[], look: Look): string {
  const bad = problems.some(({ severity }) => severity === 'must');
  const label = bad ? paint('FAILED', 'red', look) : paint('passed', 'green', look);
  const lines = problems.map(({ step, severity, problem }) => {
    return `       - ${severity === 'should' ? '(should) ' : ''}${printable(`${step}: ${problem}`)}\n`;
  });
  return `${label} ${printable(`${id}  ${title}`)}\n${lines.join('')}`;
}

/** @throws Error when the file cannot be read or is no recording */
async function readFixture(file: string): Promise<Fixture> {
  let fixture: Partial<Fixture> | null;
  try {
    fixture = JSON.parse(await readFile(file, 'utf8')) as Partial<Fixture> | null;
  } catch (error) {
    throw new Error(`${file} cannot be read (${messageOf(error) ?? 'no reason given'}).`);
  }
  if (typeof fixture?.id !== 'string' || !Array.isArray(fixture.steps)) {
    throw new Error(`${file} is not a recording: it needs id, client, title and steps.`);
  }
  return fixture as Fixture;
}
