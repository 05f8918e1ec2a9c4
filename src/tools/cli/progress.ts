import type { TestResult } from '../conformance/index.js';

/** A line on a terminal that says how far a run is. */
export interface Progress {
  step(result: TestResult): void;
  /** Takes the line away. */
  end(): void;
}

/** @param write undefined where nobody watches */
export function showProgress(total: number, write: ((text: string) => void) | undefined): Progress {
  let done = 0;
  let failed = 0;
  return {
    step({ status, id }) {
      done++;
      if (status === 'failed') failed++;
      const filled = Math.round((done / total) * barWidth);
      const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled);
      const bad = failed === 0 ? '' : `, ${String(failed)} failed`;
      write?.(`\r\u001b[K${bar} ${String(done)}/${String(total)}${bad}  ${id}`);
    },
    end: () => write?.('\r\u001b[K'),
  };
}

const barWidth = 24;
