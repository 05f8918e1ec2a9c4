import { createHash } from 'node:crypto';

/** An id that is the same for the same parts, wherever and how often it is made. */
export function idFrom(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
