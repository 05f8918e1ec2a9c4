import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Json } from '../../contract/attribute.js';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import { lock } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { sequence } from './sequence.js';
import { offboardingTables } from './tables.js';
import { type OffboardingTask, type OffboardingTaskState, type OffboardingTaskStore, taskAfter } from './tasks.js';

interface TaskRow {
  readonly task: unknown;
  readonly state: unknown;
  readonly undoing: unknown;
  readonly undoable: unknown;
  readonly attempts: unknown;
  readonly due: unknown;
  readonly returned_as: unknown;
  readonly error: unknown;
  readonly note: unknown;
  readonly settled_by: unknown;
}

/**
 * Keeps the tasks of off-boarding in the tables of `createOffboardingTables`. Any number of processes may work on them.
 *
 * @example
 * import { sqlOffboardingTaskStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const taskStore = (db: Kysely<unknown>) => sqlOffboardingTaskStore(db);
 */
export function sqlOffboardingTaskStore<DB>(database: Kysely<DB>, options: TableOptions = {}): OffboardingTaskStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlOffboardingTaskStore'));
  const names = offboardingTables(options.tables);
  const taskTable = sql.table(names.tasks);
  const returnTable = sql.table(names.returns);
  const nextOrdinal = sequence();
  const select = async (from: Kysely<unknown>, rest: RawBuilder<unknown>): Promise<OffboardingTask[]> => {
    const { rows } = await sql<TaskRow>`select task, state, undoing, undoable, attempts, due, returned_as, error, note,
      settled_by from ${taskTable} where ${rest}`.execute(from);
    return rows.map(toTask);
  };
  const insertNew = (into: RawBuilder<unknown>, values: RawBuilder<unknown>): RawBuilder<unknown> =>
    dialect === 'mysql'
      ? sql`insert ignore into ${into} ${values}`
      : sql`insert into ${into} ${values} on conflict do nothing`;
  const byId = ({ tenant, id }: OffboardingTask): RawBuilder<unknown> => sql`tenant = ${tenant} and id = ${id}`;
  return {
    add: (tasks) =>
      inTransaction(db, dialect, async (transaction) => {
        for (const task of tasks) {
          const { tenant, id, user, time, handler, item, state, attempts, nextAttemptAt } = task;
          const values = sql`(tenant, id, ordinal, user_id, departed, handler, item, task, state, undoing, undoable,
            attempts, due) values (${sql.join([tenant, id, nextOrdinal(), user.id, time, handler, item?.id ?? null])},
            ${sql.join([JSON.stringify(task), state, 0, 0, attempts, nextAttemptAt ?? null])})`;
          await insertNew(taskTable, values).execute(transaction);
        }
      }),
    async claim(now, leaseMilliseconds, limit) {
      const due = await reading(() => select(db, sql`due <= ${now} order by due, ordinal limit ${limit}`));
      const claimed: OffboardingTask[] = [];
      for (const task of due) {
        // Compare-and-swap instead of a lock: the process that still finds the row as it was read gets the task.
        const unchanged = sql`${byId(task)} and due = ${task.nextAttemptAt ?? null} and attempts = ${task.attempts}
          and undoing = ${Number(task.undo)}`;
        const leaseEnd = now + leaseMilliseconds;
        const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
          sql`update ${taskTable} set due = ${leaseEnd}, attempts = attempts + 1 where ${unchanged}`.execute(
            transaction,
          ),
        );
        if (numAffectedRows !== 1n) continue;
        claimed.push({ ...task, attempts: task.attempts + 1, nextAttemptAt: leaseEnd });
      }
      return claimed;
    },
    report: (task, outcome, now) =>
      inTransaction(db, dialect, async (transaction) => {
        const [current] = await select(transaction, sql`${byId(task)} ${lock(dialect, 'write')}`);
        if (current === undefined || current.state === 'settled' || current.attempts !== task.attempts) {
          return false;
        }
        const next = taskAfter(current, outcome, now);
        await sql`update ${taskTable} set state = ${next.state}, undoable = ${Number(next.undoable)},
          due = ${next.nextAttemptAt ?? null}, error = ${next.error ?? null},
          note = ${next.note === undefined ? null : JSON.stringify(next.note)} where ${byId(task)}`.execute(
          transaction,
        );
        return true;
      }),
    returned: ({ tenant, userId, time, returnedAs }, now) =>
      inTransaction(db, dialect, async (transaction) => {
        const values = sql`(tenant, user_id, returned, returned_as)
          values (${sql.join([tenant, userId, time, returnedAs ?? null])})`;
        await insertNew(returnTable, values).execute(transaction);
        await sql`update ${returnTable} set returned = ${time}, returned_as = ${returnedAs ?? null}
          where tenant = ${tenant} and user_id = ${userId} and returned < ${time}`.execute(transaction);
        await sql`update ${taskTable} set undoing = 1, returned_as = ${returnedAs ?? null},
          due = case when state = 'done' then ${now} else due end
          where tenant = ${tenant} and user_id = ${userId} and departed <= ${time} and undoing = 0
          and (state = 'pending' or (state = 'done' and undoable = 1))`.execute(transaction);
      }),
    lastReturn: (tenant, userId) =>
      reading(async () => {
        const { rows } = await sql<{ returned: unknown; returned_as: unknown }>`select returned, returned_as
          from ${returnTable} where tenant = ${tenant} and user_id = ${userId}`.execute(db);
        const [row] = rows;
        if (row === undefined) return undefined;
        return { tenant, userId, time: String(row.returned), returnedAs: textOf(row.returned_as) };
      }),
    ofUser: (tenant, userId, filter) => {
      const handler = filter === undefined ? sql`` : sql` and handler = ${filter.handler}`;
      const item = filter?.item === undefined ? sql`` : sql` and item = ${filter.item}`;
      const matching = sql`tenant = ${tenant} and user_id = ${userId}${handler}${item} order by ordinal, id`;
      return reading(() => select(db, matching));
    },
    list: (tenant, state, limit = 100) =>
      reading(() => select(db, sql`tenant = ${tenant} and state = ${state} order by ordinal, id limit ${limit}`)),
    async settle(tenant, id, by) {
      const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
        sql`update ${taskTable} set state = 'settled', settled_by = ${by}, due = null
          where tenant = ${tenant} and id = ${id} and state in ('pending', 'done')`.execute(transaction),
      );
      return numAffectedRows === 1n;
    },
  };
}

/** The JSON holds the task as it was added; the columns hold what has changed since. */
function toTask(row: TaskRow): OffboardingTask {
  const nextAttemptAt = row.due === null ? undefined : Number(row.due);
  return {
    ...(JSON.parse(String(row.task)) as OffboardingTask),
    state: String(row.state) as OffboardingTaskState,
    undo: Number(row.undoing) === 1,
    undoable: Number(row.undoable) === 1,
    attempts: Number(row.attempts),
    nextAttemptAt,
    returnedAs: textOf(row.returned_as),
    error: textOf(row.error),
    note: row.note === null ? undefined : (JSON.parse(String(row.note)) as Json),
    settledBy: textOf(row.settled_by),
  };
}

function textOf(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
