// A server of its own process for hostile requests: two tenants, the provisioning log, and a measure of how long its
// event loop was held. Arguments: `memory` (default) or `sqlite`. Prints one line of JSON, answers IPC messages.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectorKeys, createScimRouter, MemoryStore, type UserStore } from 'express-scim';
import { memoryLogStore, provisioningLog } from 'express-scim/admin';
import { createScimTables, sqlStore } from 'express-scim/sql';
import { sqlite } from '../stores/sql/sqlite.js';

const attackerKey = 'attacker-key-0123456789abcdef';
const neighborKey = 'neighbor-key-0123456789abcdef';

async function storeOf(kind: string | undefined): Promise<UserStore> {
  if (kind !== 'sqlite') return new MemoryStore();
  const { db } = sqlite();
  await createScimTables(db);
  return sqlStore(db);
}

const store = await storeOf(process.argv[2]);
const { onRefusedKey: _, ...hooks } = provisioningLog(memoryLogStore());
const app = express();
const server = app.listen(0, '127.0.0.1', () => {
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`;
  app.use(
    '/scim/v2',
    createScimRouter(store, {
      authenticate: connectorKeys([
        { id: 'attacker', key: attackerKey, tenant: 'attacker' },
        { id: 'neighbor', key: neighborKey, tenant: 'neighbor' },
      ]),
      baseUrl,
      onError: (error) => console.error(String(error).slice(0, 200)),
      ...hooks,
    }),
  );
  console.log(JSON.stringify({ baseUrl, attackerKey, neighborKey }));
});

// The clients make large bodies in one process: while they do, connections that wait for their next request stay open.
server.keepAliveTimeout = 600_000;

const tick = 5;
/**
 * The longest time that the event loop was held since it was last asked for, in milliseconds: by the clock, and by
 * processor time where that is less. The clock also counts what other programs on the machine take, and processor time
 * also counts the threads that compile and collect garbage.
 */
let held = 0;
let before = { cpu: process.cpuUsage(), wall: performance.now() };
setInterval(() => {
  const { user, system } = process.cpuUsage(before.cpu);
  const wall = performance.now() - before.wall - tick;
  held = Math.max(held, Math.min((user + system) / 1000, wall));
  before = { cpu: process.cpuUsage(), wall: performance.now() };
}, tick);

process.on('message', () => {
  process.send?.({ held, heapBytes: process.memoryUsage().heapUsed });
  held = 0;
});
process.on('disconnect', () => process.exit(0));
