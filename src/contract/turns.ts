/** Those that wait for their turn, in the order in which they came. */
const waiting: (() => void)[] = [];
/** Those of them that hold what others wait for. */
const urgent: (() => void)[] = [];

/**
 * Lets the event loop serve others, and resolves when the turn of the caller has come.
 *
 * Only one of those that wait goes on in each round of the event loop. With `setImmediate` all of them would, one after the
 * other: what each of several requests does between two pauses would add up.
 *
 * @param isUrgent true where the caller holds what others wait for, as the connection of a transaction: it goes on before
 * those that do not
 */
export function nextTurn(isUrgent = false): Promise<void> {
  return new Promise((resolve) => {
    (isUrgent ? urgent : waiting).push(resolve);
    if (waiting.length + urgent.length === 1) setImmediate(takeTurn);
  });
}

function takeTurn(): void {
  const resolve = urgent.shift() ?? waiting.shift();
  if (waiting.length + urgent.length > 0) setImmediate(takeTurn);
  resolve?.();
}
