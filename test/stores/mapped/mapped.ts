import { type Generated, type Kysely, sql } from 'kysely';
import type { ChangeEvent } from '../../../src/contract/event.js';
import {
  children,
  createLockTable,
  createOutboxTable,
  createSideTables,
  defineMapping,
  type Dialect,
  lookup,
  mappedStore,
  reference,
} from '../../../src/sql.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';
import { breakable } from '../sql/breakable.js';

/** Tables that were there before SCIM, and have no place for externalId, version, created and much else. */
export interface HostDatabase {
  users: {
    id: Generated<number>;
    org: string;
    login: string;
    first_name: string | null;
    last_name: string | null;
    label: string | null;
    job: string | null;
    status: string;
    department_id: number | null;
    boss_id: number | null;
    work_phone: string | null;
    seen_at: string | null;
  };
  departments: { id: Generated<number>; org: string; title: string };
  person_mails: {
    id: Generated<number>;
    person_id: number;
    address: string | null;
    kind: string | null;
    shown: string | null;
    main: boolean;
  };
  teams: { id: Generated<number>; org: string; label: string };
  team_users: { team_id: number; person_id: number };
}

const define = defineMapping<HostDatabase>();

export function mappings(version: 'xmin' | 'hash') {
  const users = define({
    table: 'users',
    id: { column: 'id', prefix: 'u' },
    tenant: 'org',
    version,
    attributes: {
      userName: 'login',
      displayName: 'label',
      title: 'job',
      'name.givenName': 'first_name',
      'name.familyName': 'last_name',
      active: { column: 'status', on: ['active', 'invited'], off: ['suspended'] },
      'phoneNumbers[type eq "work"].value': 'work_phone',
      'enterprise.department': lookup({
        column: 'department_id',
        table: 'departments',
        key: 'id',
        value: 'title',
        tenant: 'org',
        unknown: 'create',
      }),
      'enterprise.manager.value': reference('boss_id'),
      emails: children({
        table: 'person_mails',
        owner: 'person_id',
        columns: { value: 'address', type: 'kind', display: 'shown', primary: 'main' },
      }),
    },
  });
  const groups = define({
    table: 'teams',
    id: { column: 'id', prefix: 'g' },
    tenant: 'org',
    version,
    attributes: { displayName: 'label' },
    members: { table: 'team_users', group: 'team_id', member: 'person_id' },
  });
  return { users, groups };
}

const types = {
  postgres: { id: 'bigserial primary key', key: 'bigint', name: 'varchar(500)', truth: 'boolean', suffix: '' },
  mysql: {
    id: 'bigint auto_increment primary key',
    key: 'bigint',
    name: 'varchar(500)',
    truth: 'boolean',
    suffix: ' engine = InnoDB character set utf8mb4',
  },
  sqlite: {
    id: 'integer primary key autoincrement',
    key: 'integer',
    name: 'text collate nocase',
    truth: 'integer',
    suffix: '',
  },
} as const;

/** The host's tables in a database of its own, as its own code would have made them. */
async function createHostTables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const { id, key, name, truth, suffix } = types[dialect];
  const statements = [
    `create table departments (id ${id}, org varchar(100) not null, title ${name} not null)${suffix}`,
    `create table users (id ${id}, org varchar(100) not null, login ${name} not null, first_name ${name}, last_name ${name},
      label ${name}, job ${name}, status varchar(20) not null default 'active', department_id ${key} references departments (id),
      boss_id ${key}, work_phone ${name}, seen_at varchar(40))${suffix}`,
    `create table person_mails (id ${id}, person_id ${key} not null, address ${name}, kind ${name}, shown ${name}, main ${truth} not null,
      foreign key (person_id) references users (id))${suffix}`,
    `create table teams (id ${id}, org varchar(100) not null, label ${name} not null)${suffix}`,
    `create table team_users (team_id ${key} not null, person_id ${key} not null, primary key (team_id, person_id),
      foreign key (team_id) references teams (id), foreign key (person_id) references users (id))${suffix}`,
    dialect === 'postgres'
      ? 'create unique index people_login on users (org, lower(login))'
      : 'create unique index people_login on users (org, login)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Takes away what `createHostTables` and the store have made. */
export async function dropHostTables(db: Kysely<unknown>): Promise<void> {
  const names = ['team_users', 'person_mails', 'teams', 'users', 'departments', ...ours];
  for (const name of names) await sql`drop table if exists ${sql.table(name)}`.execute(db);
}

const ours = ['scim_side_users', 'scim_side_groups', 'scim_outbox', 'scim_locks'];

/** Makes the tables, once for all cases over one database. */
export async function prepareMapped(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await createHostTables(db, dialect);
  await createSideTables(db, mappings('hash'));
  await createOutboxTable(db, 'scim_outbox');
  await createLockTable(db);
}

/** An empty store over the host's tables. */
export async function mapped(
  db: Kysely<unknown>,
  version: 'xmin' | 'hash' = 'hash',
): Promise<StoreUnderTest & { foreignWrite(id: string): Promise<void> }> {
  for (const name of ['team_users', 'person_mails', 'teams', 'users', 'departments', ...ours]) {
    await sql`delete from ${sql.table(name)}`.execute(db);
  }
  const { db: faulty, breakAt } = breakable(db);
  return {
    breakAt,
    store: mappedStore(faulty, { ...mappings(version), sideTables: 'scim_side_', outbox: 'scim_outbox' }),
    another: () => mappedStore(db, { ...mappings(version), sideTables: 'scim_side_', outbox: 'scim_outbox' }),
    nestedGroups: false,
    // So are its columns as short as they are.
    longText: false,
    // The host's columns compare as their database does.
    exactText: false,
    // The mail of the users table is the primary one.
    valueOrder: false,
    outbox: async () => {
      const { rows } = await sql<{ event: unknown }>`select event from scim_outbox`.execute(db);
      return rows.map(({ event }) => JSON.parse(String(event)) as ChangeEvent);
    },
    foreignWrite: async (id) => {
      await sql`update users set label = 'changed by the host' where id = ${Number(id.slice(1))}`.execute(db);
    },
  };
}
