import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { User } from '../../../src/contract/resource.js';
import { dispatchMongoOutbox } from '../../../src/mongodb.js';
import { finishDeletions } from '../../../src/stores/mongodb/deletions.js';
import { ctx, listQuery, newGroup } from '../../../src/testing/requests.js';
import { memberIds } from '../users.js';
import { type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;
const worker = fileURLToPath(new URL('dying-process.ts', import.meta.url));

describeWithServer('processes that are killed while they write to mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  let group: string;
  const said = new Map<string, Set<string>>();
  const all = (what: string): ReadonlySet<string> => said.get(what) ?? new Set();

  /** Runs a process until it has said this many lines, and kills it in the middle of whatever it does then. */
  async function runAndKill(n: number): Promise<void> {
    const args = [url ?? '', database.db.databaseName, made.collection, `p${String(n)}`, group, String(n + 1)];
    const child = spawn(process.execPath, ['--import', 'tsx', worker, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = 40 + n * 13;
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split('\n').length > lines) child.kill('SIGKILL');
    });
    await once(child, 'close');
    for (const line of text.split('\n').slice(0, -1)) {
      const [what = '', id = ''] = line.split(' ');
      if (!said.has(what)) said.set(what, new Set());
      said.get(what)?.add(id);
    }
  }

  beforeAll(async () => {
    database = new TestDatabase(url ?? '');
    made = await database.make({ outbox: true });
    group = (await made.store.groups.create(newGroup('Crew'), ctx())).resource.id;
    for (let n = 0; n < 6; n += 2) await Promise.all([runAndKill(n), runAndKill(n + 1)]);
  });
  afterAll(() => database.close());

  it('keep every creation and every deletion that was confirmed', async () => {
    expect(all('deleted').size).toBeGreaterThan(20);
    const users = (await made.store.list(listQuery<User>(), ctx())).resources.map(({ id }) => id);
    for (const id of all('created')) if (!all('deleting').has(id)) expect(users).toContain(id);
    for (const id of all('deleted')) expect(users).not.toContain(id);
  });

  it('leave no membership of a deleted user behind, and lose none that was confirmed', async () => {
    const scope = { resources: made.documents, tenant: 'acme' } as unknown as Parameters<typeof finishDeletions>[0];
    const users = (await made.store.list(listQuery<User>(), ctx())).resources.map(({ id }) => id);
    while (await finishDeletions(scope, Date.now() + 600_000));
    const left = await memberIds(made.store.groups, group);
    for (const id of left) expect(users).toContain(id);
    for (const id of all('added')) if (!all('deleting').has(id)) expect(left).toContain(id);
  });

  it('have an event for every confirmed write, and each event once', async () => {
    const events: string[] = [];
    await dispatchMongoOutbox(database.db, ({ id }) => void events.push(id), { collection: made.collection });
    for (const id of all('created')) expect(events).toContain(`${id}@1`);
    for (const id of all('deleted')) expect(events.filter((event) => event.startsWith(`${id}@`))).toHaveLength(2);
    const ofGroup = events.filter((event) => event.startsWith(`${group}@`));
    expect(new Set(ofGroup).size).toBe(ofGroup.length);
    expect(ofGroup.length).toBeGreaterThanOrEqual(all('added').size);
  });
});
