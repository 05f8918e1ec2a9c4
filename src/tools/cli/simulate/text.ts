import type { Finding, SimulationReport, StageOutcome } from '../../conformance/index.js';
import { type Look, paint, printable, wrap } from '../table.js';

/** The report for a person at a terminal: the stages, then each finding, then the sums. */
export function simulationText(report: SimulationReport, look: Look): string {
  const { name, findings, stages, left } = report;
  const head = `${name} against ${report.baseUrl}`;
  const wide = Math.max(...stages.map((stage) => stage.name.length));
  const lines = [paint(printable(head), 'dim', look), ...stages.map((stage) => stageLine(stage, wide, look))];
  for (const finding of findings) lines.push('', ...findingLines(finding, look));
  lines.push('', paint(sums(report), report.passed ? 'green' : 'red', look));
  if (left.length > 0) lines.push(`${counted(left.length, 'resource')} of the run ${report.run} left on the server.`);
  for (const note of notes(report)) lines.push(...wrap(note, look.width).map((line) => paint(line, 'dim', look)));
  return `${lines.join('\n')}\n\n`;
}

/** What a reader must know of the client: how it is known, and that no vendor stands behind it. */
export function notes({ name, confidence, reconstructed, disclaimer }: SimulationReport): readonly string[] {
  const known = `How ${name} is known: ${confidence}.`;
  const parts = reconstructed.length === 0 ? [] : [`Only reconstructed: ${reconstructed.join('; ')}.`];
  return [disclaimer, [known, ...parts].join(' ')];
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
  const found = errors === 0 ? 'Nothing that would hurt' : counted(errors, 'error');
  const warnings = findings.length - errors;
  const again =
    retried === 0 ? '' : `, ${String(retried)} sent again${throttled === 0 ? '' : ` (${String(throttled)} after 429)`}`;
  const size = `${counted(users, 'user')}, ${counted(groups, 'group')}, seed ${String(seed)}`;
  const also = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  return `${found}${also}. ${counted(requests, 'request')}${again} in ${(milliseconds / 1000).toFixed(1)} s; ${size}.`;
}

export function counted(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** The page has more of a body than a terminal can show. */
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
          : 'well';
  const color = outcome !== 'played' ? 'dim' : errors > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  return `  ${name.padEnd(wide)}  ${String(requests).padStart(6)} requests  ${paint(result, color, look)}`;
}

function findingLines(finding: Finding, look: Look): string[] {
  const { severity, rule, stage, step, sent, expected, came, next, consequence, reference, times } = finding;
  const title = `${rule}, ${reference}: ${stage}, ${step}${times === 1 ? '' : ` (${String(times)} times)`}`;
  const label = severity === 'error' ? 'ERROR' : 'WARNING';
  const rows: readonly (readonly [string, string])[] = [
    ['sent', `${sent.method} ${sent.path}${sent.body === undefined ? '' : ` ${shortened(sent.body)}`}`],
    ['expected', expected],
    ['came', came],
    ['next', `[${consequence}] ${next}`],
  ];
  return [
    `${paint(label, severity === 'error' ? 'red' : 'yellow', look)} ${printable(title)}`,
    ...rows.flatMap(([name, text]) =>
      wrap(printable(text), look.width - 14).map((line, place) => `    ${(place === 0 ? name : '').padEnd(10)}${line}`),
    ),
  ];
}
