// Objects that the modules of the server share, created once at start.
import type { UserStore } from 'express-scim';
import type {
  AccessRights,
  ConflictStore,
  HoldStore,
  Offboarding,
  RoleMappingAdministration,
} from 'express-scim/lifecycle';
import type { Configuration } from './configuration.js';
import type { Connections } from './connections.js';
import type { Database } from './database.js';
import type { EventWorker } from './events.js';
import type { Log } from './log.js';
import type { Provisioning } from './provisioning.js';
import type { Sessions } from './sessions.js';
import type { Watchers } from './watchers.js';
import type { Webhooks } from './webhooks.js';

export interface Services {
  readonly configuration: Configuration;
  readonly database: Database;
  readonly log: Log;
  readonly sessions: Sessions;
  readonly conflicts: ConflictStore;
  readonly holds: HoldStore;
  readonly leaving: Offboarding;
  /** The roles that teams give. */
  readonly rights: AccessRights;
  /** Which teams give which roles. */
  readonly roleMappings: RoleMappingAdministration;
  readonly events: EventWorker;
  readonly webhooks: Webhooks;
  /** Open pages. */
  readonly watchers: Watchers;
  readonly provisioning: Provisioning;
  readonly connections: Connections;
  /** Members and teams as SCIM users and groups. */
  readonly store: UserStore;
}

/** The tenant of all SCIM requests: this product has a single one. */
export const tenant = 'default';
