import type { HourCount, LogEntry, LogStore } from './contract.js';
import { explainLogEntry, isProvisioningDisabled } from './explain.js';
import type { Explanation } from './explanation.js';
import { nameIn } from './resource-names.js';

/** State of provisioning in the last 24 hours. */
export interface Health {
  readonly lastRequest?: LogEntry | undefined;
  readonly lastError?: LogEntry | undefined;
  readonly explanation?: Explanation | undefined;
  /** Requests that succeeded after the last error. */
  readonly since: SucceededSince;
  /** Oldest first, hours without requests included. */
  readonly hours: readonly HourCount[];
}

/** Requests that succeeded after an error. */
interface SucceededSince {
  /** At most `maxCounted`: there may be more. */
  readonly count: number;
  /** True if the error concerned all requests, or if the same user or group was successful since. */
  readonly solved: boolean;
}

/** How many later requests are looked at. */
export const maxCounted = 50;

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
  const begin = new Date((newest - shownHours + 1) * hourMilliseconds);
  const newestOf = async (outcome?: LogEntry['outcome']): Promise<LogEntry | undefined> =>
    (await log.list(tenant, { connection, outcome, limit: 1 }))[0];
  const [lastRequest, refused, failed, counts] = await Promise.all([
    newestOf(),
    newestOf('refused'),
    newestOf('failed'),
    log.hours(tenant, connection, begin),
  ]);
  const lastError = (refused?.id ?? '') > (failed?.id ?? '') ? refused : failed;
  const since =
    lastError === undefined
      ? []
      : await log.list(tenant, { connection, outcome: 'succeeded', after: lastError.id, limit: maxCounted });
  const byHour = new Map(counts.map((count) => [count.hour.getTime(), count]));
  const hours = Array.from({ length: shownHours }, (_, index) => {
    const hour = (newest - shownHours + 1 + index) * hourMilliseconds;
    return byHour.get(hour) ?? { hour: new Date(hour), requests: 0, errors: 0 };
  });
  return {
    lastRequest,
    lastError,
    explanation: lastError === undefined ? undefined : explainLogEntry(lastError),
    since: {
      count: since.length,
      solved: lastError !== undefined && since.some((entry) => solves(entry, lastError)),
    },
    hours,
  };
}

/** A later request that shows that the cause of an error is gone. */
function solves(later: LogEntry, error: LogEntry): boolean {
  if (isOfWholeConnection(error)) return true;
  if (error.operation === undefined) return false;
  if (later.operation === undefined || later.resourceType !== error.resourceType) return false;
  const isRead = (operation: string): boolean => operation === 'read' || operation === 'query';
  // That a user can be read says nothing about a change that was refused.
  if (isRead(later.operation) && !isRead(error.operation)) return false;
  if (error.resourceId !== undefined) return later.resourceId === error.resourceId;
  const name = nameIn(error.request?.body);
  if (name !== undefined) return nameIn(later.request?.body) === name;
  return isRead(error.operation) && later.operation === error.operation;
}

/** An error that does not depend on the user or group of the request. */
function isOfWholeConnection(error: LogEntry): boolean {
  const { status, code, detail = '', resourceType } = error;
  if (code === 'SCIM_HELD') return false;
  if (status === 401 || status === 429 || status === 503) return true;
  if (status === 403) return isProvisioningDisabled(detail);
  // No endpoint: the address was wrong.
  return resourceType === undefined && (status === 404 || status === 400);
}
