import { UnknownReferenceError } from '../../../src/errors.js';
import type { GroupRef } from '../../../src/contract/resource.js';
import type { MemberChange } from '../../../src/contract/store.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { SlowDatabase, Sql } from './slow-database.js';

/** The host's integer key in a SCIM id: `u7` is member 7, `g7` is team 7. */
export function rowId(kind: string, id: string): number | undefined {
  return /^[ug][1-9]\d{0,14}$/.test(id) && id.startsWith(kind) ? Number(id.slice(1)) : undefined;
}

// Teams hold members only, so a team's id counts as unknown here.
export async function checkMembers(
  sql: Sql,
  change: MemberChange | undefined,
  ctx: ScimContext,
): Promise<{ readonly known: MemberChange | undefined; readonly ignored: readonly string[] }> {
  const unknown: string[] = [];
  for (const { value } of change?.add ?? []) {
    const found = await sql.all('select 1 from members where org = ? and id = ?', ctx.tenant, rowId('u', value) ?? 0);
    if (found.length === 0) unknown.push(value);
  }
  if (change === undefined || unknown.length === 0) return { known: change, ignored: [] };
  if (change.pending !== 'ignore') throw new UnknownReferenceError(unknown);
  return { known: { ...change, add: change.add.filter(({ value }) => !unknown.includes(value)) }, ignored: unknown };
}

export async function moveMembers(
  sql: Sql,
  team: number,
  change: MemberChange | undefined,
): Promise<{ added: string[]; removed: string[] }> {
  const added: string[] = [];
  const removed: string[] = [];
  if (change === undefined) return { added, removed };
  const stay = new Set(change.add.map(({ value }) => value));
  const go =
    change.only === true
      ? (await sql.all('select member_id from team_members where team_id = ?', team))
          .map(({ member_id }) => `u${member_id}`)
          .filter((id) => !stay.has(id))
      : change.remove;
  for (const id of go)
    if (
      (await sql.run('delete from team_members where team_id = ? and member_id = ?', team, rowId('u', id) ?? 0))
        .changes > 0
    )
      removed.push(id);
  for (const id of stay)
    if ((await sql.run('insert or ignore into team_members values (?, ?)', team, rowId('u', id) ?? 0)).changes > 0)
      added.push(id);
  return { added, removed };
}

export async function groupsOfRow(sql: Sql, member: number): Promise<GroupRef[]> {
  const rows = await sql.all(
    'select t.id, t.title from team_members x join teams t on t.id = x.team_id where x.member_id = ?',
    member,
  );
  return rows.map(({ id, title }) => ({ value: `g${id}`, display: String(title), type: 'direct' }));
}

export function groupsOf(
  database: SlowDatabase,
  ids: readonly string[],
  ctx: ScimContext,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  return database.transaction(async (sql) => {
    const numbers = ids.map((id) => rowId('u', id) ?? 0);
    const rows = await sql.all(
      `select x.member_id, t.id, t.title from team_members x join teams t on t.id = x.team_id where t.org = ? and x.member_id in (${numbers.map(() => '?').join(', ')})`,
      ctx.tenant,
      ...numbers,
    );
    const found = new Map<string, GroupRef[]>();
    for (const { member_id, id, title } of rows)
      found.set(`u${member_id}`, [
        ...(found.get(`u${member_id}`) ?? []),
        { value: `g${id}`, display: String(title), type: 'direct' },
      ]);
    return found;
  });
}

export function namesOf(
  database: SlowDatabase,
  ids: readonly string[],
  ctx: ScimContext,
): Promise<ReadonlyMap<string, string>> {
  return database.transaction(async (sql) => {
    const numbers = ids.map((id) => rowId('u', id) ?? 0);
    const rows = await sql.all(
      `select id, full_name from members where org = ? and id in (${numbers.map(() => '?').join(', ')})`,
      ctx.tenant,
      ...numbers,
    );
    return new Map(rows.map(({ id, full_name }) => [`u${id}`, String(full_name)]));
  });
}
