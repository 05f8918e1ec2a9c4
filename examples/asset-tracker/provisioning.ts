// The settings panel at *Settings > Add-ons > User provisioning via SCIM*, its connector keys and its log.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler, Response } from 'express';
import type { ConnectorKeys } from 'express-scim';
import type { ConflictStore } from 'express-scim/lifecycle';
import {
  connectionAuthenticator,
  createScimAdmin,
  mappingRows,
  provisioningLog,
  type ProvisioningLogHooks,
} from 'express-scim/admin';
import { sqlConnectionStore, sqlLogStore } from 'express-scim/sql';
import type { Database } from './database.js';
import type { Log } from './log.js';
import { users } from './mapping.js';
import { frameOf } from './pages/frame.js';
import { type Frame, panelInFrame } from './pages/page.js';
import type { Administrator, Sessions } from './sessions.js';

export interface Provisioning {
  /** Authenticates SCIM requests. While provisioning is disabled, every request returns 403. */
  readonly keys: ConnectorKeys;
  /** Hooks of the SCIM router that write the log of the panel. */
  readonly hooks: ProvisioningLogHooks;
  /** The panel. It requires a signed-in administrator and checks its CSRF tokens itself. */
  readonly panel: RequestHandler;
  isEnabled(): Promise<boolean>;
  /** Ends the open log streams. */
  close(): void;
}

/** Path of the panel. */
export const panelPath = '/settings/add-ons/user-provisioning';

const connection = { tenant: 'default', id: 'default' } as const;

export interface ProvisioningOptions {
  readonly database: Database;
  readonly log: Log;
  readonly conflicts: ConflictStore;
  readonly sessions: Sessions;
  /** Signs the CSRF tokens of the panel. */
  readonly secret: string;
  /** Public address of the product. */
  address(): string;
}

export function createProvisioning({
  database,
  log,
  conflicts,
  sessions,
  secret,
  address,
}: ProvisioningOptions): Provisioning {
  const { db, dialect } = database;
  const connections = sqlConnectionStore(db, { dialect });
  const entries = sqlLogStore(db, { dialect });
  const onError = (error: unknown): void => log.error('the provisioning log could not be written', { error });
  const { onEndedKey, ...hooks } = provisioningLog(entries, {
    unknownKeys: { ...connection, connection: connection.id },
    onError,
  });
  // In other processes, revoking a key or disabling provisioning takes effect within two seconds.
  const keys = connectionAuthenticator(connections, { maxAgeMilliseconds: 2_000, onEndedKey, onError });

  // `layout` is called without the request, so the frame of the request is passed in an AsyncLocalStorage.
  const frames = new AsyncLocalStorage<Frame>();
  const open = new Set<Response>();
  const serve = createScimAdmin({
    connections,
    log: entries,
    conflicts,
    secret,
    baseUrl: () => `${address()}/scim/v2`,
    mapping: mappingRows(users),
    keyPrefix: 'assets',
    breadcrumbs: [{ label: 'Settings', href: '/settings' }, { label: 'Add-ons' }],
    // From the database, so that an open log ends when the administrator signs out.
    authorize: async (req) => toPanelAdministrator(await sessions.administrator(req)),
    onError: (error) => log.error('the panel was refused', { error }),
    layout: (page) => panelInFrame(frames.getStore(), page),
  });
  return {
    keys,
    hooks,
    async panel(req, res, next) {
      const frame = await frameOf(req, res, database, 'User provisioning via SCIM');
      open.add(res);
      res.once('close', () => open.delete(res));
      frames.run(frame, () => serve(req, res, next));
    },
    isEnabled: async () => (await connections.get(connection.tenant, connection.id))?.enabled === true,
    close() {
      for (const res of open) if (String(res.getHeader('content-type')).startsWith('text/event-stream')) res.end();
    },
  };
}

function toPanelAdministrator(administrator: Administrator | undefined) {
  if (administrator === undefined) return undefined;
  const { name, session } = administrator;
  return { user: name, may: 'manage', seePersonalData: true, session } as const;
}
