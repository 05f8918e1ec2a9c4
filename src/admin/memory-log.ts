import type { LogChange, LogEntry, LogQuery, LogStore } from './contract.js';
import { maxListedChanges } from './log-changes.js';
import { checkOptions } from '../contract/option-mistakes.js';

/** Options of `memoryLogStore`. */
export interface MemoryLogOptions {
  /** Maximum number of entries of all tenants together; the oldest are dropped. Default 1,000. */
  readonly max?: number | undefined;
}

/**
 * Stores the provisioning log in memory, for tests and for apps with a single process. The log is lost at a restart.
 *
 * @throws TypeError if `max` is not an integer above 0
 * @example
 * import { memoryLogStore } from 'express-scim/admin';
 *
 * export const log = memoryLogStore({ max: 5_000 });
 */
export function memoryLogStore(options: MemoryLogOptions = {}): LogStore {
  checkOptions(options, { of: 'memoryLogStore', page: 'admin.md#storage', kinds: { max: 'positive number' } });
  const { max = 1_000 } = options;
  // Sorted by ID.
  let entries: LogEntry[] = [];
  return {
    append(added) {
      for (const entry of added) {
        let place = entries.length;
        while (place > 0 && (entries[place - 1]?.id ?? '') > entry.id) place--;
        entries.splice(place, 0, withChanges(entry, entry.changes, 0));
      }
      if (entries.length > max) entries.splice(0, entries.length - max);
    },
    addChanges(tenant, requestId, added, omitted) {
      const index = entries.findLastIndex((each) => each.tenant === tenant && each.requestId === requestId);
      const entry = entries[index];
      if (entry === undefined) return;
      entries[index] = withChanges(entry, [...entry.changes, ...added], omitted);
    },
    list(tenant, query) {
      const found = entries.filter((entry) => entry.tenant === tenant && matches(entry, query));
      const page = query.after === undefined ? found.slice(-query.limit) : found.slice(0, query.limit);
      return page.reverse();
    },
    get: (tenant, id) => entries.find((entry) => entry.tenant === tenant && entry.id === id),
    hours(tenant, connection, since) {
      const counts = new Map<number, { requests: number; errors: number }>();
      for (const entry of entries) {
        if (entry.tenant !== tenant || entry.time < since) continue;
        if (connection !== undefined && entry.connection !== connection) continue;
        const hour = Math.floor(entry.time.getTime() / hourMilliseconds);
        const count = counts.get(hour) ?? { requests: 0, errors: 0 };
        counts.set(hour, {
          requests: count.requests + 1,
          errors: count.errors + (entry.outcome === 'succeeded' ? 0 : 1),
        });
      }
      return [...counts].map(([hour, count]) => ({ hour: new Date(hour * hourMilliseconds), ...count }));
    },
    prune(before) {
      entries = entries.filter((entry) => entry.time >= before);
    },
  };
}

const hourMilliseconds = 3_600_000;

function withChanges(entry: LogEntry, all: readonly LogChange[], omitted: number): LogEntry {
  const changes = all.slice(0, maxListedChanges);
  const omittedChanges = (entry.omittedChanges ?? 0) + all.length - changes.length + omitted;
  return { ...entry, changes, ...(omittedChanges > 0 && { omittedChanges }) };
}

function matches(entry: LogEntry, query: LogQuery): boolean {
  const { connection, outcome, operation, about, changed, before, after } = query;
  if (connection !== undefined && entry.connection !== connection) return false;
  if (outcome !== undefined && entry.outcome !== outcome) return false;
  if (operation !== undefined && entry.operation !== operation) return false;
  if (about !== undefined && ![entry.resourceId, entry.requestId, entry.actor].includes(about)) return false;
  if (changed === true && entry.changes.length === 0) return false;
  return (before === undefined || entry.id < before) && (after === undefined || entry.id > after);
}
