import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { isScimError, UnavailableError } from '../errors.js';
import type { Dialect } from './dialect.js';

const attempts = 12;

/** Deadlock, serialization failure, lock wait timeout, busy file: the same transaction may succeed when run again. */
const retried: ReadonlySet<unknown> = new Set(['40001', '40P01', 1213, 1205, 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT']);

/** The database is away, full, too slow, or another one writes now: later it may be otherwise. */
const lost: ReadonlySet<unknown> = new Set([
  // 08P01 is what PgBouncer says when it has no connection to give.
  ...['57P01', '57P02', '57P03', '57P05', '53300', '08000', '08001', '08003', '08004', '08006', '08P01'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['PROTOCOL_CONNECTION_LOST', 'ER_CON_COUNT_ERROR', 'ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED'],
  // A statement or a lock took longer than the host allows.
  ...['57014', '55P03', 3024, 1969],
  // Read-only after a change of the primary.
  ...['25006', 1290, 1836],
  // A node of a Galera cluster that is not, or no longer, part of it.
  ...[1047, 'ER_UNKNOWN_COM_ERROR'],
]);

/**
 * Runs a write in a transaction, again from its beginning where the database says that it lost against another,
 * which it may also say at COMMIT.
 *
 * @throws UnavailableError where the database is away, or the write lost too often
 */
export async function inTransaction<T>(
  db: Kysely<unknown>,
  dialect: Dialect,
  work: (transaction: Transaction<unknown>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const transaction = db.transaction();
      // Rows are locked before they are judged, so each statement may see what was committed until then.
      return await (dialect === 'sqlite' ? transaction : transaction.setIsolationLevel('read committed')).execute(work);
    } catch (error) {
      await paused(error, attempt);
    }
  }
}

/**
 * Runs a read, again where the database says that it lost against a write, as serializable clusters do.
 *
 * @throws UnavailableError where the database is away, or the read lost too often
 */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      await paused(error, attempt);
    }
  }
}

/** Waits with jitter before the next attempt. @throws what was given, where there is none to be made */
async function paused(error: unknown, attempt: number): Promise<void> {
  if (isScimError(error) || !isRetried(error)) throw translate(error);
  if (attempt === attempts) throw new UnavailableError(1, undefined, error);
  await sleep(Math.random() * Math.min(500, 5 * 2 ** attempt));
}

/** What a lost connection is for a client; any other error as it came. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

/** Whether the database says that the same write may succeed when it is run again. */
export function isRetried(error: unknown): boolean {
  return hasCode(error, retried);
}

function translate(error: unknown): unknown {
  if (isScimError(error)) return error;
  const away = hasCode(error, lost);
  const terminated =
    error instanceof Error &&
    /connection (?:terminated|is closed|lost|error)|closed state|timeout exceeded when trying to connect/i.test(
      error.message,
    );
  return away || terminated ? new UnavailableError(undefined, undefined, error) : error;
}

/** Whether an error of a driver has one of these codes or numbers. */
export function hasCode(error: unknown, codes: ReadonlySet<unknown>): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown };
  return codes.has(code) || codes.has(errno);
}
