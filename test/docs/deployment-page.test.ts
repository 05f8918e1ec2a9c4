import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { blocksOf } from './examples.js';
import { outputOf, start } from './run-code.js';

const before = `
import express from 'express';
import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
const key = 'a-key-for-the-page';
const app = express();
app.use('/scim/v2', createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = 'http://127.0.0.1:' + server.address().port + '/scim/v2/Users';
for (let i = 0; i < 250; i++) {
  await fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + key, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'user' + i }),
  });
}
`;

it('docs/deployment.md: the export has every user once', async () => {
  const { code = '' } = blocksOf('docs/deployment.md').find((block) => block.code.includes('exportAll')) ?? {};
  const child = start(before + code.replace("'https://app.example.com/scim/v2/Users'", 'url') + 'server.close();');
  const output = outputOf(child);
  await once(child, 'close');
  const users = output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly userName: string });
  expect(new Set(users.map(({ userName }) => userName)).size).toBe(250);
  expect(users).toHaveLength(250);
});
