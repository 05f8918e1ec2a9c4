import { sql } from '../../database/sql.js';
import { lock } from '../../database/dialect.js';
import { type CompiledMapping, type MappedScope, visible } from './compile-mapping.js';
import { plainValue } from './driver-values.js';
import { idOf, type Key, keyOf, keyParameter } from './primary-key.js';
import { writeSideRow } from './side-row.js';

/** Locks the groups that a user is a member of. @returns their primary keys */
export async function lockGroupsOf(
  member: Key,
  users: CompiledMapping,
  groups: CompiledMapping | undefined,
  scope: MappedScope,
): Promise<Key[]> {
  const join = groups?.mapping.members;
  if (groups === undefined || join === undefined) return [];
  const id = sql.ref(`r.${groups.mapping.id.column}`);
  const { rows } = await sql<{ id: unknown }>`select ${id} as id from ${sql.table(groups.mapping.table)} as r
    where ${visible(groups, scope)} and ${id} in (select ${sql.ref(join.group)} from ${sql.table(join.table)}
      where ${sql.ref(join.member)} = ${keyParameter(users, member)})
    order by ${id} ${lock(groups.dialect, 'write')}`.execute(scope.db);
  return rows.map((row) => keyOf(groups, idOf(groups, plainValue(row.id)))).filter((key) => key !== undefined);
}

/** Gives a group that loses a member a new version and `lastModified`. */
export async function touchGroup(key: Key, groups: CompiledMapping, scope: MappedScope): Promise<void> {
  const { mapping, side } = groups;
  const table = sql.table(mapping.table);
  const id = sql.ref(mapping.id.column);
  if (typeof mapping.version === 'object') {
    const column = sql.ref(mapping.version.column);
    await sql`update ${table} set ${column} = ${column} + 1 where ${id} = ${key}`.execute(scope.db);
  } else if (side === undefined) {
    // An update that changes nothing still gives the row a new xmin.
    await sql`update ${table} set ${id} = ${id} where ${id} = ${key}`.execute(scope.db);
  }
  if (side === undefined) return;
  const now = Date.now();
  const { numAffectedRows } = await sql`update ${sql.table(side)} set revision = revision + 1,
    last_modified = case when last_modified > ${now} then last_modified else ${now} end
    where tenant = ${scope.tenant} and row_id = ${key}`.execute(scope.db);
  if (numAffectedRows !== 0n) return;
  const empty = { externalId: undefined, normalized: undefined, rest: {} };
  await writeSideRow(key, empty, { created: 0, now }, groups, scope);
}

/** Deletes the memberships and child rows of a resource. */
export async function deleteDependentRows(
  key: Key,
  compiled: CompiledMapping,
  groups: CompiledMapping | undefined,
  scope: MappedScope,
): Promise<void> {
  const join = groups?.mapping.members;
  if (join !== undefined) {
    const column = sql.ref(compiled.type === 'User' ? join.member : join.group);
    await sql`delete from ${sql.table(join.table)} where ${column} = ${key}`.execute(scope.db);
  }
  for (const field of compiled.fields) {
    if (field.kind !== 'children') continue;
    const { table, owner } = field.children;
    await sql`delete from ${sql.table(table)} where ${sql.ref(owner)} = ${key}`.execute(scope.db);
  }
}
