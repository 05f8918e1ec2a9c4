// The tables as types, and the connection to the database: SQLite in a file or in memory, or PostgreSQL.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Generated, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import Sqlite from 'libsql';
import pg from 'pg';
import { withPreparedStatements } from 'express-scim/sql';

export type Role = 'viewer' | 'technician' | 'admin' | 'owner';

/** Times are RFC 3339 strings and booleans are 0 and 1, in both databases. */
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
    /** Set by the identity provider (`active`) for a managed member. */
    may_sign_in: number;
    /** Set in the product only. */
    may_hold_assets: number;
    role: Role;
    /** Origin of the role: `default`, `hand` (assigned by an administrator), or `team:` and the ID of the team. */
    role_source: string;
    created_at: string;
    deleted_at: string | null;
  };
  teams: { id: Generated<number>; name: string; lead_id: number | null; created_at: string };
  team_members: { team_id: number; member_id: number };
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
  /** Open work: at most one uncleared flag per asset or team. `origin`: who set it. */
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
  /** Messages to members. Each has the ID of its flag. */
  notices: { id: string; member_id: number; message: string; sent_at: string; withdrawn_at: string | null };
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
  /** The journal: change events, as delivered from the outbox. */
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
  /** Webhooks that this product has sent to itself: see webhooks.ts. */
  received_webhooks: { id: string; received_at: string; type: string; subject: string; changed: string };
  /** A table of express-scim, filled with sample data: which teams give which roles. */
  scim_role_mappings: {
    tenant: string;
    group_id: string;
    role: string;
    set_by: string;
    set_at: string;
    connection: string | null;
  };
  /** A table of the settings panel, read to show which key made a change. */
  scim_connection_keys: { id: string; name: string };
  /** A side table of the mapped store, read to know which members are managed. */
  scim_side_users: { tenant: string; row_id: number; external_id: string | null; last_modified: number };
  scim_side_groups: { tenant: string; row_id: number; external_id: string | null; last_modified: number };
}

export interface Database {
  readonly db: Kysely<Tables>;
  /**
   * Writes while `db` has an open transaction. With SQLite it uses the same connection and so the same transaction; with
   * PostgreSQL it uses another connection.
   */
  readonly alongside: Kysely<Tables>;
  readonly dialect: 'sqlite' | 'postgres';
  /** The connections to PostgreSQL, for libraries that are not built on Kysely. */
  readonly pool?: pg.Pool;
  close(): Promise<void>;
}

/** @param onError called when an idle connection breaks */
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
    return { db, alongside: db, dialect: 'postgres', pool, close: () => db.destroy() };
  }
  if (databaseFile !== ':memory:') mkdirSync(dirname(databaseFile), { recursive: true });
  const sqlite = new Sqlite(databaseFile);
  sqlite.pragma('journal_mode = wal');
  // An acknowledged write survives a power failure.
  sqlite.pragma('synchronous = full');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('foreign_keys = on');
  const connect = (): Kysely<Tables> =>
    new Kysely({ dialect: new SqliteDialect({ database: withPreparedStatements(sqlite as never) }) });
  const db = connect();
  return { db, alongside: connect(), dialect: 'sqlite', close: () => db.destroy() };
}
