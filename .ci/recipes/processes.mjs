// Starts and ends processes, by their ID.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();

/** Starts a process. `output()` is what it has printed, and `ended` resolves with its exit code or signal. */
export function start(command, args, { cwd, env = {}, ...options } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  running.add(child);
  const ended = once(child, 'exit').then(([status, signal]) => {
    running.delete(child);
    return status ?? signal;
  });
  return { child, pid: child.pid, ended, output: () => text };
}

/** Runs a command to its end. @returns what it printed @throws Error when its exit code is not 0 */
export async function run(command, args, options) {
  const { ended, output } = start(command, args, options);
  const status = await ended;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${output().slice(-4_000)}`);
  return output();
}

/** Ends everything that is still running. */
export async function endAll() {
  const children = [...running];
  for (const child of children) child.kill('SIGTERM');
  const ended = Promise.all(children.map((child) => (child.exitCode ?? child.signalCode) || once(child, 'exit')));
  await Promise.race([ended, sleep(3_000, undefined, { ref: false })]);
  for (const child of running) child.kill('SIGKILL');
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until a condition holds. */
export async function until(what, condition, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms until ${what}`);
    await sleep(50);
  }
}

/** Waits until a process listens; fails when it ends instead. */
export async function listening(url, { child, output }) {
  await until(`${url} responds`, async () => {
    if (child.exitCode !== null)
      throw new Error(`the process ended with ${child.exitCode}:\n${output().slice(-2_000)}`);
    return fetch(url).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
}
