// The product's own tables as types, and the way to them: SQLite in a file or in memory, or PostgreSQL.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Generated, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import pg from 'pg';

export type Role = 'viewer' | 'technician' | 'admin' | 'owner';

/** Times are RFC 3339 texts, truth values 0 and 1: the same in both databases. */
export interface Tables {
  departments: { id: Generated<number>; name: string };
  locations: { id: Generated<number>; name: string };
  members: {
    id: Generated<number>;
    email: string;
    email_verified: Generated<number>;
    first_name: string | null;
    last_name: string | null;
    display_name: string | null;
    title: string | null;
    phone: string | null;
    employee_number: string | null;
    department_id: number | null;
    location_id: number | null;
    manager_id: number | null;
    /** The identity provider's say, where it manages the member: `active`. */
    may_sign_in: number;
    /** The product's say alone. */
    may_hold_assets: number;
    role: Role;
    /** Why: `default`, `hand`, or `team:` and the team's id. */
    role_source: string;
    created_at: string;
    deleted_at: string | null;
  };
  teams: { id: Generated<number>; name: string; lead_id: number | null; created_at: string };
  team_members: { team_id: number; member_id: number };
  /** The role that a team gives; never `owner`. */
  team_roles: { team_id: number; role: Exclude<Role, 'owner'>; set_by: string; set_at: string };
  assets: { id: Generated<number>; tag: string; name: string; category: string; serial: string | null };
  checkouts: {
    id: Generated<number>;
    asset_id: number;
    member_id: number;
    checked_out_at: string;
    checked_out_by: string;
    returned_at: string | null;
    returned_by: string | null;
  };
  /** What somebody has to see to. One standing flag a thing; `origin` says whose it is. */
  flags: {
    id: string;
    subject: 'asset' | 'team';
    subject_id: number;
    member_id: number | null;
    manager_id: number | null;
    label: string;
    reason: string;
    origin: 'off-boarding' | 'hand';
    set_by: string;
    set_at: string;
    cleared_at: string | null;
    cleared_by: string | null;
  };
  /** What a member has been told; its id is the flag's. */
  notices: { id: string; member_id: number; message: string; told_at: string; withdrawn_at: string | null };
  credentials: { member_id: number; hash: string };
  sessions: { digest: string; member_id: number; created_at: string; expires_at: string };
  api_keys: {
    id: Generated<number>;
    member_id: number;
    label: string;
    digest: string;
    created_at: string;
    revoked_at: string | null;
    revoked_by: string | null;
  };
  /** Everything that provisioning has changed, as it was delivered from the outbox. */
  events: {
    id: string;
    place: Generated<number>;
    time: string;
    type: string;
    resource_id: string;
    actor: string;
    request_id: string;
    changed: string;
    quirks: string;
    body: string;
    handled: Generated<number>;
  };
  settings: { name: string; value: string };
  /** Of the panel; read here to say which key a change came by. */
  scim_connection_keys: { id: string; name: string };
  /** Of the mapped store; read here to know who is managed. */
  scim_side_users: { tenant: string; row_id: number; external_id: string | null; last_modified: number };
  scim_side_groups: { tenant: string; row_id: number; external_id: string | null; last_modified: number };
}

export interface Database {
  readonly db: Kysely<Tables>;
  /**
   * Writes while `db` has a transaction open. With SQLite over the same connection, so inside that transaction; with
   * PostgreSQL over another.
   */
  readonly alongside: Kysely<Tables>;
  readonly dialect: 'sqlite' | 'postgres';
  close(): Promise<void>;
}

/** @param onError hears of connections that break while nobody uses them */
export function openDatabase(
  {
    databaseUrl,
    databaseFile,
    databasePool = 10,
  }: { databaseUrl?: string | undefined; databaseFile: string; databasePool?: number },
  onError: (error: Error) => void,
): Database {
  if (databaseUrl !== undefined) {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: databasePool });
    pool.on('error', onError);
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    return { db, alongside: db, dialect: 'postgres', close: () => db.destroy() };
  }
  if (databaseFile !== ':memory:') mkdirSync(dirname(databaseFile), { recursive: true });
  const sqlite = new Sqlite(databaseFile);
  sqlite.pragma('journal_mode = wal');
  // What was answered stays, also when the power goes.
  sqlite.pragma('synchronous = full');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('foreign_keys = on');
  const connect = (): Kysely<Tables> => new Kysely({ dialect: new SqliteDialect({ database: sqlite as never }) });
  const db = connect();
  return { db, alongside: connect(), dialect: 'sqlite', close: () => db.destroy() };
}
