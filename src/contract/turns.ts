/** Those that wait for their turn, in the order in which they came. */
const waiting: (() => void)[] = [];

/**
 * Lets the event loop serve others, and resolves when the turn of the caller has come.
 *
 * Only one of those that wait goes on in each round of the event loop. With `setImmediate` all of them would, one after the
 * other: what each of several requests does between two pauses would add up.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(takeTurn);
  });
}

function takeTurn(): void {
  const resolve = waiting.shift();
  if (waiting.length > 0) setImmediate(takeTurn);
  resolve?.();
}
