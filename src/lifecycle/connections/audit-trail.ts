import { randomBytes } from 'node:crypto';
import type { Awaitable } from '../../contract/awaitable.js';

/**
 * Something that an administrator did, or was refused.
 *
 * @example
 * import type { AuditTrailEntry } from 'express-scim/lifecycle';
 *
 * export const describeEntry = ({ time, by, action }: AuditTrailEntry): string =>
 *   `${time.toISOString()} ${by}: ${action}`;
 */
export interface AuditTrailEntry {
  /** Sorts by time. */
  readonly id: string;
  readonly time: Date;
  readonly tenant: string;
  /** ID of the connection. Default: the entry is about the whole tenant. */
  readonly connection?: string | undefined;
  /** Who did it: `user` of the administrator, as `authorize` returned it. */
  readonly by: string;
  /** What was done: an area and a verb, such as `key.created`. At most 60 characters. */
  readonly action: string;
  /** IDs of what it was done to, and the settings that were chosen, by name. Never a secret. */
  readonly subjects: Readonly<Record<string, string>>;
  /**
   * `requested`: written before the change is made. `done`: a job has ended. `refused` and `failed`: nothing was changed.
   */
  readonly outcome: 'requested' | 'done' | 'refused' | 'failed';
}

/** An entry before it has an ID. */
export type NewAuditTrailEntry = Omit<AuditTrailEntry, 'id'>;

/**
 * Selects entries of the audit trail; they come newest first.
 *
 * @example
 * import type { AuditTrailQuery } from 'express-scim/lifecycle';
 *
 * export const firstPage: AuditTrailQuery = { connection: 'default', limit: 50 };
 */
export interface AuditTrailQuery {
  /** Only entries about this connection. Default: all entries of the tenant. */
  readonly connection?: string | undefined;
  /** Only entries older than the entry with this ID. */
  readonly before?: string | undefined;
  /** Maximum number of entries, 1 to 200. */
  readonly limit: number;
}

/**
 * Stores the audit trail: `memoryAuditTrailStore()`, `sqlAuditTrailStore(db)` of `express-scim/sql`, or your own
 * implementation. An entry is never changed.
 *
 * @example
 * import type { AuditTrailStore } from 'express-scim/lifecycle';
 *
 * export async function lastAction(trail: AuditTrailStore, tenant: string): Promise<string | undefined> {
 *   const [newest] = await trail.list(tenant, { limit: 1 });
 *   return newest?.action;
 * }
 */
export interface AuditTrailStore {
  append(entry: AuditTrailEntry): Awaitable<void>;
  list(tenant: string, query: AuditTrailQuery): Awaitable<readonly AuditTrailEntry[]>;
  /** Deletes the entries of all tenants that are older. Nothing calls it by itself. */
  prune(before: Date): Awaitable<void>;
}

/**
 * Adds an entry to an audit trail, for what administrators do outside of the panel.
 *
 * @param entry without its ID; control characters are removed, and texts are cut at 250 characters
 * @returns the entry as it was stored
 * @throws what the store throws: make the change only once this has returned
 * @example
 * import { type AuditTrailStore, recordAction } from 'express-scim/lifecycle';
 *
 * export async function beforeExport(trail: AuditTrailStore, tenant: string, by: string): Promise<void> {
 *   const action = { action: 'users.exported', subjects: {}, outcome: 'requested' } as const;
 *   await recordAction(trail, { time: new Date(), tenant, by, ...action });
 * }
 */
export async function recordAction(trail: AuditTrailStore, entry: NewAuditTrailEntry): Promise<AuditTrailEntry> {
  const subjects = Object.entries(entry.subjects).slice(0, maxSubjects);
  const recorded: AuditTrailEntry = {
    ...entry,
    id: idAt(entry.time),
    by: bounded(entry.by),
    action: entry.action.slice(0, maxActionLength),
    subjects: Object.fromEntries(subjects.map(([name, value]) => [bounded(name), bounded(value)])),
  };
  await trail.append(recorded);
  return recorded;
}

const maxSubjects = 20;
const maxActionLength = 60;
const maxTextLength = 250;

/** Names come from the host, and IDs may come from a provider: neither may forge lines or fill the trail. */
function bounded(text: string): string {
  return [...text.slice(0, 2 * maxTextLength).replace(/\p{C}/gu, '')].slice(0, maxTextLength).join('');
}

let last = 0;

/** An ID that sorts by time; within a millisecond, in the order of the calls of this process. */
function idAt(time: Date): string {
  last = Math.max(time.getTime() * 1_000, last + 1);
  return last.toString(36).padStart(11, '0') + randomBytes(4).toString('hex');
}

const maxInMemory = 10_000;

/**
 * Keeps the audit trail in memory: for tests, and for a single process that may lose it on restart. It keeps the newest
 * 10,000 entries of all tenants together.
 *
 * @example
 * import { memoryAuditTrailStore } from 'express-scim/lifecycle';
 *
 * export const auditTrail = memoryAuditTrailStore();
 */
export function memoryAuditTrailStore(): AuditTrailStore {
  // Sorted by ID.
  let entries: AuditTrailEntry[] = [];
  return {
    append(entry) {
      let place = entries.length;
      while (place > 0 && (entries[place - 1]?.id ?? '') > entry.id) place--;
      entries.splice(place, 0, entry);
      if (entries.length > maxInMemory) entries.splice(0, entries.length - maxInMemory);
    },
    list: (tenant, { connection, before, limit }) =>
      entries
        .filter(
          (entry) =>
            entry.tenant === tenant &&
            (connection === undefined || entry.connection === connection) &&
            (before === undefined || entry.id < before),
        )
        .slice(-limit)
        .reverse(),
    prune(before) {
      entries = entries.filter((entry) => entry.time >= before);
    },
  };
}
