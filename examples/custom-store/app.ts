// The application: its own routes would stand beside the one of SCIM.
import express from 'express';
import { connectorKeys, createScimRouter } from 'express-scim';
import type { Database } from './database.js';
import { customStore } from './store.js';

/** @param key the connector key that is given to the identity provider */
export function createApp(db: Database, key: string): express.Express {
  const app = express();
  app.use('/scim/v2', createScimRouter(customStore(db), { authenticate: connectorKeys([{ id: 'idp', key }]) }));
  return app;
}
