import { randomUUID } from 'node:crypto';
import type { Awaitable } from '../../contract/awaitable.js';

/** Deactivations of one tenant that are held back. */
export interface Hold {
  /** Names this hold: another one of the same tenant has another id. */
  readonly id: string;
  readonly tenant: string;
  /** Since when, milliseconds since 1970. */
  readonly since: number;
  /** When it ends by itself, milliseconds since 1970; left out while nobody has refused it. */
  readonly until?: number | undefined;
}

/** One attempt to deactivate somebody. */
export interface Attempt {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How far back attempts count, milliseconds. */
  readonly windowMilliseconds: number;
  /** Whether so many different users, this one included, are too many. */
  tooMany(users: number): boolean;
}

/** What an administrator says to a hold. */
export interface HoldDecision {
  /** Who decided. */
  readonly by?: string | undefined;
  /** How long the answer stands, milliseconds. Default one hour. */
  readonly milliseconds?: number | undefined;
}

/** Counts deactivations and keeps what is held; one for all processes of a service. Every call is bound to a tenant. */
export interface HoldStore {
  /**
   * Counts an attempt, in one step that no other process can come between. The same person counts once in a window;
   * somebody who is held back does not count.
   *
   * @returns the hold that stands in the way, made here where this attempt is one too many; undefined: go on
   */
  attempt(tenant: string, resourceId: string, attempt: Attempt): Awaitable<Hold | undefined>;
  /** The hold of a tenant, for a panel. */
  held(tenant: string): Awaitable<Hold | undefined>;
  /** Ends the hold and lets everything through for a time; then counting begins at nothing. False: nothing was held. */
  approve(tenant: string, response?: HoldDecision): Awaitable<boolean>;
  /** Lets the hold stand for a time; then it ends, and counting begins at nothing. False: nothing was held. */
  refuse(tenant: string, response?: HoldDecision): Awaitable<boolean>;
}

/** How long an answer to a hold stands unless it says so itself, milliseconds. */
export const decisionStands = 3_600_000;

/** What a store keeps of a tenant beside its attempts. */
export interface HoldState {
  readonly hold?: Hold | undefined;
  /** Until when everything is let through, milliseconds since 1970. */
  readonly openUntil: number;
}

/** What is so at a moment: a hold that was refused, and a time of approval, end by themselves. */
export function stateAt(state: HoldState, now: number): { readonly state: HoldState; readonly ended: boolean } {
  const over = state.hold?.until !== undefined && state.hold.until <= now;
  const closed = state.openUntil > 0 && state.openUntil <= now;
  if (!over && !closed) return { state, ended: false };
  return { state: { hold: over ? undefined : state.hold, openUntil: closed ? 0 : state.openUntil }, ended: true };
}

/** A hold that begins. */
export function newHold(tenant: string, now: number): Hold {
  return { id: randomUUID(), tenant, since: now };
}

/** Holds in memory: for tests and for one process. @param clock milliseconds since 1970 */
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
    held: (tenant) => stateOf(tenant, clock()).hold,
    approve(tenant, response) {
      const now = clock();
      if (stateOf(tenant, now).hold === undefined) return false;
      attempts.delete(tenant);
      states.set(tenant, { openUntil: now + (response?.milliseconds ?? decisionStands) });
      return true;
    },
    refuse(tenant, response) {
      const now = clock();
      const { hold, openUntil } = stateOf(tenant, now);
      if (hold === undefined) return false;
      states.set(tenant, { hold: { ...hold, until: now + (response?.milliseconds ?? decisionStands) }, openUntil });
      return true;
    },
  };
}
