// Starts the template: `SCIM_KEY=... npx tsx examples/store-template/server.ts`. Without SCIM_KEY, it generates a key and
// prints it.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectorKeys, createScimRouter, generateConnectorKey } from 'express-scim';
import { Database } from './database.js';
import { myStore } from './store.js';

const { PORT = '3000', SCIM_KEY } = process.env;
const key = SCIM_KEY ?? generateConnectorKey().key;
const app = express();
app.use('/scim/v2', createScimRouter(myStore(new Database()), { authenticate: connectorKeys([{ id: 'idp', key }]) }));

const server = app.listen(Number(PORT), '127.0.0.1', (error?: Error) => {
  // Express 5 calls this also if the port is in use.
  if (error !== undefined) throw error;
  console.log(`SCIM connector base URL: http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`);
  if (SCIM_KEY === undefined) console.log(`Connector key: ${key}`);
});
