import type { Awaitable } from '../../contract/awaitable.js';
import type { Json } from '../../contract/attribute.js';
import type { AppliedAction, HeldItem, LeavingUser } from './handlers.js';

/**
 * The state of a task.
 *
 * - `pending`: not done yet.
 * - `done`: carried out.
 * - `undone`: carried out, and undone when the user returned.
 * - `canceled`: no longer needed.
 * - `settled`: an administrator has taken it over. Off-boarding never touches it again.
 *
 * @example
 * import type { OffboardingTaskState } from 'express-scim/lifecycle';
 *
 * export const open: readonly OffboardingTaskState[] = ['pending', 'done'];
 */
export type OffboardingTaskState = 'pending' | 'done' | 'undone' | 'canceled' | 'settled';

/**
 * One unit of work of off-boarding.
 *
 * A `collect` task asks a handler for the items that the user holds. It creates one `apply` task for each item whose
 * policy is not `keep`.
 *
 * @example
 * import type { OffboardingTask } from 'express-scim/lifecycle';
 *
 * export const describeTask = (task: OffboardingTask): string =>
 *   `${task.handler}: ${task.action ?? task.kind} ${task.item?.label ?? ''} (${task.state}) ${task.error ?? ''}`;
 */
export interface OffboardingTask {
  /** Derived from the event, so that a repeated event creates no second task. For `apply` it is the marker's ID. */
  readonly id: string;
  readonly tenant: string;
  readonly user: LeavingUser;
  /** The ID of the event. */
  readonly event: string;
  /** When the user left, as an RFC 3339 timestamp: the time of the event. */
  readonly time: string;
  /** The name of the handler. */
  readonly handler: string;
  readonly kind: 'collect' | 'apply';
  /** Only for `apply`. */
  readonly item?: HeldItem | undefined;
  /** Only for `apply`. */
  readonly action?: AppliedAction | undefined;
  readonly state: OffboardingTaskState;
  /** True: the user has returned, so the task is to be undone, or dropped if it has not started. */
  readonly undo: boolean;
  /** The new ID of a user who was deleted and has returned. */
  readonly returnedAs?: string | undefined;
  /** True: the action was carried out, and the handler can undo it. */
  readonly undoable: boolean;
  /** How many attempts have started. */
  readonly attempts: number;
  /** Milliseconds since 1970; undefined: nothing to do. While a process works on it: when another one may try. */
  readonly nextAttemptAt?: number | undefined;
  /** Why the last attempt failed. */
  readonly error?: string | undefined;
  /** What `apply` returned. */
  readonly note?: Json | undefined;
  /** The administrator who has taken the task over. */
  readonly settledBy?: string | undefined;
}

/**
 * The result of one attempt of a task. `nextAttemptAt` is in milliseconds since 1970.
 *
 * @example
 * import type { TaskOutcome } from 'express-scim/lifecycle';
 *
 * export const failed: TaskOutcome = { state: 'failed', error: 'timeout', nextAttemptAt: Date.now() + 1_000 };
 */
export type TaskOutcome =
  | { readonly state: 'done'; readonly undoable: boolean; readonly note?: Json | undefined }
  | { readonly state: 'undone' | 'canceled' }
  | { readonly state: 'failed'; readonly error: string; readonly nextAttemptAt: number };

/**
 * A user who left and has returned.
 *
 * @example
 * import type { ReturnedUser } from 'express-scim/lifecycle';
 *
 * export const returned: ReturnedUser = { tenant: 'acme', userId: 'u-1', time: '2026-03-01T08:00:00Z' };
 */
export interface ReturnedUser {
  readonly tenant: string;
  /** The ID under which the user left. */
  readonly userId: string;
  /** RFC 3339 timestamp. Departures up to this time are over. */
  readonly time: string;
  /** The new ID of a user who was deleted. */
  readonly returnedAs?: string | undefined;
}

/**
 * Narrows the tasks of a user to one handler, or to one item of it.
 *
 * @example
 * import type { TaskFilter } from 'express-scim/lifecycle';
 *
 * export const laptop: TaskFilter = { handler: 'assets', item: '815' };
 */
export interface TaskFilter {
  /** The name of the handler. */
  readonly handler: string;
  /** The ID of one item of the handler. */
  readonly item?: string | undefined;
}

/**
 * Stores the tasks of off-boarding. Implement it to keep them in a database of your own.
 *
 * The library has two: `memoryOffboardingTaskStore()`, and `sqlOffboardingTaskStore(db)` of `express-scim/sql`. All times
 * and durations are milliseconds, times since 1970.
 *
 * @example
 * import type { OffboardingTaskStore } from 'express-scim/lifecycle';
 *
 * export async function failedTasks(store: OffboardingTaskStore, tenant: string): Promise<readonly string[]> {
 *   const pending = await store.list(tenant, 'pending');
 *   return pending.flatMap(({ error }) => error ?? []);
 * }
 */
export interface OffboardingTaskStore {
  /** Adds new tasks, all or none. Tasks whose ID already exists stay unchanged. */
  add(tasks: readonly OffboardingTask[]): Awaitable<void>;
  /**
   * Claims the due tasks of all tenants, oldest first: counts an attempt and sets `nextAttemptAt` to
   * `now + leaseMilliseconds`, so that no other process claims them too.
   */
  claim(now: number, leaseMilliseconds: number, limit: number): Awaitable<readonly OffboardingTask[]>;
  /**
   * Saves the result of an attempt. A task that is `done` and has `undo` set is due again at `now`.
   *
   * @returns false when the task is settled or another attempt has begun; then nothing is saved
   */
  report(task: OffboardingTask, outcome: TaskOutcome, now: number): Awaitable<boolean>;
  /**
   * Records that a user has returned, and sets `undo` on tasks of departures up to that time: those that are pending,
   * and those that are done and undoable. Settled tasks stay unchanged. A pending task keeps its `nextAttemptAt`,
   * because a process may be working on it.
   */
  returned(user: ReturnedUser, now: number): Awaitable<void>;
  /** The latest return of a user. */
  lastReturn(tenant: string, userId: string): Awaitable<ReturnedUser | undefined>;
  /** All tasks of one user, or only those that match `filter`; oldest first. */
  ofUser(tenant: string, userId: string, filter?: TaskFilter): Awaitable<readonly OffboardingTask[]>;
  /** The tasks in one state, oldest first. `limit` defaults to 100. */
  list(tenant: string, state: OffboardingTaskState, limit?: number): Awaitable<readonly OffboardingTask[]>;
  /**
   * An administrator takes a task over: off-boarding neither carries it out nor undoes it from now on.
   *
   * @returns false when the task is unknown, or neither pending nor done
   */
  settle(tenant: string, id: string, by: string): Awaitable<boolean>;
}

/** A task after an attempt. */
export function taskAfter(task: OffboardingTask, outcome: TaskOutcome, now: number): OffboardingTask {
  switch (outcome.state) {
    case 'failed':
      return { ...task, error: outcome.error, nextAttemptAt: outcome.nextAttemptAt };
    case 'done': {
      const { undoable, note } = outcome;
      const nextAttemptAt = task.undo && undoable ? now : undefined;
      return { ...task, state: 'done', undoable, note, error: undefined, nextAttemptAt };
    }
    case 'undone':
    case 'canceled':
      return { ...task, state: outcome.state, undoable: false, error: undefined, nextAttemptAt: undefined };
  }
}
