// The tables of the hand-written app, with the indexes that its queries need. The mapped store is over the same tables.
import type { Engine } from '../server-options.js';

const types = {
  postgres: { id: 'uuid', text: 'text', flag: 'boolean', time: 'timestamptz', json: 'jsonb', suffix: '' },
  mariadb: {
    id: 'varchar(36) character set ascii collate ascii_bin',
    text: 'varchar(250)',
    flag: 'tinyint(1)',
    time: 'datetime(3)',
    json: 'json',
    suffix: ' engine = InnoDB character set utf8mb4',
  },
  sqlite: { id: 'text', text: 'text', flag: 'integer', time: 'text', json: 'text', suffix: '' },
} as const;

/** The statements that create the tables with this prefix. */
export function tableStatements(engine: Engine, prefix: string): readonly string[] {
  const { id, text, flag, time, json, suffix } = types[engine];
  // MariaDB folds case by the collation of the column, the others by an index over the folded text.
  const folded = (column: string): string => (engine === 'mariadb' ? column : `lower(${column})`);
  return [
    `create table ${prefix}users (id ${id} primary key, user_name ${text} not null, external_id ${text}, display_name ${text},
      work_email ${text}, active ${flag} not null, attributes ${json} not null, version integer not null,
      created ${time} not null, last_modified ${time} not null)${suffix}`,
    `create table ${prefix}groups (id ${id} primary key, display_name ${text} not null, external_id ${text},
      version integer not null, created ${time} not null, last_modified ${time} not null)${suffix}`,
    `create table ${prefix}members (group_id ${id} not null, user_id ${id} not null, primary key (group_id, user_id),
      foreign key (group_id) references ${prefix}groups (id), foreign key (user_id) references ${prefix}users (id))${suffix}`,
    `create unique index ${prefix}users_name on ${prefix}users (${folded('user_name')})`,
    `create index ${prefix}users_external on ${prefix}users (external_id)`,
    `create index ${prefix}users_email on ${prefix}users (${folded('work_email')})`,
    `create index ${prefix}members_user on ${prefix}members (user_id)`,
  ];
}

/** SQLite keeps times as text. */
export type Time = string | Date;

export interface Users {
  readonly id: string;
  readonly user_name: string;
  readonly external_id: string | null;
  readonly display_name: string | null;
  readonly work_email: string | null;
  readonly active: boolean | number;
  /** JSON. Some drivers parse it. */
  readonly attributes: string;
  readonly version: number;
  readonly created: Time;
  readonly last_modified: Time;
}
export interface Groups {
  readonly id: string;
  readonly display_name: string;
  readonly external_id: string | null;
  readonly version: number;
  readonly created: Time;
  readonly last_modified: Time;
}
export interface Members {
  readonly group_id: string;
  readonly user_id: string;
}
