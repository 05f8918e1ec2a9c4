import { HeldError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { WriteTransaction } from '../../contract/store.js';
import type { ConflictStore } from '../conflicts/conflicts.js';
import { parseCount } from '../parse-count.js';
import { type Guard, isDeactivation } from './guards.js';
import type { Hold, HoldStore } from './holds.js';
import { checkOptions, type OptionRules } from '../../contract/option-mistakes.js';

const rules: OptionRules<keyof MassDeactivationOptions> = {
  of: 'massDeactivationBreaker',
  page: 'lifecycle.md#the-breaker',
  required: ['count', 'holds'],
  kinds: {
    share: 'number',
    windowMilliseconds: 'number',
    minimum: 'number',
    retryAfterMilliseconds: 'number',
    count: 'function',
    holds: 'object',
    conflicts: 'object',
    onHold: 'function',
    clock: 'function',
  },
};

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
  /** The number of active users of the tenant now. Count through `transaction.handle`, if the store has one. */
  count(ctx: ScimContext, transaction: WriteTransaction): Awaitable<number>;
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
 * affected. `holds.approve(tenant)` allows all deactivations for one hour.
 *
 * The guard counts inside the write, while no other guarded write of the tenant is under way, so that concurrent requests
 * cannot exceed the limit. A deactivation that fails for another reason is not counted.
 *
 * The guard throws HeldError (503).
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
  checkOptions(options, rules, ({ share: part }) => [
    typeof part === 'number' && !(part > 0 && part <= 1) ? 'share must be above 0 and at most 1' : undefined,
    Object.values(options).includes(Infinity) ? 'every number must be finite' : undefined,
  ]);
  const {
    share = 0.2,
    windowMilliseconds = 3_600_000,
    minimum = 10,
    retryAfterMilliseconds = 600_000,
    holds,
    clock = Date.now,
  } = options;
  const refusal = (): HeldError =>
    new HeldError(
      retryAfterMilliseconds / 1000,
      'Unusually many users are being deactivated: this change is held until an administrator approves it. Try again later.',
    );
  /** Adds a hold to the conflicts, or applies what an administrator has decided. @returns whether it was approved */
  const decide = async (hold: Hold, excess?: Excess): Promise<boolean> => {
    if (options.conflicts === undefined) return false;
    const summary = summaryOf(excess, windowMilliseconds);
    return applyDecision(options.conflicts, { hold, holds, windowMilliseconds, summary });
  };

  return async (change, ctx) => {
    if (!(await isDeactivation(change))) return undefined;
    const { tenant } = ctx;
    const id = change.id ?? '';
    const hold = await holds.held(tenant);
    if (hold !== undefined && !(await decide(hold))) throw refusal();
    /** Where this attempt is counted; undefined: it is not. */
    let countedIn: WriteTransaction | undefined;
    let excess: Excess | undefined;
    const release = async (): Promise<void> => {
      const transaction = countedIn;
      countedIn = undefined;
      if (transaction !== undefined) await holds.release?.(tenant, id, transaction);
    };
    return {
      async before(transaction) {
        // The store repeats the transaction.
        await release();
        excess = undefined;
        const active = parseCount(await options.count(ctx, transaction), 'massDeactivationBreaker: count');
        let users = 0;
        let isExcess = false;
        const attempt = {
          now: clock(),
          windowMilliseconds,
          // The users who are already deactivated were active when the window began.
          tooMany(number: number): boolean {
            users = number;
            isExcess = number > minimum && number > share * (active + number - 1);
            return isExcess;
          },
        };
        const applied = await holds.attempt(tenant, id, attempt, transaction);
        if (applied === undefined) {
          // A user who was counted before stays counted.
          if (users > 0) countedIn = transaction;
          return;
        }
        if (isExcess) excess = { hold: applied, users, active: active + users - 1 };
        throw refusal();
      },
      // The transaction is rolled back, and with it a hold that it created.
      async failed() {
        await release();
        if (excess === undefined) return;
        let isNew = false;
        const createHold = { now: clock(), windowMilliseconds, tooMany: () => (isNew = true) };
        const kept = await holds.attempt(tenant, id, createHold);
        if (kept === undefined) return;
        if (isNew || kept.id === excess.hold.id) await options.onHold?.(kept);
        await decide(kept, excess);
      },
    };
  };
}

/** An attempt that was one too many, with the hold that it created. */
interface Excess {
  readonly hold: Hold;
  /** How many users were to be deactivated, of how many. */
  readonly users: number;
  readonly active: number;
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

/** @param excess undefined where the request that created the hold was interrupted before it added the conflict */
function summaryOf(excess: Excess | undefined, windowMilliseconds: number): string {
  const minutes = Math.round(windowMilliseconds / 60_000);
  const within = minutes === 60 ? 'an hour' : `${String(minutes)} minutes`;
  const users =
    excess === undefined
      ? 'unusually many active users'
      : `${String(excess.users)} of ${String(excess.active)} active users`;
  return `The identity provider has requested to deactivate or delete ${users} within ${within}. The last of these and all further ones are held; the others have taken effect.`;
}
