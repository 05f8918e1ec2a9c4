import type { Kysely } from 'kysely';
import { type Fragment, sql } from '../../database/sql.js';
import type { Write } from '../../contract/store.js';
import type { Dialect } from '../../database/dialect.js';
import { hasCode } from '../../database/transaction.js';
import { documentationPage } from '../../documentation.js';

/** Where the locks of checked writes are. */
export interface LockTarget {
  /** The transaction of the write. */
  readonly db: Kysely<unknown>;
  readonly dialect: Dialect;
  /** Name of the table of locks. */
  readonly locks: string;
  readonly tenant: string;
}

/**
 * Takes the lock of the tenant for a write with a `before`, until the transaction ends. The first statement of the
 * transaction: what it reads afterwards is then what the earlier writes have committed.
 *
 * The lock is an update of a row. It waits in every database, and on a cluster where locks hold on one node only, such as
 * Galera, the transaction that loses is repeated.
 *
 * @throws Error that says how to create the table where there is none
 */
export async function takeLock<R>(write: Write<R>, target: LockTarget): Promise<void> {
  if (write.check?.before === undefined) return;
  const { db, dialect, locks, tenant } = target;
  const table = sql.table(locks);
  try {
    const { numAffectedRows } = await sql`update ${table} set writes = writes + 1
      where tenant = ${tenant}`.execute(db);
    if (numAffectedRows !== undefined && numAffectedRows > 0n) return;
    const again = conflictClause(dialect);
    await sql`insert into ${table} (tenant, writes) values (${tenant}, 1) ${again(locks)}`.execute(db);
  } catch (error) {
    if (!isMissingTable(error)) throw error;
    throw new Error(
      `A guard needs the table ${locks}, which does not exist: create it with createLockTable(db, '${locks}') in a migration. See ${documentationPage('lifecycle.md#how-guards-count')}`,
      { cause: error },
    );
  }
}

function conflictClause(dialect: Dialect): (locks: string) => Fragment {
  return dialect === 'mysql'
    ? () => sql`on duplicate key update writes = writes + 1`
    : (locks) => sql`on conflict (tenant) do update set writes = ${sql.ref(`${locks}.writes`)} + 1`;
}

const missingTable: ReadonlySet<unknown> = new Set(['42P01', 1146]);

function isMissingTable(error: unknown): boolean {
  return hasCode(error, missingTable) || (error instanceof Error && /no such table/i.test(error.message));
}

/** Wraps what a check threw, so that the codes of the app's own statements are not taken for those of the write. */
export class CheckFailure extends Error {
  constructor(cause: unknown) {
    super('A check refused the write.', { cause });
  }
}

/**
 * Runs `before` of a write. Call it once the resource is found and its version compared.
 *
 * @throws CheckFailure with what the check threw
 */
export async function runBefore<R>({ check }: Write<R>, db: Kysely<unknown>): Promise<void> {
  if (check?.before === undefined) return;
  try {
    await check.before({ handle: db });
  } catch (error) {
    throw new CheckFailure(error);
  }
}

/** What a check threw, out of its wrapper; any other error unchanged. */
export function unwrapped(error: unknown): unknown {
  return error instanceof CheckFailure ? error.cause : error;
}
