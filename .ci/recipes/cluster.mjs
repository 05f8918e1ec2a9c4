// docs/deployment.md, "Several processes with node:cluster".
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, same } from './checks.mjs';
import { expectNoLoss, load } from './clients.mjs';
import { freePort, listening, start, until } from './processes.mjs';

const workers = availableParallelism();

export async function checkCluster({ app, env, key }) {
  await check('node:cluster: a reload replaces each worker and loses no request, and SIGTERM ends with 0', async () => {
    const port = String(await freePort());
    const at = `http://127.0.0.1:${port}`;
    const primary = start(process.execPath, ['cluster.mjs'], { cwd: app, env: { ...env, PORT: port, PUBLIC_URL: at } });
    await listening(`${at}/readyz`, primary);
    const before = await until('all workers run', () => childrenOf(primary.pid, workers));
    const clients = load(`${at}/api/scim/v2`, key);
    await sleep(500);
    primary.child.kill('SIGHUP');
    await until('all workers are replaced', () => {
      const now = childrenOf(primary.pid, workers);
      return now !== undefined && now.every((pid) => !before.includes(pid));
    });
    expectNoLoss(await clients.stop());

    const [killed] = childrenOf(primary.pid, workers);
    process.kill(killed, 'SIGKILL');
    await until(
      'a killed worker is replaced',
      () => !childrenOf(primary.pid, workers)?.includes(killed) && childrenOf(primary.pid, workers),
    );

    const more = load(`${at}/api/scim/v2`, key);
    await sleep(500);
    primary.child.kill('SIGTERM');
    await sleep(3_000);
    expectNoLoss(await more.stop());
    same(await primary.ended, 0, 'exit code');
  });
}

/** The IDs of the child processes, once there are `count`. */
function childrenOf(pid, count) {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return ids.length === count ? ids : undefined;
}
