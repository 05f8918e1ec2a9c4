import { type Fragment, sql } from '../../database/sql.js';
import { VersionMismatchError } from '../../errors.js';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { Member } from '../../contract/resource.js';
import type { Change, Creation, Write, WriteResult } from '../../contract/store.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { lock } from '../../database/dialect.js';
import { outboxRows } from '../../database/outbox.js';
import { applyChange } from '../apply-change.js';
import { runBefore } from '../sql/checks.js';
import { reportWrite } from '../sql/report-write.js';
import { type Document, documentOf } from './document.js';
import { withGroupsOfRow } from './list-source.js';
import { hasLookups, lookupDeletions, lookupDifference, lookupInsertion, lookupsOf } from './lookups.js';
import {
  insertedMembers,
  memberStatements,
  type MemberPlan,
  type MemberScope,
  membersOf,
  planMembers,
} from './members.js';
import {
  assignments,
  attributeNames,
  attributesOf,
  groupsColumn,
  nextState,
  type ResourceRow,
  resourceColumns,
  storedAs,
  valuesOf,
} from './resource-row.js';
import { rowSource } from './row-source.js';
import { keysOfChange, keysOfCreation, keyStatements } from './unique-keys.js';
import { type BatchTarget, ifWritten, runBatch } from './write-batch.js';

/** Where the resources of one type are written: over the pool, or in a transaction, which then locks what it reads. */
export interface WriteScope extends MemberScope, BatchTarget {
  readonly type: string;
  /** The table of the resource type. */
  readonly table: string;
  readonly outbox: boolean;
  /** Paths of the table of lookups. */
  readonly lookups: readonly string[];
}

/** The result of an attempt without a lock that another write came before: nothing was written. */
export const needsLock = 'needs lock';
export type NeedsLock = typeof needsLock;

