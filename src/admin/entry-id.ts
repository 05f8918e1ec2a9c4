import { randomBytes } from 'node:crypto';

/** Makes IDs of log entries that sort by time and, within a millisecond, in the order of the calls. */
export function entryIds(): (time: Date) => string {
  let last = 0;
  return (time) => {
    last = Math.max(time.getTime() * 1_000, last + 1);
    // The random part keeps IDs apart that other processes make in the same microsecond.
    return encoded(last) + randomBytes(4).toString('hex');
  };
}

/** The smallest ID that an entry of this time can have. */
export function firstIdAt(time: Date): string {
  return encoded(time.getTime() * 1_000);
}

function encoded(microseconds: number): string {
  return microseconds.toString(36).padStart(11, '0');
}
