import type { Json } from '../../contract/attribute.js';
import { actionFor, type AppliedAction, type HeldItem, type OffboardingHandler } from './handlers.js';
import { idFrom } from './ids.js';
import type { OffboardingTask, Outcome } from './tasks.js';
import type { OffboardingOptions } from './options.js';
import type { Custody } from './tombstones.js';

const batch = 10;
const undoneByDefault: readonly AppliedAction[] = ['flag', 'block'];

/** Carries obligations out, with retries. Any number of processes may do so at once over one store. */
export class Worker {
  readonly #options: OffboardingOptions;
  readonly #handlers: ReadonlyMap<string, OffboardingHandler>;
  readonly #clock: () => number;
  readonly #timeout: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<number> | undefined;
  #again = false;

  constructor(options: OffboardingOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.name, handler]));
    this.#clock = options.clock ?? Date.now;
    this.#timeout = options.timeoutMilliseconds ?? 30_000;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.nudge(), this.#options.intervalMilliseconds ?? 5_000).unref();
    this.nudge();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running?.catch(() => undefined);
  }

  /** Looks for work soon, if it was started. */
  nudge(): void {
    if (this.#timer === undefined) return;
    this.run().catch((error: unknown) => this.#options.onError?.(error, undefined));
  }

  /** Does what is due; a call while one is under way looks once more when that is over. */
  run(): Promise<number> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#runAll().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #runAll(): Promise<number> {
    for (let total = 0; ;) {
      this.#again = false;
      // All of a batch are attempted at once, so that none outlives its lease.
      const claimed = await this.#options.store.claim(this.#clock(), 2 * this.#timeout, batch);
      const attempts = await Promise.allSettled(claimed.map((task) => this.#attempt(task)));
      for (const attempt of attempts) if (attempt.status === 'rejected') throw attempt.reason;
      total += claimed.length;
      if (claimed.length === 0 && !this.#again) return total;
    }
  }

  async #attempt(task: OffboardingTask): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await inTime(this.#carryOut(task), this.#timeout);
    } catch (error) {
      this.#options.onError?.(error, task);
      const message = error instanceof Error ? error.message : 'The holder failed and did not say why.';
      const nextAttemptAt = this.#clock() + this.#delay(task.attempts);
      outcome = {
        state: 'failed', // PostgreSQL keeps no NUL in a text.
        error: message.replaceAll('\0', '').slice(0, 500),
        nextAttemptAt,
      };
    }
    await this.#options.store.report(task, outcome, this.#clock());
  }

  // Jitter keeps processes out of step with a holder that comes back.
  #delay(attempts: number): number {
    const { firstRetryMilliseconds = 1_000, maxRetryMilliseconds = 3_600_000 } = this.#options;
    const delay = Math.min(maxRetryMilliseconds, firstRetryMilliseconds * 2 ** Math.min(attempts - 1, 30));
    return Math.ceil(delay * (0.75 + Math.random() / 4));
  }

  async #carryOut(task: OffboardingTask): Promise<Outcome> {
    const handler = this.#handlers.get(task.handler);
    if (handler === undefined) throw new Error(`There is no holder with the name ${task.handler} now.`);
    if (task.undo) return this.#undo(task, handler);
    const { item, action } = task;
    if (item === undefined || action === undefined) return this.#ask(task, handler);
    const standing = await this.#standing(task, item);
    if (standing === 'undo') throw new Error('An earlier mark on the same thing has to be taken back first.');
    if (standing === 'same') return { state: 'canceled' };
    const note = await handler.apply(item, action, task.person, task.id);
    const canUndo = handler.undo !== undefined && (handler.undoes ?? undoneByDefault).includes(action);
    if (note === false) return { state: 'done', undoable: false };
    return { state: 'done', undoable: canUndo, note: note as Json | undefined };
  }

  /** What an earlier obligation of the same person has left on the same thing. */
  async #standing(task: OffboardingTask, item: HeldItem): Promise<'undo' | 'same' | undefined> {
    const { store } = this.#options;
    const { tenant, person, handler, action } = task;
    const all = await store.of(tenant, person.id, { handler, item: item.id });
    const earlier = all.filter((other) => other.id !== task.id && other.time < task.time);
    if (earlier.some((other) => other.undo && other.nextAttemptAt !== undefined)) return 'undo';
    // What was revoked or transferred and is held again needs it again.
    if (earlier.length === 0 || (action !== 'flag' && action !== 'block')) return undefined;
    const back = await store.lastReturn(tenant, person.id);
    // A deletion after a deactivation, or a deactivation that a store could not tell from none.
    const stands = earlier.some(
      (other) =>
        other.action === action &&
        !other.undo &&
        (other.state === 'done' || other.state === 'settled') &&
        !(back !== undefined && back.time >= other.time),
    );
    return stands ? 'same' : undefined;
  }

  async #undo(task: OffboardingTask, handler: OffboardingHandler): Promise<Outcome> {
    const { id, tenant, item, action, person, returnedAs, note, state, attempts } = task;
    if (item === undefined || action === undefined) return { state: 'canceled' };
    // The first claim of what was never tried: nothing is there to be taken back.
    if (state === 'pending' && attempts <= 1) return { state: 'canceled' };
    if (handler.undo === undefined || !(handler.undoes ?? undoneByDefault).includes(action))
      return { state: 'canceled' };
    await handler.undo({ id, tenant, item, action, userId: person.id, returnedAs, note });
    await this.#markAnew(task, item);
    return { state: 'undone' };
  }

  /**
   * A return may be heard of after a departure that came later and found the old mark in place: it needs its own now.
   */
  async #markAnew({ id, tenant, person, handler, action }: OffboardingTask, item: HeldItem): Promise<void> {
    const { store } = this.#options;
    const back = await store.lastReturn(tenant, person.id);
    if (back === undefined) return;
    const all = await store.of(tenant, person.id, { handler, item: item.id });
    const later = all.filter(
      (other) => other.time > back.time && other.state === 'canceled' && !other.undo && other.action === action,
    );
    const nextAttemptAt = this.#clock();
    await store.add(
      later.map((each) => ({ ...each, id: idFrom(each.id, id), state: 'pending', attempts: 0, nextAttemptAt })),
    );
  }

  async #ask(task: OffboardingTask, handler: OffboardingHandler): Promise<Outcome> {
    const { store, tombstones, policy } = this.#options;
    const { tenant, event, time } = task;
    const rule = policy[handler.name] ?? 'keep';
    const person = await this.#completed(task);
    const custody: Custody[] = [];
    const found: OffboardingTask[] = [];
    for (const item of await handler.heldBy(person)) {
      const wanted = actionFor(rule, item, person);
      const action = wanted === 'transfer' && person.managerId === undefined ? 'flag' : wanted;
      const { managerId } = person;
      const became = action === 'keep' ? undefined : action;
      custody.push({
        ...{ handler: handler.name, item, time, action: became },
        ...(action === 'transfer' ? { managerId } : {}),
      });
      if (action === 'keep') continue;
      found.push({
        ...{ id: idFrom(event, handler.name, item.id), tenant, person, event, time, handler: handler.name },
        ...{ task: 'apply', item, action, state: 'pending', undo: false, undoable: false, attempts: 0 },
        nextAttemptAt: this.#clock(),
      });
    }
    if (person.departure === 'deleted') await tombstones?.addCustody(tenant, event, await this.#history(task, custody));
    await store.add(found);
    // The person may have come back while the holder was asked; the new obligations do not know it yet.
    const asked = (await store.of(tenant, person.id, { handler: handler.name })).find(({ id }) => id === task.id);
    const back = asked?.undo === true ? await store.lastReturn(tenant, person.id) : undefined;
    if (back !== undefined) await store.returned(back, this.#clock());
    return { state: 'done', undoable: false };
  }

  // Who the manager is may not have been known when the event came: a lookup that fails here is tried again.
  async #completed({ person }: OffboardingTask): Promise<OffboardingTask['person']> {
    if (person.managerId !== undefined || this.#options.user === undefined) return person;
    const managerId = (await this.#options.user(person.tenant, person.id))?.managerId;
    return managerId === undefined ? person : { ...person, managerId };
  }

  /** What the person held at the deletion, and what was found at earlier departures and is not there any more. */
  async #history(task: OffboardingTask, now: readonly Custody[]): Promise<readonly Custody[]> {
    const { tenant, handler: asked } = task;
    const all = await this.#options.store.of(tenant, task.person.id, { handler: asked });
    const earlier: Custody[] = [];
    for (const { handler, item, action, time, event, person } of all) {
      if (item === undefined || event === task.event) continue;
      const managerId = action === 'transfer' ? { managerId: person.managerId } : {};
      earlier.push({ handler, item, time, action, ...managerId });
    }
    return [...earlier, ...now];
  }
}

async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The holder did not answer in time.')), milliseconds).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
