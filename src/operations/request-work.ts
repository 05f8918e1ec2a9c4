import { TooManyError, UnavailableError } from '../errors.js';
import type { Awaitable } from '../contract/awaitable.js';
import { nextTurn } from '../contract/turns.js';
import type { Work } from '../contract/work.js';

/** Units between two looks at the clock: about 0.1 ms of work. */
const unitsPerLook = 10_000;
/** Units that may be spent without a pause: about 60 ms of work. */
const unitsPerSlice = 4_000_000;
/** A slice that has taken longer lets others run at the next pause, in milliseconds. */
const longSlice = 10;

/** The work of one request: a total, a deadline, and a bound on what is done without a pause. */
export class RequestWork implements Work {
  readonly #total: number;
  readonly #deadline: number;
  #spent = 0;
  #sliceEnd = unitsPerSlice;
  #nextLook = unitsPerLook;
  readonly #clock: () => number;
  #sliceStarted: number;

  /**
   * @param total units that the request may spend: `limits.work`
   * @param deadline when the request must be finished, on the clock of `performance.now()`
   */
  constructor(total: number, deadline: number, clock: () => number = () => performance.now()) {
    this.#total = total;
    this.#deadline = deadline;
    this.#clock = clock;
    this.#sliceStarted = clock();
  }

  spend(units: number): void {
    this.#spent += units;
    if (this.#spent < this.#nextLook) return;
    if (this.#spent > this.#total) {
      throw new TooManyError(
        `The request needs more work than one request may cause (limits.work, ${String(this.#total)}): split it, or narrow its filters.`,
      );
    }
    if (this.#spent > this.#sliceEnd) {
      throw new TooManyError('One part of the request needs too much work at once: split it, or narrow its filters.');
    }
    if (this.#clock() > this.#deadline) {
      throw new UnavailableError(1, 'The request took too long (limits.requestMilliseconds).');
    }
    // Only where nothing is wrong: the next operation of a bulk request must not begin where the last one was refused.
    this.#nextLook = this.#spent + unitsPerLook;
  }

  pause(): Awaitable<void> {
    // Units only estimate time: work that is faster than they say must not run into the bound of a slice.
    const isHalfSpent = this.#sliceEnd - this.#spent < unitsPerSlice / 2;
    if (!isHalfSpent && this.#clock() - this.#sliceStarted < longSlice) return undefined;
    return nextTurn().then(() => {
      this.#sliceStarted = this.#clock();
      this.#sliceEnd = this.#spent + unitsPerSlice;
    });
  }
}
