import { nextTurn } from '../contract/turns.js';

/** Milliseconds that statements may take in one round of the event loop before the next one waits for its turn. */
const longRound = 10;
/** Milliseconds. Shorter statements are not counted, so that a lookup schedules nothing. */
const shortStatement = 1;

/** Milliseconds that statements have taken in this round. */
let spent = 0;

/**
 * Runs a statement of a driver that holds the event loop meanwhile, as those of SQLite do.
 *
 * Without a turn between them, all statements of a request would run in one round of the event loop, since awaiting a
 * synchronous driver serves nobody; and so would those of all requests that arrive together.
 */
export async function inTurn<T>(run: () => Promise<T>): Promise<T> {
  // Before requests that pause in long work of their own: most statements are short, and a transaction holds the connection.
  if (spent > longRound) await nextTurn(true);
  const began = performance.now();
  try {
    return await run();
  } finally {
    const took = performance.now() - began;
    if (took > shortStatement) {
      if (spent === 0) setImmediate(() => (spent = 0));
      spent += took;
    }
  }
}
