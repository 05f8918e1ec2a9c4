// Several processes of the service on one database, under parallel load, while processes and databases are killed.
//   node --import tsx test/soak/run.ts postgres [SECONDS]     four processes, one killed every 3 s, the database restarted once
//   node --import tsx test/soak/run.ts galera [SECONDS]       the same over three nodes, one node killed and started again
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, MysqlDialect, PostgresDialect } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';
import { createScimTables, dropScimTables } from 'express-scim/sql';
import { type Engine, galera, postgres } from './engines.js';
import { every, serviceProcess } from './processes.js';
import { verify } from './verify.js';
import { Clients, groupNamed, patch, provision, type Told, userNamed } from './workload.js';

const [name = 'postgres', seconds = '60'] = process.argv.slice(2);
const engine: Engine = name === 'galera' ? galera() : postgres();
const key = randomBytes(24).toString('base64url');
const problems: string[] = [];
const say = (text: string): void => console.log(`${name}: ${text}`);

process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await engine.start();
try {
  await makeTables();
  const services = [0, 1, 2, 3].map((i) =>
    serviceProcess(39_410 + i, {
      DATABASE_URL: engine.urls[i % engine.urls.length] ?? '',
      SCIM_KEY: key,
      SYNC_WAIT: engine.syncWait ? '1' : '0',
    }),
  );
  await Promise.all(services.map((service) => service.start()));
  try {
    const clients = new Clients(
      services.map(({ url }) => url),
      key,
    );
    await exactlyOne(
      clients,
      services.map(({ url }) => url),
    );
    await hundredMembers(clients);
    await throughTrouble(clients, services);
    if (engine.urls.length > 1) runStoreSuite(engine.urls[1] ?? '');
    if (engine.urls.length > 1) await readYourWrites(services.map(({ url }) => url).slice(0, engine.urls.length));
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
} finally {
  await engine.stop();
}
for (const problem of problems.slice(0, 20)) say(`PROBLEM: ${problem}`);
say(
  problems.length === 0
    ? 'nothing acknowledged was lost, nothing is there twice'
    : `${String(problems.length)} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function runStoreSuite(url: string): void {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'test/soak/store-suite.ts', 'mysql', url], {
    stdio: 'inherit',
  });
  if (status !== 0) problems.push('the store test suite fails on the cluster');
}

async function makeTables(): Promise<void> {
  const [url = ''] = engine.urls;
  const db = new Kysely<unknown>({
    dialect: url.startsWith('postgres')
      ? new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) })
      : new MysqlDialect({ pool: createPool({ uri: url }) }),
  });
  await dropScimTables(db).catch(() => undefined);
  await createScimTables(db);
  await db.destroy();
}

async function exactlyOne(clients: Clients, urls: readonly string[]): Promise<void> {
  const responses = await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const userName = i % 2 === 0 ? 'One@soak.example' : 'oNE@SOAK.example';
      return clients.send('POST', '/Users', userNamed(userName), urls[i % urls.length]);
    }),
  );
  const count = (status: number): number => responses.filter((response) => response?.status === status).length;
  say(`100 parallel creations of one name: ${String(count(201))} answered 201, ${String(count(409))} answered 409`);
  if (count(201) !== 1) problems.push(`${String(count(201))} of 100 creations of one name were acknowledged`);
}

async function hundredMembers(clients: Clients): Promise<void> {
  const group = String((await clients.until('POST', '/Groups', groupNamed('hundred')))['id']);
  const users = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      clients.until('POST', '/Users', userNamed(`hundred-${String(i)}@soak.example`)),
    ),
  );
  await Promise.all(
    users.map(({ id }) =>
      clients.until('PATCH', `/Groups/${group}`, patch({ op: 'add', path: 'members', value: [{ value: id }] })),
    ),
  );
  const { members } = await clients.until('GET', `/Groups/${group}`);
  const length = ((members ?? []) as unknown[]).length;
  say(`100 parallel additions to one group: ${String(length)} members`);
  if (length !== 100) problems.push(`a group has ${String(length)} members after 100 additions`);
}

async function throughTrouble(clients: Clients, services: readonly ReturnType<typeof serviceProcess>[]): Promise<void> {
  const end = Date.now() + Number(seconds) * 1000;
  const isOver = (): boolean => Date.now() > end;
  const groups = await Promise.all(
    Array.from({ length: 8 }, async (_, i) =>
      String((await clients.until('POST', '/Groups', groupNamed(`shared ${String(i % 2)}-${String(i)}`)))['id']),
    ),
  );
  let killed = 0;
  const killer = every(3_000, async () => {
    const service = services[killed++ % services.length];
    await service?.kill();
    await service?.start();
  });
  const trouble = sleep((Number(seconds) * 1000) / 3).then(() => engine.trouble(say));
  // Two provisioning jobs share each group, so that its members change from several processes at once.
  const before = { ...clients.figures };
  const jobs = await Promise.all(
    Array.from({ length: 16 }, async (_, i) => {
      const group = groups[i % groups.length] ?? '';
      return { id: group, told: await provision(`job${String(i)}`, group, clients, isOver) };
    }),
  );
  await Promise.all([killer.end(), trouble]);
  const told: Told[] = jobs.flatMap((job) => [...job.told]);
  const { acknowledged, refused, unknown, statuses } = clients.figures;
  say(
    `${String(acknowledged - before.acknowledged)} writes acknowledged, ${String(refused - before.refused)} refused, ${String(unknown - before.unknown)} without an answer; ${String(killed)} processes killed; statuses ${JSON.stringify(Object.fromEntries(statuses))}`,
  );
  say(`${String(told.length)} users, ${String(told.filter(({ id }) => id !== undefined).length)} of them acknowledged`);
  const url = services[0]?.url ?? '';
  problems.push(...(await verify(told, jobs, clients, url)));
}

/** With the sync wait an acknowledged write is seen through every node; what that costs is measured with it. */
async function readYourWrites(urls: readonly string[]): Promise<void> {
  const clients = new Clients(urls, key);
  const user = await clients.until('POST', '/Users', userNamed('everywhere@soak.example'));
  let behind = 0;
  const rounds = 100;
  const began = performance.now();
  for (let n = 0; n < rounds; n++) {
    const title = `seen ${String(n)}`;
    await clients.until(
      'PATCH',
      `/Users/${String(user['id'])}`,
      patch({ op: 'replace', path: 'title', value: title }),
      urls[n % urls.length],
    );
    for (const url of urls) {
      const read = await clients.until('GET', `/Users/${String(user['id'])}`, undefined, url);
      if (read['title'] !== title) behind++;
    }
  }
  const each = (performance.now() - began) / (rounds * (urls.length + 1));
  say(
    `an acknowledged write read through every node at once: ${String(behind)} of ${String(rounds * urls.length)} reads were behind, ${each.toFixed(1)} ms a request`,
  );
  if (behind > 0) problems.push(`${String(behind)} reads were behind an acknowledged write`);
}
