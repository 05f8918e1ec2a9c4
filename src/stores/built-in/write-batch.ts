import type { Kysely } from 'kysely';
import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { ScimContext } from '../../contract/context.js';
import { nextTurn } from '../../contract/turns.js';
import { type Fragment, sql } from '../../database/sql.js';
import type { Dialect } from '../../database/dialect.js';
import { inTransaction } from '../../database/transaction.js';

/** Statements of one write: all of them take effect, or none. */
export interface WriteBatch {
  /** The insert or update of the row of the resource. Where it writes no row, the others write nothing. */
  readonly row: Fragment;
  readonly others: readonly Fragment[];
}

/** Where a batch is run. */
export interface BatchTarget {
  /** The pool, or the transaction of a write that began before. */
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  /** The request that writes. */
  readonly ctx: Pick<ScimContext, 'signal'>;
  /** Whether the server runs compound statements outside of stored programs, as MariaDB does and MySQL does not. */
  hasCompoundStatements(): Promise<boolean>;
}

/**
 * Runs a batch: in one round trip on PostgreSQL and MariaDB, in a transaction on MySQL and SQLite.
 *
 * @returns whether the first statement wrote the row
 */
export async function runBatch(batch: WriteBatch, target: BatchTarget): Promise<boolean> {
  const { row, others } = batch;
  const { db, dialect, ctx } = target;
  refuseAfterDeadline(ctx);
  if (others.length === 0) return wroteRow(row, db);
  if (dialect === 'postgres') return runAsOneStatement(batch, db);
  if (dialect === 'mysql' && !db.isTransaction && (await target.hasCompoundStatements())) return runCompound(batch, db);
  return db.isTransaction
    ? runInOrder(batch, db)
    : inTransaction(db, dialect, (transaction) => runInOrder(batch, transaction), ctx);
}

/**
 * Runs a batch whose first statement returns the row that it wrote: in one statement on PostgreSQL, in a transaction on
 * SQLite.
 *
 * @param returning what the first statement returns, behind its `returning`
 */
export async function runReturning<Row>(
  { row, others }: WriteBatch,
  returning: Fragment,
  { db, dialect, ctx }: Omit<BatchTarget, 'hasCompoundStatements'>,
): Promise<Row | undefined> {
  const first = sql<Row>`${row} returning ${returning}`;
  if (others.length === 0) return (await first.execute(db)).rows[0];
  if (dialect === 'postgres') {
    return (await sql<Row>`with w as (${first})${furtherParts(others)} select * from w`.execute(db)).rows[0];
  }
  const work = async (transaction: Kysely<unknown>): Promise<Row | undefined> => {
    const [written] = (await first.execute(transaction)).rows;
    if (written !== undefined) for (const each of others) await each.execute(transaction);
    return written;
  };
  return inTransaction(db, dialect, work, ctx);
}

/** The other statements of a batch, behind the first part of a `with`. */
export function furtherParts(others: readonly Fragment[]): Fragment {
  return sql.join(
    others.map((each, i) => sql`, ${sql.raw(`o${String(i)}`)} as (${each})`),
    sql``,
  );
}

async function wroteRow(row: Fragment, db: Kysely<unknown>): Promise<boolean> {
  const { numAffectedRows } = await row.execute(db);
  return numAffectedRows !== undefined && numAffectedRows > 0n;
}

// The other statements run whether or not a query reads their result, and all see the state before the statement.
async function runAsOneStatement({ row, others }: WriteBatch, db: Kysely<unknown>): Promise<boolean> {
  const { rows } =
    await sql`with w as (${row} returning 1 as written)${furtherParts(others)} select written from w`.execute(db);
  return rows.length > 0;
}

async function runInOrder({ row, others }: WriteBatch, db: Kysely<unknown>): Promise<boolean> {
  if (!(await wroteRow(row, db))) return false;
  for (const [i, each] of others.entries()) {
    // A driver of SQLite holds the event loop while a statement runs: other requests are served in between.
    if (i > 4) await nextTurn(db.isTransaction);
    await each.execute(db);
  }
  return true;
}

async function runCompound({ row, others }: WriteBatch, db: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql`begin not atomic
    declare written int default 0;
    declare exit handler for sqlexception begin rollback; resignal; end;
    set transaction isolation level read committed;
    start transaction;
    ${row};
    set written = row_count();
    if written > 0 then ${sql.join(others, sql`; `)}; end if;
    commit;
    select written;
  end`.execute(db);
  return JSON.stringify(rows).includes('"written":1');
}

/**
 * The source of rows of a further statement of a batch, behind `from` or a `join`: none, where the row was not written.
 *
 * @param from what the statement selects from
 */
export function ifWritten(dialect: Dialect, from: Fragment): Fragment {
  return dialect === 'postgres' ? sql`${from} cross join w` : from;
}
