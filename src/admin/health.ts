import type { HourCount, LogEntry, LogStore } from './contract.js';
import { explainLogEntry, type Explanation } from './explain.js';

/** How provisioning fares. */
export interface Health {
  readonly lastRequest?: LogEntry | undefined;
  readonly lastError?: LogEntry | undefined;
  readonly explanation?: Explanation | undefined;
  /** The last 24 hours, oldest first, none left out. */
  readonly hours: readonly HourCount[];
}

const hour = 3_600_000;
const shown = 24;

/** Reads how a connection fared in the last day. */
export async function readHealth(
  log: LogStore,
  tenant: string,
  connection: string,
  now: Date = new Date(),
): Promise<Health> {
  const newest = Math.floor(now.getTime() / hour);
  const since = new Date((newest - shown + 1) * hour);
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
  const hours = Array.from({ length: shown }, (_, index) => {
    const begin = (newest - shown + 1 + index) * hour;
    return byHour.get(begin) ?? { hour: new Date(begin), requests: 0, errors: 0 };
  });
  return {
    lastRequest,
    lastError,
    explanation: lastError === undefined ? undefined : explainLogEntry(lastError),
    hours,
  };
}
