// docs/deployment.md, "One process" and "Graceful shutdown".
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, same } from './checks.mjs';
import { expectNoLoss, load, user } from './clients.mjs';
import { freePort, listening, start, until } from './processes.mjs';

/** A creation whose body is sent in two halves. */
function slowCreation(url, key, userName) {
  const body = JSON.stringify(user(userName));
  const req = request(`${url}/Users`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/scim+json',
      'content-length': Buffer.byteLength(body),
    },
  });
  const response = once(req, 'response').then(([{ statusCode }]) => statusCode);
  req.write(body.slice(0, 10));
  return { response, finish: () => req.end(body.slice(10)) };
}

export async function checkShutdown({ app, env, key, query }) {
  await check('SIGTERM under load: requests in flight finish, and the process ends with 0', async () => {
    const port = String(await freePort());
    const at = `http://127.0.0.1:${port}`;
    const scimUrl = `${at}/api/scim/v2`;
    const server = start(process.execPath, ['server.mjs'], { cwd: app, env: { ...env, PORT: port, PUBLIC_URL: at } });
    await listening(`${at}/readyz`, server);
    const clients = load(scimUrl, key);
    const slow = Array.from({ length: 8 }, (_, i) => slowCreation(scimUrl, key, `slow${i}`));
    await sleep(1_000);

    const started = Date.now();
    server.child.kill('SIGTERM');
    const statusOf = (path) => fetch(at + path).then(({ status }) => status);
    await until('/readyz returns 503', async () => (await statusOf('/readyz')) === 503, 2_000);
    same(await statusOf('/livez'), 200, '/livez while the process stops');
    // A second signal, for example of a supervisor that signals the whole group, changes nothing.
    server.child.kill('SIGTERM');
    // What a load balancer does: it sends requests for some moments more.
    await sleep(3_000);
    const result = await clients.stop();
    expectNoLoss(result);
    await until(
      'connections are refused',
      () =>
        fetch(`${at}/livez`).then(
          () => false,
          () => true,
        ),
      10_000,
    );
    const drained = Date.now() - started;
    if (drained < 4_500) throw new Error(`accepted requests for ${drained} ms only`);
    await sleep(500);
    if (server.child.exitCode !== null) throw new Error('ended before the request in flight');
    for (const { finish } of slow) finish();
    for (const { response } of slow) same(await response, 201, 'a request in flight');
    same(await server.ended, 0, 'exit code');

    // Every event was published, or is in the outbox for the next process.
    const published = server.output().match(/^user\.created \S+$/gm)?.length ?? 0;
    const [{ count }] = await query(
      `select count(*)::int as count from scim_outbox where event like '%"user.created"%'`,
    );
    same(published + count, result.created + slow.length, 'events of creations');
  });

  await check('SIGINT, which PM2 and Ctrl+C send, does the same', async () => {
    const port = String(await freePort());
    const at = `http://127.0.0.1:${port}`;
    const server = start(process.execPath, ['server.mjs'], { cwd: app, env: { ...env, PORT: port, PUBLIC_URL: at } });
    await listening(`${at}/readyz`, server);
    server.child.kill('SIGINT');
    same(await server.ended, 0, 'exit code');
  });

  await check('a port in use ends the process with 1', async () => {
    const port = String(await freePort());
    const at = `http://127.0.0.1:${port}`;
    const server = start(process.execPath, ['server.mjs'], { cwd: app, env: { ...env, PORT: port, PUBLIC_URL: at } });
    await listening(`${at}/readyz`, server);
    const second = start(process.execPath, ['server.mjs'], { cwd: app, env: { ...env, PORT: port, PUBLIC_URL: at } });
    same(await second.ended, 1, 'exit code');
    server.child.kill('SIGKILL');
    await server.ended;
  });
}
