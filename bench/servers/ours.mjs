// The library on its memory store, as built.
import express from 'express';
import './figures.mjs';
import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';

const key = process.env['SCIM_KEY'] ?? 'bench-key-of-some-length';
const app = express();
app.disable('x-powered-by');
process.on('SIGTERM', () => process.exit(0));
const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  app.use(createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]), baseUrl }));
  console.log(JSON.stringify({ baseUrl }));
});
