// The application's tables, as Drizzle sees them, and the migration that makes them.
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

/** Prepared text, compared byte by byte: the collation of the database must not have a say in who is equal to whom. */
const key = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull();

/** What users and groups have alike. The version is bumped by every write, those of the application included. */
const common = {
  id: key('id').primaryKey(),
  tenant: text('tenant').notNull(),
  externalId: text('external_id'),
  /** Attributes of SCIM that the application has no column for. */
  profile: jsonb('profile').$type<Readonly<Record<string, unknown>>>().notNull(),
  version: integer('version').notNull().default(1),
  createdAt: moment('created_at'),
  updatedAt: moment('updated_at'),
};

export const users = pgTable(
  'users',
  {
    ...common,
    userName: text('user_name').notNull(),
    userNameKey: key('user_name_key').notNull(),
    displayName: text('display_name'),
    displayNameKey: key('display_name_key'),
    title: text('title'),
    active: boolean('active'),
    /** The application's own: SCIM neither shows nor changes it. */
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }),
  },
  (table) => [
    // This index, and nothing before it, decides whether a name is taken.
    uniqueIndex('users_user_name').on(table.tenant, table.userNameKey),
    index('users_external_id').on(table.tenant, sql`normalize(${table.externalId})`),
    index('users_display_name').on(table.tenant, table.displayNameKey),
  ],
);

export const groups = pgTable(
  'groups',
  { ...common, displayName: text('display_name').notNull(), displayNameKey: key('display_name_key').notNull() },
  (table) => [
    index('groups_display_name').on(table.tenant, table.displayNameKey, table.id),
    index('groups_external_id').on(table.tenant, sql`normalize(${table.externalId})`),
  ],
);

/** Who is in which group. Groups hold users only; a foreign key cannot keep a member that is still to come. */
export const memberships = pgTable(
  'memberships',
  {
    groupId: key('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    userId: key('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.userId] }), index('memberships_user').on(table.userId)],
);

/** What `drizzle-kit generate` writes for the tables above, by hand. */
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
