/**
 * Milliseconds until the next attempt: exponential, with jitter, which spreads the retries of attempts that failed
 * together.
 *
 * @param failures how many attempts have failed so far; the first failure is 1
 */
export function retryDelay(failures: number, firstMilliseconds: number, maxMilliseconds: number): number {
  const delay = Math.min(maxMilliseconds, firstMilliseconds * 2 ** Math.min(failures - 1, 40));
  return Math.ceil(delay * (0.75 + Math.random() / 4));
}
