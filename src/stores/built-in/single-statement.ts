import { type RawBuilder, sql } from 'kysely';
import type { Change, MemberChange, WriteResult } from '../../contract/store.js';
import { isStorable, type MemberScope } from './members.js';
import { type ResourceRow, resourceColumns, toStored } from './resource-row.js';

// Frequent unconditional writes, each in one statement of PostgreSQL: it locks and reads the row, and writes only what
// really changes. A single statement is atomic, so these need no transaction.

// More ids take several statements, and so a transaction.
const maxIds = 500;

/** Whether a change only sets `active`, without a precondition. */
export function setsActiveOnly<R>({ set, unset, ifVersion, members }: Change<R>): boolean {
  if (members !== undefined || ifVersion !== undefined || unset.length > 0) return false;
  return typeof (set as { readonly active?: unknown }).active === 'boolean' && Object.keys(set).length === 1;
}

/** Whether a change only adds some members, or only removes some, without a precondition. */
export function changesMembersOnly<R>({ set, unset, ifVersion, members, selection }: Change<R>): boolean {
  if (members === undefined || members.only === true || ifVersion !== undefined || selection.has('members'))
    return false;
  if (Object.keys(set).length + unset.length > 0) return false;
  const ids = idsOf(members);
  const isOneWay = members.add.length === 0 || members.remove.length === 0;
  return isOneWay && ids.length > 0 && ids.length <= maxIds && ids.every(isStorable);
}

function idsOf({ add, remove }: MemberChange): string[] {
  return [...new Set(add.length > 0 ? add.map(({ value }) => value) : remove)];
}

/** Sets `active`. @returns undefined when there is no such resource */
export async function setActive<R extends object>(
  id: string,
  active: boolean,
  table: string,
  scope: MemberScope,
): Promise<WriteResult<R> | undefined> {
  const value = sql`cast(${Number(active)} as bigint)`;
  const row = await updateReturning(id, table, scope, {
    set: sql`active = ${value}, `,
    where: sql`r.active is distinct from ${value}`,
  });
  if (row === undefined) return undefined;
  return resultOf<R>(row, { active: Number(active) });
}

/**
 * Adds users to a group, or removes members from it.
 *
 * @returns undefined when there is no such group
 * @throws a foreign key violation (23503) when an added id is not a user
 */
export async function addOrRemoveMembers<R extends object>(
  id: string,
  change: MemberChange,
  scope: MemberScope,
): Promise<WriteResult<R> | undefined> {
  const ids = idsOf(change);
  const adds = change.add.length > 0;
  const { members, groups } = scope.tables;
  const row = await updateReturning(id, groups, scope, {
    before: sql`m as (${adds ? addition(ids, members, scope.tenant) : removal(ids, members, scope.tenant)}),
      n as (select count(*) as moved, cast(json_agg(member_id) as text) as ids from m), `,
    from: sql`, n`,
    where: sql`n.moved > 0`,
    columns: sql`, n.ids as moved`,
    join: sql` cross join n`,
  });
  if (row === undefined) return undefined;
  const changed = new Set(row.moved === null ? [] : (JSON.parse(String(row.moved)) as string[]));
  const moved = ids.filter((each) => changed.has(each));
  return { ...resultOf<R>(row, {}), added: adds ? moved : [], removed: adds ? [] : moved };
}

interface ChangedRow extends ResourceRow {
  /** Null when nothing changed. */
  readonly next_version: unknown;
  readonly next_modified: unknown;
  readonly moved?: unknown;
}

/** Parts of the statement: `r` is the row before the update, `u` the row after it. */
interface Parts {
  readonly before?: RawBuilder<unknown>;
  readonly set?: RawBuilder<unknown>;
  readonly from?: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  readonly columns?: RawBuilder<unknown>;
  readonly join?: RawBuilder<unknown>;
}

async function updateReturning(
  id: string,
  table: string,
  { db, tenant }: MemberScope,
  { before = nothing, set = nothing, from = nothing, where, columns = nothing, join = nothing }: Parts,
): Promise<ChangedRow | undefined> {
  const { rows } = await sql<ChangedRow>`with r as (select ${resourceColumns} from ${sql.table(table)} r
      where r.tenant = ${tenant} and r.id = ${id} for no key update), ${before}
    u as (update ${sql.table(table)} g set ${set} version = g.version + 1,
      last_modified = greatest(g.last_modified, cast(${Date.now()} as bigint)) from r${from}
      where g.tenant = ${tenant} and g.id = r.id and ${where} returning g.version, g.last_modified)
    select ${resourceColumns}, u.version as next_version, u.last_modified as next_modified${columns}
      from r${join} left join u on true`.execute(db);
  return rows[0];
}

const nothing = sql``;

function resultOf<R extends object>(row: ChangedRow, columns: Partial<ResourceRow>): WriteResult<R> {
  const before = toStored<R>(row);
  const rest = { before, added: [], removed: [] };
  if (row.next_version === null) return { resource: before, changed: false, ...rest };
  const next = { ...row, ...columns, version: row.next_version, last_modified: row.next_modified };
  return { resource: toStored<R>(next), changed: true, ...rest };
}

function addition(ids: readonly string[], table: string, tenant: string): RawBuilder<unknown> {
  const values = sql.join(ids.map((id) => sql`(cast(${id} as text))`));
  return sql`insert into ${sql.table(table)} (tenant, group_id, member_id, user_id, type)
    select ${tenant}, r.id, v.id, v.id, 'User' from r cross join (values ${values}) as v (id)
    on conflict do nothing returning member_id`;
}

function removal(ids: readonly string[], table: string, tenant: string): RawBuilder<unknown> {
  return sql`delete from ${sql.table(table)} d using r where d.tenant = ${tenant} and d.group_id = r.id
    and d.member_id in (${sql.join(ids)}) returning d.member_id`;
}
