// The settings panel at *Settings > Add-ons > User provisioning via SCIM*, its connector keys and its log.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler, Response } from 'express';
import type { ConnectorKeys } from 'express-scim';
import type { EventDelivery } from 'express-scim/events';
import type { ConflictStore, RoleMappingAdministration } from 'express-scim/lifecycle';
import {
  connectionAuthenticator,
  type ConnectionStore,
  createScimAdmin,
  mappingRows,
  type ProviderId,
  provisioningLog,
  type ProvisioningLogHooks,
} from 'express-scim/admin';
import { sqlLogStore } from 'express-scim/sql';
import type { Connections } from './connections.js';
import type { Database } from './database.js';
import type { Log } from './log.js';
import { groups, users } from './mapping.js';
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
  /** The panel for administrators without an account, who come with a set-up link. */
  readonly setupPanel: RequestHandler;
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
  readonly connections: ConnectionStore;
  readonly life: Pick<Connections, 'auditTrail' | 'endings' | 'setupLinks'>;
  readonly roleMappings: RoleMappingAdministration;
  readonly deliveries: EventDelivery;
  /** Public address of the product. */
  address(): string;
}

export function createProvisioning({
  database,
  log,
  conflicts,
  sessions,
  secret,
  connections,
  life,
  roleMappings,
  deliveries,
  address,
}: ProvisioningOptions): Provisioning {
  const { db, dialect } = database;
  const entries = sqlLogStore(db, { dialect });
  const onError = (error: unknown): void => log.error('the provisioning log could not be written', { error });
  const { onRefusedKey, ...hooks } = provisioningLog(entries, {
    unknownKeys: { ...connection, connection: connection.id },
    onError,
  });
  // In other processes, revoking a key or disabling provisioning takes effect within two seconds.
  const keys = connectionAuthenticator(connections, { maxAgeMilliseconds: 2_000, onRefusedKey, onError });

  // `layout` is called without the request, so the frame of the request is passed in an AsyncLocalStorage.
  const frames = new AsyncLocalStorage<Frame>();
  const open = new Set<Response>();
  const { auditTrail, endings, setupLinks } = life;
  const common = {
    ...{ connections, log: entries, secret, auditTrail, endings, setupLinks },
    baseUrl: () => `${address()}/scim/v2`,
    keyPrefix: 'assets',
    onError: (error: unknown) => log.error('the panel was refused', { error }),
  };
  const serve = createScimAdmin({
    ...common,
    conflicts,
    roleMappings,
    deliveries,
    mapping: shownMapping,
    guideOf: (provider) => guides + (guideNames[provider] ?? provider) + '.md',
    breadcrumbs: [{ label: 'Settings', href: '/settings' }, { label: 'Add-ons' }],
    // From the database, so that an open log ends when the administrator signs out.
    authorize: async (req) => toPanelAdministrator(await sessions.administrator(req)),
    layout: (page) => panelInFrame(frames.getStore(), page),
  });
  // Nobody signs in here: only the session of a set-up link gives access.
  const serveSetup = createScimAdmin({ ...common, authorize: () => undefined });
  return {
    keys,
    setupPanel: (req, res, next) => serveSetup(req, res, next),
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

/** The attributes as the panel shows them, in the words of the product. */
const shownMapping = [
  ...mappingRows(users, {
    labels: {
      userName: 'Email, with which the member signs in',
      displayName: 'Display name',
      'name.givenName': 'First name',
      'name.familyName': 'Last name',
      title: 'Job title',
      'phoneNumbers[type eq "work"].value': 'Phone',
      active: 'May sign in',
      'enterprise.employeeNumber': 'Employee number',
      'enterprise.department': 'Department. A new name creates a department.',
      'addresses[type eq "work"].locality': 'Location. A new name creates a location.',
      'enterprise.manager.value': 'Manager, who is another member',
    },
  }),
  // The side tables of the store keep what the tables of the product have no column for.
  { attribute: 'externalId', target: 'ID in the identity provider' },
  { attribute: 'emails', target: 'Email addresses, which the product does not use' },
  ...mappingRows(groups, {
    resourceType: 'Group',
    labels: { displayName: 'Name of the team', members: 'Members of the team' },
  }),
  { resourceType: 'Group', attribute: 'externalId', target: 'ID in the identity provider' },
];

const guides = 'https://github.com/express-scim/express-scim/blob/main/docs/providers/';

/** Guides that have another name than the identity provider has in the panel. */
const guideNames: Readonly<Partial<Record<ProviderId, string>>> = {
  google: 'google-workspace',
  'scim-sdk': 'scim-for-keycloak',
  other: 'README',
};

function toPanelAdministrator(administrator: Administrator | undefined) {
  if (administrator === undefined) return undefined;
  const { name, session } = administrator;
  return { user: name, may: 'manage', seePersonalData: true, session } as const;
}
