// Roles that teams give: a member has the highest one, unless somebody gave a role by hand.
import type { Kysely } from 'kysely';
import type { Role, Tables } from './database.js';

/** Roles that a team may give. The owner is made by hand, in the product, by an owner: never by the identity provider. */
export const teamRoles = ['viewer', 'technician', 'admin'] as const;

const rank: Readonly<Record<Role, number>> = { viewer: 0, technician: 1, admin: 2, owner: 3 };

/**
 * Works roles out anew from teams, for these members or for all; what is so already is not written.
 *
 * It looks at what is so now and at nothing else, so it may run at any time and any number of times.
 */
export async function applyTeamRoles(db: Kysely<Tables>, memberIds?: readonly number[]): Promise<void> {
  if (memberIds?.length === 0) return;
  let query = db
    .selectFrom('members')
    .select(['id', 'role', 'role_source'])
    .where('deleted_at', 'is', null)
    .where('role_source', '<>', 'hand')
    .where('role', '<>', 'owner');
  let given = db
    .selectFrom('team_members')
    .innerJoin('team_roles', 'team_roles.team_id', 'team_members.team_id')
    .select(['team_members.member_id', 'team_members.team_id', 'team_roles.role'])
    .orderBy('team_members.team_id');
  if (memberIds !== undefined) {
    query = query.where('id', 'in', memberIds);
    given = given.where('team_members.member_id', 'in', memberIds);
  }
  const best = new Map<number, { readonly role: Role; readonly source: string }>();
  for (const { member_id, team_id, role } of await given.execute()) {
    const known = best.get(member_id);
    if (known === undefined || rank[role] > rank[known.role]) {
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
