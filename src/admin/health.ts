import type { HourCount, LogEntry, LogStore } from './contract.js';
import { explainLogEntry, type Explanation } from './explain.js';

/** State of provisioning in the last 24 hours. */
export interface Health {
  readonly lastRequest?: LogEntry | undefined;
  readonly lastError?: LogEntry | undefined;
  readonly explanation?: Explanation | undefined;
  /** Oldest first, hours without requests included. */
  readonly hours: readonly HourCount[];
}

const hourMilliseconds = 3_600_000;
const shownHours = 24;

/** Reads the state of a connection from its log. */
export async function readHealth(
  log: LogStore,
  tenant: string,
  connection: string,
  now: Date = new Date(),
): Promise<Health> {
  const newest = Math.floor(now.getTime() / hourMilliseconds);
  const since = new Date((newest - shownHours + 1) * hourMilliseconds);
  const newestOf = async (outcome?: LogEntry['outcome']): Promise<LogEntry | undefined> =>
    (await log.list(tenant, { connection, outcome, limit: 1 }))[0];
  const [lastRequest, refused, failed, counts] = await Promise.all([
    newestOf(),
    newestOf('refused'),
    newestOf('failed'),
    log.hours(tenant, connection, since),
  ]);
  const lastError = (refused?.id ?? '') > (failed?.id ?? '') ? refused : failed;
  const byHour = new Map(counts.map((count) => [count.hour.getTime(), count]));
  const hours = Array.from({ length: shownHours }, (_, index) => {
    const begin = (newest - shownHours + 1 + index) * hourMilliseconds;
    return byHour.get(begin) ?? { hour: new Date(begin), requests: 0, errors: 0 };
  });
  return {
    lastRequest,
    lastError,
    explanation: lastError === undefined ? undefined : explainLogEntry(lastError),
    hours,
  };
}
