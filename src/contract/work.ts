import { type Awaitable, isThenable } from './awaitable.js';

/**
 * The work that one request may cause, shared by all operations of a bulk request.
 *
 * Whatever loops over sizes that a client controls charges its work here, so that no request holds up the others.
 */
export interface Work {
  /**
   * Charges work before it is done. One unit is about 10 ns: one comparison, or a few characters.
   *
   * @throws TooManyError when the request has used up `limits.work`, or has worked too long without `pause`
   * @throws UnavailableError when the deadline of the request has passed
   */
  spend(units: number): void;
  /** Lets other requests run where this one has held the event loop for a while; undefined where it has not. */
  pause(): Awaitable<void>;
}

/** Work that is never refused: for what no request causes, such as tests and the store test suite. */
export const unlimitedWork: Work = { spend: () => undefined, pause: () => undefined };

/** Units for reading, checking or normalizing a text once. */
export function textUnits(text: string): number {
  return 1 + (text.length >> 2);
}

/** Runs steps one after the other, each of a few milliseconds at most, and pauses between them where that is due. */
export function runInParts(steps: Iterator<unknown>, work: Work): Awaitable<void> {
  while (steps.next().done !== true) {
    const paused = work.pause();
    if (isThenable(paused)) return paused.then(() => runInParts(steps, work));
  }
}
