/** Starts the server of victim.ts in a process of its own, and asks it how long its event loop was held. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Victim {
  readonly baseUrl: string;
  readonly attackerKey: string;
  readonly neighborKey: string;
  /** What was measured since it was last asked. */
  measured(): Promise<Measured>;
  /** False once the process has ended by itself. */
  isAlive(): boolean;
  stop(): void;
}

export interface Measured {
  /** Milliseconds that the event loop was held at a stretch, other programs on the machine apart. */
  readonly held: number;
  readonly heapBytes: number;
}

const heapMegabytes = 512;
const patience = 120_000;

export async function launchVictim(store: string): Promise<Victim> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./victim.ts', import.meta.url)), [store], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${String(heapMegabytes)}`],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('The server has no standard output.');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  const address = JSON.parse(String(line)) as Pick<Victim, 'baseUrl' | 'attackerKey' | 'neighborKey'>;
  return {
    ...address,
    async measured() {
      child.send('measure');
      const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(patience) })) as [Measured];
      return message;
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: () => {
      child.kill('SIGKILL');
    },
  };
}

export interface Sent {
  /** 0 where no response came. */
  readonly status: number;
  readonly text: string;
}

/** One request with the attacker's key. */
export async function send(
  { baseUrl, attackerKey }: Victim,
  method: string,
  path: string,
  body?: string,
): Promise<Sent> {
  try {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${attackerKey}`, 'content-type': 'application/scim+json' },
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // A server that refuses a body early may close the connection while it is still being sent.
    const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: string };
    return {
      status: code === 'EPIPE' || code === 'ECONNRESET' ? 413 : 0,
      text: `${String(error)} ${String(code)} ${String((error as { cause?: unknown }).cause)}`,
    };
  }
}

/** Sends a request of each kind, so that what the first ones of a process load and compile is not measured. */
export async function warmUp(victim: Victim): Promise<void> {
  const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'first@example.com' };
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'first' };
  const change = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'first@example.com' }],
  };
  const bulk = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'DELETE', path: '/Users/none' }],
  };
  const { text } = await send(victim, 'POST', '/Users', JSON.stringify(user));
  const { id } = JSON.parse(text) as { readonly id: string };
  await send(victim, 'POST', '/Groups', JSON.stringify(group));
  await send(victim, 'PATCH', `/Users/${id}`, JSON.stringify(change));
  await send(victim, 'PUT', `/Users/${id}`, JSON.stringify(user));
  await send(victim, 'POST', '/Bulk', JSON.stringify(bulk));
  await send(victim, 'GET', '/Users?filter=userName%20sw%20%22f%22%20and%20title%20pr&sortBy=userName');
  await send(victim, 'GET', '/?count=1');
  await victim.measured();
}
