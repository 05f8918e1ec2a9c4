// Sends every attack to a server of its own process, while a neighbor asks every 5 ms, and tells how long the server's
// event loop was held. `node --import tsx test/hostile/run.ts [memory|sqlite] [limit in ms] [name]`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Attack, attacks, type HostileRequest } from './requests.js';

interface Address {
  readonly baseUrl: string;
  readonly attackerKey: string;
  readonly neighborKey: string;
}

interface Measured {
  readonly held: { readonly cpu: number; readonly wall: number };
  readonly heapBytes: number;
}

const [kind = 'memory', limitText = '100', only] = process.argv.slice(2);
const limit = Number(limitText);
const patience = 120_000;
let failed = 0;

for (const attack of attacks.filter(({ name }) => only === undefined || name.includes(only))) {
  // A server of its own for each: what one leaves behind must not help or hurt the next.
  const victim = fork(fileURLToPath(new URL('./victim.ts', import.meta.url)), [kind], {
    execArgv: ['--import', 'tsx', '--max-old-space-size=512'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const [line] = (await once(victim.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const address = JSON.parse(String(line)) as Address;
    await neighborAsks(address);
    await measured();
    const statuses = await run(attack, address);
    const waits = await neighborAsks(address, 400);
    const { held, heapBytes } = await measured();
    const bad = held.cpu > limit || statuses.some((status) => status >= 500 || status === 0);
    if (bad) failed++;
    const figures = `held ${held.cpu.toFixed(0)} ms cpu, ${held.wall.toFixed(0)} ms wall; after it the neighbor waited ${waits.toFixed(0)} ms; heap ${(heapBytes / 2 ** 20).toFixed(0)} MB`;
    console.log(`${bad ? 'FAILED' : 'ok    '} ${attack.name}: ${figures}; statuses ${tally(statuses)}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${attack.name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    victim.kill('SIGKILL');
  }

  async function measured(): Promise<Measured> {
    victim.send('measure');
    const [message] = (await once(victim, 'message', { signal: AbortSignal.timeout(patience) })) as [Measured];
    return message;
  }
}
console.log(`${String(attacks.length - failed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function run({ requests }: Attack, { baseUrl, attackerKey }: Address): Promise<number[]> {
  const statuses: number[] = [];
  let id = 'none';
  for (const request of requests()) {
    const response = await send(request, baseUrl, attackerKey, id);
    statuses.push(response.status);
    if (response.id !== undefined) ({ id } = response as { id: string });
  }
  return statuses;
}

async function send(
  { method, path, body }: HostileRequest,
  baseUrl: string,
  key: string,
  id: string,
): Promise<{ status: number; id?: string | undefined }> {
  try {
    const response = await fetch(baseUrl + path.replaceAll('{id}', id), {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body: body.replaceAll('{id}', id) }),
    });
    const text = await response.text();
    const created = response.status === 201 ? (JSON.parse(text) as { id: string }).id : undefined;
    return { status: response.status, id: created };
  } catch (error) {
    // A server that refuses a body early may close the connection while it is still being sent.
    return { status: (error as { cause?: { code?: string } }).cause?.code === 'EPIPE' ? 413 : 0 };
  }
}

/** The longest wait of a neighbor who asks every 5 ms for some time, in milliseconds. */
async function neighborAsks({ baseUrl, neighborKey }: Address, milliseconds = 50): Promise<number> {
  const end = performance.now() + milliseconds;
  let longest = 0;
  while (performance.now() < end) {
    const started = performance.now();
    await fetch(`${baseUrl}/Users?count=1`, { headers: { authorization: `Bearer ${neighborKey}` } }).then((r) =>
      r.text(),
    );
    longest = Math.max(longest, performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return longest;
}

function tally(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, times]) => `${String(status)} × ${String(times)}`).join(', ');
}
