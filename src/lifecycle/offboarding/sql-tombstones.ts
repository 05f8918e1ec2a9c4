import { type Kysely, type RawBuilder, sql } from 'kysely';
import { dialectOf } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { untyped } from '../../database/untyped.js';
import { idFrom } from './ids.js';
import {
  type Custody,
  custodyKey,
  type NewTombstone,
  type Tombstone,
  tombstoneLabel,
  type TombstoneStore,
} from './tombstones.js';
import { places } from './task-key.js';
import { offboardingTables } from './tables.js';

interface Row {
  readonly tombstone: unknown;
  readonly claimed_by: unknown;
}

const columns: ReadonlyMap<string, string> = new Map([
  ['externalId', 'external_id'],
  ['employeeNumber', 'employee_number'],
]);

/** Tombstones in the tables that `createOffboardingTables` makes. */
export function sqlTombstoneStore<DB>(given: Kysely<DB>, options: TableOptions = {}): TombstoneStore {
  const db = untyped(given);
  const dialect = options.dialect ?? dialectOf(db);
  const names = offboardingTables(options.tables);
  const table = sql.table(names.tombstones);
  const custodies = sql.table(names.custody);
  const nextPlace = places();
  const insert = (into: RawBuilder<unknown>, values: RawBuilder<unknown>): RawBuilder<unknown> =>
    dialect === 'mysql'
      ? sql`insert ignore into ${into} ${values}`
      : sql`insert into ${into} ${values} on conflict do nothing`;
  const select = async (rest: RawBuilder<unknown>): Promise<Tombstone[]> => {
    const { rows } = await sql<Row>`select tombstone, claimed_by from ${table} where ${rest}`.execute(db);
    const found: Tombstone[] = [];
    for (const row of rows) {
      const kept = JSON.parse(String(row.tombstone)) as NewTombstone;
      const claimedBy = row.claimed_by === null ? undefined : String(row.claimed_by);
      found.push({ ...kept, claimedBy, custody: await custodyOf(kept) });
    }
    return found;
  };
  const custodyOf = async ({ tenant, id }: NewTombstone): Promise<Custody[]> => {
    const { rows } = await sql<{ custody: unknown }>`select custody from ${custodies}
      where tenant = ${tenant} and tombstone = ${id} order by place, id`.execute(db);
    return rows.map(({ custody }) => JSON.parse(String(custody)) as Custody);
  };
  return {
    async add(tombstone) {
      const { tenant, id, time, externalId = null, employeeNumber = null } = tombstone;
      const values = sql`(tenant, id, deleted, external_id, employee_number, tombstone)
        values (${sql.join([tenant, id, time, externalId, employeeNumber, JSON.stringify(tombstone)])})`;
      await inTransaction(db, dialect, (transaction) => insert(table, values).execute(transaction));
    },
    addCustody: (tenant, id, custody) =>
      inTransaction(db, dialect, async (transaction) => {
        const { rows } = await sql`select id from ${table} where tenant = ${tenant} and id = ${id}`.execute(
          transaction,
        );
        if (rows.length === 0) return;
        for (const each of custody) {
          const values = sql`(tenant, tombstone, id, place, custody) values (${sql.join([tenant, id])},
            ${sql.join([idFrom(custodyKey(each)), nextPlace(), JSON.stringify(each)])})`;
          await insert(custodies, values).execute(transaction);
        }
      }),
    get: (tenant, id) => reading(async () => (await select(sql`tenant = ${tenant} and id = ${id}`))[0]),
    find(tenant, { by, value }) {
      const column = columns.get(by);
      if (column === undefined) return [];
      return reading(async () => {
        const { rows } = await sql<Row>`select tombstone, claimed_by from ${table} where tenant = ${tenant}
          and ${sql.ref(column)} = ${value} and claimed_by is null order by deleted, id`.execute(db);
        return rows.map(({ tombstone }) => {
          const kept = JSON.parse(String(tombstone)) as NewTombstone;
          return { id: kept.id, label: tombstoneLabel(kept) };
        });
      });
    },
    list: (tenant, limit = 100) =>
      reading(() => select(sql`tenant = ${tenant} order by deleted desc, id limit ${limit}`)),
    claim: (tenant, id, userId) =>
      inTransaction(db, dialect, async (transaction) => {
        const one = sql`tenant = ${tenant} and id = ${id}`;
        await sql`update ${table} set claimed_by = ${userId} where ${one} and claimed_by is null`.execute(transaction);
        const { rows } = await sql<Row>`select tombstone, claimed_by from ${table} where ${one}`.execute(transaction);
        return rows[0] !== undefined && String(rows[0].claimed_by) === userId;
      }),
    forget: (tenant, id) =>
      inTransaction(db, dialect, async (transaction) => {
        await sql`delete from ${custodies} where tenant = ${tenant} and tombstone = ${id}`.execute(transaction);
        const { numAffectedRows } = await sql`delete from ${table}
          where tenant = ${tenant} and id = ${id}`.execute(transaction);
        return numAffectedRows === 1n;
      }),
  };
}
