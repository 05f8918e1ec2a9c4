import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';

/**
 * A `beforeChange` hook: it returns to allow a change, and throws a `ScimError` to refuse it.
 *
 * @example
 * import { ForbiddenError } from 'express-scim';
 * import type { Guard } from 'express-scim/lifecycle';
 *
 * export const noDeletions: Guard = (change) => {
 *   if (change.operation === 'delete') throw new ForbiddenError('Deactivate users instead of deleting them.');
 * };
 */
export type Guard = (change: ProposedChange, ctx: ScimContext) => Awaitable<void>;

/**
 * Combines guards into one `beforeChange`. They run in order; the first one that refuses decides. `undefined` is skipped.
 *
 * Put `massDeactivationBreaker` last, so that it does not count changes that another guard refuses.
 *
 * @example
 * import { guards, roleCeiling, seatLimit } from 'express-scim/lifecycle';
 *
 * export const beforeChange = guards(
 *   roleCeiling({ roles: { forbidden: ['owner'] } }),
 *   seatLimit({ seats: 50, count: () => 49 }),
 * );
 */
export function guards(...list: readonly (Guard | undefined)[]): Guard {
  const present = list.filter((guard) => guard !== undefined);
  return async (change, ctx) => {
    for (const guard of present) await guard(change, ctx);
  };
}

/** Whether a change deactivates an active user or deletes a user. Reads the current state only if necessary. */
export async function isDeactivation(change: ProposedChange): Promise<boolean> {
  if (change.resourceType !== 'User') return false;
  if (change.operation !== 'delete' && !(change.set['active'] === false && change.id !== undefined)) return false;
  const current = await change.current();
  // An unknown id gets a 404 and affects nobody.
  if (current === undefined) return false;
  return change.operation === 'delete' || current['active'] !== false;
}
