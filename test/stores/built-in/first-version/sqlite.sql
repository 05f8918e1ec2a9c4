create table if not exists "scim_users" (
  tenant text not null,
  id text not null,
  attributes text not null,
  name text,
  active integer,
  "user_name" text,
  "external_id" text,
  "display_name" text,
  created integer not null,
  last_modified integer not null,
  version integer not null,
  primary key (tenant, id)
);

create index if not exists "scim_users_user_name" on "scim_users" ("tenant", "user_name", "id");

create index if not exists "scim_users_external_id" on "scim_users" ("tenant", "external_id", "id");

create index if not exists "scim_users_display_name" on "scim_users" ("tenant", "display_name", "id");

create table if not exists "scim_groups" (
  tenant text not null,
  id text not null,
  attributes text not null,
  name text,
  active integer,
  "external_id" text,
  "display_name" text,
  created integer not null,
  last_modified integer not null,
  version integer not null,
  primary key (tenant, id)
);

create index if not exists "scim_groups_external_id" on "scim_groups" ("tenant", "external_id", "id");

create index if not exists "scim_groups_display_name" on "scim_groups" ("tenant", "display_name", "id");

create table if not exists "scim_members" (
  tenant text not null,
  group_id text not null,
  member_id text not null,
  user_id text,
  subgroup_id text,
  type text,
  display text,
  primary key (tenant, group_id, member_id),
  foreign key (tenant, group_id) references "scim_groups" (tenant, id) on delete cascade,
  foreign key (tenant, user_id) references "scim_users" (tenant, id) on delete cascade,
  foreign key (tenant, subgroup_id) references "scim_groups" (tenant, id) on delete cascade
);

create index if not exists "scim_members_member" on "scim_members" ("tenant", "member_id");

create index if not exists "scim_members_user" on "scim_members" ("tenant", "user_id");

create index if not exists "scim_members_subgroup" on "scim_members" ("tenant", "subgroup_id") where "subgroup_id" is not null;

create table if not exists "scim_keys" (
  tenant text not null,
  type text not null,
  path text not null,
  normalized text not null,
  id text not null,
  primary key (tenant, type, path, normalized)
);

create index if not exists "scim_keys_id" on "scim_keys" ("tenant", "id");

create table if not exists "scim_values" (
  tenant text not null,
  id text not null,
  attribute text not null,
  n integer not null,
  path text not null,
  slot integer not null,
  leading_value integer not null,
  short text,
  folded text,
  exact_form text,
  instant real,
  primary key (tenant, id, attribute, n)
);

create index if not exists "scim_values_short" on "scim_values" ("tenant", "path", "short", "id") where "short" is not null;

create index if not exists "scim_values_instant" on "scim_values" ("tenant", "path", "instant", "id") where "instant" is not null;

create table if not exists "scim_outbox" (
  id text not null primary key,
  created integer not null,
  event text not null
);

create table if not exists "scim_locks" (
  tenant text not null primary key,
  writes integer not null
);

create table if not exists "scim_type_device" (
  tenant text not null,
  id text not null,
  attributes text not null,
  name text,
  active integer,
  "external_id" text,
  "display_name" text,
  created integer not null,
  last_modified integer not null,
  version integer not null,
  primary key (tenant, id)
);

create index if not exists "scim_type_device_external_id" on "scim_type_device" ("tenant", "external_id", "id");

create index if not exists "scim_type_device_display_name" on "scim_type_device" ("tenant", "display_name", "id");
