import { type Kysely, type RawBuilder, sql } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { claimJobs, jobOf, type JobRow } from '../jobs/sql-jobs.js';
import type { RightsJob, RightsJobStore } from './rights-jobs.js';
import { accessRightsTables } from './tables.js';

/**
 * Keeps the jobs of `roleMappingAdministration` in the table of `createAccessRightsTables`. Any number of processes may work
 * on them.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlRightsJobStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const jobs = (db: Kysely<unknown>) => sqlRightsJobStore(db);
 */
export function sqlRightsJobStore<DB>(database: Kysely<DB>, options: TableOptions = {}): RightsJobStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlRightsJobStore'));
  const table = sql.table(accessRightsTables(options.tables).jobs);
  const select = (rest: RawBuilder<unknown>): Promise<RightsJob[]> =>
    reading(async () => {
      const { rows } = await sql<JobRow>`select attempts, due, job from ${table} where ${rest}`.execute(db);
      return rows.map((row) => jobOf<RightsJob>(row));
    });
  return {
    async begin(job) {
      const { tenant, id, attempts, nextAttemptAt } = job;
      const values = sql.join([tenant, id, attempts, nextAttemptAt ?? null, JSON.stringify(job)]);
      const instead =
        dialect === 'mysql'
          ? sql`on duplicate key update id = values(id), attempts = values(attempts), due = values(due), job = values(job)`
          : sql`on conflict (tenant) do update set id = excluded.id, attempts = excluded.attempts, due = excluded.due,
              job = excluded.job`;
      await inTransaction(db, dialect, (transaction) =>
        sql`insert into ${table} (tenant, id, attempts, due, job) values (${values}) ${instead}`.execute(transaction),
      );
    },
    async claim(now, leaseMilliseconds, limit) {
      const due = await select(sql`due <= ${now} order by due, tenant limit ${limit}`);
      return claimJobs({ db, dialect, table }, due, now + leaseMilliseconds);
    },
    async save(job) {
      const { tenant, id, attempts, nextAttemptAt } = job;
      const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
        sql`update ${table} set due = ${nextAttemptAt ?? null}, job = ${JSON.stringify(job)}
          where tenant = ${tenant} and id = ${id} and attempts = ${attempts}`.execute(transaction),
      );
      return numAffectedRows === 1n;
    },
    latest: async (tenant) => (await select(sql`tenant = ${tenant}`))[0],
  };
}
