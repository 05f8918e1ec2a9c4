import type { LogEntry, LogQuery, LogStore } from './contract.js';

/** How a log in memory is kept. */
export interface MemoryLogOptions {
  /** Entries kept, the newest of all tenants. Default 1,000. */
  readonly max?: number | undefined;
}

/**
 * A provisioning log in memory: for tests and for one process that may forget.
 *
 * @throws TypeError for a `max` that is no whole number above 0
 */
export function memoryLogStore({ max = 1_000 }: MemoryLogOptions = {}): LogStore {
  if (!Number.isSafeInteger(max) || max < 1) throw new TypeError('memoryLogStore: max must be a whole number above 0.');
  // In the order of their ids.
  let entries: LogEntry[] = [];
  return {
    append(entry) {
      let place = entries.length;
      while (place > 0 && (entries[place - 1]?.id ?? '') > entry.id) place--;
      entries.splice(place, 0, entry);
      if (entries.length > max) entries.splice(0, entries.length - max);
    },
    addChanges(tenant, requestId, changes) {
      const index = entries.findLastIndex((each) => each.tenant === tenant && each.requestId === requestId);
      const entry = entries[index];
      if (entry !== undefined) entries[index] = { ...entry, changes: [...entry.changes, ...changes] };
    },
    list(tenant, query) {
      const fitting = entries.filter((entry) => entry.tenant === tenant && fits(entry, query));
      const page = query.after === undefined ? fitting.slice(-query.limit) : fitting.slice(0, query.limit);
      return page.reverse();
    },
    get: (tenant, id) => entries.find((entry) => entry.tenant === tenant && entry.id === id),
    hours(tenant, connection, since) {
      const counts = new Map<number, { requests: number; errors: number }>();
      for (const entry of entries) {
        if (entry.tenant !== tenant || entry.time < since) continue;
        if (connection !== undefined && entry.connection !== connection) continue;
        const hour = Math.floor(entry.time.getTime() / 3_600_000);
        const count = counts.get(hour) ?? { requests: 0, errors: 0 };
        counts.set(hour, {
          requests: count.requests + 1,
          errors: count.errors + (entry.outcome === 'succeeded' ? 0 : 1),
        });
      }
      return [...counts].map(([hour, count]) => ({ hour: new Date(hour * 3_600_000), ...count }));
    },
    prune(before) {
      entries = entries.filter((entry) => entry.time >= before);
    },
  };
}

function fits(entry: LogEntry, query: LogQuery): boolean {
  const { connection, outcome, operation, about, changed, before, after } = query;
  if (connection !== undefined && entry.connection !== connection) return false;
  if (outcome !== undefined && entry.outcome !== outcome) return false;
  if (operation !== undefined && entry.operation !== operation) return false;
  if (about !== undefined && ![entry.resourceId, entry.requestId, entry.actor].includes(about)) return false;
  if (changed === true && entry.changes.length === 0) return false;
  return (before === undefined || entry.id < before) && (after === undefined || entry.id > after);
}
