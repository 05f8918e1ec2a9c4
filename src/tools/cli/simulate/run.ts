import { simulate, type SimulationReport } from '../../index.js';
import { checkReachable } from '../conformance/run.js';
import type { CleanSurroundings } from '../surroundings.js';
import { readSimulateCommand, type SimulateCommand, simulateHelp } from './command.js';
import { groupHint } from './group-hint.js';
import { simulationPage } from './html.js';
import { logSimulation, showSimulation } from './progress.js';
import { lookOf, wrap } from '../table.js';
import { simulationText } from './text.js';

/** Runs `express-scim simulate`. @returns the exit code */
export async function runSimulateCommand(args: readonly string[], surroundings: CleanSurroundings): Promise<number> {
  const command = readSimulateCommand(args, surroundings.env);
  if (command !== undefined) return play(command, surroundings);
  surroundings.stdout.write(simulateHelp);
  return 0;
}

async function play(command: SimulateCommand, { env, stdout, stderr, save }: CleanSurroundings): Promise<number> {
  const { clients, html, json, ...options } = command;
  await checkReachable(command);
  const started = new Date();
  // A report on standard output is for a program: the text goes to standard error.
  const out = html === '-' || json === '-' ? stderr : stdout;
  const look = lookOf(out, env);
  const reports: SimulationReport[] = [];
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new Error('The simulation was stopped.'));
  // The first interrupt ends the simulation, which then deletes what it created; the second ends the process.
  process.once('SIGINT', stop);
  try {
    for (const client of clients) {
      if (stopped.signal.aborted) break;
      const write = (text: string): void => void stderr.write(text);
      const progress = stderr.isTTY === true ? showSimulation(write, stderr.columns) : logSimulation(write);
      try {
        const { signal } = stopped;
        reports.push(await simulate({ ...options, client, signal, onProgress: (each) => progress.step(each) }));
      } finally {
        progress.end();
      }
      const last = reports.at(-1);
      if (last === undefined) continue;
      out.write(simulationText(last, look));
      const hint = await groupHint(last, command);
      if (hint !== undefined) out.write(`${wrap(hint, look.width).join('\n')}\n\n`);
    }
  } finally {
    process.removeListener('SIGINT', stop);
  }
  const written = { html: () => simulationPage(reports, started), json: () => `${JSON.stringify(reports, null, 2)}\n` };
  for (const [file, text] of [[html, written.html] as const, [json, written.json] as const]) {
    if (file === '-') stdout.write(text());
    else if (file !== undefined) await save(file, text());
  }
  if (stopped.signal.aborted) return 2;
  return reports.every(({ passed }) => passed) ? 0 : 1;
}
