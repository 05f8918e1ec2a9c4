import type { Kysely } from 'kysely';
import type { Member } from '../../contract/resource.js';
import { nextTurn } from '../../contract/turns.js';
import { sql } from '../../database/sql.js';
import { inTransaction } from '../../database/transaction.js';
import type { Dialect } from '../../database/dialect.js';
import type { BuiltInTables } from '../../database/table-names.js';

/** The tables of one tenant, in one connection or transaction. */
export interface TenantTables {
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  readonly tables: BuiltInTables;
  readonly tenant: string;
}

/** Members of one statement that reads or removes all: a driver of SQLite holds the event loop while it runs. */
export const membersOfPage = 5_000;

/** A row of the table of members. */
export interface MemberRow {
  readonly member_id: unknown;
  readonly type: unknown;
  readonly display: unknown;
}

/** The member of a row, as a client sees it. */
export function memberOf({ member_id, type, display }: MemberRow): Member {
  return {
    value: String(member_id),
    ...(type !== null && { type: String(type) }),
    ...(display !== null && { display: String(display) }),
  };
}

/** The members of a group, in statements that hold the event loop for a short time each. */
export async function membersInPages(group: string, scope: TenantTables): Promise<Member[]> {
  const first = await memberPage(group, '', scope);
  if (first.length < membersOfPage) return first;
  // The pages of a large group have to show the same state.
  return scope.db.isTransaction
    ? furtherMembers(group, first, scope)
    : inTransaction(scope.db, scope.dialect, async (db) => {
        const inside = { ...scope, db };
        return furtherMembers(group, await memberPage(group, '', inside), inside);
      });
}

/** The members of a group after a first page, with it. */
async function furtherMembers(group: string, first: readonly Member[], scope: TenantTables): Promise<Member[]> {
  const members = [...first];
  for (let page = first; page.length === membersOfPage;) {
    await nextTurn();
    page = await memberPage(group, page.at(-1)?.value ?? '', scope);
    for (const member of page) members.push(member);
  }
  return members;
}

async function memberPage(group: string, after: string, { db, tables, tenant }: TenantTables): Promise<Member[]> {
  const { rows } = await sql<MemberRow>`select member_id, type, display from ${sql.table(tables.members)}
    where tenant = ${tenant} and group_id = ${group} and member_id > ${after}
    order by member_id limit ${sql.raw(String(membersOfPage))}`.execute(db);
  return rows.map(memberOf);
}

/** Removes all members of a group that is being deleted. */
export async function removeAllMembers(group: string, { db, dialect, tables, tenant }: TenantTables): Promise<void> {
  const members = sql.table(tables.members);
  const ofGroup = sql`tenant = ${tenant} and group_id = ${group}`;
  if (dialect !== 'sqlite') {
    await sql`delete from ${members} where ${ofGroup}`.execute(db);
    return;
  }
  const part = sql`select member_id from ${members} where ${ofGroup} limit ${sql.raw(String(membersOfPage))}`;
  for (;;) {
    const { numAffectedRows } = await sql`delete from ${members}
      where ${ofGroup} and member_id in (${part})`.execute(db);
    if ((numAffectedRows ?? 0n) < BigInt(membersOfPage)) return;
    await nextTurn();
  }
}
