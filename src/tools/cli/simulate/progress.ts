import type { SimulationProgress } from '../../index.js';
import { printable } from '../table.js';

/** A progress line on a terminal. */
export interface SimulationLine {
  step(progress: SimulationProgress): void;
  /** Clears the line. */
  end(): void;
}

const barWidth = 18;
/** Between two updates of the line, so that a slow remote terminal does not slow the simulation down. */
const updateMilliseconds = 60;

/** @param write undefined where there is no terminal */
export function showSimulation(write: ((text: string) => void) | undefined, width = 100): SimulationLine {
  let last = -Infinity;
  return {
    step({ client, stage, stagesDone, stages, requests, findings }) {
      const now = performance.now();
      if (write === undefined || now - last < updateMilliseconds) return;
      last = now;
      const filled = Math.round((stagesDone / stages) * barWidth);
      const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled);
      const bad = findings === 0 ? '' : `, ${String(findings)} ${findings === 1 ? 'finding' : 'findings'}`;
      const line = `${client} ${bar} ${String(requests)} requests${bad}  ${stage}`;
      write(`\r\u001b[K${printable(line).slice(0, Math.max(width - 1, 20))}`);
    },
    end: () => write?.('\r\u001b[K'),
  };
}
