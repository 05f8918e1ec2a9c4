import { createHash, randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { ConflictError } from '../../errors.js';
import { isDeepEqual } from '../../schema/equal.js';
import type { Attributes } from '../../contract/attribute.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { MemberScope } from './members.js';
import { chunks } from './rows.js';
import { storable, type ValueRow, valuesOf } from './values.js';

type Keys = Readonly<Record<string, string>>;

/** The attributes after a change; undefined where everything is already so. */
export function changedAttributes(
  before: Attributes,
  set: object,
  unset: readonly string[],
): { readonly attributes: Attributes; readonly names: readonly string[] } | undefined {
  const wanted = Object.entries(set).filter(
    ([name, value]) => value !== undefined && !isDeepEqual(before[name], value),
  );
  const gone = unset.filter((name) => before[name] !== undefined);
  if (wanted.length + gone.length === 0) return undefined;
  const kept = Object.entries(before).filter(([name]) => !gone.includes(name));
  return {
    attributes: { ...Object.fromEntries(kept), ...Object.fromEntries(wanted) },
    names: [...wanted.map(([name]) => name), ...gone],
  };
}

/** Saves the prepared values of attributes. */
export async function insertValues(id: string, attributes: Attributes, scope: MemberScope): Promise<void> {
  for (const part of chunks<ValueRow>(valuesOf(attributes), 80)) {
    const rows = part.map(
      (row) =>
        sql`(${sql.join([
          ...[scope.tenant, id, row.attribute, row.n, row.path, row.slot, row.leading],
          ...[row.short, row.folded, row.exact, row.instant],
        ])})`,
    );
    await sql`insert into ${sql.table(scope.tables.values)}
      (tenant, id, attribute, n, path, slot, leading_value, short, folded, exact_form, instant)
      values ${sql.join(rows)}`.execute(scope.db);
  }
}

/** Takes away the prepared values of some attributes, or of all. */
export async function deleteValues(
  id: string,
  names: readonly string[] | undefined,
  scope: MemberScope,
): Promise<void> {
  const some = names === undefined ? sql`` : sql` and attribute in (${sql.join(names)})`;
  await sql`delete from ${sql.table(scope.tables.values)} where tenant = ${scope.tenant} and id = ${id}${some}`.execute(
    scope.db,
  );
}

/**
 * Takes unique keys. The primary key of their table decides: an insertion waits for one that is under way elsewhere.
 *
 * @throws ConflictError
 */
export async function takeKeys(id: string, type: string, keys: Keys, scope: MemberScope): Promise<void> {
  const table = sql.table(scope.tables.keys);
  // One order for all, so that two writes with two keys each do not wait for each other.
  for (const [path, normalized] of Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const row = sql`(tenant, type, path, prepared, id)
      values (${sql.join([scope.tenant, type, path, indexed(normalized), id])})`;
    const { numAffectedRows } =
      scope.dialect === 'mysql'
        ? await sql`insert ignore into ${table} ${row}`.execute(scope.db)
        : await sql`insert into ${table} ${row} on conflict do nothing`.execute(scope.db);
    if (numAffectedRows === 0n) throw new ConflictError(path);
  }
}

/** Exchanges the keys of the attributes that a change has written. @throws ConflictError */
export async function changeKeys(
  id: string,
  type: string,
  keys: Keys,
  written: readonly string[],
  scope: MemberScope,
): Promise<void> {
  const table = sql.table(scope.tables.keys);
  const { rows } = await sql<{ path: unknown; normalized: unknown }>`select path, prepared from ${table}
    where tenant = ${scope.tenant} and id = ${id}`.execute(scope.db);
  const taken = new Map(rows.map(({ path, normalized }) => [String(path), String(normalized)]));
  const wanted = new Map(Object.entries(keys).filter(([path, key]) => taken.get(path) !== indexed(key)));
  for (const path of taken.keys()) {
    if (!wanted.has(path) && (keys[path] !== undefined || !written.some((name) => stands(path, name)))) continue;
    await sql`delete from ${table} where tenant = ${scope.tenant} and type = ${type} and path = ${path}
      and id = ${id}`.execute(scope.db);
  }
  await takeKeys(id, type, Object.fromEntries(wanted), scope);
}

/** True where the attribute at `path` is `name`, or stands inside it: `name.familyName`, `urn:...:User:employeeCode`. */
export function stands(path: string, name: string): boolean {
  const next = path[name.length];
  return path.startsWith(name) && (next === undefined || next === '.' || next === ':');
}

// What is too long for an index is told apart by its digest.
function indexed(normalized: string): string {
  if (normalized.length <= 100) return storable(normalized);
  return `sha256:${createHash('sha256').update(normalized).digest('hex')}`;
}

/** Saves events in the transaction that made them. */
export async function saveEvents(db: Kysely<unknown>, outbox: string, events: readonly ChangeEvent[]): Promise<void> {
  for (const { place, created, event } of outboxRows(events)) {
    await sql`insert into ${sql.table(outbox)} (id, created, event)
      values (${place}, ${created}, ${event})`.execute(db);
  }
}

/** Events as rows, which are delivered in this order: by time, then as they were made. */
export function outboxRows(
  events: readonly ChangeEvent[],
): readonly { readonly place: string; readonly created: number; readonly event: string }[] {
  const created = Date.now();
  return events.map((event, i) => ({
    place: `${String(created).padStart(15, '0')}.${String(i).padStart(6, '0')}.${randomUUID()}`,
    created,
    event: JSON.stringify(event),
  }));
}

/** Some of the attributes. */
export function only(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
