import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ChangeCheck, ProposedChange } from '../../hooks.js';

/**
 * A `beforeChange` hook: it returns to allow a change, and throws a `ScimError` to refuse it. What it has to decide inside
 * the write it returns as a `ChangeCheck`.
 *
 * @example
 * import { ForbiddenError } from 'express-scim';
 * import type { Guard } from 'express-scim/lifecycle';
 *
 * export const noDeletions: Guard = (change) => {
 *   if (change.operation === 'delete') throw new ForbiddenError('Deactivate users instead of deleting them.');
 * };
 */
export type Guard = (change: ProposedChange, ctx: ScimContext) => Awaitable<ChangeCheck | undefined | void>;

/**
 * Combines guards into one `beforeChange`. They run in order; the first one that refuses decides. `undefined` is skipped.
 * The checks that they return run inside one write, in the same order.
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
    const checks: ChangeCheck[] = [];
    for (const guard of present) {
      const check = await guard(change, ctx);
      if (check !== undefined) checks.push(check);
    }
    return combined(checks);
  };
}

function combined(checks: readonly ChangeCheck[]): ChangeCheck | undefined {
  const [only, ...others] = checks;
  if (others.length === 0) return only;
  return {
    // Without any `before` the store takes no lock.
    ...(checks.some(({ before }) => before !== undefined) && {
      async before(transaction) {
        for (const check of checks) await check.before?.(transaction);
      },
    }),
    ...(checks.some(({ after }) => after !== undefined) && {
      async after(result, transaction) {
        for (const check of checks) await check.after?.(result, transaction);
      },
    }),
    ...(checks.some(({ failed }) => failed !== undefined) && {
      async failed(error) {
        const errors: unknown[] = [];
        for (const check of checks) {
          try {
            await check.failed?.(error);
          } catch (thrown) {
            errors.push(thrown);
          }
        }
        if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
      },
    }),
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
