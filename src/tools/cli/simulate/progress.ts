import type { SimulationProgress } from '../../conformance/index.js';
import { printable } from '../table.js';

/** A line on a terminal that says how far a simulation is. */
export interface SimulationLine {
  step(progress: SimulationProgress): void;
  /** Takes the line away. */
  end(): void;
}

const barWidth = 18;
/** Milliseconds between two changes of the line: a terminal far away must not slow the play down. */
const between = 60;

/** @param write undefined where nobody watches */
export function showSimulation(write: ((text: string) => void) | undefined, width = 100): SimulationLine {
  let last = -Infinity;
  return {
    step({ client, stage, stagesDone, stages, requests, findings }) {
      const now = performance.now();
      if (write === undefined || now - last < between) return;
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
