import { type RawBuilder, sql } from 'kysely';
import type { Change, MemberChange, WriteResult } from '../contract.js';
import { isStorable, type MemberScope } from './members.js';
import { type ResourceRow, resourceColumns, toStored } from './rows.js';

// More ids than this are moved in parts, which takes a transaction.
const mostIds = 500;

/** Whether a change is one that `moveMembersAtOnce` can do: users added to a group, or members removed from it. */
export function isMoveOnly<R>(change: Change<R>): boolean {
  const { set, unset, ifVersion, members, want } = change;
  if (members === undefined || members.only === true || ifVersion !== undefined || want.has('members')) return false;
  if (Object.keys(set).length + unset.length > 0) return false;
  const ids = idsOf(members);
  const isOneWay = members.add.length === 0 || members.remove.length === 0;
  return isOneWay && ids.length > 0 && ids.length <= mostIds && ids.every(isStorable);
}

function idsOf({ add, remove }: MemberChange): string[] {
  return [...new Set(add.length > 0 ? add.map(({ value }) => value) : remove)];
}

/**
 * Adds or removes members in one statement, for PostgreSQL: the row of the group is locked, the members are moved, and
 * the group has changed where one of them really did.
 *
 * @returns undefined where there is no such group
 * @throws an error of the foreign key (23503) where an added id is no user
 */
export async function moveMembersAtOnce<R extends object>(
  id: string,
  change: MemberChange,
  { db, tables, tenant }: MemberScope,
): Promise<WriteResult<R> | undefined> {
  const ids = idsOf(change);
  const adds = change.add.length > 0;
  const { rows } = await sql<
    ResourceRow & { next_version: unknown; next_modified: unknown; moved: unknown }
  >`with r as (select ${resourceColumns} from ${sql.table(tables.groups)} r
      where r.tenant = ${tenant} and r.id = ${id} for no key update),
    m as (${adds ? addition(ids, tables.members, tenant) : removal(ids, tables.members, tenant)}),
    n as (select count(*) as moved, cast(json_agg(member_id) as text) as ids from m),
    u as (update ${sql.table(tables.groups)} g set version = g.version + 1,
      last_modified = greatest(g.last_modified, cast(${Date.now()} as bigint)) from r, n
      where g.tenant = ${tenant} and g.id = r.id and n.moved > 0 returning g.version, g.last_modified)
    select ${resourceColumns}, u.version as next_version, u.last_modified as next_modified, n.ids as moved
      from r cross join n left join u on true`.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  const before = toStored<R>(row);
  if (row.moved === null) return { resource: before, changed: false, before, added: [], removed: [] };
  const there = new Set(JSON.parse(String(row.moved)) as string[]);
  const moved = ids.filter((each) => there.has(each));
  const resource = toStored<R>({ ...row, version: row.next_version, last_modified: row.next_modified });
  return { resource, changed: true, before, added: adds ? moved : [], removed: adds ? [] : moved };
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
