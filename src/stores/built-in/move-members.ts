import type { Kysely } from 'kysely';
import { type Fragment, sql } from '../../database/sql.js';
import type { Stored } from '../../contract/resource.js';
import type { MemberChange, Write, WriteResult } from '../../contract/store.js';
import { inTransaction } from '../../database/transaction.js';
import {
  type ResourceRow,
  resourceColumns,
  returnedColumns,
  storedAs,
  toStored,
  unknownState,
} from './resource-row.js';
import { isOneOf, rowSource } from './row-source.js';
import { furtherParts } from './write-batch.js';
import { eventStatements, type WriteScope } from './write-resource.js';

/**
 * Adds users to a group, or removes members from it, in one round trip; on SQLite in a short transaction.
 *
 * @param change adds or removes, not both, and no ID twice. With an outbox on PostgreSQL, one ID only
 * @param write whose events are saved with it
 * @returns undefined when nothing was written: the group does not exist, an added ID is no user, or, except on PostgreSQL,
 * not all of them moved
 * @throws a foreign key violation of PostgreSQL when an added ID is not a user
 */
export async function moveMembers<R extends object>(
  id: string,
  { add, remove }: MemberChange,
  write: Write<R>,
  scope: WriteScope,
): Promise<WriteResult<R> | undefined> {
  const adds = add.length > 0;
  const ids = adds ? add.map(({ value }) => value) : remove;
  const resultFor = (resource: Stored<R>, moved: readonly string[]): WriteResult<R> => ({
    resource,
    changed: true,
    added: adds ? moved : [],
    removed: adds ? [] : moved,
  });
  // Saved only if all ids move.
  const events = eventStatements(write, resultFor(storedAs<R>({}, { ...unknownState, id }), ids), scope);
  const moved = await move({ id, ids, adds, events }, scope);
  if (moved === undefined) return undefined;
  return resultFor(
    toStored<R>(moved.row),
    ids.filter((each) => moved.ids.has(each)),
  );
}

interface Move {
  /** The group. */
  readonly id: string;
  readonly ids: readonly string[];
  /** False: the IDs leave. */
  readonly adds: boolean;
  readonly events: readonly Fragment[];
}

interface Moved {
  /** The group after the change. */
  readonly row: ResourceRow;
  readonly ids: ReadonlySet<string>;
}

async function move(change: Move, scope: WriteScope): Promise<Moved | undefined> {
  switch (scope.dialect) {
    case 'postgres':
      return moveInOneStatement(change, scope);
    case 'sqlite':
      return moveInTransaction(change, scope);
    default:
      return (await scope.hasCompoundStatements()) ? moveInCompound(change, scope) : undefined;
  }
}

/** The condition for the row of the group, called `r`. */
function isGroup(id: string, { tenant }: WriteScope): Fragment {
  return sql`r.tenant = ${tenant} and r.id = ${id}`;
}

function bump({ dialect }: WriteScope, now = Date.now()): Fragment {
  const greatest = sql.raw(dialect === 'sqlite' ? 'max' : 'greatest');
  return sql`version = r.version + 1, last_modified = ${greatest}(r.last_modified, ${now})`;
}

function deletion(id: string, ids: readonly string[], { dialect, tables, tenant }: WriteScope): Fragment {
  return sql`delete from ${sql.table(tables.members)} where tenant = ${tenant} and group_id = ${id}
    and ${isOneOf(dialect, sql`member_id`, ids)}`;
}

