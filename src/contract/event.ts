/** Change events. */

import type { Json } from './attribute.js';

/** What happened, after it was committed. Plain JSON, fit for a table. */
export interface ChangeEvent {
  readonly id: string;
  /** `user.created`, `user.deactivated`, `group.updated`, `member.added`, ... */
  readonly type: string;
  /** When, as an RFC 3339 timestamp. */
  readonly time: string;
  readonly tenant: string;
  readonly actor: string;
  readonly requestId: string;
  readonly resourceType: string;
  readonly resourceId: string;
  /** Top-level attributes that the write named. */
  readonly changed: readonly string[];
  /** Ids of the ledger entries that were applied to the request. */
  readonly quirks: readonly string[];
  readonly data: Json;
}
