// The life of the connection to the identity provider: who it manages, set-up links, its end, and the audit trail.
import type { UserStore } from 'express-scim';
import { setupLinks, type ConnectionStore, type SetupLinks } from 'express-scim/admin';
import {
  type AuditTrailStore,
  type ConnectionEnding,
  connectionEnding,
  type ProvisioningStatus,
  provisioningStatus,
  userLinks,
  type UserLinks,
} from 'express-scim/lifecycle';
import { sqlAuditTrailStore, sqlConnectionEndingStore, sqlSetupLinkStore, sqlUserLinkStore } from 'express-scim/sql';
import type { Database } from './database.js';
import type { Log } from './log.js';
import { memberPrefix } from './mapping.js';
import { keepsAnOwner } from './scim.js';
import { withEmail } from './users.js';

/** Path of the panel for administrators without an account, who come with a set-up link. */
export const setupPath = '/provisioning-setup';

export interface Connections {
  /** Follows the change events. */
  readonly links: UserLinks;
  readonly auditTrail: AuditTrailStore;
  readonly endings: ConnectionEnding;
  readonly setupLinks: SetupLinks;
  /** Whether a member may sign in. */
  statusOf(email: string): Promise<ProvisioningStatus>;
}

const tenant = 'default';

export function createConnections(
  database: Database,
  {
    store,
    connections,
    secret,
    address,
    log,
  }: {
    readonly store: UserStore;
    readonly connections: ConnectionStore;
    /** Signs set-up links. */
    readonly secret: string;
    /** Public address of the product. */
    readonly address: () => string;
    readonly log: Log;
  },
): Connections {
  const { db, dialect } = database;
  const linkStore = sqlUserLinkStore(db, { dialect });
  const auditTrail = sqlAuditTrailStore(db, { dialect });
  const links = setupLinks({ secret, store: sqlSetupLinkStore(db, { dialect }), url: () => address() + setupPath });
  const statusOf = provisioningStatus({ links: linkStore, account: (_tenant, email) => accountOf(database, email) });
  return {
    links: userLinks({ store: linkStore, connectionOf: connections }),
    auditTrail,
    setupLinks: links,
    statusOf: (email) => statusOf(tenant, email),
    endings: connectionEnding({
      ...{ connections, store, links: linkStore, auditTrail, setupLinks: links },
      jobs: sqlConnectionEndingStore(db, { dialect }),
      guard: keepsAnOwner(db),
      settleMilliseconds: 5_000,
      onError: (error) => log.error('the end of the connection failed and will retry', { error }),
    }),
  };
}

async function accountOf({ db }: Database, email: string) {
  const row = await withEmail(db, email).select(['members.id', 'members.may_sign_in']).executeTakeFirst();
  return row && { id: memberPrefix + String(row.id), active: row.may_sign_in === 1 };
}
