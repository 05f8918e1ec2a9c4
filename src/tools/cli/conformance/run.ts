import { conformanceTests, type ConformanceReport, type ConformanceTarget, runConformanceTests } from '../../index.js';
import { chooseTests } from '../../conformance/run.js';
import { UsageError } from '../arguments.js';
import { messageOf } from '../error-message.js';
import { showProgress } from '../progress.js';
import { writeReport } from '../reports/report.js';
import type { CleanSurroundings } from '../surroundings.js';
import { lookOf, testTable } from '../table.js';
import { type ConformanceCommand, conformanceHelp, readConformanceCommand } from './command.js';

/** Runs `express-scim conformance`. @returns the exit code */
export async function runConformanceCommand(args: readonly string[], surroundings: CleanSurroundings): Promise<number> {
  const command = readConformanceCommand(args, surroundings.env);
  if (command !== undefined) return test(command, surroundings);
  surroundings.stdout.write(conformanceHelp);
  return 0;
}

async function test(command: ConformanceCommand, { env, stdout, stderr, save }: CleanSurroundings): Promise<number> {
  const { target, levels, only, timeoutMilliseconds, reports } = command;
  const chosen = chooseTests(conformanceTests, { level: levels, only });
  if (chosen.length === 0) throw new UsageError('No test matches --level and --only.');
  await checkReachable(target);
  const started = new Date();
  const progress = showProgress(chosen.length, stderr.isTTY === true ? (text) => stderr.write(text) : undefined);
  let report: ConformanceReport;
  try {
    report = await runConformanceTests(target, {
      tests: chosen,
      timeoutMilliseconds,
      onResult: (result) => progress.step(result),
    });
  } finally {
    progress.end();
  }
  const run = { url: target.baseUrl, mode: target.mode ?? 'default', started, report };
  // A report on standard output is for a program: the table goes to standard error.
  const out = reports.some(({ file }) => file === '-') ? stderr : stdout;
  out.write(testTable(report, lookOf(out, env)));
  for (const { format, file } of reports) {
    const text = writeReport(format, run);
    if (file === '-') stdout.write(text);
    else await save(file, text);
  }
  return report.failed > 0 ? 1 : 0;
}

/** Reports a wrong URL or key at once, instead of by hundreds of failed tests. @throws Error */
export async function checkReachable({ baseUrl, key }: Pick<ConformanceTarget, 'baseUrl' | 'key'>): Promise<void> {
  const response = await fetch(`${baseUrl}/Users?count=1`, {
    headers: { authorization: `Bearer ${key}`, accept: 'application/scim+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(15_000),
  }).catch((error: unknown) => {
    // `fetch failed` alone helps nobody: the cause says why.
    const cause = messageOf((error as { readonly cause?: unknown }).cause) ?? messageOf(error);
    throw new Error(`${baseUrl} cannot be reached${cause === undefined ? '' : ` (${cause})`}.`);
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new Error(`The server refuses the key: GET /Users returned ${String(response.status)}.`);
  }
  if (response.status === 404 || (response.status >= 300 && response.status < 400)) {
    throw new Error(`There is no SCIM service at ${baseUrl}: GET /Users returned ${String(response.status)}.`);
  }
}
