import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import {
  checkDecision,
  type Conflict,
  type ConflictDecision,
  type ConflictStore,
  type NewConflict,
  maxSettledListed,
} from './conflicts.js';
import { lifecycleTables } from '../tables.js';

interface ConflictRow {
  readonly conflict: unknown;
  readonly decision: unknown;
}

/**
 * Keeps conflicts in the table of `createLifecycleTables`.
 *
 * @example
 * import { sqlConflictStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const conflicts = (db: Kysely<unknown>) => sqlConflictStore(db);
 */
export function sqlConflictStore<DB>(database: Kysely<DB>, options: TableOptions = {}): ConflictStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlConflictStore'));
  const table = sql.table(lifecycleTables(options.tables).conflicts);
  const select = async (from: Kysely<unknown>, rest: RawBuilder<unknown>): Promise<Conflict[]> => {
    const { rows } = await sql<ConflictRow>`select conflict, decision from ${table} where ${rest}`.execute(from);
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
        // The unique index decides between two concurrent processes.
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
          sql`tenant = ${tenant} and settled is not null order by settled desc, id limit ${maxSettledListed}`,
        )),
      ]),
    find: (tenant, fingerprint) =>
      reading(async () => {
        // A waiting conflict is newer than any settled one.
        const matching = sql`tenant = ${tenant} and fingerprint = ${fingerprint}`;
        const [newest] = await select(
          db,
          sql`${matching} order by case when settled is null then 0 else 1 end, settled desc limit 1`,
        );
        return newest;
      }),
    settle: (tenant, id, decision: ConflictDecision) =>
      inTransaction(db, dialect, async (transaction) => {
        const waitingById = sql`tenant = ${tenant} and id = ${id} and settled is null`;
        const [waiting] = await select(transaction, waitingById);
        if (waiting === undefined) return undefined;
        checkDecision(waiting, decision);
        const { numAffectedRows } = await sql`update ${table} set waiting = id, settled = ${Date.now()},
          decision = ${JSON.stringify(decision)} where ${waitingById}`.execute(transaction);
        return numAffectedRows === 1n ? { ...waiting, decision } : undefined;
      }),
  };
}

function toConflict({ conflict, decision }: ConflictRow): Conflict {
  const stored = JSON.parse(String(conflict)) as Conflict;
  if (decision === null || decision === undefined) return stored;
  return { ...stored, decision: JSON.parse(String(decision)) as ConflictDecision };
}
