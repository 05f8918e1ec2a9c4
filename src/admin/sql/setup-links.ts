import { type Kysely, type RawBuilder, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { dateOf, type Row, textOf } from '../../database/row.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { connectionTables } from '../../lifecycle/connections/tables.js';
import type { SetupLink, SetupLinkStore } from '../setup-link-store.js';

type LinkRow = Row<'tenant' | 'id' | 'connection' | 'name' | 'created_by' | 'created' | 'expires' | 'used' | 'revoked'>;

/**
 * Stores set-up links in the table that `createConnectionTables` creates.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlSetupLinkStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const store = (db: Kysely<unknown>) => sqlSetupLinkStore(db);
 */
export function sqlSetupLinkStore<DB>(kysely: Kysely<DB>, options: TableOptions = {}): SetupLinkStore {
  const { db, dialect } = parseDatabase(kysely, options, tableOptionRules('sqlSetupLinkStore'));
  const table = sql.table(connectionTables(options.tables).setupLinks);
  const select = (rest: RawBuilder<unknown>): Promise<SetupLink[]> =>
    reading(async () => {
      const { rows } = await sql<LinkRow>`select * from ${table} where ${rest}`.execute(db);
      return rows.map(toLink);
    });
  return {
    async add({ tenant, id, connection, name, createdBy, createdAt, expiresAt }) {
      const values = [tenant, id, connection, name, createdBy, createdAt.getTime(), expiresAt.getTime()];
      await inTransaction(db, dialect, (transaction) =>
        sql`insert into ${table} (tenant, id, connection, name, created_by, created, expires)
          values (${sql.join(values)})`.execute(transaction),
      );
    },
    get: async (tenant, id) => (await select(sql`tenant = ${tenant} and id = ${id}`))[0],
    list: (tenant, connection, limit) =>
      select(sql`tenant = ${tenant} and connection = ${connection} order by created desc, id limit ${limit}`),
    async use(tenant, id, now) {
      // One statement: of concurrent ones, the second finds the row used.
      const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
        sql`update ${table} set used = ${now.getTime()} where tenant = ${tenant} and id = ${id}
          and used is null and revoked is null and expires > ${now.getTime()}`.execute(transaction),
      );
      return numAffectedRows === 1n;
    },
    async revoke(tenant, connection, now) {
      await inTransaction(db, dialect, (transaction) =>
        sql`update ${table} set revoked = ${now.getTime()}
          where tenant = ${tenant} and connection = ${connection} and revoked is null`.execute(transaction),
      );
    },
  };
}

function toLink(row: LinkRow): SetupLink {
  return {
    ...{ id: textOf(row.id), tenant: textOf(row.tenant), connection: textOf(row.connection), name: textOf(row.name) },
    ...{ createdBy: textOf(row.created_by), createdAt: dateOf(row.created), expiresAt: dateOf(row.expires) },
    ...(row.used === null ? {} : { usedAt: dateOf(row.used) }),
    ...(row.revoked === null ? {} : { revokedAt: dateOf(row.revoked) }),
  };
}
