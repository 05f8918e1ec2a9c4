import { type Kysely, sql } from 'kysely';
import type { WriteTransaction } from '../../contract/store.js';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { lock } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { defaultDecisionMilliseconds, type Hold, type HoldState, type HoldStore, newHold, stateAt } from './holds.js';
import { lifecycleTables } from '../tables.js';
import { transactionOf } from '../transaction-handle.js';

/** Options of `sqlHoldStore`; all have defaults. */
export interface SqlHoldStoreOptions extends TableOptions {
  /**
   * True: these tables are in another database than the users, so attempts cannot be counted inside the write and are
   * taken back when it fails. Default false.
   */
  readonly separate?: boolean | undefined;
}

interface HoldRow {
  readonly hold: unknown;
  readonly since: unknown;
  readonly until: unknown;
  readonly open_until: unknown;
}

/**
 * Counts deactivations and keeps holds in the tables of `createLifecycleTables`. All processes share the counts. An attempt
 * is counted in the transaction of its write, if the users are in the same database.
 *
 * @param clock current time in milliseconds since 1970. Clocks of different processes may differ by much less than
 *   `windowMilliseconds`.
 *
 * @example
 * import { sqlHoldStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const holds = (db: Kysely<unknown>) => sqlHoldStore(db);
 */
export function sqlHoldStore<DB>(
  database: Kysely<DB>,
  options: SqlHoldStoreOptions = {},
  clock: () => number = Date.now,
): HoldStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlHoldStore'));
  const { holds, attempts } = lifecycleTables(options.tables);
  const holdTable = sql.table(holds);
  const attemptTable = sql.table(attempts);
  const insertNew = (columns: ReturnType<typeof sql>, into: typeof holdTable) =>
    dialect === 'mysql'
      ? sql`insert ignore into ${into} ${columns}`
      : sql`insert into ${into} ${columns} on conflict do nothing`;

  /**
   * Runs `work` with the tenant's row locked, so that only one process counts at a time.
   *
   * @param inside the transaction to work in; undefined: one of its own
   */
  const withLock = <T>(
    tenant: string,
    now: number,
    work: (state: HoldState, save: (next: HoldState) => Promise<void>, transaction: Kysely<unknown>) => Promise<T>,
    inside?: Kysely<unknown>,
  ): Promise<T> => {
    const locked = async (transaction: Kysely<unknown>): Promise<T> => {
      await insertNew(sql`(tenant, open_until) values (${tenant}, 0)`, holdTable).execute(transaction);
      const { rows } = await sql<HoldRow>`select hold, since, until, open_until from ${holdTable}
        where tenant = ${tenant} ${lock(dialect, 'write')}`.execute(transaction);
      const save = async ({ hold, openUntil }: HoldState): Promise<void> => {
        await sql`update ${holdTable} set hold = ${hold?.id ?? null}, since = ${hold?.since ?? null},
          until = ${hold?.until ?? null}, open_until = ${openUntil} where tenant = ${tenant}`.execute(transaction);
      };
      const { state, ended } = stateAt(toState(tenant, rows[0]), now);
      if (ended) {
        await save(state);
        await forget(transaction, tenant);
      }
      return work(state, save, transaction);
    };
    return inside === undefined ? inTransaction(db, dialect, locked) : locked(inside);
  };

  const forget = async (transaction: Kysely<unknown>, tenant: string): Promise<void> => {
    await sql`delete from ${attemptTable} where tenant = ${tenant}`.execute(transaction);
  };

  const inside = (write: WriteTransaction | undefined): Kysely<unknown> | undefined =>
    options.separate === true ? undefined : transactionOf(write);

  return {
    attempt: (tenant, resourceId, { now, windowMilliseconds, tooMany }, write) => {
      const count: Parameters<typeof withLock<Hold | undefined>>[2] = async (state, save, transaction) => {
        if (state.openUntil > now) return undefined;
        if (state.hold !== undefined) return state.hold;
        await sql`delete from ${attemptTable} where tenant = ${tenant} and attempted <= ${now - windowMilliseconds}`.execute(
          transaction,
        );
        const { rows } = await sql<{ users: unknown; again: unknown }>`select count(*) as users,
          sum(case when id = ${resourceId} then 1 else 0 end) as again from ${attemptTable}
          where tenant = ${tenant}`.execute(transaction);
        if (Number(rows[0]?.again ?? 0) > 0) return undefined;
        if (tooMany(Number(rows[0]?.users ?? 0) + 1)) {
          const hold = newHold(tenant, now);
          await save({ ...state, hold });
          return hold;
        }
        await insertNew(sql`(tenant, id, attempted) values (${tenant}, ${resourceId}, ${now})`, attemptTable).execute(
          transaction,
        );
        return undefined;
      };
      return withLock(tenant, now, count, inside(write));
    },
    async release(tenant, resourceId, write) {
      if (inside(write) !== undefined) return;
      await inTransaction(db, dialect, async (transaction) => {
        await sql`delete from ${attemptTable} where tenant = ${tenant} and id = ${resourceId}`.execute(transaction);
      });
    },
    // A read, since every deactivation asks: what has expired is cleared by the next attempt or decision.
    async held(tenant) {
      const { rows } = await reading(() =>
        sql<HoldRow>`select hold, since, until, open_until from ${holdTable} where tenant = ${tenant}`.execute(db),
      );
      return stateAt(toState(tenant, rows[0]), clock()).state.hold;
    },
    approve: (tenant, decision) => {
      const now = clock();
      return withLock(tenant, now, async ({ hold }, save, transaction) => {
        if (hold === undefined) return false;
        await forget(transaction, tenant);
        await save({ openUntil: now + (decision?.milliseconds ?? defaultDecisionMilliseconds) });
        return true;
      });
    },
    refuse: (tenant, decision) => {
      const now = clock();
      return withLock(tenant, now, async ({ hold, openUntil }, save) => {
        if (hold === undefined) return false;
        await save({
          hold: { ...hold, until: now + (decision?.milliseconds ?? defaultDecisionMilliseconds) },
          openUntil,
        });
        return true;
      });
    },
  };
}

function toState(tenant: string, row: HoldRow | undefined): HoldState {
  const openUntil = Number(row?.open_until ?? 0);
  if (row === undefined || row.hold === null) return { openUntil };
  const until = row.until === null ? undefined : Number(row.until);
  return { openUntil, hold: { id: String(row.hold), tenant, since: Number(row.since), until } };
}
