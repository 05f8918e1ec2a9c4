import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDatabase } from '../../examples/asset-tracker/database.js';
import { environment, Provider, until, Visitor } from './asset-tracker-visitor.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const email = 'robin.hale@fernhill.example';
const started: ChildProcess[] = [];
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'asset-tracker-'));
  file = join(directory, 'tracker.db');
});
afterAll(async () => {
  for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

/** `npm start`, in a process of its own. */
async function startProcess(): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/asset-tracker/server.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...environment, DATABASE_FILE: file, SEATS: '100000' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const address = await until(() => Promise.resolve(/http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]));
  return { child, address };
}

it('loses no acknowledged write and no event when it is killed during provisioning', async () => {
  const first = await startProcess();
  const visitor = new Visitor(first.address);
  await visitor.signIn(email);
  await visitor.enable();
  const provider = new Provider(first.address, await visitor.createKey());
  const sam = await provider.idOf('sam.ortiz@fernhill.example');

  const acknowledged = new Map<string, string>();
  let deactivated = false;
  let killed = false;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !killed; n++) {
      const userName = `w${String(writer)}.n${String(n)}@fernhill.example`;
      const made = await provider.createUser({ userName, externalId: userName, title: `Number ${String(n)}` });
      if (made.status === 201) acknowledged.set(userName, String(made.body['id']));
    }
  };
  const deactivate = async (): Promise<void> => {
    await until(() => Promise.resolve(acknowledged.size >= 60));
    deactivated = (await provider.switch(sam, false)).status === 200;
    // Immediately, before off-boarding has run.
    first.child.kill('SIGKILL');
    killed = true;
  };
  // Requests that are running when the process dies fail, so they are not acknowledged.
  await Promise.allSettled([deactivate(), ...[1, 2, 3, 4].map(write)]);
  if (first.child.signalCode === null) await once(first.child, 'exit');
  expect(first.child.signalCode).toBe('SIGKILL');
  expect(acknowledged.size).toBeGreaterThanOrEqual(60);
  expect(deactivated).toBe(true);

  const second = await startProcess();
  const again = new Provider(second.address, provider.key);
  for (const [userName, id] of acknowledged) expect(await again.idOf(userName)).toBe(id);
  expect((await again.send('GET', `/Users/${sam}`)).body).toMatchObject({ active: false });
  const returned = new Visitor(second.address);
  await returned.signIn(email);
  await until(async () => (await returned.see('/hand-over')).html.split('return due').length === 4);
  second.child.kill('SIGTERM');
  const [code] = (await once(second.child, 'exit')) as readonly unknown[];
  expect(code).toBe(0);

  const { db, close } = openDatabase({ databaseFile: file }, () => undefined);
  const events = await db.selectFrom('events').select(['type', 'resource_id', 'handled']).execute();
  const members = await db
    .selectFrom('members')
    .innerJoin('scim_side_users', 'scim_side_users.row_id', 'members.id')
    .select('members.id')
    .where('members.email', 'like', 'w%.n%@fernhill.example')
    .execute();
  await close();
  const created = events.filter(({ type }) => type === 'user.created').map(({ resource_id }) => resource_id);
  // A write may have succeeded without being acknowledged. Then it has exactly one event too.
  expect([...created].sort()).toEqual(members.map(({ id }) => `m${String(id)}`).sort());
  expect([...acknowledged.values()].filter((id) => !created.includes(id))).toEqual([]);
  expect(events.filter(({ type }) => type === 'user.deactivated')).toHaveLength(1);
  expect(events.filter(({ handled }) => handled !== 1)).toEqual([]);
});
