import type { RequestContext } from './request-context.js';
import { UnavailableError } from '../errors.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';

/** A store call that has not returned yet. */
interface PendingCall {
  /** On the clock of `performance.now()`, milliseconds. */
  readonly deadline: number;
  expire(): void;
}

const tickMilliseconds = 100;

/**
 * Bounds how long store calls may take.
 *
 * One coarse timer serves all calls, and runs only while one is pending: a timer for each call costs more than the call
 * itself. A store that returns a value instead of a promise needs no timer.
 */
export class Deadlines {
  readonly #milliseconds: number;
  readonly #pending = new Set<PendingCall>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /**
   * Bounds a store call by `limits.storeMilliseconds` and the deadline of the request, whichever comes first.
   *
   * @throws UnavailableError (in the promise) when the store does not respond in time; `ctx.signal` aborts then
   */
  bound<T>(value: Awaitable<T>, ctx: RequestContext): Awaitable<T> {
    if (!isThenable(value)) return value;
    return this.until(value, Math.min(performance.now() + this.#milliseconds, ctx.deadline), () => {
      const error = new UnavailableError(5, 'The store did not respond in time; try again later.');
      ctx.abort(error);
      return error;
    });
  }

  /**
   * Bounds anything else that a request waits for: its body, a hook.
   *
   * @param deadline on the clock of `performance.now()`, milliseconds
   * @param expired makes the error of the promise that is returned
   */
  until<T>(value: PromiseLike<T>, deadline: number, expired: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call: PendingCall = { deadline, expire: () => reject(expired()) };
      this.#pending.add(call);
      this.#timer ??= setInterval(() => this.#expire(), tickMilliseconds).unref();
      value.then(
        (result) => {
          this.#pending.delete(call);
          resolve(result);
        },
        (error: unknown) => {
          this.#pending.delete(call);
          reject(
            error instanceof Error
              ? error
              : new Error('A store or a hook rejected with something that is not an Error.', { cause: error }),
          );
        },
      );
    });
  }

  #expire(): void {
    if (this.#pending.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const call of this.#pending) {
      if (call.deadline > now) continue;
      this.#pending.delete(call);
      call.expire();
    }
  }
}
