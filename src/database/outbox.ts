import { type Kysely, sql } from 'kysely';
import type { Awaitable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import { type Dialect, dialectOf } from './dialect.js';
import { tableNames, type TableOptions } from './table-names.js';
import { inTransaction } from './transaction.js';

/** Options of `dispatchOutbox`. */
export interface DispatchOptions extends TableOptions {
  /** Name of the table, where `createOutboxTable` was given one. Default: that of `createScimTables`. */
  readonly outbox?: string | undefined;
  /** How many events are delivered in one transaction. Default 50. */
  readonly batch?: number | undefined;
}

/**
 * Delivers saved events, oldest first, until none is left; any number of processes may do so at once.
 *
 * An event is deleted in the transaction that holds it, after `deliver` has returned: a crash between delivers it again,
 * so the receiver must know an event by its id. An error of `deliver` is thrown, and its batch stays.
 *
 * @returns how many were delivered
 *
 * @example
 * setInterval(() => dispatchOutbox(db, (event) => queue.send(event)).catch(report), 1_000);
 */
export async function dispatchOutbox<DB>(
  given: Kysely<DB>,
  deliver: (event: ChangeEvent) => Awaitable<void>,
  options: DispatchOptions = {},
): Promise<number> {
  const db = given as unknown as Kysely<unknown>;
  const dialect: Dialect = options.dialect ?? dialectOf(db);
  const table = sql.table(options.outbox ?? tableNames(options.tables).outbox);
  const batch = options.batch ?? 50;
  const skip = dialect === 'sqlite' ? sql`` : sql`for update skip locked`;
  for (let total = 0; ;) {
    const count = await inTransaction(db, dialect, async (transaction) => {
      const { rows } = await sql<{ id: unknown; event: unknown }>`select id, event from ${table}
        order by id limit ${batch} ${skip}`.execute(transaction);
      for (const { event } of rows) {
        try {
          await deliver(JSON.parse(String(event)) as ChangeEvent);
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

/** What `deliver` threw: whatever its code is, it is not the database's. */
class Undelivered extends Error {
  constructor(cause: unknown) {
    super('An event was not delivered.', { cause });
  }
}
