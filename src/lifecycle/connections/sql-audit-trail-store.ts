import { type Kysely, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import type { AuditTrailEntry, AuditTrailStore } from './audit-trail.js';
import { connectionTables } from './tables.js';

/**
 * Keeps the audit trail in the table of `createConnectionTables`. All processes share it.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlAuditTrailStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const auditTrail = (db: Kysely<unknown>) => sqlAuditTrailStore(db);
 */
export function sqlAuditTrailStore<DB>(database: Kysely<DB>, options: TableOptions = {}): AuditTrailStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlAuditTrailStore'));
  const table = sql.table(connectionTables(options.tables).auditTrail);
  return {
    async append(entry) {
      const { tenant, id, time, connection, action } = entry;
      const values = [tenant, id, time.getTime(), connection ?? null, action, JSON.stringify(entry)];
      await inTransaction(db, dialect, (transaction) =>
        sql`insert into ${table} (tenant, id, logged, connection, action, entry)
          values (${sql.join(values)})`.execute(transaction),
      );
    },
    list: (tenant, { connection, before, limit }) =>
      reading(async () => {
        const ofConnection = connection === undefined ? sql`` : sql`and connection = ${connection}`;
        const older = before === undefined ? sql`` : sql`and id < ${before}`;
        const { rows } = await sql<{ readonly entry: unknown }>`select entry from ${table}
          where tenant = ${tenant} ${ofConnection} ${older} order by id desc limit ${limit}`.execute(db);
        return rows.map(({ entry }) => toEntry(entry));
      }),
    async prune(before) {
      await inTransaction(db, dialect, (transaction) =>
        sql`delete from ${table} where logged < ${before.getTime()}`.execute(transaction),
      );
    },
  };
}

function toEntry(value: unknown): AuditTrailEntry {
  const stored = JSON.parse(String(value)) as Omit<AuditTrailEntry, 'time'> & { readonly time: string };
  return { ...stored, time: new Date(stored.time) };
}
