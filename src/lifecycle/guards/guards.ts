import { callHook } from '../../contract/hook-source.js';
import type { Awaitable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import type { ScimContext } from '../../contract/context.js';
import { firstTimes } from '../../contract/first-times.js';
import type { ChangeCheck, ProposedChange } from '../../hooks.js';
import { checkOutcome, parseCheck, type ReportFalse } from './parse-check.js';
import { usageError } from '../../contract/option-mistakes.js';

/**
 * A `beforeChange` hook: it returns to allow a change, and throws a `ScimError` to refuse it. To decide inside the write,
 * it returns a `ChangeCheck`.
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
 * @throws TypeError at creation for anything that is neither a function nor undefined
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
  const mistakes: string[] = [];
  for (const [index, guard] of (list as readonly unknown[]).entries()) {
    if (guard === undefined || typeof guard === 'function') continue;
    mistakes.push(`argument ${String(index)} must be a function or undefined; got ${describe(guard)}`);
  }
  if (mistakes.length > 0) throw usageError('guards', mistakes, 'lifecycle.md#guards');
  const present = list.filter((guard) => guard !== undefined);
  const isFirst = firstTimes();
  const warnOnce = (sentence: string): void => {
    if (isFirst(sentence))
      process.emitWarning(sentence, { type: 'ExpressScimWarning', code: 'SCIM_GUARD_RETURNED_FALSE' });
  };
  return async (change, ctx) => {
    const checks: ChangeCheck[] = [];
    for (const guard of present) {
      const place = `guard ${String(list.indexOf(guard))} of guards()`;
      const returned: unknown = await callHook(place, () => guard(change, ctx));
      const check = parseCheck(returned, place, warnOnce);
      if (check !== undefined) checks.push(check);
    }
    return combined(checks, warnOnce);
  };
}

function combined(checks: readonly ChangeCheck[], warnOnce: ReportFalse): ChangeCheck | undefined {
  const [only, ...others] = checks;
  if (others.length === 0) return only;
  return {
    // Without any `before` the store takes no lock.
    ...(checks.some(({ before }) => before !== undefined) && {
      async before(transaction) {
        for (const check of checks) {
          checkOutcome(await check.before?.(transaction), 'before of a check', warnOnce);
        }
      },
    }),
    ...(checks.some(({ after }) => after !== undefined) && {
      async after(result, transaction) {
        for (const check of checks) {
          checkOutcome(await check.after?.(result, transaction), 'after of a check', warnOnce);
        }
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
