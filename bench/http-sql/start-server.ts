// Builds the servers, and starts each in a process of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { optionsVariable, type ServerOptions } from './server-options.js';
import type { Question } from './servers/control.js';

export interface BenchServer {
  readonly port: number;
  ask(question: Question): Promise<unknown>;
  stop(): Promise<void>;
}

export interface BuiltServers {
  readonly folder: string;
  start(name: 'ours' | 'hand-written', options: ServerOptions): Promise<BenchServer>;
  delete(): void;
}

/**
 * Builds both servers with the library as the package has it, so that nothing runs through a TypeScript loader, and what
 * is measured is the source as it is now.
 */
export async function buildServers(): Promise<BuiltServers> {
  // Inside the project, so that the servers find its packages.
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(`${cache}http-sql-`);
  const source = (name: string): string => fileURLToPath(new URL(`./servers/${name}.ts`, import.meta.url));
  await build({
    config: false,
    silent: true,
    entry: { ours: source('ours'), 'hand-written': source('hand-written') },
    outDir: folder,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    sourcemap: true,
    skipNodeModulesBundle: true,
  });
  return {
    folder,
    start: (name, options) => start(`${folder}/${name}.mjs`, options),
    delete: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function start(file: string, options: ServerOptions): Promise<BenchServer> {
  const child = fork(file, [], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production', [optionsVariable]: JSON.stringify(options) },
  });
  const port = Number(await nextMessage(child, file));
  return {
    port,
    ask: (question) => {
      const message = nextMessage(child, file);
      child.send(question);
      return message;
    },
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

function nextMessage(child: ChildProcess, file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`${file} ended with ${String(code)}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
