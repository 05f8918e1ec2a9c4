import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type express5 from 'express';
import type { Express } from 'express';
import request, { type Response } from 'supertest';
import {
  type Administrator,
  connectionAuthenticator,
  type ConnectionStore,
  createScimAdmin,
  type LogStore,
  memoryConnectionStore,
  memoryLogStore,
  provisioningLog,
  type ProvisioningLogOptions,
  type ScimAdminOptions,
} from '../../src/admin/index.js';
import { createScimRouter, MemoryStore, type ScimRouterOptions } from '../../src/index.js';
import { patientServer } from '../patient.js';

export const manager: Administrator = { user: 'ada@host.example', may: 'manage', seePersonalData: true, session: 's1' };

/** The administrators of a panel by name; `as('viewer')` is the header that selects one. */
const administrators: Readonly<Record<string, Administrator>> = {
  manager,
  other: { ...manager, user: 'eve@host.example', session: 's2' },
  viewer: { ...manager, user: 'vi@host.example', may: 'view' },
  discreet: { ...manager, user: 'di@host.example', seePersonalData: false },
};
export const as = (name: string) => ({ 'x-admin': name });

/** An app with SCIM at /scim/v2 and the panel at /settings/scim. The header `x-admin` selects the administrator. */
export interface Panel {
  readonly app: Express;
  readonly connections: ConnectionStore;
  readonly log: LogStore;
  readonly store: MemoryStore;
  readonly baseUrl: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form as a browser does, with a valid CSRF token. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  token(headers?: Record<string, string>): Promise<string>;
  /** Creates a key in the panel. */
  key(fields?: Record<string, string>): Promise<{ readonly key: string; readonly id: string }>;
  scim(method: 'get' | 'post' | 'patch' | 'delete', path: string, key: string, body?: object): Promise<Response>;
  close(): Promise<void>;
}

export interface PanelOptions {
  readonly admin?: Partial<ScimAdminOptions>;
  readonly router?: Partial<ScimRouterOptions>;
  readonly logging?: ProvisioningLogOptions;
  readonly connections?: ConnectionStore;
  readonly log?: LogStore;
  readonly store?: MemoryStore;
  readonly before?: (app: Express) => void;
}

export const mount = '/settings/scim';

/** Starts an app on a free port. */
export async function startPanel(make: typeof express5, options: PanelOptions = {}): Promise<Panel> {
  const { connections = memoryConnectionStore(), log = memoryLogStore() } = options;
  const app = make();
  const server: Server = Object.assign(app.listen(0, '127.0.0.1'), patientServer);
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const baseUrl = `${origin}/scim/v2`;
  const { store = new MemoryStore() } = options;
  const { onRefusedKey, ...hooks } = provisioningLog(log, options.logging);
  app.use(
    '/scim/v2',
    createScimRouter(store, {
      authenticate: connectionAuthenticator(connections, { onRefusedKey }),
      baseUrl,
      onError: () => undefined,
      ...hooks,
      ...options.router,
    }),
  );
  options.before?.(app);
  app.use(
    mount,
    createScimAdmin({
      connections,
      log,
      baseUrl,
      authorize: (req) => administrators[String(req.headers['x-admin'] ?? 'manager')],
      ...options.admin,
    }),
  );
  const get: Panel['get'] = async (path, headers = {}) =>
    request(origin)
      .get(mount + path)
      .set(headers);
  const token: Panel['token'] = async (headers) => {
    const { body } = await get('/api/connection', headers);
    return (body as { csrfToken: string }).csrfToken;
  };
  const post: Panel['post'] = async (path, fields = {}, headers = {}) =>
    request(origin)
      .post(mount + path)
      .set({ 'sec-fetch-site': 'same-origin', ...headers })
      .type('form')
      .send({ csrf: await token(headers), ...fields });
  return {
    ...{ app, connections, log, store, baseUrl, get, post, token },
    async key(fields = {}) {
      const response = await post('/api/keys', { name: 'Provider', scope: 'everything', days: '365', ...fields });
      if (response.status !== 201) throw new Error(`creating a key returned ${String(response.status)}`);
      return response.body as { key: string; id: string };
    },
    scim: async (method, path, key, body) => {
      const sent = request(baseUrl)
        [method](path)
        .set({ authorization: `Bearer ${key}` });
      const response = await (body === undefined
        ? sent
        : sent.set('content-type', 'application/scim+json').send(JSON.stringify(body)));
      return response;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** How the tests of one file start their panels. */
export interface PanelOfTests {
  start(options?: PanelOptions): Promise<Panel>;
  /** Starts a panel with provisioning switched on, and returns a key. */
  enabled(options?: PanelOptions): Promise<string>;
  /** Waits until the log has so many entries. */
  waitForEntries(count: number): Promise<void>;
}

/** @param started called with each panel that starts */
export function panelOfTests(make: typeof express5, started: (panel: Panel) => void): PanelOfTests {
  let panel: Panel | undefined;
  const start: PanelOfTests['start'] = async (options) => {
    panel = await startPanel(make, options);
    started(panel);
    return panel;
  };
  return {
    start,
    async enabled(options) {
      const { post, key } = await start(options);
      await post('/status', { enabled: 'true' });
      return (await key()).key;
    },
    waitForEntries: (count) =>
      until(async () => ((await panel?.log.list('default', { limit: 200 })) ?? []).length >= count),
  };
}

/** A user as an identity provider sends it. */
export function user(userName: string, more: object = {}): object {
  return { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, ...more };
}

/** A PATCH request body. */
export function patch(...Operations: readonly object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations };
}

/** Waits until a condition is true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
