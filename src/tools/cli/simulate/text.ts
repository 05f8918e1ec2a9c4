import type { Finding, SimulationReport, StageOutcome } from '../../index.js';
import { printable } from '../printable.js';
import { type Look, paint, wrap } from '../table.js';

/** The report on a terminal: the stages, then each finding, then the totals. */
export function simulationText(report: SimulationReport, look: Look): string {
  const { name, findings, stages, leftBehind } = report;
  const head = `${name} against ${report.baseUrl}`;
  const wide = Math.max(...stages.map((stage) => stage.name.length));
  const lines = [paint(printable(head), 'dim', look), ...stages.map((stage) => stageLine(stage, wide, look))];
  for (const finding of findings) lines.push('', ...findingLines(finding, look));
  lines.push('', paint(sums(report), report.passed ? 'green' : 'red', look));
  if (leftBehind.length > 0)
    lines.push(`${counted(leftBehind.length, 'resource')} of the run ${report.run} remain on the server.`);
  for (const note of notes(report)) lines.push(...wrap(note, look.width).map((line) => paint(line, 'dim', look)));
  return `${lines.join('\n')}\n\n`;
}

/** How the behavior of the client is known, and that no vendor certifies it. */
export function notes({ name, confidence, reconstructed, disclaimer }: SimulationReport): readonly string[] {
  const confidenceNote = `Behavior of ${name}: ${confidence}.`;
  const parts = reconstructed.length === 0 ? [] : [`Reconstructed only: ${reconstructed.join('; ')}.`];
  return [disclaimer, [confidenceNote, ...parts].join(' ')];
}

/** `3 errors and 1 warning in 12 of ...`. */
export function sums({
  findings,
  requests,
  retried,
  throttled,
  users,
  groups,
  seed,
  milliseconds,
}: SimulationReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const problems = errors === 0 ? 'No problems found' : counted(errors, 'error');
  const warnings = findings.length - errors;
  const again =
    retried === 0 ? '' : `, ${String(retried)} sent again${throttled === 0 ? '' : ` (${String(throttled)} after 429)`}`;
  const size = `${counted(users, 'user')}, ${counted(groups, 'group')}, seed ${String(seed)}`;
  const also = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  return `${problems}${also}. ${counted(requests, 'request')}${again} in ${(milliseconds / 1000).toFixed(1)} s; ${size}.`;
}

export function counted(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** The HTML report shows more of a body than fits a terminal. */
function shortened(body: string): string {
  return body.length > 300 ? `${body.slice(0, 297)}...` : body;
}

function stageLine({ name, outcome, requests, errors, warnings }: StageOutcome, wide: number, look: Look): string {
  const result =
    outcome !== 'played'
      ? outcome
      : errors > 0
        ? counted(errors, 'error')
        : warnings > 0
          ? counted(warnings, 'warning')
          : 'ok';
  const color = outcome !== 'played' ? 'dim' : errors > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  return `  ${name.padEnd(wide)}  ${String(requests).padStart(6)} requests  ${paint(result, color, look)}`;
}

function findingLines(finding: Finding, look: Look): string[] {
  const { severity, rule, stage, step, sent, expected, received, next, consequence, reference, times } = finding;
  const title = `${rule}, ${reference}: ${stage}, ${step}${times === 1 ? '' : ` (${String(times)} times)`}`;
  const label = severity === 'error' ? 'ERROR' : 'WARNING';
  const rows: readonly (readonly [string, string])[] = [
    ['sent', `${sent.method} ${sent.path}${sent.body === undefined ? '' : ` ${shortened(sent.body)}`}`],
    ['expected', expected],
    ['received', received],
    ['next', `[${consequence}] ${next}`],
  ];
  return [
    `${paint(label, severity === 'error' ? 'red' : 'yellow', look)} ${printable(title)}`,
    ...rows.flatMap(([name, text]) =>
      wrap(printable(text), look.width - 14).map((line, place) => `    ${(place === 0 ? name : '').padEnd(10)}${line}`),
    ),
  ];
}