/** Inserts a resource with its keys, lookups, members and events. */
export async function insertResource<R extends object>(
  id: string,
  creation: Creation<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock> {
  await runBefore(creation, scope.db);
  const { type, table, tenant } = scope;
  const { members, caseExact, selection } = creation;
  const plan = members && (await planMembers(undefined, members, scope.db.isTransaction, scope));
  if (needsLockFor(plan, scope)) return needsLock;
  const attributes = withoutUndefined(creation.resource);
  const { values, document } = valuesOf(attributes, { type, caseExact }, scope);
  const now = Date.now();
  const created = storedAs<R>(attributes, { id, created: now, last_modified: now, version: 1 });
  const resource = { ...created, ...derivedOfNew(plan, selection, type) };
  const result: WriteResult<R> = { resource, changed: true, ...movesOf(plan) };
  const row = sql`insert into ${sql.table(table)}
    (tenant, id, ${sql.join(attributeNames(type))}, created, last_modified, version)
    values (${tenant}, ${id}, ${sql.join(values)}, ${now}, ${now}, 1)`;
  const others = [
    ...keyStatements(id, type, keysOfCreation(creation.keys, type), scope),
    ...lookupStatements(id, {}, document, scope),
    ...(plan === undefined ? [] : memberStatements(id, plan, scope)),
    ...eventStatements(creation, result, scope),
  ];
  await runBatch({ row, others }, scope);
  return reportChecked(creation, result, scope);
}

// Nobody has put a new user into a group yet, and the members of a new group are those that were inserted.
function derivedOfNew(plan: MemberPlan | undefined, selection: Selection, type: string): object {
  if (type === 'User' && selection.has('groups')) return { groups: [] };
  if (type !== 'Group' || !selection.has('members')) return {};
  return { members: plan === undefined ? [] : insertedMembers(plan) };
}

/**
 * Changes a resource in two steps: reads it, and writes it if its version is still the same. In a transaction the row is
 * locked in between.
 *
 * @returns `needsLock` where another write came first; undefined when there is no such resource
 * @throws VersionMismatchError when `change.ifVersion` is not the version of the row
 */
export async function changeResource<R extends object>(
  id: string,
  change: Change<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock | undefined> {
  const { db, type, table, tenant } = scope;
  const { members, caseExact, selection } = change;
  const row = await readRow(id, selection, scope, db.isTransaction ? 'write' : undefined);
  if (row === undefined) return undefined;
  checkVersion(row, change.ifVersion);
  await runBefore(change, db);
  const plan = members && (await planMembers(id, members, db.isTransaction, scope));
  if (needsLockFor(plan, scope)) return needsLock;
  const old = attributesOf(row);
  const before = storedAs<R>(old, row);
  const { after, changed } = applyChange(old, change);
  const moves = movesOf(plan);
  const derived = await derivedOf(row, plan, selection, scope);
  if (changed.length === 0 && moves.added.length + moves.removed.length === 0) {
    return reportChecked(change, { resource: { ...before, ...derived }, changed: false, before, ...moves }, scope);
  }
  const next = nextState(row);
  const resource = { ...storedAs<R>(after, next), ...derived };
  const result: WriteResult<R> = { resource, changed: true, before, ...moves };
  const target = { type, caseExact };
  const values = changed.length > 0 ? valuesOf(after, target, scope) : undefined;
  const update = sql`update ${sql.table(table)} set ${values === undefined ? sql`` : sql`${assignments(type, values)}, `}
    last_modified = ${next.last_modified}, version = ${next.version}
    where tenant = ${tenant} and id = ${id} and version = ${row.version}`;
  const others = [
    ...(values === undefined
      ? []
      : [
          ...keyStatements(id, type, await keysOfChange(id, change.keys, type, scope), scope),
          ...lookupStatements(
            id,
            documentOf(pick(old, changed), target),
            documentOf(pick(after, changed), target),
            scope,
          ),
        ]),
    ...(plan === undefined ? [] : memberStatements(id, plan, scope)),
    ...eventStatements(change, result, scope),
  ];
  return (await runBatch({ row: update, others }, scope)) ? reportChecked(change, result, scope) : needsLock;
}

/** Reads the row of a resource, with its groups where they are selected and the dialect reads them in the same query. */
export async function readRow(
  id: string,
  selection: Selection,
  { db, dialect, tables, tenant, type, table }: WriteScope,
  kind?: 'write' | 'delete',
): Promise<ResourceRow | undefined> {
  const groups = type === 'User' && selection.has('groups') ? groupsColumn(dialect, tables) : sql``;
  const { rows } = await sql<ResourceRow>`select ${resourceColumns}${groups} from ${sql.table(table)} r
    where r.tenant = ${tenant} and r.id = ${id} ${kind === undefined ? sql`` : lock(dialect, kind)}`.execute(db);
  return rows[0];
}

/** @throws VersionMismatchError when the version is not that of the row */
export function checkVersion(row: ResourceRow, ifVersion: string | undefined): void {
  if (ifVersion !== undefined && ifVersion !== String(row.version)) throw new VersionMismatchError();
}

// A foreign key keeps a user or group that is added from being deleted before the write. Other types have none, and on
// SQLite foreign keys may be off.
function needsLockFor(plan: MemberPlan | undefined, { db, dialect }: WriteScope): boolean {
  if (plan === undefined || plan.inserted.length === 0 || db.isTransaction) return false;
  return dialect === 'sqlite' || [...plan.types.values()].some((type) => type !== 'User' && type !== 'Group');
}

interface Moves {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly ignored?: readonly string[];
}

function movesOf(plan: MemberPlan | undefined): Moves {
  if (plan === undefined) return { added: [], removed: [] };
  const { added, removed, ignored } = plan;
  return { added, removed, ...(ignored.length > 0 && { ignored }) };
}

/** The selected values after a change that are in other tables. The version of the row changes with the members. */
async function derivedOf(
  row: ResourceRow,
  plan: MemberPlan | undefined,
  selection: Selection,
  scope: WriteScope,
): Promise<object> {
  const { groups } = withGroupsOfRow<{ readonly groups?: unknown }>(row);
  if (groups !== undefined) return { groups };
  if (scope.type !== 'Group' || !selection.has('members')) return {};
  const id = String(row.id);
  const current = (await membersOf([id], scope)).get(id) ?? [];
  if (plan === undefined) return { members: current };
  const removed = new Set(plan.removed);
  const members: readonly Member[] = [...current.filter(({ value }) => !removed.has(value)), ...insertedMembers(plan)];
  return { members: members.toSorted((a, b) => (a.value < b.value ? -1 : 1)) };
}

function lookupStatements(id: string, before: Document, after: Document, scope: WriteScope): readonly Fragment[] {
  if (!hasLookups(scope.dialect)) return [];
  const { removed, added } = lookupDifference(lookupsOf(before, scope.lookups), lookupsOf(after, scope.lookups));
  return [...lookupDeletions(id, removed, scope), ...(added.length > 0 ? [lookupInsertion(id, added, scope)] : [])];
}

/** The statement that saves the events of a write in the batch. Those of a checked write follow when the check has passed. */
export function eventStatements<R>(write: Write<R>, result: WriteResult<R>, scope: WriteScope): readonly Fragment[] {
  if (!scope.outbox || write.check !== undefined) return [];
  const rows = outboxRows(write.events(result));
  if (rows.length === 0) return [];
  const source = rowSource(
    scope.dialect,
    'v',
    ['text', 'integer', 'text'],
    rows.map(({ place, created, event }) => [place, created, event]),
  );
  return [
    sql`insert into ${sql.table(scope.tables.outbox)} (id, created, event)
      select v.c0, v.c1, v.c2 from ${ifWritten(scope.dialect, source)}`,
  ];
}

async function reportChecked<R>(write: Write<R>, result: WriteResult<R>, scope: WriteScope): Promise<WriteResult<R>> {
  if (write.check === undefined) return result;
  return reportWrite(write, result, { db: scope.db, outbox: scope.outbox ? scope.tables.outbox : undefined });
}

function pick(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
