import type { Json } from '../../contract/attribute.js';
import { observeJob } from '../../contract/diagnostics.js';
import { callHook, noteSource, takeSource } from '../../contract/hook-source.js';
import { failureText } from '../jobs/failure-text.js';
import { retryDelay } from '../jobs/retry-delay.js';
import { RunLoop } from '../jobs/run-loop.js';
import { within } from '../jobs/within.js';
import {
  actionFor,
  type AppliedAction,
  type HeldItem,
  heldItems,
  type LeavingUser,
  type OffboardingHandler,
  placeOf,
} from './handlers.js';
import { idFrom } from './ids.js';
import type { OffboardingOptions } from './options.js';
import type { OffboardingTask, TaskOutcome } from './tasks.js';
import type { CustodyEntry } from './tombstones.js';

const batchSize = 10;
const undoneByDefault: readonly AppliedAction[] = ['flag', 'block'];

/** Carries out tasks, with retries. Any number of processes may work on one store. */
export class Worker {
  readonly loop: RunLoop;
  readonly #options: OffboardingOptions;
  readonly #handlers: ReadonlyMap<string, OffboardingHandler>;
  readonly #clock: () => number;
  readonly #timeoutMilliseconds: number;

  constructor(options: OffboardingOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.name, handler]));
    this.#clock = options.clock ?? Date.now;
    this.#timeoutMilliseconds = options.timeoutMilliseconds ?? 30_000;
    this.loop = new RunLoop({
      intervalMilliseconds: options.intervalMilliseconds ?? 5_000,
      round: () => this.#round(),
      onError: (error) => options.onError?.(error, undefined, takeSource(error)),
    });
  }

  async #round(): Promise<number> {
    if (this.loop.isStopping) return 0;
    // The tasks of a batch run in parallel, so that none outlives its lease.
    const claimed = await this.#options.store.claim(this.#clock(), 2 * this.#timeoutMilliseconds, batchSize);
    const attempts = await Promise.allSettled(claimed.map((task) => this.#attempt(task)));
    for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
    return claimed.length;
  }

  async #attempt(task: OffboardingTask): Promise<void> {
    const { firstRetryMilliseconds = 1_000, maxRetryMilliseconds = 3_600_000 } = this.#options;
    const { tenant, handler, attempts } = task;
    const message = { job: 'off-boarding', subject: handler, tenant, attempt: attempts };
    let outcome: TaskOutcome;
    try {
      outcome = await observeJob(message, () => this.#inTime(handler, this.#carryOut(task)));
    } catch (error) {
      this.#options.onError?.(error, task, takeSource(error));
      const text = failureText(error, 'The handler failed without an error message.');
      const nextAttemptAt = this.#clock() + retryDelay(attempts, firstRetryMilliseconds, maxRetryMilliseconds);
      outcome = { state: 'failed', error: text, nextAttemptAt };
    }
    await this.#options.store.report(task, outcome, this.#clock());
  }

  #inTime<T>(handler: string, work: Promise<T>): Promise<T> {
    const limit = this.#timeoutMilliseconds;
    return within(work, limit, () => {
      const error = new Error(`The handler did not finish within ${String(limit)} ms.`);
      noteSource(error, placeOf(handler));
      return error;
    });
  }

  async #carryOut(task: OffboardingTask): Promise<TaskOutcome> {
    const handler = this.#handlers.get(task.handler);
    if (handler === undefined) throw new Error(`There is no longer a handler with the name ${task.handler}.`);
    if (task.undo) return this.#undo(task, handler);
    const { item, action } = task;
    if (item === undefined || action === undefined) return this.#collect(task, handler);
    const earlier = await this.#earlierMarker(task, item);
    if (earlier === 'to-undo') throw new Error('An earlier marker on the same item has to be undone first.');
    if (earlier === 'in-place') return { state: 'canceled' };
    const note = await callHook(`${placeOf(handler.name)}.apply`, () =>
      handler.apply(item, action, task.user, task.id),
    );
    const canUndo = handler.undo !== undefined && (handler.undoes ?? undoneByDefault).includes(action);
    if (note === false) return { state: 'done', undoable: false };
    return { state: 'done', undoable: canUndo, note: note as Json | undefined };
  }

  /** What an earlier task of the same user has left on the same item. */
  async #earlierMarker(task: OffboardingTask, item: HeldItem): Promise<'to-undo' | 'in-place' | undefined> {
    const { store } = this.#options;
    const { tenant, user, handler, action } = task;
    const all = await store.ofUser(tenant, user.id, { handler, item: item.id });
    const earlier = all.filter((other) => other.id !== task.id && other.time < task.time);
    if (earlier.some((other) => other.undo && other.nextAttemptAt !== undefined)) return 'to-undo';
    // An item that was revoked or transferred and is held again needs the action again.
    if (earlier.length === 0 || (action !== 'flag' && action !== 'block')) return undefined;
    const returned = await store.lastReturn(tenant, user.id);
    // A deletion after a deactivation, or a repeated deactivation from a store that does not report `before`.
    const inPlace = earlier.some(
      (other) =>
        other.action === action &&
        !other.undo &&
        (other.state === 'done' || other.state === 'settled') &&
        !(returned !== undefined && returned.time >= other.time),
    );
    return inPlace ? 'in-place' : undefined;
  }

  async #undo(task: OffboardingTask, handler: OffboardingHandler): Promise<TaskOutcome> {
    const { id, tenant, item, action, user, returnedAs, note, state, attempts } = task;
    if (item === undefined || action === undefined) return { state: 'canceled' };
    // This is the first attempt: the action was never tried, so there is nothing to undo.
    if (state === 'pending' && attempts <= 1) return { state: 'canceled' };
    if (handler.undo === undefined || !(handler.undoes ?? undoneByDefault).includes(action))
      return { state: 'canceled' };
    const undone = { id, tenant, item, action, userId: user.id, returnedAs, note };
    await callHook(`${placeOf(handler.name)}.undo`, () => handler.undo?.(undone));
    await this.#reapply(task, item);
    return { state: 'undone' };
  }

  /**
   * The event of a return may arrive after that of a later departure. The later departure found the old marker in place
   * and was canceled; now that the old marker is gone, it needs its own.
   */
  async #reapply({ id, tenant, user, handler, action }: OffboardingTask, item: HeldItem): Promise<void> {
    const { store } = this.#options;
    const returned = await store.lastReturn(tenant, user.id);
    if (returned === undefined) return;
    const all = await store.ofUser(tenant, user.id, { handler, item: item.id });
    const later = all.filter(
      (other) => other.time > returned.time && other.state === 'canceled' && !other.undo && other.action === action,
    );
    const nextAttemptAt = this.#clock();
    await store.add(
      later.map((each) => ({ ...each, id: idFrom(each.id, id), state: 'pending', attempts: 0, nextAttemptAt })),
    );
  }

  async #collect(task: OffboardingTask, handler: OffboardingHandler): Promise<TaskOutcome> {
    const { store, tombstones, policy } = this.#options;
    const { tenant, event, time } = task;
    const rule = policy[handler.name] ?? 'keep';
    const user = await this.#withManager(task);
    const custody: CustodyEntry[] = [];
    const found: OffboardingTask[] = [];
    for (const item of await heldItems(handler, user)) {
      const configured = actionFor(handler.name, rule, item, user);
      const { managerId } = user;
      const action = configured === 'transfer' && managerId === undefined ? 'flag' : configured;
      custody.push({
        handler: handler.name,
        item,
        time,
        action: action === 'keep' ? undefined : action,
        ...(action === 'transfer' && { managerId }),
      });
      if (action === 'keep') continue;
      found.push({
        id: idFrom(event, handler.name, item.id),
        tenant,
        user,
        event,
        time,
        handler: handler.name,
        kind: 'apply',
        item,
        action,
        state: 'pending',
        undo: false,
        undoable: false,
        attempts: 0,
        nextAttemptAt: this.#clock(),
      });
    }
    if (user.departure === 'deleted') await tombstones?.addCustody(tenant, event, await this.#history(task, custody));
    await store.add(found);
    // The user may have returned during `heldBy`, before the new tasks existed.
    const current = (await store.ofUser(tenant, user.id, { handler: handler.name })).find(({ id }) => id === task.id);
    const returned = current?.undo === true ? await store.lastReturn(tenant, user.id) : undefined;
    if (returned !== undefined) await store.returned(returned, this.#clock());
    return { state: 'done', undoable: false };
  }

  // The lookup may have failed when the event arrived. A failure here fails the attempt, which is retried.
  async #withManager({ user }: OffboardingTask): Promise<LeavingUser> {
    if (user.managerId !== undefined || this.#options.user === undefined) return user;
    const details = await callHook('offboarding.user', () => this.#options.user?.(user.tenant, user.id));
    const managerId = details?.managerId;
    return managerId === undefined ? user : { ...user, managerId };
  }

  /** The items that the user holds at the deletion, after those that earlier departures found. */
  async #history(task: OffboardingTask, current: readonly CustodyEntry[]): Promise<readonly CustodyEntry[]> {
    const all = await this.#options.store.ofUser(task.tenant, task.user.id, { handler: task.handler });
    const earlier: CustodyEntry[] = [];
    for (const { handler, item, action, time, event, user } of all) {
      if (item === undefined || event === task.event) continue;
      earlier.push({ handler, item, time, action, ...(action === 'transfer' && { managerId: user.managerId }) });
    }
    return [...earlier, ...current];
  }
}
