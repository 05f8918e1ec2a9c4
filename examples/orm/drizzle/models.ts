// The models of the application before SCIM.
import { relations } from 'drizzle-orm';
import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';

export const members = pgTable('members', {
  id: integer('id').primaryKey().generatedByDefaultAsIdentity(),
  email: text('email').notNull(),
  displayName: text('display_name'),
  title: text('title'),
  maySignIn: integer('may_sign_in').notNull().default(1),
  createdAt: text('created_at').notNull(),
  deletedAt: text('deleted_at'),
});

const teams = pgTable('teams', {
  id: integer('id').primaryKey().generatedByDefaultAsIdentity(),
  name: text('name').notNull().unique(),
  createdAt: text('created_at').notNull(),
});

const teamMembers = pgTable(
  'team_members',
  {
    teamId: integer('team_id')
      .notNull()
      .references(() => teams.id),
    memberId: integer('member_id')
      .notNull()
      .references(() => members.id),
  },
  (table) => [primaryKey({ columns: [table.teamId, table.memberId] })],
);

const memberRelations = relations(members, ({ many }) => ({ memberships: many(teamMembers) }));

const teamMemberRelations = relations(teamMembers, ({ one }) => ({
  member: one(members, { fields: [teamMembers.memberId], references: [members.id] }),
  team: one(teams, { fields: [teamMembers.teamId], references: [teams.id] }),
}));

export const schema = { members, teams, teamMembers, memberRelations, teamMemberRelations };
