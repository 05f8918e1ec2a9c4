import type { TestedRun } from './tested-run.js';
import { htmlReport } from './html.js';
import { junitReport } from './junit.js';

export type ReportFormat = 'json' | 'junit' | 'html';

/** The text of a report. */
export function writeReport(format: ReportFormat, run: TestedRun): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ url: run.url, mode: run.mode, started: run.started, ...run.report }, null, 2)}\n`;
    case 'junit':
      return junitReport(run);
    case 'html':
      return htmlReport(run);
  }
}
