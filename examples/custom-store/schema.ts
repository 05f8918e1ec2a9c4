// The tables of the application in Drizzle, and the migration that creates them.
import { sql } from 'drizzle-orm';
import {
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

/** Normalized text, compared byte by byte: the collation of the database must not decide which values are equal. */
const normalized = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

const timestampColumn = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull();

/** Columns of both users and groups. Every write increments the version, also the writes of the application. */
const common = {
  id: normalized('id').primaryKey(),
  tenant: text('tenant').notNull(),
  externalId: text('external_id'),
  /** SCIM attributes without a column. */
  profile: jsonb('profile').$type<Readonly<Record<string, unknown>>>().notNull(),
  version: integer('version').notNull().default(1),
  createdAt: timestampColumn('created_at'),
  updatedAt: timestampColumn('updated_at'),
};

export const users = pgTable(
  'users',
  {
    ...common,
    userName: text('user_name').notNull(),
    userNameKey: normalized('user_name_key').notNull(),
    displayName: text('display_name'),
    displayNameKey: normalized('display_name_key'),
    title: text('title'),
    active: boolean('active'),
    /** A column of the application that SCIM neither reads nor writes. */
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }),
  },
  (table) => [
    // Only this index decides whether a userName is in use.
    uniqueIndex('users_user_name').on(table.tenant, table.userNameKey),
    index('users_external_id').on(table.tenant, sql`normalize(${table.externalId})`),
    index('users_display_name').on(table.tenant, table.displayNameKey),
  ],
);

export const groups = pgTable(
  'groups',
  { ...common, displayName: text('display_name').notNull(), displayNameKey: normalized('display_name_key').notNull() },
  (table) => [
    index('groups_display_name').on(table.tenant, table.displayNameKey, table.id),
    index('groups_external_id').on(table.tenant, sql`normalize(${table.externalId})`),
  ],
);

/** The members of groups: users only, and only users that exist. */
export const memberships = pgTable(
  'memberships',
  {
    groupId: normalized('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    userId: normalized('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.userId] }), index('memberships_user').on(table.userId)],
);

/** The tables above as SQL, like the output of `drizzle-kit generate`. */
export const migration = `
  create table users (
    id text collate "C" primary key, tenant text not null, external_id text, profile jsonb not null,
    version integer not null default 1, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
    user_name text not null, user_name_key text collate "C" not null, display_name text,
    display_name_key text collate "C", title text, active boolean, last_seen_at timestamptz);
  create unique index users_user_name on users (tenant, user_name_key);
  create index users_external_id on users (tenant, normalize(external_id));
  create index users_display_name on users (tenant, display_name_key);
  create table groups (
    id text collate "C" primary key, tenant text not null, external_id text, profile jsonb not null,
    version integer not null default 1, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
    display_name text not null, display_name_key text collate "C" not null);
  create index groups_display_name on groups (tenant, display_name_key, id);
  create index groups_external_id on groups (tenant, normalize(external_id));
  create table memberships (
    group_id text collate "C" not null references groups (id) on delete cascade,
    user_id text collate "C" not null references users (id) on delete cascade, primary key (group_id, user_id));
  create index memberships_user on memberships (user_id);`;
