// docs/rate-limits.md: a limit that two processes share, through PostgreSQL and through Redis, and through nginx.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ts from 'typescript';
import { check, same } from './checks.mjs';
import { expectScimError, scim } from './clients.mjs';
import { startNginx } from './nginx.mjs';
import { adapt, blockWith } from './page.mjs';
import { freePort, listening, start } from './processes.mjs';

/** The app of the reader that the blocks use. */
const before = `
const express = (await import('express')).default;
const { connectorKeys, MemoryStore } = await import('express-scim');
const { Pool } = (await import('pg')).default;
const app = express();
app.set('trust proxy', 1);
app.get('/livez', (_req, res) => void res.sendStatus(200));
const report = console.error;
const store = new MemoryStore();
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const authenticate = connectorKeys([
  { id: 'one', key: 'key-one-of-the-rate-limit', tenant: 'acme' },
  { id: 'two', key: 'key-two-of-the-rate-limit', tenant: 'acme' },
  { id: 'other', key: 'key-of-another-tenant', tenant: 'globex' },
]);
`;
const after = `
app.listen(Number(process.env.PORT));
`;
const limit = 30;

export async function checkRateLimits({ folder, app, env }) {
  const redisPort = String(await freePort());
  start('redis-server', ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
  const environment = { ...env, REDIS_URL: `redis://127.0.0.1:${redisPort}` };

  for (const [name, text] of [
    ['PostgreSQL', 'new RateLimiterPostgres('],
    ['Redis', 'new RedisStore('],
  ]) {
    await check(`two processes share a rate limit through ${name}, behind nginx`, async () => {
      const block = adapt(
        blockWith('rate-limits.md', text),
        ['6_000', String(limit)],
        ["'/scim/v2'", "'/api/scim/v2'"],
      );
      const { outputText } = ts.transpileModule(before + block + after, {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      });
      const file = `rate-limit-${name.toLowerCase()}.mjs`;
      writeFileSync(join(app, file), outputText);
      const ports = [String(await freePort()), String(await freePort())];
      // Both start at the same time, and create the table.
      const processes = ports.map((port) =>
        start(process.execPath, [file], { cwd: app, env: { ...environment, PORT: port } }),
      );
      for (const [i, port] of ports.entries()) await listening(`http://127.0.0.1:${port}/livez`, processes[i]);
      const port = String(await freePort());
      const nginx = await startNginx({ folder, name: `nginx-${name}`, port, ports });
      await sleep(300);

      const direct = ports.map((each) => `http://127.0.0.1:${each}/api/scim/v2/Users`);
      const all = [...direct, `https://localhost:${port}/api/scim/v2/Users`];
      const keys = ['key-one-of-the-rate-limit', 'key-two-of-the-rate-limit'];
      const responses = await Promise.all(
        Array.from({ length: 2 * limit }, (_, i) => scim(all[i % all.length], keys[i % keys.length])),
      );
      const statuses = (status) => responses.filter((response) => response.status === status).length;
      same([statuses(200), statuses(429)], [limit, limit], 'responses 200 and 429');
      for (const url of all) {
        const refused = await scim(url, keys[0]);
        expectScimError(refused, 429);
        const seconds = Number(refused.headers.get('retry-after'));
        if (!(seconds > 0 && seconds <= 60)) throw new Error(`Retry-After: ${seconds}`);
      }
      same((await scim(all[2], 'key-of-another-tenant')).status, 200, 'status of another tenant');
      for (const { child } of [...processes, nginx]) child.kill('SIGTERM');
    });
  }
}
