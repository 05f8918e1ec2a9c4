import { createHash } from 'node:crypto';

/** A deterministic id: equal parts give equal IDs, in every process. */
export function idFrom(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
