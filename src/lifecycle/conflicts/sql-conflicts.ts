import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { dialectOf } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { untyped } from '../../database/untyped.js';
import {
  checkDecision,
  type Conflict,
  type ConflictDecision,
  type ConflictStore,
  type NewConflict,
  settledDisplayed,
} from './conflicts.js';
import { lifecycleTables } from '../tables.js';

interface Row {
  readonly conflict: unknown;
  readonly decision: unknown;
}

/** Conflicts in the table that `createLifecycleTables` makes. */
export function sqlConflictStore<DB>(given: Kysely<DB>, options: TableOptions = {}): ConflictStore {
  const db = untyped(given);
  const dialect = options.dialect ?? dialectOf(db);
  const table = sql.table(lifecycleTables(options.tables).conflicts);
  const select = async (from: Kysely<unknown>, rest: RawBuilder<unknown>): Promise<Conflict[]> => {
    const { rows } = await sql<Row>`select conflict, decision from ${table} where ${rest}`.execute(from);
    return rows.map(toConflict);
  };
  return {
    add: (conflict: NewConflict) =>
      inTransaction(db, dialect, async (transaction) => {
        const now = Date.now();
        const added: Conflict = { ...conflict, id: randomUUID(), time: new Date(now).toISOString() };
        const { tenant, fingerprint } = conflict;
        const values = sql`(tenant, id, fingerprint, waiting, created, conflict)
          values (${sql.join([tenant, added.id, fingerprint, fingerprint, now, JSON.stringify(added)])})`;
        // The unique index decides between two processes.
        await (
          dialect === 'mysql'
            ? sql`insert ignore into ${table} ${values}`
            : sql`insert into ${table} ${values} on conflict do nothing`
        ).execute(transaction);
        const [waiting] = await select(transaction, sql`tenant = ${tenant} and waiting = ${fingerprint}`);
        return waiting ?? added;
      }),
    list: (tenant) =>
      reading(async () => [
        ...(await select(db, sql`tenant = ${tenant} and settled is null order by created, id`)),
        ...(await select(
          db,
          sql`tenant = ${tenant} and settled is not null order by settled desc, id limit ${settledDisplayed}`,
        )),
      ]),
    find: (tenant, fingerprint) =>
      reading(async () => {
        // One that waits is newer than those that are settled.
        const found = sql`tenant = ${tenant} and fingerprint = ${fingerprint}`;
        const [newest] = await select(
          db,
          sql`${found} order by case when settled is null then 0 else 1 end, settled desc limit 1`,
        );
        return newest;
      }),
    settle: (tenant, id, decision: ConflictDecision) =>
      inTransaction(db, dialect, async (transaction) => {
        const one = sql`tenant = ${tenant} and id = ${id} and settled is null`;
        const [waiting] = await select(transaction, one);
        if (waiting === undefined) return undefined;
        checkDecision(waiting, decision);
        const { numAffectedRows } = await sql`update ${table} set waiting = id, settled = ${Date.now()},
          decision = ${JSON.stringify(decision)} where ${one}`.execute(transaction);
        return numAffectedRows === 1n ? { ...waiting, decision } : undefined;
      }),
  };
}

function toConflict({ conflict, decision }: Row): Conflict {
  const kept = JSON.parse(String(conflict)) as Conflict;
  if (decision === null || decision === undefined) return kept;
  return { ...kept, decision: JSON.parse(String(decision)) as ConflictDecision };
}
