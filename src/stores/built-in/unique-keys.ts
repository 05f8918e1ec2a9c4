import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { ConflictError } from '../../errors.js';
import type { Change } from '../../contract/store.js';
import { storable } from '../../database/storable.js';
import type { MemberScope } from './members.js';

/** Normalized values of unique attributes, by path. */
type Keys = Readonly<Record<string, string>>;

/**
 * Inserts unique keys. Their primary key enforces uniqueness: an insert waits for a concurrent transaction that has
 * inserted the same key.
 *
 * @throws ConflictError when another resource has one of the keys
 */
export async function insertKeys(id: string, type: string, keys: Keys, scope: MemberScope): Promise<void> {
  const table = sql.table(scope.tables.keys);
  // Always in the same order, so that two writes with two keys each do not deadlock.
  for (const [path, normalized] of Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const row = sql`(tenant, type, path, normalized, id)
      values (${sql.join([scope.tenant, type, path, indexable(normalized), id])})`;
    const { numAffectedRows } =
      scope.dialect === 'mysql'
        ? await sql`insert ignore into ${table} ${row}`.execute(scope.db)
        : await sql`insert into ${table} ${row} on conflict do nothing`.execute(scope.db);
    if (numAffectedRows === 0n) throw new ConflictError(path);
  }
}

/**
 * Writes the keys that a change sets, and deletes those that it frees.
 *
 * @throws ConflictError when another resource has one of the keys
 */
export async function replaceKeys(
  id: string,
  type: string,
  keys: Change<object>['keys'],
  scope: MemberScope,
): Promise<void> {
  if (Object.keys(keys).length === 0) return;
  const table = sql.table(scope.tables.keys);
  const { rows } = await sql<{ path: unknown; normalized: unknown }>`select path, normalized from ${table}
    where tenant = ${scope.tenant} and id = ${id}`.execute(scope.db);
  const stored = new Map(rows.map(({ path, normalized }) => [String(path), String(normalized)]));
  const inserted: Record<string, string> = {};
  for (const [path, key] of Object.entries(keys)) {
    if (key !== null && stored.get(path) === indexable(key)) continue;
    if (key !== null) inserted[path] = key;
    if (!stored.has(path)) continue;
    await sql`delete from ${table} where tenant = ${scope.tenant} and type = ${type} and path = ${path}
      and id = ${id}`.execute(scope.db);
  }
  await insertKeys(id, type, inserted, scope);
}

// A value that is too long for an index is stored as its digest.
function indexable(normalized: string): string {
  if (normalized.length <= 100) return storable(normalized);
  return `sha256:${createHash('sha256').update(normalized).digest('hex')}`;
}
