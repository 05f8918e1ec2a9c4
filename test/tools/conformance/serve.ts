import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express5 from 'express';
import express4 from 'express4';
import type { ConformanceTarget } from '../../../src/tools/index.js';
import { connectorKeys, createScimRouter, enterpriseUserSchema, type ScimRouterOptions } from '../../../src/index.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { testExtension, deviceSchema, warrantyExtension } from './test-schema.js';
import { patientServer } from '../../patient.js';

/** A server on a free port of this machine. */
export interface ServedType {
  readonly url: string;
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<ServedType> {
  const server = createServer(patientServer, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface TestedServer extends ServedType {
  readonly target: ConformanceTarget;
}

/** A memory store behind an Express app of the given version, with two tenants and a schema made for the tests. */
export async function serveTested(
  express: '4' | '5',
  strict: boolean,
  more: Partial<ScimRouterOptions> = {},
): Promise<TestedServer> {
  const app = express === '5' ? express5() : express4();
  const served = await serve(app);
  const [first, second] = ['first-tenant-connector-key', 'second-tenant-connector-key'];
  const store = new MemoryStore();
  const baseUrl = `${served.url}/scim/v2`;
  app.use(
    '/scim/v2',
    createScimRouter(store, {
      authenticate: connectorKeys([
        { key: first, tenant: 'first' },
        { key: second, tenant: 'second' },
      ]),
      baseUrl,
      strict,
      // The strict server has what is off by default, so that the claims about it are tested too.
      ...(strict ? { groups: { unique: ['displayName'] } } : {}),
      extensions: { User: [{ schema: enterpriseUserSchema }, { schema: testExtension }] },
      resourceTypes: [
        {
          name: 'Asset',
          schema: deviceSchema,
          extensions: [{ schema: warrantyExtension, required: true }],
          store: store.resources('Asset'),
        },
      ],
      ...more,
    }),
  );
  const target: ConformanceTarget = {
    baseUrl,
    key: first,
    mode: strict ? 'strict' : 'default',
    secondTenant: { baseUrl, key: second },
  };
  return { ...served, target };
}
