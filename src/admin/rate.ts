import { BoundedMap } from '../contract/bounded-map.js';

/** A sliding window that admits at most `limit` calls. */
export function limiter(limit: number, windowMilliseconds: number): () => boolean {
  const times: number[] = [];
  return () => {
    const now = performance.now();
    while (times.length > 0 && now - (times[0] ?? now) >= windowMilliseconds) times.shift();
    if (times.length >= limit) return false;
    times.push(now);
    return true;
  };
}

const maxNames = 10_000;

/**
 * A token bucket for each name: it admits `burst` units at once, and regains `perSecond` units every second.
 *
 * @returns whether the units are admitted; if so, they are used up
 */
export function allowance(burst: number, perSecond: number): (name: string, units: number) => boolean {
  const buckets = new BoundedMap<{ readonly left: number; readonly at: number }>(maxNames);
  return (name, units) => {
    const now = performance.now();
    const bucket = buckets.get(name) ?? { left: burst, at: now };
    const left = Math.min(burst, bucket.left + ((now - bucket.at) / 1_000) * perSecond);
    const isAdmitted = units <= left;
    buckets.set(name, { left: isAdmitted ? left - units : left, at: now });
    return isAdmitted;
  };
}
