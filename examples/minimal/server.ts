// A SCIM service provider in memory: `npm run example:minimal`. Enter the printed base URL and key in your identity provider.
// SCIM_TENANTS=name=key,... sets the tenants, and SCIM_EXTENSIONS names a JSON file with further schemas for users.
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
const extensions = SCIM_EXTENSIONS ? (JSON.parse(readFileSync(SCIM_EXTENSIONS, 'utf8')) as SchemaDefinition[]) : [];

const app = express();
const server = app.listen(Number(PORT), '127.0.0.1', (error?: Error) => {
  // Express 5 calls it also where the port is taken.
  if (error !== undefined) throw error;
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = new MemoryStore();
  const options = {
    authenticate: connectorKeys(
      tenants.map(({ name, key }) => ({ id: name, digest: digestConnectorKey(key), tenant: name })),
    ),
    extensions: { User: [enterpriseUserSchema, ...extensions].map((schema) => ({ schema })) },
  };
  const [firstTenant] = tenants;
  app.use(
    '/scim/v2',
    createScimRouter(store, { ...options, tenantOf: () => firstTenant?.name, baseUrl: `${origin}/scim/v2` }),
  );
  app.use(
    '/:tenant/scim/v2',
    createScimRouter<express.Request>(store, {
      ...options,
      tenantOf: (req) => String(req.params['tenant']),
      baseUrl: (ctx) => `${origin}/${encodeURIComponent(ctx.tenant)}/scim/v2`,
    }),
  );
  console.log(JSON.stringify({ baseUrl: `${origin}/scim/v2`, tenants }));
  if (process.argv.includes('--curl')) printCurl(`${origin}/scim/v2`, firstTenant?.key ?? '');
});

function printCurl(baseUrl: string, key: string): void {
  const user = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com","active":true}';
  console.log(`
SCIM connector base URL: ${baseUrl}
Connector key:           ${key}

Create a user:
curl -s -X POST ${baseUrl}/Users -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/scim+json' -d '${user}'

List the users:
curl -s ${baseUrl}/Users -H 'Authorization: Bearer ${key}'
`);
}
