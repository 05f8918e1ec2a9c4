import { nextTurn } from '../contract/turns.js';

/** Runs steps of a few milliseconds each to their result, and serves other requests between them. */
export async function withPauses<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}
