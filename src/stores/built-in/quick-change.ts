import { sql } from '../../database/sql.js';
import type { Change, MemberChange, WriteResult } from '../../contract/store.js';
import type { Stored } from '../../contract/resource.js';
import { isStorable } from './members.js';
import { withGroupsOfRow } from './list-source.js';
import { moveMembers } from './move-members.js';
import { groupsColumn, type ResourceRow, returnedColumns } from './resource-row.js';
import { needsLock, type NeedsLock, type WriteScope } from './write-resource.js';

// The two most frequent changes of a resource, without reading it first: switching `active`, and members who join or
// leave. Their events depend on what really changed, which is not known before the write, so an outbox needs the way of all
// other changes; so does whatever these do not find as they expect.

/** More ids take the way of other changes, which pauses between parts of them. */
const maxIds = 500;

/**
 * Makes a frequent change in one round trip.
 *
 * @returns `needsLock` when nothing was written, and the change has to be made in the general way
 */
export async function quickChange<R extends object>(
  id: string,
  change: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock> {
  const { set, unset, ifVersion, members, selection } = change;
  if (scope.outbox || scope.db.isTransaction || ifVersion !== undefined || unset.length > 0) return needsLock;
  const names = Object.keys(set);
  if (members === undefined) {
    const { active } = set as { readonly active?: unknown };
    return names.length === 1 && typeof active === 'boolean' ? switchActive(id, active, change, scope) : needsLock;
  }
  if (names.length > 0 || selection.has('members') || !isOneWay(members)) return needsLock;
  return (await moveMembers<R>(id, members, scope)) ?? needsLock;
}

function isOneWay({ add, remove, only }: MemberChange): boolean {
  if (only === true || add.length > 0 === remove.length > 0) return false;
  const ids = add.length > 0 ? add.map(({ value }) => value) : remove;
  return ids.length <= maxIds && ids.every(isStorable) && new Set(ids).size === ids.length;
}

/** Sets `active` where it has the other value. */
async function switchActive<R extends object>(
  id: string,
  active: boolean,
  { selection }: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock> {
  const { db, dialect, tables, tenant, type, table } = scope;
  const hasGroups = type === 'User' && selection.has('groups');
  const value = Number(active);
  const now = Date.now();
  const greatest = sql.raw(dialect === 'sqlite' ? 'max' : 'greatest');
  const target = sql.table(table);
  const assignments = sql`active = ${value}, version = ${target}.version + 1,
    last_modified = ${greatest}(${target}.last_modified, ${now})`;
  const returning = sql`returning ${returnedColumns}${hasGroups ? groupsColumn(dialect, tables, target) : sql``}`;
  let statement = sql<ResourceRow>`update ${target} set ${assignments}
    where tenant = ${tenant} and id = ${id} and active = ${1 - value} ${returning}`;
  if (dialect === 'mysql') {
    if (!(await scope.hasCompoundStatements())) return needsLock;
    // MariaDB's `update` returns no rows, and its `insert ... on duplicate key update` does.
    statement = sql<ResourceRow>`insert into ${target}
      (tenant, id, attributes, normalized, created, last_modified, version)
      select s.tenant, s.id, '', '', 0, 0, 0 from ${target} s
        where s.tenant = ${tenant} and s.id = ${id} and s.active = ${1 - value} for update
      on duplicate key update ${assignments} ${returning}`;
  }
  const [row] = (await statement.execute(db)).rows;
  if (row === undefined) return needsLock;
  const resource = withGroupsOfRow<R>(row);
  return { resource, changed: true, before: beforeSwitch(resource, active), added: [], removed: [] };
}

/** The resource before: the time of its last change is not known. */
function beforeSwitch<R>(resource: Stored<R>, active: boolean): Stored<R> {
  const { created, version } = resource.meta;
  return { ...resource, active: !active, meta: { created, version: String(Number(version) - 1) } };
}
