import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Json } from '../../contract/attribute.js';
import { dialectOf, lock } from '../../database/dialect.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { untyped } from '../../database/untyped.js';
import { after } from './memory-tasks.js';
import type { OffboardingTask, OffboardingTaskState, OffboardingTaskStore } from './tasks.js';
import { places } from './task-key.js';
import { offboardingTables } from './tables.js';

interface Row {
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

/** Obligations in the tables that `createOffboardingTables` makes: any number of processes work on them. */
export function sqlOffboardingTaskStore<DB>(given: Kysely<DB>, options: TableOptions = {}): OffboardingTaskStore {
  const db = untyped(given);
  const dialect = options.dialect ?? dialectOf(db);
  const names = offboardingTables(options.tables);
  const table = sql.table(names.tasks);
  const returns = sql.table(names.returns);
  const nextPlace = places();
  const select = async (from: Kysely<unknown>, rest: RawBuilder<unknown>): Promise<OffboardingTask[]> => {
    const { rows } =
      await sql<Row>`select obligation, state, undoing, undoable, attempts, due, returned_as, error, note,
      settled_by from ${table} where ${rest}`.execute(from);
    return rows.map(toObligation);
  };
  const one = ({ tenant, id }: OffboardingTask): RawBuilder<unknown> => sql`tenant = ${tenant} and id = ${id}`;
  return {
    add: (tasks) =>
      inTransaction(db, dialect, async (transaction) => {
        for (const each of tasks) {
          const { tenant, id, person, time, handler, item, state, attempts, nextAttemptAt } = each;
          const values = sql`(tenant, id, place, person, departed, holder, item, obligation, state, undoing, undoable,
            attempts, due) values (${sql.join([tenant, id, nextPlace(), person.id, time, handler, item?.id ?? null])},
            ${sql.join([JSON.stringify(each), state, 0, 0, attempts, nextAttemptAt ?? null])})`;
          await (
            dialect === 'mysql'
              ? sql`insert ignore into ${table} ${values}`
              : sql`insert into ${table} ${values} on conflict do nothing`
          ).execute(transaction);
        }
      }),
    async claim(now, lease, limit) {
      const due = await reading(() => select(db, sql`due <= ${now} order by due, place limit ${limit}`));
      const claimed: OffboardingTask[] = [];
      for (const each of due) {
        // Whoever finds it as it was read has it; nobody waits for a lock.
        const asRead = sql`${one(each)} and due = ${each.nextAttemptAt ?? null} and attempts = ${each.attempts}
          and undoing = ${Number(each.undo)}`;
        const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
          sql`update ${table} set due = ${now + lease}, attempts = attempts + 1 where ${asRead}`.execute(transaction),
        );
        if (numAffectedRows !== 1n) continue;
        claimed.push({ ...each, attempts: each.attempts + 1, nextAttemptAt: now + lease });
      }
      return claimed;
    },
    report: (task, outcome, now) =>
      inTransaction(db, dialect, async (transaction) => {
        const [current] = await select(transaction, sql`${one(task)} ${lock(dialect, 'write')}`);
        if (current === undefined || current.state === 'settled' || current.attempts !== task.attempts) {
          return false;
        }
        const next = after(current, outcome, now);
        await sql`update ${table} set state = ${next.state}, undoable = ${Number(next.undoable)},
          due = ${next.nextAttemptAt ?? null}, error = ${next.error ?? null},
          note = ${next.note === undefined ? null : JSON.stringify(next.note)} where ${one(task)}`.execute(transaction);
        return true;
      }),
    returned: ({ tenant, userId, time, as }, now) =>
      inTransaction(db, dialect, async (transaction) => {
        const values = sql`(tenant, person, returned, returned_as)
          values (${sql.join([tenant, userId, time, as ?? null])})`;
        await (
          dialect === 'mysql'
            ? sql`insert ignore into ${returns} ${values}`
            : sql`insert into ${returns} ${values} on conflict do nothing`
        ).execute(transaction);
        await sql`update ${returns} set returned = ${time}, returned_as = ${as ?? null}
          where tenant = ${tenant} and person = ${userId} and returned < ${time}`.execute(transaction);
        await sql`update ${table} set undoing = 1, returned_as = ${as ?? null},
          due = case when state = 'done' then ${now} else due end
          where tenant = ${tenant} and person = ${userId} and departed <= ${time} and undoing = 0
          and (state = 'pending' or (state = 'done' and undoable = 1))`.execute(transaction);
      }),
    lastReturn: (tenant, userId) =>
      reading(async () => {
        const { rows } = await sql<{ returned: unknown; returned_as: unknown }>`select returned, returned_as
          from ${returns} where tenant = ${tenant} and person = ${userId}`.execute(db);
        const [row] = rows;
        if (row === undefined) return undefined;
        return { tenant, userId, time: String(row.returned), as: textOf(row.returned_as) };
      }),
    of: (tenant, userId, about) => {
      const handler = about === undefined ? sql`` : sql` and holder = ${about.handler}`;
      const item = about?.item === undefined ? sql`` : sql` and item = ${about.item}`;
      const which = sql`tenant = ${tenant} and person = ${userId}${handler}${item} order by place, id`;
      return reading(() => select(db, which));
    },
    list: (tenant, state: OffboardingTaskState, limit = 100) =>
      reading(() => select(db, sql`tenant = ${tenant} and state = ${state} order by place, id limit ${limit}`)),
    async settle(tenant, id, by) {
      const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
        sql`update ${table} set state = 'settled', settled_by = ${by}, due = null
          where tenant = ${tenant} and id = ${id} and state in ('pending', 'done')`.execute(transaction),
      );
      return numAffectedRows === 1n;
    },
  };
}

function toObligation(row: Row): OffboardingTask {
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
