// The router, over the built-in tables or over the hand-written app's tables.
import { createServer } from 'node:http';
import { connectorKeys, createScimRouter, type UserStore } from 'express-scim';
import { createScimTables, sqlStore } from 'express-scim/sql';
import express from 'express';
import { readServerOptions, type ServerOptions } from '../server-options.js';
import { serve } from './control.js';
import { openDatabase } from './databases.js';
import { openMappedStore } from './mapping.js';

async function openBuiltInStore(options: ServerOptions): Promise<UserStore> {
  const db = openDatabase<unknown>(options);
  const { tables, outbox } = options;
  await createScimTables(db, { tables });
  return sqlStore(db, { tables, outbox });
}

const options = readServerOptions();
const store = await (options.store === 'mapped' ? openMappedStore(options) : openBuiltInStore(options));
const app = express();
app.disable('x-powered-by');
app.use('/scim/v2', createScimRouter(store, { authenticate: connectorKeys([{ key: options.key }]) }));
const server = createServer(app);
serve(server);
server.listen(0, '127.0.0.1');
