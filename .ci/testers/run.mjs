// Runs independent third-party testers against the minimal example. Needs Python 3 with venv.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { judge, readSanity, readScim2 } from './judge.mjs';

const key = 'a-connector-key-for-independent-testers';
// Fewer checks mean that a tester aborted, or has changed and needs a review.
const minimumChecks = { 'scim2-tester': 120, 'scim-sanity': 25 };

const folder = mkdtempSync(join(tmpdir(), 'express-scim-testers-'));
const program = (name) => join(folder, 'venv', 'bin', name);
const run = (command, args, env = {}) =>
  spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 2 ** 26, timeout: 300_000 });

let server;
try {
  install();
  const { baseUrl } = await start();
  const checks = [
    ...readScim2(
      outputOf(run(program('scim2'), ['-u', baseUrl, 'test'], { SCIM_CLI_HEADERS: `Authorization: Bearer ${key}` })),
    ),
    ...readSanity(
      outputOf(
        run(program('scim-sanity'), ['probe', baseUrl, '--token', key, '--json-output', '--i-accept-side-effects']),
      ),
    ),
  ];
  report(checks);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}

function install() {
  const make = () => run('python3', ['-m', 'venv', join(folder, 'venv')]);
  if (make().status !== 0) {
    // Python of Debian does not include it.
    const { status } = run('apt-get', ['install', '--yes', '--quiet', 'python3-venv']);
    if (status !== 0 || make().status !== 0) throw new Error('python3 -m venv does not work: install python3-venv.');
  }
  const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  execFileSync(program('python'), pip, { stdio: ['ignore', 2, 2] });
}

async function start() {
  // A separate process group: npm and the server that it starts end together.
  server = spawn('npm', ['run', '--silent', 'example:minimal'], {
    env: { ...process.env, PORT: '0', SCIM_TENANTS: `testers=${key}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const late = setTimeout(() => void stop(), 60_000);
  try {
    for await (const line of createInterface({ input: server.stdout }))
      if (line.startsWith('{')) return JSON.parse(line);
  } finally {
    clearTimeout(late);
  }
  throw new Error('The example ended, or did not print its URL within 60 s.');
}

async function stop() {
  if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  process.kill(-server.pid, 'SIGTERM');
  await ended;
}

function outputOf({ stdout, stderr, error }) {
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(`A tester printed nothing: ${stderr}`);
  return stdout;
}

function report(checks) {
  const { failed, used, unused } = judge(checks);
  for (const [tester, number] of Object.entries(minimumChecks)) {
    const own = checks.filter((check) => check.tester === tester);
    const passed = own.filter(({ outcome }) => outcome === 'passed').length;
    console.log(`${tester}: ${own.length} checks, ${passed} passed`);
    if (own.length < number) fail(`${tester} ran fewer than ${number} checks.`);
  }
  for (const [{ tester, because, section, sentence }, times] of used) {
    console.log(
      `${tester}: ${times} not counted. ${because}${section === undefined ? '' : ` ${section}: "${sentence}"`}`,
    );
  }
  for (const { tester, check, reason } of failed) fail(`${tester}: ${check}: ${reason}`);
  for (const { tester, check } of unused) fail(`${tester}: the exception for ${check} was not needed: remove it.`);
}

function fail(message) {
  console.error(`FAILED ${message}`);
  process.exitCode = 1;
}
