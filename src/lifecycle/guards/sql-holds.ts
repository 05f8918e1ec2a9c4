import { type Kysely, sql } from 'kysely';
import { dialectOf, lock } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction } from '../../database/transaction.js';
import { untyped } from '../../database/untyped.js';
import { decisionStands, type HoldState, type HoldStore, newHold, stateAt } from './holds.js';
import { lifecycleTables } from '../tables.js';

interface Row {
  readonly hold: unknown;
  readonly since: unknown;
  readonly until: unknown;
  readonly open_until: unknown;
}

/**
 * Holds in the tables that `createLifecycleTables` makes: all processes count together.
 *
 * @param clock milliseconds since 1970; the same time on all processes, within a window's tolerance
 */
export function sqlHoldStore<DB>(
  given: Kysely<DB>,
  options: TableOptions = {},
  clock: () => number = Date.now,
): HoldStore {
  const db = untyped(given);
  const dialect = options.dialect ?? dialectOf(db);
  const { holds, attempts } = lifecycleTables(options.tables);
  const holdTable = sql.table(holds);
  const attemptTable = sql.table(attempts);
  const insert = (columns: ReturnType<typeof sql>, into: typeof holdTable) =>
    dialect === 'mysql'
      ? sql`insert ignore into ${into} ${columns}`
      : sql`insert into ${into} ${columns} on conflict do nothing`;

  /** Runs with the tenant's row locked, so that one process counts at a time. */
  const inTurn = <T>(
    tenant: string,
    now: number,
    work: (state: HoldState, save: (next: HoldState) => Promise<void>, transaction: Kysely<unknown>) => Promise<T>,
  ): Promise<T> =>
    inTransaction(db, dialect, async (transaction) => {
      await insert(sql`(tenant, open_until) values (${tenant}, 0)`, holdTable).execute(transaction);
      const { rows } = await sql<Row>`select hold, since, until, open_until from ${holdTable}
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
    });

  const forget = async (transaction: Kysely<unknown>, tenant: string): Promise<void> => {
    await sql`delete from ${attemptTable} where tenant = ${tenant}`.execute(transaction);
  };

  return {
    attempt: (tenant, resourceId, { now, windowMilliseconds, tooMany }) =>
      inTurn(tenant, now, async (state, save, transaction) => {
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
        await insert(sql`(tenant, id, attempted) values (${tenant}, ${resourceId}, ${now})`, attemptTable).execute(
          transaction,
        );
        return undefined;
      }),
    held: (tenant) => inTurn(tenant, clock(), async ({ hold }) => hold),
    approve: (tenant, response) => {
      const now = clock();
      return inTurn(tenant, now, async ({ hold }, save, transaction) => {
        if (hold === undefined) return false;
        await forget(transaction, tenant);
        await save({ openUntil: now + (response?.milliseconds ?? decisionStands) });
        return true;
      });
    },
    refuse: (tenant, response) => {
      const now = clock();
      return inTurn(tenant, now, async ({ hold, openUntil }, save) => {
        if (hold === undefined) return false;
        await save({ hold: { ...hold, until: now + (response?.milliseconds ?? decisionStands) }, openUntil });
        return true;
      });
    },
  };
}

function toState(tenant: string, row: Row | undefined): HoldState {
  const openUntil = Number(row?.open_until ?? 0);
  if (row === undefined || row.hold === null) return { openUntil };
  const until = row.until === null ? undefined : Number(row.until);
  return { openUntil, hold: { id: String(row.hold), tenant, since: Number(row.since), until } };
}
