// Starts the example: `SCIM_KEY=... npx tsx examples/custom-store/server.ts`. Without SCIM_KEY, it generates a key and
// prints it.
import type { AddressInfo } from 'node:net';
import { generateConnectorKey } from 'express-scim';
import { createApp } from './app.js';
import { openDatabase } from './database.js';

const { PORT = '3000', SCIM_KEY } = process.env;
const key = SCIM_KEY ?? generateConnectorKey().key;
const { db } = await openDatabase();

const server = createApp(db, key).listen(Number(PORT), '127.0.0.1', (error?: Error) => {
  // Express 5 calls it also where the port is taken.
  if (error !== undefined) throw error;
  console.log(`SCIM connector base URL: http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`);
  if (SCIM_KEY === undefined) console.log(`Connector key: ${key}`);
});
