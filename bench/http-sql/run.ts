// What a client of the SQL stores feels: the router over HTTP, against a hand-written Express app over the same driver.
// `node --import tsx bench/http-sql/run.ts sqlite 2000` takes a minute; without arguments it prints its help.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { figure, measuredAt } from '../results.mjs';
import { contestants, readCommand } from './command.js';
import { openBenchDatabase } from './database.js';
import { measure, type Measured, profileWork } from './measure.js';
import { describeProfile } from './profile.js';
import { compareResponses } from './same-responses.js';
import { seedGroup, seedUsers } from './seed.js';
import { buildServers } from './start-server.js';
import { storeFigures } from './store-figures.js';
import type { Taking } from './taking.js';
import { spare, works } from './work.js';

const command = readCommand();
const { engine, size, rounds } = command;
const at = measuredAt();
const key = 'bench-key-of-some-length';
const run = `http_sql_${String(process.pid)}_`;
const database = await openBenchDatabase(engine, command.database, run);
const built = await buildServers();
const taking: Taking[] = [];
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end().then(() => process.exit(1)));

try {
  await bench();
} finally {
  await end();
}

async function bench(): Promise<void> {
  const storage: Record<string, number> = {};
  for (const name of command.servers) {
    const { program, store, tables: suffix, outbox } = contestants[name];
    const tables = `${run}${suffix}`;
    const location = database.location(tables);
    const server = await built.start(program, {
      engine,
      database: location,
      tables,
      pool: command.pool,
      key,
      outbox,
      store,
    });
    const sharing = taking.find((each) => each.tables === tables);
    const began = performance.now();
    const data = sharing?.data ?? (await seedUsers({ port: server.port, key }, size));
    taking.push({ name, tables, server, data });
    if (sharing !== undefined) continue;
    const seconds = (performance.now() - began) / 1_000;
    await database.settle(tables);
    storage[name] = (await database.bytes(tables)) / size;
    console.log(
      `${name} has ${String(size)} users after ${seconds.toFixed(1)} s (${figure(size / seconds)} a second, ${figure(storage[name])} bytes each)`,
    );
  }
  await compareAll();
  const rows = [];
  for (const work of works) {
    if (!command.works.includes(work.name)) continue;
    if (work.group !== undefined && work.group + spare > size) continue;
    if (work.group !== undefined) await makeGroups(work.group);
    const results = await measure(work, taking, { key, rounds, milliseconds: command.milliseconds });
    rows.push({ name: work.name, results });
    print(work.title, results, work.target?.[engine], work.creates);
    if (command.profile) await printProfiles(work.name);
  }
  if (!command.keep) return;
  const { pool, milliseconds } = command;
  const version = await database.version();
  storeFigures({ at, engine, version, size, rounds, milliseconds, pool, storage, rows });
}

async function compareAll(): Promise<void> {
  const baseline = taking.find(({ name }) => name === 'hand-written');
  if (baseline === undefined) return;
  const side = ({ name, server: { port }, data }: Taking) => ({ name, port, data });
  for (const each of taking) if (each !== baseline) await compareResponses(side(baseline), side(each), key);
}

async function makeGroups(count: number): Promise<void> {
  for (const { data, server } of taking) {
    if (!data.groups.has(count)) data.groups.set(count, await seedGroup({ port: server.port, key }, data, count));
  }
}

function print(title: string, results: readonly Measured[], target: number | undefined, creates = 1): void {
  const cells = results.map(({ name, rate, p99, processor, ratio }) => {
    const against = ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`;
    return `${name} ${figure(rate * creates)}/s p99 ${figure(p99)} µs ${figure(processor)}${against}`;
  });
  console.log(`${title.padEnd(44)} ${cells.join(' | ')}${target === undefined ? '' : ` (target ${String(target)})`}`);
}

async function printProfiles(name: string): Promise<void> {
  const work = works.find((each) => each.name === name);
  for (const each of taking) {
    if (work === undefined || contestants[each.name].program !== 'ours') continue;
    const profile = await profileWork(work, each, { key, rounds: 1, milliseconds: command.milliseconds });
    const file = path.join(os.tmpdir(), `${each.name}-${engine}-${name}.cpuprofile`);
    writeFileSync(file, JSON.stringify(profile));
    console.log([`  ${each.name}, ${file}`, ...describeProfile(profile).map((line) => `    ${line}`)].join('\n'));
  }
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  for (const { server } of taking) await server.stop();
  await database.close();
  built.delete();
}
