import { type Kysely, type RawBuilder, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { idFrom } from './ids.js';
import { sequence } from './sequence.js';
import { offboardingTables } from './tables.js';
import {
  type CustodyEntry,
  custodyKey,
  type NewTombstone,
  type Tombstone,
  tombstoneLabel,
  type TombstoneStore,
} from './tombstones.js';

interface TombstoneRow {
  readonly tombstone: unknown;
  readonly claimed_by: unknown;
}

const columns: ReadonlyMap<string, string> = new Map([
  ['externalId', 'external_id'],
  ['employeeNumber', 'employee_number'],
]);

/**
 * Keeps tombstones in the tables of `createOffboardingTables`.
 *
 * @example
 * import { sqlTombstoneStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const tombstones = (db: Kysely<unknown>) => sqlTombstoneStore(db);
 */
export function sqlTombstoneStore<DB>(database: Kysely<DB>, options: TableOptions = {}): TombstoneStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlTombstoneStore'));
  const names = offboardingTables(options.tables);
  const tombstoneTable = sql.table(names.tombstones);
  const custodyTable = sql.table(names.custody);
  const nextOrdinal = sequence();
  const insertNew = (into: RawBuilder<unknown>, values: RawBuilder<unknown>): RawBuilder<unknown> =>
    dialect === 'mysql'
      ? sql`insert ignore into ${into} ${values}`
      : sql`insert into ${into} ${values} on conflict do nothing`;
  const select = async (rest: RawBuilder<unknown>): Promise<Tombstone[]> => {
    const { rows } = await sql<TombstoneRow>`select tombstone, claimed_by from ${tombstoneTable} where ${rest}`.execute(
      db,
    );
    const found: Tombstone[] = [];
    for (const row of rows) {
      const stored = JSON.parse(String(row.tombstone)) as NewTombstone;
      const claimedBy = row.claimed_by === null ? undefined : String(row.claimed_by);
      found.push({ ...stored, claimedBy, custody: await custodyOf(stored) });
    }
    return found;
  };
  const custodyOf = async ({ tenant, id }: NewTombstone): Promise<CustodyEntry[]> => {
    const { rows } = await sql<{ entry: unknown }>`select entry from ${custodyTable}
      where tenant = ${tenant} and tombstone = ${id} order by ordinal, id`.execute(db);
    return rows.map(({ entry }) => JSON.parse(String(entry)) as CustodyEntry);
  };
  return {
    async add(tombstone) {
      const { tenant, id, time, externalId = null, employeeNumber = null } = tombstone;
      const values = sql`(tenant, id, deleted, external_id, employee_number, tombstone)
        values (${sql.join([tenant, id, time, externalId, employeeNumber, JSON.stringify(tombstone)])})`;
      await inTransaction(db, dialect, (transaction) => insertNew(tombstoneTable, values).execute(transaction));
    },
    addCustody: (tenant, id, custody) =>
      inTransaction(db, dialect, async (transaction) => {
        const { rows } = await sql`select id from ${tombstoneTable} where tenant = ${tenant} and id = ${id}`.execute(
          transaction,
        );
        if (rows.length === 0) return;
        for (const entry of custody) {
          const values = sql`(tenant, tombstone, id, ordinal, entry) values (${sql.join([tenant, id])},
            ${sql.join([idFrom(custodyKey(entry)), nextOrdinal(), JSON.stringify(entry)])})`;
          await insertNew(custodyTable, values).execute(transaction);
        }
      }),
    get: (tenant, id) => reading(async () => (await select(sql`tenant = ${tenant} and id = ${id}`))[0]),
    find(tenant, { by, value }) {
      const column = columns.get(by);
      if (column === undefined) return [];
      return reading(async () => {
        const { rows } =
          await sql<TombstoneRow>`select tombstone, claimed_by from ${tombstoneTable} where tenant = ${tenant}
          and ${sql.ref(column)} = ${value} and claimed_by is null order by deleted, id`.execute(db);
        return rows.map(({ tombstone }) => {
          const stored = JSON.parse(String(tombstone)) as NewTombstone;
          return { id: stored.id, label: tombstoneLabel(stored) };
        });
      });
    },
    list: (tenant, limit = 100) =>
      reading(() => select(sql`tenant = ${tenant} order by deleted desc, id limit ${limit}`)),
    claim: (tenant, id, userId) =>
      inTransaction(db, dialect, async (transaction) => {
        const byId = sql`tenant = ${tenant} and id = ${id}`;
        await sql`update ${tombstoneTable} set claimed_by = ${userId} where ${byId} and claimed_by is null`.execute(
          transaction,
        );
        const { rows } =
          await sql<TombstoneRow>`select tombstone, claimed_by from ${tombstoneTable} where ${byId}`.execute(
            transaction,
          );
        return rows[0] !== undefined && String(rows[0].claimed_by) === userId;
      }),
    forget: (tenant, id) =>
      inTransaction(db, dialect, async (transaction) => {
        await sql`delete from ${custodyTable} where tenant = ${tenant} and tombstone = ${id}`.execute(transaction);
        const { numAffectedRows } = await sql`delete from ${tombstoneTable}
          where tenant = ${tenant} and id = ${id}`.execute(transaction);
        return numAffectedRows === 1n;
      }),
  };
}
