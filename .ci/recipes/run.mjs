// Called by `run`: runs the recipes in the folder that it has prepared, three at a time, and counts their checks.
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, summary } from './checks.mjs';
import { checkCluster } from './cluster.mjs';
import { checkDocker } from './docker.mjs';
import { checkKubernetes, checkManifest } from './kubernetes.mjs';
import { checkNginx } from './nginx.mjs';
import { checkPm2 } from './pm2.mjs';
import { endAll } from './processes.mjs';
import { createApp, createDatabase } from './project.mjs';
import { checkRateLimits } from './rate-limits.mjs';
import { checkShutdown } from './shutdown.mjs';

const recipes = {
  docker: checkDocker,
  nginx: checkNginx,
  shutdown: checkShutdown,
  kubernetes: checkKubernetes,
  pm2: checkPm2,
  cluster: checkCluster,
  'rate-limits': checkRateLimits,
};
const [folder, ...names] = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(recipes, name));
if (unknown.length > 0) throw new Error(`no such recipe: ${unknown.join()}; there are ${Object.keys(recipes).join()}`);

const drops = [];
try {
  const waiting = names.length > 0 ? names : Object.keys(recipes);
  const validated = waiting.includes('kubernetes') ? checkManifest(folder) : undefined;
  const app = await createApp(folder);
  // Most of their time is spent waiting for processes that stop.
  await Promise.all([next(), sleep(500).then(next), sleep(1_000).then(next), validated]);

  async function next() {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const database = await createDatabase(process.env.POSTGRES_URL, name, app);
      drops.push(database.drop);
      await recipes[name]({ folder, app, ...database }).catch((error) => fail(name, error));
    }
  }
} finally {
  await endAll();
  for (const drop of drops) await drop();
}
const { passed, failed } = summary();
console.log(`${passed} recipe checks passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
