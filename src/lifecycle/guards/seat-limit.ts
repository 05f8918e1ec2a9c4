import { ForbiddenError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { Guard } from './guards.js';

/** Options of `seatLimit`. */
export interface SeatLimitOptions {
  /** Seats that a tenant has; Infinity: no limit. */
  readonly seats: number | ((tenant: string) => Awaitable<number>);
  /** Seats that are taken now. */
  count(ctx: ScimContext): Awaitable<number>;
}

/**
 * Refuses a user for whom no seat is left: one that is created active, or switched on again.
 *
 * It counts and then writes, so that of requests at the same moment one too many may pass, unless `count` locks. A user
 * that is created inactive, and everything else about users, takes no seat.
 *
 * @throws ForbiddenError (403)
 *
 * @example
 * seatLimit({ seats: 50, count: (ctx) => db.users.countActive(ctx.tenant) });
 */
export function seatLimit(options: SeatLimitOptions): Guard {
  const { seats } = options;
  return async (change, ctx) => {
    if (change.resourceType !== 'User' || change.operation === 'delete') return;
    if (change.operation === 'create') {
      if (change.set['active'] === false) return;
    } else {
      const switchesOn = change.set['active'] === true || change.unset.includes('active');
      if (!switchesOn || (await change.current())?.['active'] !== false) return;
    }
    const limit = typeof seats === 'number' ? seats : await seats(ctx.tenant);
    if ((await options.count(ctx)) < limit) return;
    throw new ForbiddenError(
      'No seat is left for another active user. Deactivate a user or add seats to the subscription, then try again.',
    );
  };
}
