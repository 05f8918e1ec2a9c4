import type { RequestContext } from './request-context.js';
import { UnavailableError } from '../errors.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';

interface Waiting {
  readonly until: number;
  expire(): void;
}

const tick = 100;

/**
 * Bounds how long store calls may take.
 *
 * One coarse timer for all of them, running only while somebody waits: a timer for each call costs more than the
 * call itself. A call that answers at once costs nothing.
 */
export class Deadlines {
  readonly #milliseconds: number;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** @throws UnavailableError (in the promise) when the store has not answered in time; `ctx.signal` aborts then. */
  bound<T>(value: Awaitable<T>, ctx: RequestContext): Awaitable<T> {
    if (!isThenable(value)) return value;
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        until: Math.min(performance.now() + this.#milliseconds, ctx.deadline),
        expire: () => {
          const error = new UnavailableError(5, 'The store did not answer in time; try again later.');
          ctx.abort(error);
          reject(error);
        },
      };
      this.#waiting.add(waiting);
      this.#timer ??= setInterval(() => this.#expire(), tick).unref();
      value.then(
        (result) => {
          this.#waiting.delete(waiting);
          resolve(result);
        },
        (error: unknown) => {
          this.#waiting.delete(waiting);
          reject(error instanceof Error ? error : new Error('The store rejected with no error.', { cause: error }));
        },
      );
    });
  }

  #expire(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const waiting of this.#waiting) {
      if (waiting.until > now) continue;
      this.#waiting.delete(waiting);
      waiting.expire();
    }
  }
}
