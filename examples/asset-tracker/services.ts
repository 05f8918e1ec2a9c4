// Objects that the modules of the server share, created once at start.
import type { AccessRights, ConflictStore, HoldStore, Offboarding } from 'express-scim/lifecycle';
import type { Configuration } from './configuration.js';
import type { Database } from './database.js';
import type { EventWorker } from './events.js';
import type { Log } from './log.js';
import type { Provisioning } from './provisioning.js';
import type { Sessions } from './sessions.js';
import type { Watchers } from './watchers.js';

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
  readonly events: EventWorker;
  /** Open pages. */
  readonly watchers: Watchers;
  readonly provisioning: Provisioning;
}

/** The tenant of all SCIM requests: this product has a single one. */
export const tenant = 'default';
