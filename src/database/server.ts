import type { Kysely } from 'kysely';
import { sql } from './sql.js';

/** Whether a server of the `mysql` dialect is MariaDB: it runs compound statements outside of stored programs. */
export async function isMariaDb(db: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ version: unknown }>`select version() as version`.execute(db);
  return /mariadb/i.test(String(rows[0]?.version));
}
