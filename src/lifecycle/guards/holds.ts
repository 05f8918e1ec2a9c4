import { randomUUID } from 'node:crypto';
import type { Awaitable } from '../../contract/awaitable.js';
import type { WriteTransaction } from '../../contract/store.js';

/**
 * Deactivations of one tenant that are held until an administrator decides.
 *
 * @example
 * import type { Hold } from 'express-scim/lifecycle';
 *
 * export const message = ({ tenant, since }: Hold): string =>
 *   `Deactivations of ${tenant} are held since ${new Date(since).toISOString()}.`;
 */
export interface Hold {
  /** Unique: a later hold of the same tenant has another ID. */
  readonly id: string;
  readonly tenant: string;
  /** Since when, milliseconds since 1970. */
  readonly since: number;
  /** When it ends by itself, milliseconds since 1970. Undefined until an administrator refuses. */
  readonly until?: number | undefined;
}

/**
 * One attempt to deactivate a user.
 *
 * @example
 * import type { DeactivationAttempt } from 'express-scim/lifecycle';
 *
 * export const attempt: DeactivationAttempt = {
 *   now: Date.now(),
 *   windowMilliseconds: 3_600_000,
 *   tooMany: (users) => users > 10,
 * };
 */
export interface DeactivationAttempt {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far back attempts count. */
  readonly windowMilliseconds: number;
  /** Whether this number of different users, including the current one, is too many. */
  tooMany(users: number): boolean;
}

/**
 * Details of an administrator's decision about a hold.
 *
 * @example
 * import type { HoldDecision } from 'express-scim/lifecycle';
 *
 * export const forADay: HoldDecision = { by: 'root', milliseconds: 86_400_000 };
 */
export interface HoldDecision {
  /** The administrator who decided. */
  readonly by?: string | undefined;
  /** How long the decision is valid. Default 3,600,000 (one hour). */
  readonly milliseconds?: number | undefined;
}

/**
 * Counts deactivations and keeps holds. All processes of a service share one. Every call is bound to a tenant.
 *
 * The library has two: `memoryHoldStore()`, and `sqlHoldStore(db)` of `express-scim/sql`.
 *
 * @example
 * import type { HoldStore } from 'express-scim/lifecycle';
 *
 * export async function approveHold(holds: HoldStore, tenant: string, by: string): Promise<boolean> {
 *   return (await holds.held(tenant)) !== undefined && (await holds.approve(tenant, { by }));
 * }
 */
export interface HoldStore {
  /**
   * Counts an attempt atomically. A user counts once in a window. A held attempt does not count.
   *
   * @param transaction the write that the attempt belongs to. A store that counts in the same database does so inside this
   *   transaction, so that an attempt whose write fails is not counted, and a hold that it creates is not kept.
   * @returns the hold that applies, created by this call when this attempt is one too many; undefined: go on
   */
  attempt(
    tenant: string,
    resourceId: string,
    attempt: DeactivationAttempt,
    transaction?: WriteTransaction,
  ): Awaitable<Hold | undefined>;
  /**
   * Takes back an attempt whose write has failed, unless its transaction did. Without it such an attempt stays counted.
   *
   * @param transaction as `attempt` got it; it has ended
   */
  release?(tenant: string, resourceId: string, transaction?: WriteTransaction): Awaitable<void>;
  /** The current hold of a tenant, for display. */
  held(tenant: string): Awaitable<Hold | undefined>;
  /** Ends the hold and lets all deactivations pass for a time. Then counting starts at zero. @returns false without a hold */
  approve(tenant: string, decision?: HoldDecision): Awaitable<boolean>;
  /** Keeps the hold for a time. Then it ends, and counting starts at zero. @returns false without a hold */
  refuse(tenant: string, decision?: HoldDecision): Awaitable<boolean>;
}

/** How long a decision is valid by default. */
export const defaultDecisionMilliseconds = 3_600_000;

/** What a store keeps for a tenant besides its attempts. */
export interface HoldState {
  readonly hold?: Hold | undefined;
  /** Until when all deactivations pass, milliseconds since 1970. */
  readonly openUntil: number;
}

/** The state at a moment: a refused hold and an approval expire by themselves. `ended`: one of them has expired. */
export function stateAt(state: HoldState, now: number): { readonly state: HoldState; readonly ended: boolean } {
  const holdEnded = state.hold?.until !== undefined && state.hold.until <= now;
  const approvalEnded = state.openUntil > 0 && state.openUntil <= now;
  if (!holdEnded && !approvalEnded) return { state, ended: false };
  return {
    state: { hold: holdEnded ? undefined : state.hold, openUntil: approvalEnded ? 0 : state.openUntil },
    ended: true,
  };
}

/** A new hold. */
export function newHold(tenant: string, now: number): Hold {
  return { id: randomUUID(), tenant, since: now };
}

/**
 * Counts deactivations and keeps holds in memory: for tests, and for a service of a single process.
 *
 * @param clock current time in milliseconds since 1970. Default `Date.now`.
 *
 * @example
 * import { memoryHoldStore } from 'express-scim/lifecycle';
 *
 * export const holds = memoryHoldStore();
 */
export function memoryHoldStore(clock: () => number = Date.now): HoldStore {
  const attempts = new Map<string, Map<string, number>>();
  const states = new Map<string, HoldState>();
  const stateOf = (tenant: string, now: number): HoldState => {
    const { state, ended } = stateAt(states.get(tenant) ?? { openUntil: 0 }, now);
    if (ended) {
      attempts.delete(tenant);
      states.set(tenant, state);
    }
    return state;
  };
  return {
    attempt(tenant, resourceId, { now, windowMilliseconds, tooMany }) {
      const state = stateOf(tenant, now);
      if (state.openUntil > now) return undefined;
      if (state.hold !== undefined) return state.hold;
      let counted = attempts.get(tenant);
      if (counted === undefined) attempts.set(tenant, (counted = new Map()));
      for (const [id, time] of counted) if (time <= now - windowMilliseconds) counted.delete(id);
      if (counted.has(resourceId)) return undefined;
      if (tooMany(counted.size + 1)) {
        const hold = newHold(tenant, now);
        states.set(tenant, { ...state, hold });
        return hold;
      }
      counted.set(resourceId, now);
      return undefined;
    },
    release(tenant, resourceId) {
      attempts.get(tenant)?.delete(resourceId);
    },
    held: (tenant) => stateOf(tenant, clock()).hold,
    approve(tenant, decision) {
      const now = clock();
      if (stateOf(tenant, now).hold === undefined) return false;
      attempts.delete(tenant);
      states.set(tenant, { openUntil: now + (decision?.milliseconds ?? defaultDecisionMilliseconds) });
      return true;
    },
    refuse(tenant, decision) {
      const now = clock();
      const { hold, openUntil } = stateOf(tenant, now);
      if (hold === undefined) return false;
      states.set(tenant, {
        hold: { ...hold, until: now + (decision?.milliseconds ?? defaultDecisionMilliseconds) },
        openUntil,
      });
      return true;
    },
  };
}
