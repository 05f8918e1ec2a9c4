// Users and groups in MongoDB: MONGODB_URL=mongodb://127.0.0.1:27017 node --import tsx examples/mongodb/server.ts
// SCIM_KEY is the connector key; without it one is made and printed. Events are printed as they are delivered.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectorKeys, createScimRouter, generateConnectorKey } from 'express-scim';
import { createScimIndexes, dispatchMongoOutbox, mongoStore } from 'express-scim/mongodb';
import { MongoClient } from 'mongodb';

const { PORT = '3000', MONGODB_URL = 'mongodb://127.0.0.1:27017', MONGODB_DATABASE = 'scim' } = process.env;
const { SCIM_KEY = generateConnectorKey().key } = process.env;

const client = new MongoClient(MONGODB_URL);
const db = client.db(MONGODB_DATABASE);
await createScimIndexes(db);

const app = express();
const server = app.listen(Number(PORT), '127.0.0.1', (error?: Error) => {
  // Express 5 calls it also where the port is taken.
  if (error !== undefined) throw error;
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`;
  const authenticate = connectorKeys([{ key: SCIM_KEY }]);
  app.use('/scim/v2', createScimRouter(mongoStore(db, { outbox: true }), { authenticate, baseUrl }));
  console.log(JSON.stringify({ baseUrl, key: SCIM_KEY }));
});

let isDelivering = false;
setInterval(() => {
  if (isDelivering) return;
  isDelivering = true;
  dispatchMongoOutbox(db, ({ type, resourceId }) => console.log(`${type} ${resourceId}`))
    .catch(console.error)
    .finally(() => (isDelivering = false));
}, 1_000);
