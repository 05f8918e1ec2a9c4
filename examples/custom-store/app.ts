// The Express application. Its other routes would be added here.
import express from 'express';
import { connectorKeys, createScimRouter } from 'express-scim';
import type { Database } from './database.js';
import { customStore } from './store.js';

/** @param key the connector key of the identity provider */
export function createApp(db: Database, key: string): express.Express {
  const app = express();
  app.use('/scim/v2', createScimRouter(customStore(db), { authenticate: connectorKeys([{ id: 'idp', key }]) }));
  return app;
}
