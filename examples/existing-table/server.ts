// An application with existing tables, and SCIM for each of its organizations: `npm run example:existing-table`.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectorKeys, createScimRouter, generateConnectorKey } from 'express-scim';
import { openDatabase } from './database.js';
import { migrate, scimStore } from './scim.js';

const db = await openDatabase();
await migrate(db);
const organizations = await db.selectFrom('organizations').selectAll().execute();
const keys = organizations.map(({ id, slug }) => ({ slug, tenant: String(id), ...generateConnectorKey() }));

const app = express();
app.use(
  '/scim/v2',
  createScimRouter(scimStore(db), {
    authenticate: connectorKeys(keys.map(({ slug, tenant, digest }) => ({ id: slug, tenant, digest }))),
  }),
);
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', (error?: Error) => {
  // Express 5 calls it also where the port is taken.
  if (error !== undefined) throw error;
  console.log(`SCIM connector base URL: http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`);
  for (const { slug, key } of keys) console.log(`Connector key of ${slug}: ${key}`);
});
