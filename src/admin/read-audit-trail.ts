import type { AuditTrailEntry } from '../lifecycle/connections/audit-trail.js';
import { PanelError } from './panel-error.js';
import type { Visit } from './visit.js';

/** A page of the audit trail. */
export interface AuditTrailPage {
  /** Newest first. */
  readonly entries: readonly AuditTrailEntry[];
  /** Where the next, older page begins: the parameter `before`. Undefined on the last page. */
  readonly older?: string | undefined;
}

const defaultLimit = 50;
const maxLimit = 200;

/** Subjects that identify a user: hidden without access to personal data. */
const personalSubjects: readonly string[] = ['account', 'user'];

/**
 * The actions on the connection, newest first.
 *
 * @param query `limit`, 1 to 200, and `before`: the ID of an entry
 * @throws PanelError 400 for an invalid limit, 404 where the host keeps no audit trail
 */
export async function readAuditTrail(visit: Visit, query: URLSearchParams): Promise<AuditTrailPage> {
  const { options, connection, administrator } = visit;
  if (options.auditTrail === undefined) throw new PanelError(404, 'This page does not exist.');
  const text = query.get('limit') ?? String(defaultLimit);
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxLimit) throw new PanelError(400, `limit is a number from 1 to ${String(maxLimit)}.`);
  const before = query.get('before') ?? undefined;
  // PostgreSQL refuses NUL in a text.
  if (before !== undefined && !/^[0-9a-z]{1,64}$/.test(before))
    throw new PanelError(400, 'before is the ID of an entry.');
  // One more tells whether there is an older page; a store returns 200 at most.
  const found = await options.auditTrail.list(connection.tenant, {
    connection: connection.id,
    before,
    limit: Math.min(maxLimit, limit + 1),
  });
  const entries = found.slice(0, limit);
  const isFull = found.length > limit || (limit === maxLimit && found.length === maxLimit);
  return {
    entries: administrator.seePersonalData ? entries : entries.map(withoutPersonalData),
    older: isFull ? entries.at(-1)?.id : undefined,
  };
}

function withoutPersonalData(entry: AuditTrailEntry): AuditTrailEntry {
  const subjects = Object.entries(entry.subjects).filter(([name]) => !personalSubjects.includes(name));
  return { ...entry, subjects: Object.fromEntries(subjects) };
}

/** As many groups are looked up for one page. */
const maxGroups = 20;

/** The names of the groups that entries are about, by ID: of those that still give a role. */
export async function groupNames(
  { options, connection }: Visit,
  entries: readonly AuditTrailEntry[],
): Promise<ReadonlyMap<string, string>> {
  const { roleMappings } = options;
  const ids = [...new Set(entries.flatMap(({ subjects }) => subjects['group'] ?? []))];
  const names = new Map<string, string>();
  if (roleMappings === undefined) return names;
  for (const groupId of ids.slice(0, maxGroups)) {
    const [mapping] = await roleMappings.list(connection.tenant, { groupId, limit: 1 });
    const name = mapping?.group?.name ?? '';
    if (name !== '') names.set(groupId, name);
  }
  return names;
}
