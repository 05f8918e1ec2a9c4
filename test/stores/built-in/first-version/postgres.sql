create table if not exists "scim_users" (
  tenant varchar(100) collate "C" not null,
  id varchar(64) collate "C" not null,
  attributes text not null,
  name text collate "C",
  active bigint,
  "user_name" varchar(250) collate "C",
  "external_id" varchar(250) collate "C",
  "display_name" varchar(250) collate "C",
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id)
) with (
  fillfactor = 80
);

create index if not exists "scim_users_user_name" on "scim_users" ("tenant", "user_name", "id");

create index if not exists "scim_users_external_id" on "scim_users" ("tenant", "external_id", "id");

create index if not exists "scim_users_display_name" on "scim_users" ("tenant", "display_name", "id");

create table if not exists "scim_groups" (
  tenant varchar(100) collate "C" not null,
  id varchar(64) collate "C" not null,
  attributes text not null,
  name text collate "C",
  active bigint,
  "external_id" varchar(250) collate "C",
  "display_name" varchar(250) collate "C",
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id)
) with (
  fillfactor = 80
);

create index if not exists "scim_groups_external_id" on "scim_groups" ("tenant", "external_id", "id");

create index if not exists "scim_groups_display_name" on "scim_groups" ("tenant", "display_name", "id");

create table if not exists "scim_members" (
  tenant varchar(100) collate "C" not null,
  group_id varchar(64) collate "C" not null,
  member_id varchar(250) collate "C" not null,
  user_id varchar(64) collate "C",
  subgroup_id varchar(64) collate "C",
  type varchar(20) collate "C",
  display text collate "C",
  primary key (tenant, group_id, member_id),
  foreign key (tenant, group_id) references "scim_groups" (tenant, id) on delete cascade,
  foreign key (tenant, user_id) references "scim_users" (tenant, id) on delete cascade,
  foreign key (tenant, subgroup_id) references "scim_groups" (tenant, id) on delete cascade
);

create index if not exists "scim_members_member" on "scim_members" ("tenant", "member_id");

create index if not exists "scim_members_user" on "scim_members" ("tenant", "user_id");

create index if not exists "scim_members_subgroup" on "scim_members" ("tenant", "subgroup_id") where "subgroup_id" is not null;

create table if not exists "scim_keys" (
  tenant varchar(100) collate "C" not null,
  type varchar(20) collate "C" not null,
  path varchar(250) collate "C" not null,
  normalized varchar(120) collate "C" not null,
  id varchar(64) collate "C" not null,
  primary key (tenant, type, path, normalized)
);

create index if not exists "scim_keys_id" on "scim_keys" ("tenant", "id");

create table if not exists "scim_values" (
  tenant varchar(100) collate "C" not null,
  id varchar(64) collate "C" not null,
  attribute varchar(250) collate "C" not null,
  n bigint not null,
  path varchar(300) collate "C" not null,
  slot bigint not null,
  leading_value bigint not null,
  short varchar(100) collate "C",
  folded text collate "C",
  exact_form text collate "C",
  instant double precision,
  primary key (tenant, id, attribute, n)
);

create index if not exists "scim_values_short" on "scim_values" ("tenant", "path", "short", "id") where "short" is not null;

create index if not exists "scim_values_instant" on "scim_values" ("tenant", "path", "instant", "id") where "instant" is not null;

create table if not exists "scim_outbox" (
  id varchar(100) collate "C" not null primary key,
  created bigint not null,
  event text not null
);

create table if not exists "scim_locks" (
  tenant varchar(100) collate "C" not null primary key,
  writes bigint not null
) with (
  fillfactor = 80
);

create table if not exists "scim_type_device" (
  tenant varchar(100) collate "C" not null,
  id varchar(64) collate "C" not null,
  attributes text not null,
  name text collate "C",
  active bigint,
  "external_id" varchar(250) collate "C",
  "display_name" varchar(250) collate "C",
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id)
) with (
  fillfactor = 80
);

create index if not exists "scim_type_device_external_id" on "scim_type_device" ("tenant", "external_id", "id");

create index if not exists "scim_type_device_display_name" on "scim_type_device" ("tenant", "display_name", "id");
