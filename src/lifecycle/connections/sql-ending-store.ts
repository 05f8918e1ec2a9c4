import { type Kysely, type RawBuilder, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { claimJobs, jobOf, type JobRow } from '../jobs/sql-jobs.js';
import type { ConnectionEndingStore, EndingJob } from './ending-jobs.js';
import { connectionTables } from './tables.js';

/**
 * Keeps the jobs that end connections in the table of `createConnectionTables`. Any number of processes may work on them.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlConnectionEndingStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const jobs = (db: Kysely<unknown>) => sqlConnectionEndingStore(db);
 */
export function sqlConnectionEndingStore<DB>(database: Kysely<DB>, options: TableOptions = {}): ConnectionEndingStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlConnectionEndingStore'));
  const table = sql.table(connectionTables(options.tables).endings);
  const select = async (from: Kysely<unknown>, rest: RawBuilder<unknown>): Promise<EndingJob[]> => {
    const { rows } = await sql<JobRow>`select attempts, due, job from ${table} where ${rest}`.execute(from);
    return rows.map((row) => jobOf<EndingJob>(row));
  };
  return {
    add: (job) =>
      inTransaction(db, dialect, async (transaction) => {
        const { tenant, id, connection, requestedAt, attempts, nextAttemptAt } = job;
        const keys = [tenant, id, connection, connection, requestedAt.getTime(), attempts, nextAttemptAt ?? null];
        const insert = sql`into ${table} (tenant, id, connection, running, requested, attempts, due, job)
          values (${sql.join([...keys, JSON.stringify(job)])})`;
        // The unique index decides between two processes.
        await (
          dialect === 'mysql' ? sql`insert ignore ${insert}` : sql`insert ${insert} on conflict do nothing`
        ).execute(transaction);
        const [running] = await select(transaction, sql`tenant = ${tenant} and running = ${connection}`);
        return running ?? job;
      }),
    async claim(now, leaseMilliseconds, limit) {
      const due = await reading(() => select(db, sql`due <= ${now} order by due, id limit ${limit}`));
      return claimJobs({ db, dialect, table }, due, now + leaseMilliseconds);
    },
    async save(job) {
      const { tenant, id, connection, attempts, state, nextAttemptAt } = job;
      const running = state === 'running' ? connection : id;
      const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
        sql`update ${table} set running = ${running}, due = ${nextAttemptAt ?? null}, job = ${JSON.stringify(job)}
          where tenant = ${tenant} and id = ${id} and running = ${connection} and attempts = ${attempts}`.execute(
          transaction,
        ),
      );
      return numAffectedRows === 1n;
    },
    latest: (tenant, connection) =>
      reading(async () => {
        const matching = sql`tenant = ${tenant} and connection = ${connection} order by requested desc, id limit 1`;
        const [job] = await select(db, matching);
        return job;
      }),
  };
}
