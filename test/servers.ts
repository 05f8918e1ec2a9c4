import type { AddressInfo } from 'node:net';
import type express from 'express';
import { connectorKeys, createScimRouter, MemoryStore, type ScimRouterOptions, type UserStore } from '../src/index.js';
import { patientServer } from './patient.js';

/** A server that listens, and how to reach it. */
export interface RunningServer {
  readonly baseUrl: string;
  readonly key: string;
  close(): Promise<void>;
}

const key = 'a-connector-key-for-tests';

/** The router over a memory store at /scim/v2, on a port of its own. */
export async function startServer(
  make: typeof express,
  options: Partial<ScimRouterOptions> = {},
  store: UserStore = new MemoryStore(),
): Promise<RunningServer> {
  const app = make();
  const server = Object.assign(app.listen(0, '127.0.0.1'), patientServer);
  await new Promise((resolve) => server.once('listening', resolve));
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`;
  app.use('/scim/v2', createScimRouter(store, { authenticate: connectorKeys([{ key }]), baseUrl, ...options }));
  return {
    baseUrl,
    key,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
