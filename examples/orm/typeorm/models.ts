// The entities of the application before SCIM. With decorators they would be classes; nothing else would change.
import { EntitySchema } from 'typeorm';

interface Team {
  readonly id: number;
  name: string;
  createdAt: string;
}

export const teams = new EntitySchema<Team>({
  name: 'Team',
  tableName: 'teams',
  columns: {
    id: { type: 'integer', primary: true, generated: true },
    name: { type: 'text', unique: true },
    createdAt: { type: 'text', name: 'created_at' },
  },
});

interface Member {
  readonly id: number;
  email: string;
  displayName: string | null;
  title: string | null;
  maySignIn: number;
  createdAt: string;
  deletedAt: string | null;
  teams: Team[];
}

export const members = new EntitySchema<Member>({
  name: 'Member',
  tableName: 'members',
  columns: {
    id: { type: 'integer', primary: true, generated: true },
    email: { type: 'text' },
    displayName: { type: 'text', name: 'display_name', nullable: true },
    title: { type: 'text', nullable: true },
    maySignIn: { type: 'integer', name: 'may_sign_in', default: 1 },
    createdAt: { type: 'text', name: 'created_at' },
    deletedAt: { type: 'text', name: 'deleted_at', nullable: true },
  },
  relations: {
    teams: {
      type: 'many-to-many',
      target: 'Team',
      joinTable: {
        name: 'team_members',
        joinColumn: { name: 'member_id' },
        inverseJoinColumn: { name: 'team_id' },
      },
    },
  },
});
