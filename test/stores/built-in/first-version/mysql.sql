create table if not exists `scim_users` (
  tenant varbinary(400) not null,
  id varbinary(256) not null,
  attributes longtext character set utf8mb4 collate utf8mb4_bin not null,
  name longblob,
  active bigint,
  `user_name` varbinary(1000),
  `external_id` varbinary(1000),
  `display_name` varbinary(1000),
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id),
  index `scim_users_user_name` (`tenant`, `user_name`, `id`),
  index `scim_users_external_id` (`tenant`, `external_id`, `id`),
  index `scim_users_display_name` (`tenant`, `display_name`, `id`)
) engine = InnoDB;

create table if not exists `scim_groups` (
  tenant varbinary(400) not null,
  id varbinary(256) not null,
  attributes longtext character set utf8mb4 collate utf8mb4_bin not null,
  name longblob,
  active bigint,
  `external_id` varbinary(1000),
  `display_name` varbinary(1000),
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id),
  index `scim_groups_external_id` (`tenant`, `external_id`, `id`),
  index `scim_groups_display_name` (`tenant`, `display_name`, `id`)
) engine = InnoDB;

create table if not exists `scim_members` (
  tenant varbinary(400) not null,
  group_id varbinary(256) not null,
  member_id varbinary(1000) not null,
  user_id varbinary(256),
  subgroup_id varbinary(256),
  type varbinary(80),
  display longblob,
  primary key (tenant, group_id, member_id),
  foreign key (tenant, group_id) references `scim_groups` (tenant, id) on delete cascade,
  foreign key (tenant, user_id) references `scim_users` (tenant, id) on delete cascade,
  foreign key (tenant, subgroup_id) references `scim_groups` (tenant, id) on delete cascade,
  index `scim_members_member` (`tenant`, `member_id`),
  index `scim_members_user` (`tenant`, `user_id`),
  index `scim_members_subgroup` (`tenant`, `subgroup_id`)
) engine = InnoDB;

create table if not exists `scim_keys` (
  tenant varbinary(400) not null,
  type varbinary(80) not null,
  path varbinary(1000) not null,
  normalized varbinary(480) not null,
  id varbinary(256) not null,
  primary key (tenant, type, path, normalized),
  index `scim_keys_id` (`tenant`, `id`)
) engine = InnoDB;

create table if not exists `scim_values` (
  tenant varbinary(400) not null,
  id varbinary(256) not null,
  attribute varbinary(1000) not null,
  n bigint not null,
  path varbinary(1200) not null,
  slot bigint not null,
  leading_value bigint not null,
  short varbinary(400),
  folded longblob,
  exact_form longblob,
  instant double,
  primary key (tenant, id, attribute, n),
  index `scim_values_short` (`tenant`, `path`, `short`, `id`),
  index `scim_values_instant` (`tenant`, `path`, `instant`, `id`)
) engine = InnoDB;

create table if not exists `scim_outbox` (
  id varbinary(400) not null primary key,
  created bigint not null,
  event longtext character set utf8mb4 collate utf8mb4_bin not null
) engine = InnoDB;

create table if not exists `scim_locks` (
  tenant varbinary(400) not null primary key,
  writes bigint not null
) engine = InnoDB;

create table if not exists `scim_type_device` (
  tenant varbinary(400) not null,
  id varbinary(256) not null,
  attributes longtext character set utf8mb4 collate utf8mb4_bin not null,
  name longblob,
  active bigint,
  `external_id` varbinary(1000),
  `display_name` varbinary(1000),
  created bigint not null,
  last_modified bigint not null,
  version bigint not null,
  primary key (tenant, id),
  index `scim_type_device_external_id` (`tenant`, `external_id`, `id`),
  index `scim_type_device_display_name` (`tenant`, `display_name`, `id`)
) engine = InnoDB;
