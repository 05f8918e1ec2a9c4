// docs/deployment.md, "Behind nginx": a real nginx with TLS in front of the app, with and without a path prefix.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, same } from './checks.mjs';
import { expectScimError, scim, user } from './clients.mjs';
import { adapt, fileOf } from './page.mjs';
import { freePort, listening, run, start } from './processes.mjs';

/** Starts nginx with the blocks of the page, in front of processes on `ports`; listens on `port`. */
export async function startNginx({ folder, name, port, ports }) {
  const prefix = join(folder, name);
  mkdirSync(prefix);
  const servers = ports.map((each) => `server 127.0.0.1:${each};`).join(' ');
  const page = adapt(
    fileOf('deployment.md', 'nginx.conf'),
    ['server app:3000;', servers],
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['server_name app.example.com;', `server_name localhost;\n${fileOf('deployment.md', 'prefix.conf')}`],
    ['/etc/ssl/app.example.com.pem', join(folder, 'tls.pem')],
    ['/etc/ssl/app.example.com.key', join(folder, 'tls.key')],
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${prefix}/${each};`,
  );
  const file = join(prefix, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; pid ${prefix}/pid; error_log stderr; events {}\nhttp { access_log off; ${temporary.join(' ')}\n${page}}\n`,
  );
  const options = ['-p', prefix, '-c', file];
  await run('nginx', ['-t', ...options]);
  return start('nginx', options);
}

export async function checkNginx({ folder, app, env, key }) {
  const [port, appPort] = [await freePort(), await freePort()].map(String);
  const publicUrl = `https://localhost:${port}`;
  const cli = join(app, 'node_modules/.bin/express-scim');
  writeFileSync(join(app, 'server-with-panel.mjs'), withPanel(fileOf('deployment.md', 'server.mjs')));

  await startNginx({ folder, name: 'nginx', port, ports: [appPort] });
  let server;
  for (const [title, prefix] of [
    ['the path unchanged', ''],
    ['a prefix removed', '/directory'],
  ]) {
    server?.child.kill('SIGKILL');
    await server?.ended;
    server = start(process.execPath, ['server-with-panel.mjs'], {
      cwd: app,
      env: { ...env, PORT: appPort, PUBLIC_URL: publicUrl + prefix },
    });
    await listening(`http://127.0.0.1:${appPort}/readyz`, server);
    const scimUrl = `${publicUrl}${prefix}/api/scim/v2`;
    await check(`nginx, ${title}: doctor and a simulation of Entra ID find no problem`, async () => {
      await run(cli, ['doctor', scimUrl], { env: { SCIM_KEY: key } });
      await run(cli, ['simulate', 'entra', scimUrl, '--users', '10', '--groups', '2'], { env: { SCIM_KEY: key } });
    });
    await check(`nginx, ${title}: locations have the public address`, async () => {
      const { status, headers, body } = await scim(`${scimUrl}/Users`, key, 'POST', user(`nginx${prefix}`));
      same(status, 201, 'status');
      same([headers.get('location'), body.meta.location], Array(2).fill(`${scimUrl}/Users/${body.id}`), 'location');
      const { body: types } = await scim(`${scimUrl}/ResourceTypes`, key);
      same(types.Resources[0].meta.location, `${scimUrl}/ResourceTypes/User`, 'location of a resource type');
      same((await scim(headers.get('location'), key)).status, 200, 'status of the location');
    });
    await check(`nginx, ${title}: a body of 8 MiB passes, and a larger one is refused in SCIM form`, async () => {
      const bulk = (bytes) =>
        JSON.stringify({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: [{ method: 'POST', path: '/Users', bulkId: 'a', data: user(`large${prefix}`) }],
        }).padEnd(bytes);
      const passed = await scim(`${scimUrl}/Bulk`, key, 'POST', bulk(8 * 2 ** 20));
      same([passed.status, passed.body.Operations[0].status], [200, '201'], 'statuses of a bulk request');
      expectScimError(await scim(`${scimUrl}/Bulk`, key, 'POST', bulk(8 * 2 ** 20 + 1)), 413);
    });
    await check(`nginx, ${title}: errors stay as they are`, async () => {
      expectScimError(await scim(`${scimUrl}/Users`, 'another key'), 401);
      expectScimError(await scim(`${scimUrl}/Users/unknown`, key), 404);
    });
    if (prefix === '')
      await check('nginx: the settings panel and its live log', () => checkPanel(publicUrl, scimUrl, key));
  }
}

/** Pages and forms of the panel, and its live log, which is a stream. */
async function checkPanel(publicUrl, scimUrl, key) {
  const panel = `${publicUrl}/settings/provisioning`;
  const page = await fetch(`${panel}/keys/new`);
  const html = await page.text();
  same(page.status, 200, 'status of a page');
  const [, path] = /<form[^>]* action="([^"]+)"/.exec(html);
  const [, csrf] = /name="csrf" value="([^"]+)"/.exec(html);
  const form = new URLSearchParams({ csrf, name: 'From a form', scope: 'everything', days: '365' });
  // What a browser sends when it does not send Sec-Fetch-Site.
  const sent = await fetch(new URL(path, panel), { method: 'POST', body: form, headers: { origin: publicUrl } });
  const text = await sent.text();
  if (!/scim_[\w]+/.test(text)) throw new Error(`the form was refused: ${sent.status} ${text.slice(-500)}`);

  const abort = new AbortController();
  const stream = await fetch(`${panel}/log/stream`, { signal: abort.signal });
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  same(first.value, 'retry: 3000\n\n', 'begin of the stream');
  const started = Date.now();
  await scim(`${scimUrl}/Users?count=1`, key);
  let entry = '';
  while (!entry.includes('event: entry')) entry += (await reader.read()).value;
  abort.abort();
  if (Date.now() - started > 8_000) throw new Error('the entry was buffered');
}

/** The server of the page with a settings panel, whose administrator is always signed in. */
function withPanel(server) {
  return adapt(
    server,
    [
      'import { connectionAuthenticator } from',
      'import { connectionAuthenticator, createScimAdmin, provisioningLog } from',
    ],
    ['dispatchOutbox, sqlConnectionStore,', 'dispatchOutbox, sqlConnectionStore, sqlLogStore,'],
    [
      'const connections = sqlConnectionStore(db);',
      `const connections = sqlConnectionStore(db);
const log = sqlLogStore(db);
const { onResponse, onExchange } = provisioningLog(log);`,
    ],
    ['onError: console.error,', 'onError: console.error,\n    onResponse,\n    onExchange,'],
    [
      '// Your own routes, and the settings panel.',
      `app.use('/settings/provisioning', createScimAdmin({
  connections,
  log,
  baseUrl: \`\${PUBLIC_URL}/api/scim/v2\`,
  authorize: () => ({ user: 'admin', may: 'manage', seePersonalData: true }),
  secret: SCIM_SECRET,
}));`,
    ],
  );
}
