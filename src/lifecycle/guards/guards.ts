import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';

/** A `beforeChange`: returns to let a change pass, throws a ScimError to refuse it. */
export type Guard = (change: ProposedChange, ctx: ScimContext) => Awaitable<void>;

/**
 * Several guards as one `beforeChange`, asked in their order; the first that refuses decides.
 *
 * Put those that only count last: `massDeactivationBreaker` then does not count what another guard refuses.
 *
 * @example
 * createScimRouter(store, { authenticate, beforeChange: guards(seatLimit(seats), lastOwner(owners)) });
 */
export function guards(...list: readonly (Guard | undefined)[]): Guard {
  const present = list.filter((guard) => guard !== undefined);
  return async (change, ctx) => {
    for (const guard of present) await guard(change, ctx);
  };
}

/** True where a change switches a user off that is on, or deletes one. Reads the current state only where it must. */
export async function isDeactivation(change: ProposedChange): Promise<boolean> {
  if (change.resourceType !== 'User') return false;
  if (change.operation !== 'delete' && !(change.set['active'] === false && change.id !== undefined)) return false;
  const current = await change.current();
  // What is not there is answered 404, and takes nothing from anybody.
  if (current === undefined) return false;
  return change.operation === 'delete' || current['active'] !== false;
}
