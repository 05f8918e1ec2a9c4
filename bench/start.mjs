// The cost before the first response: `npm run bench:start`. The packed package is installed into a folder of its
// own, without peers, and each figure is the median over fresh processes, in turns.
//
//   node bench/start.mjs [--processes 15] [--no-keep]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { user } from './data.mjs';
import { figure, keep, measuredAt, median } from './results.mjs';

const { values: options } = parseArgs({
  options: { processes: { type: 'string', default: '15' }, 'no-keep': { type: 'boolean', default: false } },
});
const processes = Number(options.processes);
const root = fileURLToPath(new URL('..', import.meta.url));
const at = measuredAt();

const load = {
  'require.cjs': `const { performance } = require('node:perf_hooks');
const began = performance.now();
const scim = require('express-scim');
const loaded = performance.now();
const http = require('node:http');
main().catch((error) => { console.error(error); process.exit(1); });`,
  'import.mjs': `import { performance } from 'node:perf_hooks';
const began = performance.now();
const scim = await import('express-scim');
const loaded = performance.now();
const http = await import('node:http');
await main();`,
};
// Node's client and server are used once before, so that only the router's own first times are in the figures.
const body = `
async function main() {
  const key = 'bench-key-of-some-length';
  const before = performance.now();
  const router = scim.createScimRouter(new scim.MemoryStore(), {
    authenticate: scim.connectorKeys([{ key }]),
    baseUrl: 'http://127.0.0.1/scim/v2',
    onChange: () => {},
  });
  const made = performance.now();
  const server = http.createServer((req, res) => (req.url === '/ready' ? (req.resume(), res.end('ready')) : router(req, res)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new http.Agent({ keepAlive: true });
  const send = (method, path, sent) => new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/scim+json' };
    const began = performance.now();
    const request = http.request({ port: server.address().port, host: '127.0.0.1', agent, method, path, headers }, (res) => {
      res.resume();
      res.on('end', () => (res.statusCode < 300 ? resolve(performance.now() - began) : reject(new Error(method + ' returned ' + res.statusCode))));
    });
    request.on('error', reject);
    request.end(sent);
  });
  for (let i = 0; i < 5; i++) await send('POST', '/ready', USERS[0]);
  const times = { load: loaded - began, create: made - before };
  times.firstRead = await send('GET', FILTER);
  times.secondRead = await send('GET', FILTER);
  times.firstWrite = await send('POST', '/Users', USERS[0]);
  times.secondWrite = await send('POST', '/Users', USERS[1]);
  console.log(JSON.stringify(times));
  agent.destroy();
  server.close();
}
const USERS = ${JSON.stringify([user(1), user(2)].map((each) => JSON.stringify(each)))};
const FILTER = '/Users?filter=' + encodeURIComponent('userName eq "nobody"');
`;

const project = mkdtempSync(join(tmpdir(), 'express-scim-start-'));
try {
  const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [{ filename, size: tarball }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', project], root),
  );
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=peer', join(project, filename)], project);
  const packages = readdirSync(join(project, 'node_modules'))
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, bytes: bytesOf(join(project, 'node_modules', name)) }));
  // `const` first: the constants of the body must exist before main runs.
  for (const [name, head] of Object.entries(load)) {
    const [constants, rest] = [body.slice(body.indexOf('const USERS')), body.slice(0, body.indexOf('const USERS'))];
    writeFileSync(join(project, name), `${constants}${rest}${head}`);
  }
  const runs = Object.fromEntries(Object.keys(load).map((name) => [name, []]));
  for (let i = 0; i < processes; i++) {
    for (const name of Object.keys(load)) {
      runs[name].push(JSON.parse(execFileSync(process.execPath, [name], { cwd: project, encoding: 'utf8' })));
    }
  }
  const both = [...runs['require.cjs'], ...runs['import.mjs']];
  const row = (title, values, target) => ({
    title,
    target,
    milliseconds: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
  });
  const pick = (list, what) => list.map((run) => run[what]);
  const rows = [
    row("`require('express-scim')`", pick(runs['require.cjs'], 'load'), 40),
    row("`import 'express-scim'`", pick(runs['import.mjs'], 'load')),
    row('`createScimRouter`, with a memory store', pick(both, 'create'), 50),
    row('first lookup', pick(both, 'firstRead')),
    row('second lookup', pick(both, 'secondRead')),
    row('first write, which loads Ajv and compiles the schema', pick(both, 'firstWrite')),
    row('second write', pick(both, 'secondWrite')),
  ];
  for (const each of rows) {
    console.log(
      `${each.title.padEnd(56)}${figure(each.milliseconds).padStart(7)} ms  (${figure(each.least)} to ${figure(each.most)})${each.target === undefined ? '' : `  target ${each.target}`}`,
    );
  }
  const bytes = packages.reduce((sum, each) => sum + each.bytes, 0);
  console.log(`installed without peers: ${(bytes / 1e6).toFixed(2)} MB in ${packages.length} packages, target 6 MB`);
  if (!options['no-keep']) keep('start', { at, processes, rows, bytes, tarball, packages });
} finally {
  rmSync(project, { recursive: true, force: true });
}

function bytesOf(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? bytesOf(path) : statSync(path).size;
  }
  return sum;
}
