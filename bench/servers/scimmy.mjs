// For comparison: scimmy and scimmy-routers over a Map with a userName index.
import { randomUUID } from 'node:crypto';
import express from 'express';
import './figures.mjs';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const key = process.env['SCIM_KEY'] ?? 'bench-key-of-some-length';

function handlers(byName) {
  const records = new Map();
  return {
    ingress(resource, data) {
      const old = resource.id === undefined ? undefined : records.get(resource.id);
      const now = new Date();
      const plain = JSON.parse(JSON.stringify(data));
      const record = {
        ...plain,
        id: old?.id ?? randomUUID(),
        meta: { created: old?.meta.created ?? now, lastModified: now },
      };
      records.set(record.id, record);
      if (byName !== undefined) byName.set(record.userName.toLowerCase(), record);
      return record;
    },
    egress(resource) {
      if (resource.id !== undefined) {
        const record = records.get(resource.id);
        if (record === undefined) throw new SCIMMY.Types.Error(404, null, 'not found');
        return record;
      }
      const name = byName === undefined ? undefined : resource.filter?.[0]?.userName?.[1];
      if (name !== undefined) {
        const record = byName.get(String(name).toLowerCase());
        return record === undefined ? [] : [record];
      }
      return [...records.values()];
    },
    degress(resource) {
      records.delete(resource.id);
    },
  };
}

SCIMMY.Config.set({
  patch: true,
  filter: true,
  bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 50_000_000 },
});
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers(new Map()));
SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers(undefined));

const app = express();
app.use(
  new SCIMMYRouters({
    type: 'bearer',
    handler: (req) => {
      if (req.header('authorization') !== `Bearer ${key}`) throw new Error('unauthorized');
      return 'bench';
    },
  }),
);
const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ baseUrl: `http://127.0.0.1:${server.address().port}` }));
});
process.on('SIGTERM', () => process.exit(0));
