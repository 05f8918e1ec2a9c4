// The database of the application before SCIM: organizations, users with one login for all their organizations, and their
// memberships.
import Database from 'libsql';
import { type Generated, Kysely, sql, SqliteDialect } from 'kysely';

export interface Tables {
  organizations: { id: Generated<number>; slug: string; name: string };
  users: { id: Generated<number>; email: string; full_name: string; password_hash: string | null };
  memberships: {
    id: Generated<number>;
    organization_id: number;
    user_id: number;
    role: 'owner' | 'admin' | 'viewer';
    status: 'active' | 'invited' | 'suspended';
    job_title: string | null;
    phone: string | null;
    manager_id: number | null;
  };
  teams: { id: Generated<number>; organization_id: number; name: string };
  team_members: { team_id: number; membership_id: number };
}

const schema = `
  create table organizations (id integer primary key, slug text not null unique, name text not null);
  create table users (id integer primary key, email text not null collate nocase unique, full_name text not null, password_hash text);
  create table memberships (id integer primary key, organization_id integer not null references organizations (id),
    user_id integer not null references users (id), role text not null default 'viewer', status text not null default 'active',
    job_title text, phone text, manager_id integer references memberships (id) on delete set null, unique (organization_id, user_id));
  create table teams (id integer primary key, organization_id integer not null references organizations (id), name text not null);
  create table team_members (team_id integer not null references teams (id), membership_id integer not null references memberships (id),
    primary key (team_id, membership_id));
  insert into organizations (slug, name) values ('acme', 'Acme Ltd'), ('globex', 'Globex plc');
  insert into users (email, full_name) values ('ada@acme.example', 'Ada Okafor'), ('freelancer@example.com', 'Jo Both');
  insert into memberships (organization_id, user_id, role, status) values (1, 1, 'owner', 'active'), (1, 2, 'viewer', 'active'),
    (2, 2, 'admin', 'invited');`;

/** Opens a database in memory or in a file, and creates the tables if it is empty. */
export async function openDatabase(file = ':memory:'): Promise<Kysely<Tables>> {
  const database = new Database(file);
  database.pragma('foreign_keys = on');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: database as never }) });
  const { rows } = await sql`select 1 from sqlite_master where name = 'organizations'`.execute(db);
  if (rows.length === 0) database.exec(schema);
  return db;
}
