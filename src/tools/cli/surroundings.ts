import { writeFile } from 'node:fs/promises';
import type { Environment } from './arguments.js';
import { cleanOutput } from './printable.js';

/** The parts of the process that commands use. */
export interface Surroundings {
  readonly env: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Surroundings as commands see them: everything that they print or save is cleaned (`cleanOutput`). */
export interface CleanSurroundings extends Surroundings {
  /** Writes a report into a file. */
  save(file: string, text: string): Promise<void>;
}

/** @param keys are replaced wherever they occur */
export function cleanSurroundings({ env, stdout, stderr }: Surroundings, keys: readonly string[]): CleanSurroundings {
  const clean = (output: Output): Output => ({
    isTTY: output.isTTY,
    columns: output.columns,
    write: (text) => output.write(cleanOutput(text, keys)),
  });
  return {
    env,
    stdout: clean(stdout),
    stderr: clean(stderr),
    save: (file, text) => writeFile(file, cleanOutput(text, keys)),
  };
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}
