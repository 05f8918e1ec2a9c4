import { ForbiddenError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { WriteTransaction } from '../../contract/store.js';
import { parseCount } from '../parse-count.js';
import type { Guard } from './guards.js';
import { checkOptions } from '../../contract/option-mistakes.js';

/**
 * Options of `seatLimit`.
 *
 * @example
 * import type { SeatLimitOptions } from 'express-scim/lifecycle';
 *
 * const activeUsers = new Map([['acme', 12]]);
 * export const options: SeatLimitOptions = { seats: 50, count: (ctx) => activeUsers.get(ctx.tenant) ?? 0 };
 */
export interface SeatLimitOptions {
  /** The number of seats of a tenant; `Infinity` for no limit. */
  readonly seats: number | ((tenant: string) => Awaitable<number>);
  /** The number of seats in use now. Count through `transaction.handle`, if the store has one. */
  count(ctx: ScimContext, transaction: WriteTransaction): Awaitable<number>;
}

/**
 * Refuses to create an active user or to reactivate a user when no seat is left.
 *
 * The guard counts inside the write, while no other guarded write of the tenant is under way: concurrent requests cannot
 * exceed the limit. Creating an inactive user and all other changes are allowed.
 *
 * The guard throws ForbiddenError (403).
 *
 * @example
 * import { seatLimit } from 'express-scim/lifecycle';
 *
 * const activeUsers = new Map([['acme', 12]]);
 * export const beforeChange = seatLimit({ seats: 50, count: (ctx) => activeUsers.get(ctx.tenant) ?? 0 });
 */
export function seatLimit(options: SeatLimitOptions): Guard {
  checkOptions(options, {
    of: 'seatLimit',
    page: 'lifecycle.md#guards',
    required: ['seats', 'count'],
    kinds: { seats: ['number', 'function'], count: 'function' },
  });
  const { seats } = options;
  return async (change, ctx) => {
    if (change.resourceType !== 'User' || change.operation === 'delete') return;
    if (change.operation === 'create') {
      if (change.set['active'] === false) return;
    } else {
      const reactivates = change.set['active'] === true || change.unset.includes('active');
      if (!reactivates || (await change.current())?.['active'] !== false) return;
    }
    const limit = parseCount(typeof seats === 'function' ? await seats(ctx.tenant) : seats, 'seatLimit: seats');
    if (limit === Infinity) return;
    return {
      async before(transaction) {
        if (parseCount(await options.count(ctx, transaction), 'seatLimit: count') < limit) return;
        throw new ForbiddenError(
          'No seat is left for another active user. Deactivate a user or add seats to the subscription, then try again.',
        );
      },
    };
  };
}
