import type { ConformanceReport, TestResult } from '../index.js';
import type { Environment } from './arguments.js';
import type { Output } from './surroundings.js';
import { printable } from './printable.js';
import { byFeature, countOf } from './reports/tested-run.js';

/** How to write to a terminal. */
export interface Look {
  readonly color: boolean;
  /** Characters in a line. */
  readonly width: number;
}

/** Colors for a terminal, unless NO_COLOR is set (https://no-color.org). */
export function lookOf({ isTTY, columns = 100 }: Output, env: Environment): Look {
  return { color: isTTY === true && (env['NO_COLOR'] ?? '') === '', width: columns };
}

/** The report on a terminal: a row for each feature, then the failed tests, then the totals. */
export function testTable(report: ConformanceReport, look: Look): string {
  const features = [...byFeature(report)];
  const wide = Math.max('feature'.length, ...features.map(([feature]) => feature.length));
  const row = (name: string, counts: readonly (number | string)[]): string =>
    `${name.padEnd(wide)}${counts.map((count) => String(count).padStart(9)).join('')}`;
  const lines = [paint(row('feature', ['passed', 'failed', 'skipped']), 'dim', look)];
  for (const [feature, results] of features) {
    const failed = countOf(results, 'failed');
    const text = row(feature, [countOf(results, 'passed'), failed, countOf(results, 'skipped')].map(dashed));
    lines.push(failed > 0 ? paint(text, 'red', look) : text);
  }
  for (const result of report.results) if (result.status === 'failed') lines.push('', ...failure(result, look));
  const sums = `${String(report.passed)} passed, ${String(report.failed)} failed, ${String(report.skipped)} skipped`;
  const all = `${sums}, ${(report.milliseconds / 1000).toFixed(1)} s`;
  lines.push('', paint(all, report.failed > 0 ? 'red' : 'green', look), '');
  return lines.join('\n');
}

function failure(result: TestResult & { readonly status: 'failed' }, look: Look): string[] {
  const title = `${result.id} ${result.level}  ${result.requirement}`;
  return [
    ...wrap(title, look.width - 7).map((line, place) =>
      place === 0 ? `${paint('FAILED', 'red', look)} ${line}` : `       ${line}`,
    ),
    ...result.messages.flatMap((message) =>
      wrap(printable(message), look.width - 9).map(
        (line, place) => `${place === 0 ? '       - ' : '         '}${line}`,
      ),
    ),
  ];
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= Math.max(width, 20)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function dashed(count: number): number | string {
  return count === 0 ? '-' : count;
}

const codes = { dim: 2, red: 31, green: 32, yellow: 33 };

export function paint(text: string, color: keyof typeof codes, look: Look): string {
  return look.color ? `\u001b[${String(codes[color])}m${text}\u001b[0m` : text;
}
