import { sql } from '../../database/sql.js';
import type { Removal, WriteResult } from '../../contract/store.js';
import { chunks } from '../../database/chunks.js';
import { lock } from '../../database/dialect.js';
import { runBefore } from '../sql/checks.js';
import { reportWrite } from '../sql/report-write.js';
import { documentOf } from './document.js';
import { hasLookups, lookupDeletions, lookupsOf } from './lookups.js';
import { removeAllMembers } from './member-pages.js';
import type { MemberScope } from './members.js';
import { toStored } from './resource-row.js';
import { byMember, isOneOf } from './row-source.js';
import { checkVersion, readRow, type WriteScope } from './write-resource.js';

/** Deletes a resource, with its keys and memberships, in a transaction. @returns undefined when there is no such resource */
export async function deleteResource<R extends object>(
  id: string,
  removal: Removal<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | undefined> {
  const { db, dialect, tables, tenant, type, table } = scope;
  // Groups are locked before their members, in the same order as by an addition; otherwise the two would deadlock.
  const groups = await lockGroupsWith(id, scope);
  const row = await readRow(id, new Set(), scope, 'delete');
  if (row === undefined) return undefined;
  checkVersion(row, removal.ifVersion);
  await runBefore(removal, db);
  // Those that added the resource before its row was locked.
  const lateGroups = await lockGroupsWith(id, scope);
  await touch(
    [...new Set([...groups, ...lateGroups])].filter((group) => group !== id),
    scope,
  );
  const members = sql.table(tables.members);
  await sql`delete from ${members} where tenant = ${tenant} and member_id = ${id}`.execute(db);
  if (type === 'Group') await removeAllMembers(id, scope);
  await sql`delete from ${sql.table(tables.keys)} where tenant = ${tenant} and id = ${id}`.execute(db);
  const resource = toStored<R>(row);
  if (hasLookups(dialect)) {
    const document = documentOf({ ...resource }, { type, caseExact: removal.caseExact });
    for (const deletion of lookupDeletions(id, lookupsOf(document, scope.lookups), scope)) await deletion.execute(db);
  }
  await sql`delete from ${sql.table(table)} where tenant = ${tenant} and id = ${id}`.execute(db);
  return reportWrite(removal, { resource, changed: true }, { db, outbox: scope.outbox ? tables.outbox : undefined });
}

async function lockGroupsWith(id: string, { db, tables, tenant, dialect }: MemberScope): Promise<string[]> {
  const { rows } = await sql<{ id: unknown }>`select g.id from ${sql.table(tables.groups)} g where g.tenant = ${tenant}
    and g.id in (select m.group_id from ${sql.table(tables.members)} m ${byMember(dialect, tables.members)}
      where m.tenant = ${tenant} and m.member_id = ${id})
    order by g.id ${lock(dialect, 'write')}`.execute(db);
  return rows.map((row) => String(row.id));
}

// Losing a member changes the group.
async function touch(groups: readonly string[], { db, dialect, tables, tenant }: MemberScope): Promise<void> {
  const now = Date.now();
  for (const ids of chunks(groups)) {
    await sql`update ${sql.table(tables.groups)} set version = version + 1,
      last_modified = case when last_modified > ${now} then last_modified else ${now} end
      where tenant = ${tenant} and ${isOneOf(dialect, sql`id`, ids)}`.execute(db);
  }
}
