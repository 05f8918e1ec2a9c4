// A SCIM service provider in memory: `npm run example:minimal`. Give identity providers the printed URL and key.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import {
  connectorKeys,
  createScimRouter,
  digestConnectorKey,
  enterpriseUserSchema,
  generateConnectorKey,
  MemoryStore,
  type SchemaDefinition,
} from 'express-scim';

const { PORT = '3000', SCIM_EXTENSIONS, SCIM_TENANTS } = process.env;
const tenants = (SCIM_TENANTS ?? `default=${generateConnectorKey().key}`).split(',').map((entry) => {
  const [name = '', ...key] = entry.split('=');
  return { name: name.trim(), key: key.join('=').trim() };
});
const more = SCIM_EXTENSIONS ? (JSON.parse(readFileSync(SCIM_EXTENSIONS, 'utf8')) as SchemaDefinition[]) : [];

const app = express();
const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = new MemoryStore();
  const common = {
    authenticate: connectorKeys(
      tenants.map(({ name, key }) => ({ id: name, digest: digestConnectorKey(key), tenant: name })),
    ),
    extensions: { User: [enterpriseUserSchema, ...more].map((schema) => ({ schema })) },
  };
  const first = tenants[0]?.name;
  app.use('/scim/v2', createScimRouter(store, { ...common, tenantOf: () => first, baseUrl: `${origin}/scim/v2` }));
  app.use(
    '/:tenant/scim/v2',
    createScimRouter<express.Request>(store, {
      ...common,
      tenantOf: (req) => String(req.params['tenant']),
      baseUrl: (ctx) => `${origin}/${encodeURIComponent(ctx.tenant)}/scim/v2`,
    }),
  );
  console.log(JSON.stringify({ baseUrl: `${origin}/scim/v2`, tenants }));
  if (process.argv.includes('--curl')) printCurl(`${origin}/scim/v2`, tenants[0]?.key ?? '');
});

function printCurl(baseUrl: string, key: string): void {
  const user = `{"schemas":["${'urn:ietf:params:scim:schemas:core:2.0:User'}"],"userName":"ada@example.com","active":true}`;
  console.log(`
SCIM connector base URL: ${baseUrl}
Connector key:           ${key}

Provision a first user:
curl -s -X POST ${baseUrl}/Users -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/scim+json' -d '${user}'

List the users:
curl -s ${baseUrl}/Users -H 'Authorization: Bearer ${key}'
`);
}