/** The members move first: the row of the group is locked only if one did, and for a short time. */
async function moveInOneStatement({ id, ids, adds, events }: Move, scope: WriteScope): Promise<Moved | undefined> {
  const { db, dialect, tables, tenant } = scope;
  const rows = rowSource(
    dialect,
    'v',
    ['text'],
    ids.map((each) => [each]),
  );
  const insertion = sql`insert into ${sql.table(tables.members)} (tenant, group_id, member_id, user_id, type)
    select r.tenant, r.id, v.c0, v.c0, 'User' from ${sql.table(tables.groups)} r cross join ${rows}
    where ${isGroup(id, scope)} on conflict do nothing`;
  const { rows: found } = await sql<ResourceRow & { readonly moved: unknown }>`
    with m as (${adds ? insertion : deletion(id, ids, scope)} returning member_id),
      n as (select count(*) as moved, cast(json_agg(member_id) as text) as ids from m),
      w as (update ${sql.table(tables.groups)} r set ${bump(scope)} from n
        where r.tenant = ${tenant} and r.id = ${id} and n.moved > 0 returning ${resourceColumns})${furtherParts(events)}
    select w.*, n.ids as moved from w cross join n`.execute(db);
  const [row] = found;
  return row && { row, ids: new Set(JSON.parse(String(row.moved)) as string[]) };
}

class NotAllMoved extends Error {}

async function moveInTransaction({ id, ids, adds, events }: Move, scope: WriteScope): Promise<Moved | undefined> {
  const { dialect, tables } = scope;
  try {
    const move = async (db: Kysely<unknown>): Promise<Moved> => {
      const statement = adds ? insertionOfUsers(id, ids, scope) : deletion(id, ids, scope);
      const { numAffectedRows } = await statement.execute(db);
      if (numAffectedRows !== BigInt(ids.length)) throw new NotAllMoved();
      const { rows } = await sql<ResourceRow>`update ${sql.table(tables.groups)} as r set ${bump(scope)}
        where ${isGroup(id, scope)} returning ${returnedColumns}`.execute(db);
      const [row] = rows;
      if (row === undefined) throw new NotAllMoved();
      for (const each of events) await each.execute(db);
      return { row, ids: new Set(ids) };
    };
    return await inTransaction(scope.db, dialect, move, scope.ctx);
  } catch (error) {
    if (error instanceof NotAllMoved) return undefined;
    throw error;
  }
}

/** Inserts members that are users; an ID that is no user, or a member already, is not inserted. */
function insertionOfUsers(id: string, ids: readonly string[], { dialect, tables, tenant }: WriteScope): Fragment {
  const table = sql.table(tables.members);
  const users = sql`select u.tenant, ${id}, u.id, u.id, 'User' from ${sql.table(tables.users)} u
    where u.tenant = ${tenant} and ${isOneOf(dialect, sql`u.id`, ids)}`;
  const columns = sql`(tenant, group_id, member_id, user_id, type)`;
  return dialect === 'mysql'
    ? sql`insert ignore into ${table} ${columns} ${users}`
    : sql`insert into ${table} ${columns} ${users} on conflict do nothing`;
}

async function moveInCompound({ id, ids, adds, events }: Move, scope: WriteScope): Promise<Moved | undefined> {
  const { db, tables } = scope;
  const group = sql.table(tables.groups);
  const now = Date.now();
  const { rows } = await sql`begin not atomic
    declare moved int default 0;
    declare exit handler for sqlexception begin rollback; resignal; end;
    set transaction isolation level read committed;
    start transaction;
    select ${resourceColumns} from ${group} r where ${isGroup(id, scope)} for update;
    ${adds ? insertionOfUsers(id, ids, scope) : deletion(id, ids, scope)};
    set moved = row_count();
    if moved = ${ids.length} then
      update ${group} r set ${bump(scope, now)} where ${isGroup(id, scope)};
      ${sql.join(
        events.map((each) => sql`${each};`),
        sql` `,
      )}
      commit;
    else rollback; end if;
    select moved;
  end`.execute(db);
  const [[row] = [], [result] = []] = rows as unknown as readonly [
    readonly ResourceRow[],
    readonly { readonly moved: unknown }[],
  ];
  if (row === undefined || Number(result?.moved) !== ids.length) return undefined;
  const next = { version: Number(row.version) + 1, last_modified: Math.max(Number(row.last_modified), now) };
  return { row: { ...row, ...next }, ids: new Set(ids) };
}
