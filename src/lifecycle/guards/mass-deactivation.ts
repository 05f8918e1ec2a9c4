import { UnavailableError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ConflictStore } from '../conflicts/conflicts.js';
import { type Guard, isDeactivation } from './guards.js';
import type { Hold, HoldStore } from './holds.js';

/**
 * Options of `massDeactivationBreaker`. All durations are in milliseconds.
 *
 * @example
 * import { type MassDeactivationOptions, memoryHoldStore } from 'express-scim/lifecycle';
 *
 * export const options: MassDeactivationOptions = { share: 0.1, count: () => 500, holds: memoryHoldStore() };
 */
export interface MassDeactivationOptions {
  /** The share of a tenant's active users that may be deactivated in one window: above 0, at most 1. Default 0.2. */
  readonly share?: number | undefined;
  /** Length of the sliding window. Default 3,600,000 (one hour). */
  readonly windowMilliseconds?: number | undefined;
  /** This number of users is never held, however small the tenant. Default 10. */
  readonly minimum?: number | undefined;
  /** When the client should retry; sent in seconds as Retry-After. Default 600,000 (ten minutes). */
  readonly retryAfterMilliseconds?: number | undefined;
  /** The number of active users of the tenant now. */
  count(ctx: ScimContext): Awaitable<number>;
  /** `memoryHoldStore()`, or `sqlHoldStore(db)` of `express-scim/sql` if the service has several processes. */
  readonly holds: HoldStore;
  /** Also adds each hold as a conflict, so that it can be decided in the settings panel. Default: no. */
  readonly conflicts?: ConflictStore | undefined;
  /** Called once for each hold, for example to notify an administrator. */
  readonly onHold?: ((hold: Hold) => Awaitable<void>) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Holds a mass deactivation until an administrator approves it, for example after a wrong scope or with a stolen key.
 *
 * It counts different users who are deactivated (`active` from true to false) or deleted. When there are too many, that
 * request and all further deactivations get a 503 with Retry-After, so that the client retries. Other requests are not
 * affected. `holds.approve(tenant)` lets all deactivations pass for one hour.
 *
 * The guard throws UnavailableError (503).
 *
 * @throws TypeError at creation, when `share` or another number is out of range
 *
 * @example
 * import { massDeactivationBreaker, memoryConflictStore, memoryHoldStore } from 'express-scim/lifecycle';
 *
 * export const beforeChange = massDeactivationBreaker({
 *   count: () => 500,
 *   holds: memoryHoldStore(),
 *   conflicts: memoryConflictStore(),
 *   onHold: (hold) => console.warn(`Deactivations of ${hold.tenant} are held.`),
 * });
 */
export function massDeactivationBreaker(options: MassDeactivationOptions): Guard {
  const {
    share = 0.2,
    windowMilliseconds = 3_600_000,
    minimum = 10,
    retryAfterMilliseconds = 600_000,
    holds,
    clock = Date.now,
  } = options;
  if (!(share > 0 && share <= 1)) throw new TypeError('massDeactivationBreaker: share must be above 0 and at most 1.');
  for (const [name, value] of Object.entries({ windowMilliseconds, minimum, retryAfterMilliseconds })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new TypeError(`massDeactivationBreaker: ${name} must be a number that is not negative.`);
    }
  }
  return async (change, ctx) => {
    if (!(await isDeactivation(change))) return;
    const { tenant } = ctx;
    const active = await options.count(ctx);
    const attempt = {
      now: clock(),
      windowMilliseconds,
      // The users who are already deactivated were active when the window began.
      tooMany: (users: number): boolean => users > minimum && users > share * (active + users - 1),
    };
    let isNewHold = false;
    let counted = 0;
    const observedAttempt = {
      ...attempt,
      tooMany(users: number): boolean {
        counted = users;
        isNewHold = attempt.tooMany(users);
        return isNewHold;
      },
    };
    let hold = await holds.attempt(tenant, change.id ?? '', observedAttempt);
    if (hold === undefined) return;
    if (isNewHold) await options.onHold?.(hold);
    if (options.conflicts !== undefined) {
      // A later request, or one after a crash, does not know the number; it was just above the limits.
      const users = isNewHold ? counted : Math.floor(Math.max(minimum, share * active)) + 1;
      const summary = summaryOf(users, active + users - 1, windowMilliseconds);
      const approved = await applyDecision(options.conflicts, { hold, holds, windowMilliseconds, summary });
      if (approved) hold = await holds.attempt(tenant, change.id ?? '', attempt);
      if (hold === undefined) return;
    }
    throw new UnavailableError(
      retryAfterMilliseconds / 1000,
      'Unusually many users are being deactivated: this change is held until an administrator approves it. Try again later.',
    );
  };
}

/** Adds a hold to the conflicts, or applies the administrator's decision about it. @returns whether it was approved */
async function applyDecision(
  conflicts: ConflictStore,
  {
    hold,
    holds,
    windowMilliseconds,
    summary,
  }: { readonly hold: Hold; readonly holds: HoldStore; readonly windowMilliseconds: number; readonly summary: string },
): Promise<boolean> {
  const { tenant } = hold;
  const fingerprint = `mass-deactivation:${hold.id}`;
  const decision = (await conflicts.find(tenant, fingerprint))?.decision;
  if (decision === undefined) {
    await conflicts.add({
      tenant,
      kind: 'mass-deactivation',
      fingerprint,
      summary,
      candidates: [],
    });
    return false;
  }
  if (decision.action === 'approve')
    return holds.approve(tenant, { by: decision.by, milliseconds: windowMilliseconds });
  if (hold.until === undefined) await holds.refuse(tenant, { by: decision.by, milliseconds: windowMilliseconds });
  return false;
}

function summaryOf(users: number, active: number, windowMilliseconds: number): string {
  const minutes = Math.round(windowMilliseconds / 60_000);
  const within = minutes === 60 ? 'an hour' : `${String(minutes)} minutes`;
  return `The identity provider has requested to deactivate or delete ${String(users)} of ${String(active)} active users within ${within}. The last of these and all further ones are held; the others have taken effect.`;
}
