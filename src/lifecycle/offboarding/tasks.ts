import type { Awaitable } from '../../contract/awaitable.js';
import type { Json } from '../../contract/attribute.js';
import type { AppliedAction, HeldItem, LeavingUser } from './handlers.js';

/**
 * - `pending`: to be done.
 * - `done`: carried out.
 * - `undone`: carried out, and taken back when the person returned.
 * - `canceled`: not needed any more.
 * - `settled`: a person has taken it over; off-boarding never touches it again.
 */
export type OffboardingTaskState = 'pending' | 'done' | 'undone' | 'canceled' | 'settled';

/** Something that off-boarding has to do: `ask` a holder what the person holds, or `apply` an action to one thing. */
export interface OffboardingTask {
  /** Worked out from the event, so that an event that arrives twice makes nothing twice. The mark's id of `apply`. */
  readonly id: string;
  readonly tenant: string;
  readonly person: LeavingUser;
  /** Id of the event. */
  readonly event: string;
  /** When the person left, as an RFC 3339 timestamp: the event's. */
  readonly time: string;
  readonly handler: string;
  readonly task: 'ask' | 'apply';
  /** Of `apply`. */
  readonly item?: HeldItem | undefined;
  readonly action?: AppliedAction | undefined;
  readonly state: OffboardingTaskState;
  /** True: the person is back, and it is to be taken back or dropped. */
  readonly undo: boolean;
  /** The id that a deleted person came back with. */
  readonly returnedAs?: string | undefined;
  /** True: carried out, and there is a mark of ours that can be taken back. */
  readonly undoable: boolean;
  readonly attempts: number;
  /** Milliseconds since 1970; undefined: nothing to do. While somebody works on it: when another may try. */
  readonly nextAttemptAt?: number | undefined;
  /** Why the last attempt failed. */
  readonly error?: string | undefined;
  /** What `apply` returned. */
  readonly note?: Json | undefined;
  /** Who took it over. */
  readonly settledBy?: string | undefined;
}

/** What came of an attempt. */
export type Outcome =
  | { readonly state: 'done'; readonly undoable: boolean; readonly note?: Json | undefined }
  | { readonly state: 'undone' | 'canceled' }
  | { readonly state: 'failed'; readonly error: string; readonly nextAttemptAt: number };

/** Someone who came back. */
export interface Return {
  readonly tenant: string;
  readonly userId: string;
  /** RFC 3339: departures up to then are over. */
  readonly time: string;
  /** The id that a deleted person came back with. */
  readonly as?: string | undefined;
}

/** Part of what there is about a person. */
export interface About {
  readonly handler: string;
  /** Id of one thing in the holder. */
  readonly item?: string | undefined;
}

/** Where obligations are kept. */
export interface OffboardingTaskStore {
  /** Keeps new ones, all or none; those whose id is there already stay as they are. */
  add(tasks: readonly OffboardingTask[]): Awaitable<void>;
  /**
   * Takes what is due, oldest first, of all tenants: counts an attempt, and puts `nextAttemptAt` to `now + lease` so
   * that no other process takes it too.
   */
  claim(now: number, lease: number, limit: number): Awaitable<readonly OffboardingTask[]>;
  /**
   * Notes what came of an attempt. `done` with `undo` wanted is due again at `now`.
   *
   * @returns false where it is settled, or another attempt has begun: nothing is noted then
   */
  report(task: OffboardingTask, outcome: Outcome, now: number): Awaitable<boolean>;
  /**
   * Notes that somebody is back, and asks to undo what is pending, or done and undoable, of departures up to then.
   * Settled ones stay. What is pending keeps its `nextAttemptAt`, since somebody may be at work on it.
   */
  returned(person: Return, now: number): Awaitable<void>;
  /** The latest return of a person. */
  lastReturn(tenant: string, userId: string): Awaitable<Return | undefined>;
  /** All of one person, or those about one holder, or one thing in it; oldest first. */
  of(tenant: string, userId: string, about?: About): Awaitable<readonly OffboardingTask[]>;
  /** Those in a state, oldest first, for a panel. Default 100 at most. */
  list(tenant: string, state: OffboardingTaskState, limit?: number): Awaitable<readonly OffboardingTask[]>;
  /** A person takes one over: it is neither done nor undone from then on. False: unknown, or not pending or done. */
  settle(tenant: string, id: string, by: string): Awaitable<boolean>;
}
