// Sends every attack to a server of its own process, and tells how long it held the server's event loop.
// `node --import tsx test/hostile/run.ts [memory|sqlite] [limit in ms] [part of a name]`
import { launchVictim, send, type Victim, warmUp } from './launch.js';
import { type Attack, attacks } from './requests.js';

const [store = 'memory', limitText = '100', only] = process.argv.slice(2);
const limit = Number(limitText);
let passed = 0;
let failed = 0;

for (const attack of attacks.filter((attack) => isChosen(attack))) {
  // A server for each: what one attack leaves behind must not help or hurt the next.
  const victim = await launchVictim(store);
  try {
    await warmUp(victim);
    const statuses = await run(attack, victim);
    // What is done after the response, as logging, counts too.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { held, heapBytes } = await victim.measured();
    const good = held <= limit && statuses.every((status) => status > 0 && status < 500);
    if (good) passed++;
    else failed++;
    const megabytes = (heapBytes / 2 ** 20).toFixed(0);
    console.log(
      `${good ? 'ok    ' : 'FAILED'} ${attack.name}: held for ${held.toFixed(0)} ms, heap ${megabytes} MB, ${tally(statuses)}`,
    );
  } catch (error) {
    failed++;
    console.log(`FAILED ${attack.name}: ${String(error)}`);
  } finally {
    victim.stop();
  }
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function isChosen(attack: Attack): boolean {
  return (only === undefined || attack.name.includes(only)) && (attack.only ?? store) === store;
}

async function run({ requests }: Attack, victim: Victim): Promise<number[]> {
  const statuses: number[] = [];
  let id = 'none';
  for (const { method, path, body } of requests()) {
    const { status, text } = await send(victim, method, path.replaceAll('{id}', id), body?.replaceAll('{id}', id));
    statuses.push(status);
    if (status === 201) ({ id } = JSON.parse(text) as { id: string });
  }
  return statuses;
}

function tally(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, times]) => `${String(times)} × ${String(status)}`).join(', ');
}
