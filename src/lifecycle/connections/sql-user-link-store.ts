import { type Kysely, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { lock } from '../../database/dialect.js';
import { type Row, textOf } from '../../database/row.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { connectionTables } from './tables.js';
import { emptyLink, managedBy, type UserLink, type UserLinkStore } from './user-links.js';

type LinkRow = Row<'link'>;

/**
 * Keeps user links in the table of `createConnectionTables`.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlUserLinkStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const links = (db: Kysely<unknown>) => sqlUserLinkStore(db);
 */
export function sqlUserLinkStore<DB>(database: Kysely<DB>, options: TableOptions = {}): UserLinkStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlUserLinkStore'));
  const table = sql.table(connectionTables(options.tables).links);
  const insertNew = (link: UserLink) => {
    const { tenant, userId } = link;
    const values = [tenant, userId, managedBy(link) ?? null, JSON.stringify(link)];
    const insert = sql`into ${table} (tenant, user_id, managed, link) values (${sql.join(values)})`;
    return dialect === 'mysql' ? sql`insert ignore ${insert}` : sql`insert ${insert} on conflict do nothing`;
  };
  return {
    get: (tenant, userId) =>
      reading(async () => {
        const { rows } = await sql<LinkRow>`select link from ${table}
          where tenant = ${tenant} and user_id = ${userId}`.execute(db);
        return rows.map(toLink).find((link) => link.time !== '' || link.suspended !== undefined);
      }),
    change: (tenant, userId, apply) =>
      inTransaction(db, dialect, async (transaction) => {
        const matching = sql`tenant = ${tenant} and user_id = ${userId}`;
        const read = async (): Promise<UserLink | undefined> => {
          const { rows } = await sql<LinkRow>`select link from ${table} where ${matching}
            ${lock(dialect, 'write')}`.execute(transaction);
          return rows.map(toLink)[0];
        };
        let stored = await read();
        if (stored === undefined) {
          // Of two transactions that add the same row, the second waits here, and then reads the row of the first.
          await insertNew(emptyLink(tenant, userId)).execute(transaction);
          stored = await read();
        }
        const isNew = stored === undefined || (stored.time === '' && stored.suspended === undefined);
        const next = apply(isNew ? undefined : stored);
        if (next === undefined) {
          if (isNew) await sql`delete from ${table} where ${matching}`.execute(transaction);
          return;
        }
        await sql`update ${table} set managed = ${managedBy(next) ?? null}, link = ${JSON.stringify(next)}
          where ${matching}`.execute(transaction);
      }),
    count: (tenant, connection) =>
      reading(async () => {
        const { rows } = await sql<{ readonly n: unknown }>`select count(*) as n from ${table}
          where tenant = ${tenant} and managed = ${connection}`.execute(db);
        return Number(rows[0]?.n ?? 0);
      }),
    page: (tenant, connection, after, limit) =>
      reading(async () => {
        const later = after === undefined ? sql`` : sql`and user_id > ${after}`;
        const { rows } = await sql<Row<'user_id'>>`select user_id from ${table}
          where tenant = ${tenant} and managed = ${connection} ${later} order by user_id limit ${limit}`.execute(db);
        return rows.map(({ user_id: id }) => textOf(id));
      }),
  };
}

function toLink({ link }: LinkRow): UserLink {
  return JSON.parse(String(link)) as UserLink;
}
