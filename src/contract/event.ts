/** Change events. */

import type { Json } from './attribute.js';

/**
 * A committed change, as plain JSON that fits in a table. No-op writes emit no event.
 *
 * @example
 * import type { ChangeEvent } from 'express-scim';
 *
 * export function onChange(event: ChangeEvent): void {
 *   if (event.type === 'user.deactivated') console.log(`${event.tenant}: ${event.resourceId} has left`);
 * }
 */
export interface ChangeEvent {
  readonly id: string;
  /** `user.created`, `user.deactivated`, `group.updated`, `member.added`, ... */
  readonly type: string;
  /** An RFC 3339 timestamp. */
  readonly time: string;
  readonly tenant: string;
  /** `Actor.id` of the client. */
  readonly actor: string;
  readonly requestId: string;
  /** Name of the resource type: `User`, `Group`. */
  readonly resourceType: string;
  readonly resourceId: string;
  /** Top-level attributes that the write named. */
  readonly changed: readonly string[];
  /** IDs of the quirks that were applied to the request. */
  readonly quirks: readonly string[];
  /** The `id` of the first event of the same write. */
  readonly write?: string | undefined;
  /** What the write was. Linking an account is a `patch`. */
  readonly operation?: 'create' | 'replace' | 'patch' | 'delete' | undefined;
  /** The version of the resource after the write, as its store has it: without the quotes of an ETag. */
  readonly version?: string | undefined;
  /** `externalId` of the resource, if the write or its result contains it. */
  readonly externalId?: string | undefined;
  readonly data: Json;
}
