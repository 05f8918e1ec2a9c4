import { type Kysely, type RawBuilder, sql } from 'kysely';
import { dialectOf, lock } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { untyped } from '../../database/untyped.js';
import type { LogEntry, LogStore } from '../contract.js';
import { adminTables } from './tables.js';

const hourMilliseconds = 3_600_000;

/**
 * Stores the provisioning log in the table that `createAdminTables` creates. All processes share it.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import type { Kysely } from 'kysely';
 * import { provisioningLog } from 'express-scim/admin';
 * import { sqlLogStore } from 'express-scim/sql';
 *
 * export function logTo(db: Kysely<unknown>) {
 *   return provisioningLog(sqlLogStore(db), { days: 90 });
 * }
 */
export function sqlLogStore<DB>(kysely: Kysely<DB>, options: TableOptions = {}): LogStore {
  const db = untyped(kysely);
  const dialect = options.dialect ?? dialectOf(db);
  const table = sql.table(adminTables(options.tables).log);
  // Integer division, for which MariaDB has its own operator.
  const hours =
    dialect === 'mysql' ? sql`logged div ${sql.lit(hourMilliseconds)}` : sql`logged / ${sql.lit(hourMilliseconds)}`;

  const select = async (rest: RawBuilder<unknown>): Promise<LogEntry[]> => {
    const { rows } = await reading(() => sql<{ entry: unknown }>`select entry from ${table} where ${rest}`.execute(db));
    return rows.map(({ entry }) => toEntry(entry));
  };

  return {
    async append(entry) {
      const columns = [
        ...[entry.tenant, entry.id, entry.time.getTime(), entry.connection ?? null, entry.outcome],
        ...[entry.operation ?? null, entry.requestId, entry.resourceId ?? null, entry.actor ?? null],
        ...[entry.milliseconds, entry.changes.length > 0 ? 1 : 0, JSON.stringify(entry)],
      ];
      await inTransaction(db, dialect, (transaction) =>
        sql`insert into ${table} (tenant, id, logged, connection, outcome, operation, request_id, resource_id, actor,
          milliseconds, changed, entry) values (${sql.join(columns)})`.execute(transaction),
      );
    },
    async addChanges(tenant, requestId, changes) {
      await inTransaction(db, dialect, async (transaction) => {
        const { rows } = await sql<{ entry: unknown }>`select entry from ${table} where tenant = ${tenant}
          and request_id = ${requestId} order by id desc limit 1 ${lock(dialect, 'write')}`.execute(transaction);
        const [row] = rows;
        if (row === undefined) return;
        const entry = toEntry(row.entry);
        const next: LogEntry = { ...entry, changes: [...entry.changes, ...changes] };
        await sql`update ${table} set entry = ${JSON.stringify(next)}, changed = 1
          where tenant = ${tenant} and id = ${entry.id}`.execute(transaction);
      });
    },
    async list(tenant, query) {
      const { connection, outcome, operation, about, changed, before, after } = query;
      const conditions = [
        sql`tenant = ${tenant}`,
        ...(connection === undefined ? [] : [sql`connection = ${connection}`]),
        ...(outcome === undefined ? [] : [sql`outcome = ${outcome}`]),
        ...(operation === undefined ? [] : [sql`operation = ${operation}`]),
        ...(about === undefined ? [] : [sql`(resource_id = ${about} or request_id = ${about} or actor = ${about})`]),
        ...(changed === true ? [sql`changed = 1`] : []),
        ...(before === undefined ? [] : [sql`id < ${before}`]),
        ...(after === undefined ? [] : [sql`id > ${after}`]),
      ];
      const order = after === undefined ? sql`id desc` : sql`id`;
      const page = await select(sql`${sql.join(conditions, sql` and `)} order by ${order} limit ${query.limit}`);
      return after === undefined ? page : page.reverse();
    },
    get: async (tenant, id) => (await select(sql`tenant = ${tenant} and id = ${id}`))[0],
    hours: (tenant, connection, since) =>
      reading(async () => {
        const ofConnection = connection === undefined ? sql`` : sql`and connection = ${connection}`;
        const { rows } = await sql<{ at: unknown; requests: unknown; errors: unknown }>`select ${hours} as at,
          count(*) as requests, sum(case when outcome = 'succeeded' then 0 else 1 end) as errors from ${table}
          where tenant = ${tenant} and logged >= ${since.getTime()} ${ofConnection} group by ${hours} order by 1`.execute(
          db,
        );
        return rows.map((row) => ({
          hour: new Date(Number(row.at) * hourMilliseconds),
          requests: Number(row.requests),
          errors: Number(row.errors),
        }));
      }),
    async prune(before) {
      await inTransaction(db, dialect, (transaction) =>
        sql`delete from ${table} where logged < ${before.getTime()}`.execute(transaction),
      );
    },
  };
}

function toEntry(json: unknown): LogEntry {
  const entry = JSON.parse(String(json)) as Omit<LogEntry, 'time'> & { readonly time: string };
  return { ...entry, time: new Date(entry.time) };
}
