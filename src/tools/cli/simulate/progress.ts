import type { SimulationProgress } from '../../index.js';
import { printable } from '../printable.js';

/** How a simulation shows its progress. */
export interface SimulationLine {
  step(progress: SimulationProgress): void;
  /** Clears the line on a terminal. */
  end(): void;
}

const barWidth = 18;
/** Between two updates of the line, so that a slow remote terminal does not slow the simulation down. */
const updateMilliseconds = 60;
const logMilliseconds = 10_000;

/** Where there is no terminal: a line for each stage, and one more for each while that a stage takes. */
export function logSimulation(write: (text: string) => void): SimulationLine {
  let current: string | undefined;
  let last = -Infinity;
  return {
    step({ client, stage, stagesDone, stages, requests, findings }) {
      const now = performance.now();
      if (stage === current && now - last < logMilliseconds) return;
      current = stage;
      last = now;
      const place = `${String(stagesDone + 1)}/${String(stages)}`;
      write(`${printable(`${client} ${place} ${stage}: ${String(requests)} requests${counted(findings)}`)}\n`);
    },
    end: () => undefined,
  };
}

/** A line on a terminal, which is written over. */
export function showSimulation(write: (text: string) => void, width = 100): SimulationLine {
  let last = -Infinity;
  return {
    step({ client, stage, stagesDone, stages, requests, findings }) {
      const now = performance.now();
      if (now - last < updateMilliseconds) return;
      last = now;
      const filled = Math.round((stagesDone / stages) * barWidth);
      const bar = '#'.repeat(filled) + '.'.repeat(barWidth - filled);
      const line = `${client} ${bar} ${String(requests)} requests${counted(findings)}  ${stage}`;
      write(`\r\u001b[K${printable(line).slice(0, Math.max(width - 1, 20))}`);
    },
    end: () => write('\r\u001b[K'),
  };
}

function counted(findings: number): string {
  return findings === 0 ? '' : `, ${String(findings)} ${findings === 1 ? 'finding' : 'findings'}`;
}
