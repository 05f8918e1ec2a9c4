import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { chunks } from '../../database/chunks.js';
import { lock } from '../../database/dialect.js';
import { type Row, textOf } from '../../database/row.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import type { LogChange, LogEntry, LogStore } from '../contract.js';
import { maxListedChanges } from '../log-changes.js';
import { adminTables } from './tables.js';

const hourMilliseconds = 3_600_000;

/**
 * Stores the provisioning log in the tables that `createAdminTables` creates. All processes share it.
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
  const { db, dialect } = parseDatabase(kysely, options, tableOptionRules('sqlLogStore'));
  const names = adminTables(options.tables);
  const table = sql.table(names.log);
  const changeTable = sql.table(names.changes);
  // Integer division, for which MariaDB has its own operator.
  const hours =
    dialect === 'mysql' ? sql`logged div ${sql.lit(hourMilliseconds)}` : sql`logged / ${sql.lit(hourMilliseconds)}`;

  const select = (rest: RawBuilder<unknown>): Promise<LogEntry[]> =>
    reading(async () => {
      const { rows } = await sql<EntryRow>`select tenant, id, listed, omitted, entry from ${table}
        where ${rest}`.execute(db);
      return withChanges(db, rows);
    });

  /** The entries with their changes, which one further statement reads. */
  const withChanges = async (executor: Kysely<unknown>, rows: readonly EntryRow[]): Promise<LogEntry[]> => {
    const ids = rows.filter(({ listed }) => Number(listed) > 0).map(({ id }) => textOf(id));
    const [first] = rows;
    const changes = new Map<string, LogChange[]>();
    if (first !== undefined && ids.length > 0) {
      const found =
        await sql<ChangeRow>`select entry, details from ${changeTable} where tenant = ${textOf(first.tenant)}
        and entry in (${sql.join(ids)}) order by entry, place`.execute(executor);
      for (const { entry, details } of found.rows) {
        const ofEntry = changes.get(textOf(entry)) ?? [];
        changes.set(textOf(entry), [...ofEntry, JSON.parse(String(details)) as LogChange]);
      }
    }
    return rows.map((row) => toEntry(row, changes.get(textOf(row.id)) ?? []));
  };

  const insertChanges = async (
    transaction: Transaction<unknown>,
    rows: readonly (readonly [tenant: string, entry: string, place: number, change: string])[],
  ): Promise<void> => {
    for (const chunk of chunks(rows)) {
      const values = sql.join(chunk.map((row) => sql`(${sql.join([...row])})`));
      await sql`insert into ${changeTable} (tenant, entry, place, details) values ${values}`.execute(transaction);
    }
  };

  return {
    async append(entries) {
      if (entries.length === 0) return;
      const rows = entries.map(({ changes, omittedChanges = 0, ...entry }) => {
        const listed = Math.min(changes.length, maxListedChanges);
        const columns = [
          ...[entry.tenant, entry.id, entry.time.getTime(), entry.connection ?? null, entry.outcome],
          ...[entry.operation ?? null, entry.requestId, entry.resourceId ?? null, entry.actor ?? null],
          ...[entry.milliseconds, listed, omittedChanges + changes.length - listed, JSON.stringify(entry)],
        ];
        return sql`(${sql.join(columns)})`;
      });
      const changeRows = entries.flatMap(({ tenant, id, changes }) =>
        changes.slice(0, maxListedChanges).map((change, place) => [tenant, id, place, JSON.stringify(change)] as const),
      );
      await inTransaction(db, dialect, async (transaction) => {
        await sql`insert into ${table} (tenant, id, logged, connection, outcome, operation, request_id, resource_id,
          actor, milliseconds, listed, omitted, entry) values ${sql.join(rows)}`.execute(transaction);
        await insertChanges(transaction, changeRows);
      });
    },
    async addChanges(tenant, requestId, changes, omitted) {
      await inTransaction(db, dialect, async (transaction) => {
        const { rows } = await sql<Pick<EntryRow, 'id' | 'listed'>>`select id, listed from ${table}
          where tenant = ${tenant} and request_id = ${requestId} order by id desc limit 1
          ${lock(dialect, 'write')}`.execute(transaction);
        const [row] = rows;
        if (row === undefined) return;
        const [id, listed] = [textOf(row.id), Number(row.listed)];
        const added = changes.slice(0, Math.max(0, maxListedChanges - listed));
        const changeRows = added.map((change, index) => [tenant, id, listed + index, JSON.stringify(change)] as const);
        await insertChanges(transaction, changeRows);
        await sql`update ${table} set listed = ${listed + added.length},
          omitted = omitted + ${omitted + changes.length - added.length}
          where tenant = ${tenant} and id = ${id}`.execute(transaction);
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
        ...(changed === true ? [sql`listed > 0`] : []),
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
      const isOld = sql`logged < ${before.getTime()}`;
      await inTransaction(db, dialect, async (transaction) => {
        // SQLite deletes nothing along with a row while its foreign keys are off.
        await sql`delete from ${changeTable} where exists (select 1 from ${table} where ${isOld}
          and ${table}.tenant = ${changeTable}.tenant and ${table}.id = ${changeTable}.entry)`.execute(transaction);
        await sql`delete from ${table} where ${isOld}`.execute(transaction);
      });
    },
  };
}

type EntryRow = Row<'tenant' | 'id' | 'listed' | 'omitted' | 'entry'>;

type ChangeRow = Row<'entry' | 'details'>;

function toEntry({ entry, omitted }: EntryRow, changes: readonly LogChange[]): LogEntry {
  const stored = JSON.parse(String(entry)) as Omit<LogEntry, 'time' | 'changes'> & { readonly time: string };
  const omittedChanges = Number(omitted);
  return { ...stored, time: new Date(stored.time), changes, ...(omittedChanges > 0 && { omittedChanges }) };
}
