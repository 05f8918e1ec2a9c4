import type { TestResult } from '../index.js';

/** A progress line on a terminal. */
export interface Progress {
  step(result: TestResult): void;
  /** Clears the line. */
  end(): void;
}

/** @param write undefined where there is no terminal */
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
