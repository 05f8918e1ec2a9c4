import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Awaitable } from '../contract/awaitable.js';
import { deliverObserved } from '../contract/deliver.js';
import type { ChangeEvent } from '../contract/event.js';
import { documentationPage } from '../documentation.js';
import { mistakeInArgument, type OptionRules } from '../contract/option-mistakes.js';
import { mistakeInTableName, namedTableRules, parseDatabase, tableOptionRules } from './database-arguments.js';
import { columnTypes, type Dialect } from './dialect.js';
import { sql } from './sql.js';
import { createTables, type TableDefinition } from './table-definition.js';
import { tableNames, type TableOptions } from './table-names.js';
import { inTransaction } from './transaction.js';
import { typedTransaction } from './untyped.js';

/** Options of `dispatchOutbox`. */
export interface DispatchOptions extends TableOptions {
  /** Name of the table, if you created it under another name. Default: that of `createScimTables`. */
  readonly outbox?: string | undefined;
  /** How many events one transaction delivers. Default 50. */
  readonly batch?: number | undefined;
  /**
   * How long `deliver` may take for one event, milliseconds. Afterwards its batch stays in the outbox, and `dispatchOutbox`
   * rejects. Default 30,000.
   */
  readonly deliverMilliseconds?: number | undefined;
}

/**
 * Delivers saved events, oldest first, until the outbox is empty. Several processes can run it at the same time:
 * each takes other rows.
 *
 * Delivery is at least once. An event is deleted after `deliver` has returned, in the transaction that locks it, so a
 * crash in between delivers it again: the receiver must deduplicate by `event.id`.
 *
 * @param deliver gets one event at a time, and the transaction that deletes it: what it writes there is committed with the
 * deletion. On SQLite it must write through this transaction only: `db` would wait for it, until `deliverMilliseconds` have
 * passed. When it throws, its batch stays in the outbox.
 * @returns how many events were delivered
 * @throws whatever `deliver` throws, or an Error when it does not return in time
 * @throws UnavailableError when the database cannot be reached
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { dispatchOutbox } from 'express-scim/sql';
 *
 * export function startDispatcher(db: Kysely<unknown>, send: (text: string) => Promise<void>) {
 *   return setInterval(() => {
 *     dispatchOutbox(db, (event) => send(JSON.stringify(event))).catch(console.error);
 *   }, 1_000);
 * }
 */
export async function dispatchOutbox<DB>(
  db: Kysely<DB>,
  deliver: (event: ChangeEvent, transaction: Transaction<DB>) => Awaitable<void>,
  options: DispatchOptions = {},
): Promise<number> {
  const { dialect, ...target } = parseDatabase(db, options, dispatchRules, () => [
    mistakeInArgument(deliver, 'the second argument', 'function'),
  ]);
  const table = sql.table(options.outbox ?? tableNames(options.tables).outbox);
  const { batch = 50, deliverMilliseconds = 30_000 } = options;
  const skip = dialect === 'sqlite' ? sql`` : sql`for update skip locked`;
  for (let total = 0; ;) {
    const count = await inTransaction(target.db, dialect, async (transaction) => {
      const { rows } = await sql<{ id: unknown; event: unknown }>`select id, event from ${table}
        order by id limit ${batch} ${skip}`.execute(transaction);
      for (const { event } of rows) {
        try {
          const delivering = Promise.resolve(
            deliverObserved(JSON.parse(String(event)) as ChangeEvent, (each) =>
              deliver(each, typedTransaction<DB>(transaction)),
            ),
          );
          await inTime(delivering, deliverMilliseconds, dialect);
        } catch (error) {
          throw new Undelivered(error);
        }
      }
      const ids = rows.map(({ id }) => String(id));
      if (ids.length > 0) await sql`delete from ${table} where id in (${sql.join(ids)})`.execute(transaction);
      return ids.length;
    }).catch((error: unknown) => {
      throw error instanceof Undelivered ? error.cause : error;
    });
    total += count;
    if (count < batch) return total;
  }
}

const dispatchRules: OptionRules<keyof DispatchOptions> = {
  of: 'dispatchOutbox',
  page: 'sql.md#the-outbox',
  kinds: {
    ...tableOptionRules('dispatchOutbox').kinds,
    outbox: 'string',
    batch: 'positive number',
    deliverMilliseconds: 'positive number',
  },
};

/** Waits for a handler. The timer keeps the process alive: a handler that waits for the transaction leaves nothing else. */
async function inTime(delivering: Promise<void>, milliseconds: number, dialect: Dialect): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(tooSlow(dialect, milliseconds));
    }, milliseconds);
  });
  try {
    await Promise.race([delivering, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(dialect: Dialect, milliseconds: number): Error {
  const reason =
    dialect === 'sqlite'
      ? 'SQLite has one writer: a statement through `db` waits for the transaction that waits for the handler. '
      : 'A statement through `db` may wait for a connection or a row that the transaction holds. ';
  return new Error(
    `dispatchOutbox: the handler did not return within ${String(milliseconds)} ms (deliverMilliseconds). ${reason}` +
      'Write through the transaction, which is its second argument: dispatchOutbox(db, (event, transaction) => ...). ' +
      `The events stay in the outbox. See ${documentationPage('sql.md#the-outbox')}`,
  );
}

/** Wraps what `deliver` threw, so that its code is never taken for one of the database. */
class Undelivered extends Error {
  constructor(cause: unknown) {
    super('An event was not delivered.', { cause });
  }
}

/**
 * Creates an outbox table on its own, for `mappedStore`, unless it exists. `createScimTables` creates one already.
 *
 * @param name name of the table. Default `scim_outbox`.
 * @param options `dialect`: default, detected from the Kysely dialect
 *
 * @example
 * import type { Kysely } from 'kysely';
 * import { createOutboxTable } from 'express-scim/sql';
 *
 * export async function up(db: Kysely<unknown>) {
 *   await createOutboxTable(db, 'scim_outbox');
 * }
 */
export async function createOutboxTable<DB>(
  db: Kysely<DB>,
  name = 'scim_outbox',
  options: Pick<TableOptions, 'dialect'> = {},
): Promise<void> {
  const rules = namedTableRules('createOutboxTable', 'sql.md#the-outbox');
  const target = parseDatabase(db, options, rules, () => [mistakeInTableName(name)]);
  await createTables(target.db, target.dialect, [outboxTable(target.dialect, name)]);
}

/** The definition of an outbox table. */
export function outboxTable(dialect: Dialect, name: string): TableDefinition {
  const { key, json, integer } = columnTypes[dialect];
  return {
    name,
    columns: sql`id ${key(100)} not null primary key, created ${integer} not null, event ${json} not null`,
  };
}

/** Saves events in the transaction of the write that caused them. */
export async function saveEvents(db: Kysely<unknown>, outbox: string, events: readonly ChangeEvent[]): Promise<void> {
  for (const { place, created, event } of outboxRows(events)) {
    await sql`insert into ${sql.table(outbox)} (id, created, event)
      values (${place}, ${created}, ${event})`.execute(db);
  }
}

/** A row of an outbox table. */
export interface OutboxRow {
  /** The primary key, by which rows are delivered: time, then index in its write, then a UUID. */
  readonly place: string;
  readonly created: number;
  readonly event: string;
}

/** Events as rows, which sort in the order of the events. */
export function outboxRows(events: readonly ChangeEvent[]): readonly OutboxRow[] {
  const created = Date.now();
  return events.map((event, i) => ({
    place: `${String(created).padStart(15, '0')}.${String(i).padStart(6, '0')}.${randomUUID()}`,
    created,
    event: JSON.stringify(event),
  }));
}
