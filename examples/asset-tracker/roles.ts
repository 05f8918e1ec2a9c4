// Roles of teams: a member has the highest role of their teams, unless an administrator has assigned another one.
import type { Kysely } from 'kysely';
import type { Role, Tables } from './database.js';

/** Roles that a team can have. Only an owner can make another member an owner, and never the identity provider. */
export const teamRoles = ['viewer', 'technician', 'admin'] as const;

const rank: Readonly<Record<Role, number>> = { viewer: 0, technician: 1, admin: 2, owner: 3 };

/**
 * Updates the roles of these members, or of all members, from their teams. It writes only roles that change.
 *
 * It depends only on the current state, so it is idempotent.
 */
export async function applyTeamRoles(db: Kysely<Tables>, memberIds?: readonly number[]): Promise<void> {
  if (memberIds?.length === 0) return;
  let query = db
    .selectFrom('members')
    .select(['id', 'role', 'role_source'])
    .where('deleted_at', 'is', null)
    .where('role_source', '<>', 'hand')
    .where('role', '<>', 'owner');
  let teamRoleRows = db
    .selectFrom('team_members')
    .innerJoin('team_roles', 'team_roles.team_id', 'team_members.team_id')
    .select(['team_members.member_id', 'team_members.team_id', 'team_roles.role'])
    .orderBy('team_members.team_id');
  if (memberIds !== undefined) {
    query = query.where('id', 'in', memberIds);
    teamRoleRows = teamRoleRows.where('team_members.member_id', 'in', memberIds);
  }
  const best = new Map<number, { readonly role: Role; readonly source: string }>();
  for (const { member_id, team_id, role } of await teamRoleRows.execute()) {
    const current = best.get(member_id);
    if (current === undefined || rank[role] > rank[current.role]) {
      best.set(member_id, { role, source: `team:${String(team_id)}` });
    }
  }
  for (const { id, role, role_source } of await query.execute()) {
    const next = best.get(id) ?? { role: 'viewer', source: 'default' };
    if (next.role === role && next.source === role_source) continue;
    await db
      .updateTable('members')
      .set({ role: next.role, role_source: next.source })
      .where('id', '=', id)
      .where('role_source', '=', role_source)
      .execute();
  }
}
