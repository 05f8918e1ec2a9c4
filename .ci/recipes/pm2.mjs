// docs/deployment.md, "PM2".
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, same } from './checks.mjs';
import { expectNoLoss, load, scim } from './clients.mjs';
import { freePort, run, start, until } from './processes.mjs';

const workers = availableParallelism();

export async function checkPm2({ folder, app, env, key }) {
  const home = join(folder, 'pm2');
  await run('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', '--prefer-offline', 'pm2@7'], {
    cwd: folder,
  });
  const port = String(await freePort());
  const at = `http://127.0.0.1:${port}`;
  const pm2Env = { ...env, PORT: port, PUBLIC_URL: at, PM2_HOME: join(home, 'home'), PM2_DISABLE_UPDATE_CHECK: 'true' };
  const pm2 = (...args) => run(join(home, 'node_modules/.bin/pm2'), args, { cwd: app, env: pm2Env });
  const processes = async () => {
    const printed = await pm2('jlist', '--silent');
    return JSON.parse(printed.slice(printed.indexOf('[{')));
  };
  try {
    await check('PM2: a reload during a simulation loses no request', async () => {
      await pm2('start', 'ecosystem.config.cjs');
      await until('all processes listen', () =>
        fetch(`${at}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      );
      const before = await processes();
      same(before.length, workers, 'processes');
      same([...new Set(before.map(({ pm2_env }) => pm2_env.exec_mode))], ['cluster_mode'], 'mode');
      const clients = load(`${at}/api/scim/v2`, key, 4);
      const cli = join(app, 'node_modules/.bin/express-scim');
      const simulation = start(cli, ['simulate', 'entra', `${at}/api/scim/v2`, '--users', '20', '--groups', '2'], {
        env: { SCIM_KEY: key },
      });
      await sleep(500);
      await pm2('reload', 'app');
      const after = await processes();
      if (after.some(({ pid, pm2_env }) => before.some((old) => old.pid === pid) || pm2_env.status !== 'online')) {
        throw new Error('a process was not replaced');
      }
      expectNoLoss(await clients.stop());
      const status = await simulation.ended;
      if (status !== 0) throw new Error(`the simulation ended with ${status}:\n${simulation.output().slice(-3_000)}`);
      same((await scim(`${at}/api/scim/v2/Users`, key)).status, 200, 'status afterwards');
      const log = readFileSync(join(home, 'home/pm2.log'), 'utf8');
      if (/with code \[[^0]|SIGKILL/.test(log)) throw new Error(`a process did not end with 0:\n${log.slice(-2_000)}`);
    });
  } finally {
    const daemon = join(home, 'home/pm2.pid');
    if (existsSync(daemon)) await pm2('kill');
  }
}
