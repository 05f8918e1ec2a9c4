import { UnavailableError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ConflictStore } from '../conflicts/conflicts.js';
import { type Guard, isDeactivation } from './guards.js';
import type { Hold, HoldStore } from './holds.js';

/** Options of `massDeactivationBreaker`. */
export interface MassDeactivationOptions {
  /** Part of a tenant's active users that may be switched off in one windowMilliseconds, 0 to 1. Default 0.2. */
  readonly share?: number | undefined;
  /** Length of the sliding windowMilliseconds, milliseconds. Default 3,600,000: one hour. */
  readonly windowMilliseconds?: number | undefined;
  /** So many are never held, however small the tenant. Default 10. */
  readonly minimum?: number | undefined;
  /** When the client shall try again, milliseconds. Default 600,000: ten minutes. */
  readonly retryAfterMilliseconds?: number | undefined;
  /** Active users of the tenant now. */
  count(ctx: ScimContext): Awaitable<number>;
  /** Counts for all processes: `memoryHoldStore()`, or `sqlHoldStore(db)` of express-scim/sql. */
  readonly holds: HoldStore;
  /** Where a hold is queued for the panel; settling it there is as good as `holds.approve(tenant)`. */
  readonly conflicts?: ConflictStore | undefined;
  /** Called once for each hold: tell an administrator. */
  readonly onHold?: ((hold: Hold) => Awaitable<void>) | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Holds a mass deactivation, as of a wrong scope or a stolen key, until an administrator approves it.
 *
 * It counts different users that are switched off (`active` from true to false) or deleted. The first that is one too
 * many, and all after it, are answered 503 with Retry-After, so that the client comes again; everything else goes on.
 * `holds.approve(tenant)` lets everything through for an hour.
 *
 * @throws UnavailableError (503)
 * @throws TypeError at creation, for a share or numbers that make no sense
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
  if (!(share > 0 && share <= 1)) throw new TypeError('massDeactivationBreaker: share must be above 0, 1 at most.');
  for (const [name, value] of Object.entries({ windowMilliseconds, minimum, retryAfterMilliseconds })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new TypeError(`massDeactivationBreaker: ${name} must be a number, 0 or more.`);
    }
  }
  return async (change, ctx) => {
    if (!(await isDeactivation(change))) return;
    const { tenant } = ctx;
    const active = await options.count(ctx);
    const attempt = {
      now: clock(),
      windowMilliseconds,
      // Those who are off already were active when the window began.
      tooMany: (users: number): boolean => users > minimum && users > share * (active + users - 1),
    };
    let made = false;
    let counted = 0;
    const watched = {
      ...attempt,
      tooMany(users: number): boolean {
        counted = users;
        made = attempt.tooMany(users);
        return made;
      },
    };
    let hold = await holds.attempt(tenant, change.id ?? '', watched);
    if (hold === undefined) return;
    if (made) await options.onHold?.(hold);
    if (options.conflicts !== undefined) {
      // Who comes later, or after a crash, no longer knows the number; it was above the limits.
      const users = made ? counted : Math.floor(Math.max(minimum, share * active)) + 1;
      const summary = summaryOf(users, active + users - 1, windowMilliseconds);
      const responded = await askPanel(options.conflicts, { hold, holds, windowMilliseconds, summary });
      if (responded) hold = await holds.attempt(tenant, change.id ?? '', attempt);
      if (hold === undefined) return;
    }
    throw new UnavailableError(
      retryAfterMilliseconds / 1000,
      'Unusually many users are being deactivated; this is held until an administrator approves it. Try again later.',
    );
  };
}

/** Queues a hold, or carries out what was decided of it. @returns whether it was answered just now */
async function askPanel(
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
  return `The identity provider wants to switch off or delete ${String(users)} of ${String(active)} active users within ${within}, and perhaps more. Those before the last are off already; everything after is held.`;
}
