// The tables of the application before SCIM, as types for Knex.
import type { Knex } from 'knex';

interface Member {
  readonly id: number;
  readonly email: string;
  readonly display_name: string | null;
  readonly title: string | null;
  readonly may_sign_in: number;
  readonly created_at: string;
  readonly deleted_at: string | null;
}

interface Team {
  readonly id: number;
  readonly name: string;
  readonly created_at: string;
}

interface TeamMember {
  readonly team_id: number;
  readonly member_id: number;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    members: Member;
    teams: Team;
    team_members: TeamMember;
  }
}

/** Members who have not been deleted, with the names of their teams. */
export async function listMembers(orm: Knex) {
  const members = await orm('members')
    .select('id', 'email', 'display_name', 'may_sign_in')
    .whereNull('deleted_at')
    .orderBy('id');
  const memberships = await orm('team_members')
    .join('teams', 'teams.id', 'team_members.team_id')
    .select('team_members.member_id', 'teams.name')
    .orderBy('teams.name');
  return members.map((member) => ({
    id: member.id,
    email: member.email,
    displayName: member.display_name,
    maySignIn: member.may_sign_in,
    teams: memberships.filter(({ member_id }) => member_id === member.id).map(({ name }) => name),
  }));
}
