import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, root } from './examples.js';

const before = `
import Database from 'libsql';
import express from 'express';
import { connectorKeys, createScimRouter, combineHooks } from 'express-scim';
import { provisioningLog } from 'express-scim/admin';
import { offboarding, userLinks } from 'express-scim/lifecycle';
import * as tables from 'express-scim/sql';
import { Kysely, SqliteDialect } from 'kysely';
const database = new Database(':memory:');
const db = new Kysely({ dialect: new SqliteDialect({ database }) });
for (const create of ['Scim', 'Lifecycle', 'Offboarding', 'Admin', 'Connection']) await tables['create' + create + 'Tables'](db);
`;

const after = `
const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'tove@example.com', externalId: 'e-77' };
const { onRefusedKey, ...hooks } = provisioningLog(tables.sqlLogStore(db));
const leaving = offboarding({
  handlers: [{ name: 'assets', heldBy: () => [{ id: 'laptop' }], apply: () => undefined, undo: () => undefined }],
  policy: { assets: 'flag' },
  store: tables.sqlOffboardingTaskStore(db),
  tombstones,
});
const links = userLinks({ store: tables.sqlUserLinkStore(db) });
const app = express();
app.use(
  createScimRouter(tables.sqlStore(db), {
    authenticate: connectorKeys([{ id: 'entra', key: 'a-key-for-the-page' }]),
    ...hooks,
    onChange: combineHooks(hooks.onChange, leaving.onChange, links.onChange),
  }),
);
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const send = async (method, path, body) => {
  const response = await fetch('http://127.0.0.1:' + server.address().port + path, {
    method,
    headers: { authorization: 'Bearer a-key-for-the-page', 'content-type': 'application/scim+json' },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? undefined : response.json();
};
const { id } = await send('POST', '/Users', user);
const other = await send('POST', '/Users', { ...user, userName: 'other@example.com', externalId: 'e-78' });
await send('DELETE', '/Users/' + id);
await leaving.run();
const conflicts = tables.sqlConflictStore(db);
const waiting = { tenant: 'default', kind: 'adopt', summary: 'Which account?' };
await conflicts.add({ ...waiting, fingerprint: '1', candidates: [], resource: { userName: 'tove@example.com' } });
await conflicts.add({ ...waiting, fingerprint: '2', candidates: [{ id, label: 'Tove' }] });
const about = (value) =>
  database.prepare("select name from sqlite_master where type = 'table'").all()
    .filter(({ name }) => JSON.stringify(database.prepare('select * from ' + name).all()).includes(value))
    .map(({ name }) => name);
while (!about(id).includes('scim_log')) await new Promise((resolve) => setTimeout(resolve, 20));
const stored = about(id);
await erase('default', { userId: id, userName: 'tove@example.com' });
console.log(JSON.stringify([stored, about(id), about('tove'), about('e-77'), about(other.id)]));
await deleteOldRecords(new Date());
server.close();
`;

it('docs/data-protection.md: erase removes a deleted user from every table, and nobody else', async () => {
  const blocks = blocksOf('docs/data-protection.md').map(({ code }) => code);
  const { outputText } = ts.transpileModule(before + blocks.join('\n') + after, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', outputText],
    { cwd: root },
  );
  const [stored, withId, withName, withExternalId, others] = JSON.parse(stdout) as readonly (readonly string[])[];
  expect(stored).toEqual(
    expect.arrayContaining(['scim_log', 'scim_tasks', 'scim_tombstones', 'scim_user_links', 'scim_conflicts']),
  );
  expect([withId, withName, withExternalId]).toEqual([[], [], []]);
  expect(others).toEqual(expect.arrayContaining(['scim_users', 'scim_log', 'scim_user_links']));
});
