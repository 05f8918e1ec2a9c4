// What a client of the SQL stores feels: the router over HTTP, against a hand-written Express app over the same driver.
// `node --import tsx bench/http-sql/run.ts sqlite 2000` takes three minutes; without arguments it prints its help.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { figure, measuredAt } from '../results.mjs';
import { type ContestantName, contestants, readCommand } from './command.js';
import { openBenchDatabase } from './database.js';
import { type EqualityFigure, measureEqualities } from './equality.js';
import { type FirstSynchronization, measureFirstSynchronization } from './first-synchronization.js';
import { measure, type Measured, profileWork } from './measure.js';
import { describeProfile } from './profile.js';
import { compareResponses } from './same-responses.js';
import { seedGroup, seedUsers } from './seed.js';
import { type BenchServer, buildServers } from './start-server.js';
import { storeFigures, type WorkFigures } from './store-figures.js';
import type { Taking } from './taking.js';
import { spare, type Work, works } from './work.js';

const command = readCommand();
const { engine, size, rounds } = command;
const at = measuredAt();
const key = 'bench-key-of-some-length';
const run = `http_sql_${String(process.pid)}_`;
const database = await openBenchDatabase(engine, command.database, run);
const built = await buildServers();
const taking: Taking[] = [];
const failures: string[] = [];
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end().then(() => process.exit(1)));

try {
  await bench();
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await end();
}

async function bench(): Promise<void> {
  const storage: Record<string, number> = {};
  for (const name of command.servers) {
    await attempt(name, async () => {
      const bytes = await seedContestant(name);
      if (bytes !== undefined) storage[name] = bytes;
    });
  }
  await compareAll();
  const equality = command.full ? await timeEqualities() : [];
  const rows: WorkFigures[] = [];
  for (const work of works) {
    if (!command.works.includes(work.name)) continue;
    const { name, title, creates, writes = false } = work;
    const target = work.target?.[engine];
    const results = await measureWork(work);
    const expected = { ...(target !== undefined && { target }), ...(creates !== undefined && { creates }) };
    rows.push({ name, title, ...expected, writes, results });
    if (results.length > 0) print(title, results, target, creates);
    if (command.profile && results.length > 0) await printProfiles(work);
  }
  const first = command.full ? await synchronize() : undefined;
  for (const failure of failures) console.error(`failed: ${failure}`);
  if (!command.full) return;
  const { pool, milliseconds } = command;
  const version = await database.version();
  const figures = { at, engine, version, size, rounds, milliseconds, pool, storage, rows, equality, failures };
  storeFigures({ ...figures, ...(first !== undefined && { first }) });
}

/** Starts a server, and fills its tables unless another one has. @returns bytes of a user, where tables were filled */
async function seedContestant(name: ContestantName): Promise<number | undefined> {
  const { tables: suffix, ...contestant } = contestants[name];
  const users = 'size' in contestant ? contestant.size : size;
  const tables = `${run}${suffix}`;
  const server = await startServer(name, tables);
  try {
    const sharing = taking.find((each) => each.tables === tables);
    const began = performance.now();
    const data = sharing?.data ?? (await seedUsers({ port: server.port, key }, users));
    const seconds = (performance.now() - began) / 1_000;
    if (sharing !== undefined) {
      taking.push({ name, tables, server, data });
      return undefined;
    }
    await database.settle(tables);
    const bytes = (await database.bytes(tables)) / users;
    taking.push({ name, tables, server, data });
    console.log(
      `${name} has ${String(users)} users after ${seconds.toFixed(1)} s (${figure(users / seconds)} a second, ${figure(bytes)} bytes each)`,
    );
    return bytes;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function startServer(name: ContestantName, tables: string, isTimed = false): Promise<BenchServer> {
  const { program, store, outbox } = contestants[name];
  const location = database.location(tables);
  return built.start(program, { engine, database: location, tables, pool: command.pool, key, outbox, store, isTimed });
}

/** Names a failure, so that the rest is measured all the same. */
async function attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function compareAll(): Promise<void> {
  const baseline = taking.find(({ name }) => name === 'hand-written');
  if (baseline === undefined) return;
  const side = ({ name, server: { port }, data }: Taking) => ({ name, port, data });
  // The figures of a server that returns something else would compare different work.
  for (const each of taking.filter(({ data }) => data.size === size && data !== baseline.data)) {
    const isSame = await attempt(each.name, async () => {
      await compareResponses(side(baseline), side(each), key);
      return true;
    });
    if (isSame !== undefined) continue;
    taking.splice(taking.indexOf(each), 1);
    await each.server.stop();
  }
}

async function measureWork(work: Work): Promise<readonly Measured[]> {
  const { group } = work;
  let servers = taking;
  if (group !== undefined) {
    servers = taking.filter(({ data }) => group + spare <= data.size);
    for (const each of servers) {
      const made = await attempt(`${each.name}, ${work.title}`, () => makeGroup(each, group));
      if (made === undefined) servers = servers.filter((other) => other !== each);
    }
  }
  const measured = await measure(work, servers, { key, rounds, milliseconds: command.milliseconds });
  failures.push(...measured.failures);
  return measured.results;
}

async function makeGroup({ data, server }: Taking, count: number): Promise<string> {
  const id = data.groups.get(count) ?? (await seedGroup({ port: server.port, key }, data, count));
  data.groups.set(count, id);
  return id;
}

/** By a server of its own, since measuring each statement costs time. */
async function timeEqualities(): Promise<readonly EqualityFigure[]> {
  const seeded = taking.find(({ name }) => name === 'built-in');
  if (seeded === undefined) return [];
  const timed = await attempt('equality at the database', async () => {
    const server = await startServer('built-in', seeded.tables, true);
    try {
      return await measureEqualities(server, key, size);
    } finally {
      await server.stop();
    }
  });
  if (timed === undefined) return [];
  failures.push(...timed.failures);
  for (const { title, milliseconds, statements } of timed.figures) {
    console.log(`equality of ${title}: ${figure(milliseconds)} ms in ${String(statements)} statement(s)`);
  }
  return timed.figures;
}

async function synchronize(): Promise<FirstSynchronization | undefined> {
  const first = await attempt('first synchronization', async () => {
    const server = await startServer('built-in', `${run}f_`);
    try {
      return await measureFirstSynchronization(server, key, size);
    } finally {
      await server.stop();
    }
  });
  if (first !== undefined) {
    const rate = (1_000 * first.users) / first.milliseconds;
    console.log(`first synchronization of ${String(first.users)} users: ${figure(rate)} users a second`);
  }
  return first;
}

function print(title: string, results: readonly Measured[], target: number | undefined, creates = 1): void {
  const cells = results.map(({ name, rate, p99, processor, ratio }) => {
    const against = ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`;
    return `${name} ${figure(rate * creates)}/s p99 ${figure(p99)} µs ${figure(processor)}${against}`;
  });
  console.log(`${title.padEnd(44)} ${cells.join(' | ')}${target === undefined ? '' : ` (target ${String(target)})`}`);
}

async function printProfiles(work: Work): Promise<void> {
  for (const each of taking) {
    if (contestants[each.name].program !== 'ours') continue;
    const profile = await profileWork(work, each, { key, rounds: 1, milliseconds: command.milliseconds });
    const file = path.join(os.tmpdir(), `${each.name}-${engine}-${work.name}.cpuprofile`);
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
