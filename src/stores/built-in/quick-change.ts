import { sql } from '../../database/sql.js';
import type { Change, MemberChange, WriteResult } from '../../contract/store.js';
import type { Stored } from '../../contract/resource.js';
import { isStorable } from './members.js';
import { withGroupsOfRow } from './list-source.js';
import { moveMembers } from './move-members.js';
import { groupsColumn, type ResourceRow, returnedColumns, storedAs, unknownState } from './resource-row.js';
import { runReturning } from './write-batch.js';
import { changeInOneStatement } from './change-in-one-statement.js';
import { eventStatements, needsLock, type NeedsLock, type WriteScope } from './write-resource.js';

// The most frequent changes of a resource, without reading it first: switching `active`, members who join or leave, and on
// PostgreSQL all other changes of attributes. What these do not find as they expect takes the way of all other changes, and so
// does a change whose events are not known before it is made.

/** More IDs take the way of other changes, which pauses between parts of them. */
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
): Promise<WriteResult<R> | NeedsLock | undefined> {
  if (scope.db.isTransaction) return needsLock;
  const { set, unset, ifVersion, members } = change;
  const names = Object.keys(set);
  if (members !== undefined) {
    return ifVersion === undefined && names.length + unset.length === 0
      ? moveQuickly(id, members, change, scope)
      : needsLock;
  }
  const { active } = set as { readonly active?: unknown };
  if (ifVersion === undefined && unset.length === 0 && names.length === 1 && typeof active === 'boolean') {
    const switched = await switchActive(id, active, change, scope);
    if (switched !== needsLock) return switched;
  }
  // The events of a change contain the values before it.
  return scope.dialect === 'postgres' && !scope.outbox ? changeInOneStatement(id, change, scope) : needsLock;
}

async function moveQuickly<R extends object>(
  id: string,
  members: MemberChange,
  change: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock> {
  const ids = movedIds(members);
  if (ids === undefined || change.selection.has('members')) return needsLock;
  // On PostgreSQL some of several ids may move, and the events name those.
  if (scope.outbox && scope.dialect === 'postgres' && ids.length > 1) return needsLock;
  return (await moveMembers(id, members, change, scope)) ?? needsLock;
}

/** The IDs that join or leave; undefined where some do the one and some the other. */
function movedIds({ add, remove, only }: MemberChange): readonly string[] | undefined {
  if (only === true || add.length > 0 === remove.length > 0) return undefined;
  const ids = add.length > 0 ? add.map(({ value }) => value) : remove;
  return ids.length <= maxIds && ids.every(isStorable) && new Set(ids).size === ids.length ? ids : undefined;
}

/** Sets `active` where it has the other value. */
async function switchActive<R extends object>(
  id: string,
  active: boolean,
  change: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock> {
  const { db, dialect, tables, tenant, type, table } = scope;
  const { selection } = change;
  const hasGroups = type === 'User' && selection.has('groups');
  const value = Number(active);
  const now = Date.now();
  const greatest = sql.raw(dialect === 'sqlite' ? 'max' : 'greatest');
  const target = sql.table(table);
  const assignments = sql`active = ${value}, version = ${target}.version + 1,
    last_modified = ${greatest}(${target}.last_modified, ${now})`;
  const returning = sql`${returnedColumns}${hasGroups ? groupsColumn(dialect, tables, { row: target }) : sql``}`;
  const others = eventStatements(change, expectedSwitch(id, active), scope);
  let row: ResourceRow | undefined;
  if (dialect === 'mysql') {
    if (others.length > 0 || !(await scope.hasCompoundStatements())) return needsLock;
    // MariaDB's `update` returns no rows, and its `insert ... on duplicate key update` does.
    const { rows } = await sql<ResourceRow>`insert into ${target}
      (tenant, id, attributes, normalized, created, last_modified, version)
      select s.tenant, s.id, '', '', 0, 0, 0 from ${target} s
        where s.tenant = ${tenant} and s.id = ${id} and s.active = ${1 - value} for update
      on duplicate key update ${assignments} returning ${returning}`.execute(db);
    [row] = rows;
  } else {
    const update = sql`update ${target} set ${assignments} where tenant = ${tenant} and id = ${id} and active = ${1 - value}`;
    row = await runReturning<ResourceRow>({ row: update, others }, returning, scope);
  }
  if (row === undefined) return needsLock;
  const resource = withGroupsOfRow<R>(row);
  return { resource, changed: true, before: beforeSwitch(resource, active), added: [], removed: [] };
}

/** What the events of a switch need of its result: they are saved only if the switch is made. */
function expectedSwitch<R extends object>(id: string, active: boolean): WriteResult<R> {
  return {
    resource: storedAs<R>({ active }, { ...unknownState, id }),
    changed: true,
    before: storedAs<R>({ active: !active }, { ...unknownState, id }),
    added: [],
    removed: [],
  };
}

/** The resource before: the time of its last change is not known. */
function beforeSwitch<R>(resource: Stored<R>, active: boolean): Stored<R> {
  const { created, version } = resource.meta;
  return { ...resource, active: !active, meta: { created, version: String(Number(version) - 1) } };
}
