import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { refuseAfterDeadline } from '../contract/after-deadline.js';
import type { ScimContext } from '../contract/context.js';
import { isScimError, UnavailableError } from '../errors.js';
import type { Dialect } from './dialect.js';

const maxAttempts = 12;

/** Deadlock, serialization failure, lock wait timeout, busy file: the same transaction may succeed on a retry. */
const retryable: ReadonlySet<unknown> = new Set(['40001', '40P01', 1213, 1205, 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT']);

/** The database is unreachable, overloaded or read-only: a later request may succeed. */
const unavailable: ReadonlySet<unknown> = new Set([
  // PgBouncer reports 08P01 when it has no free connection.
  ...['57P01', '57P02', '57P03', '57P05', '53300', '08000', '08001', '08003', '08004', '08006', '08P01'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['PROTOCOL_CONNECTION_LOST', 'ER_CON_COUNT_ERROR', 'ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED'],
  // A statement or lock timeout.
  ...['57014', '55P03', 3024, 1969],
  // Read-only after a failover.
  ...['25006', 1290, 1836],
  // A node that is not part of its Galera cluster.
  ...[1047, 'ER_UNKNOWN_COM_ERROR'],
]);

/**
 * Runs a write in a transaction. On a deadlock or serialization failure, which a database may report as late as COMMIT,
 * the whole transaction is retried up to 12 times, with jitter; so `work` must be idempotent outside the database.
 *
 * @param request the request that writes, if there is one: after its deadline `work` does not begin, and is not committed
 * @throws UnavailableError when the database is unavailable, the last retry failed as well, or the deadline has passed
 */
export async function inTransaction<T>(
  db: Kysely<unknown>,
  dialect: Dialect,
  work: (transaction: Transaction<unknown>) => Promise<T>,
  request?: Pick<ScimContext, 'signal'>,
): Promise<T> {
  const inTime = async (transaction: Transaction<unknown>): Promise<T> => {
    if (request === undefined) return work(transaction);
    refuseAfterDeadline(request);
    const result = await work(transaction);
    // Its statements may have waited for locks.
    refuseAfterDeadline(request);
    return result;
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const transaction = db.transaction();
      // Rows are locked before they are checked, so each statement may see what was committed before it.
      return await (dialect === 'sqlite' ? transaction : transaction.setIsolationLevel('read committed')).execute(
        inTime,
      );
    } catch (error) {
      await pauseBeforeRetry(error, attempt);
    }
  }
}

/**
 * Runs a read, and retries it on a serialization failure, which serializable clusters report for reads as well.
 *
 * @throws UnavailableError when the database is unavailable, or the last retry failed as well
 */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      await pauseBeforeRetry(error, attempt);
    }
  }
}

/** Waits with jitter before the next attempt. @throws the error itself when it must not be retried */
async function pauseBeforeRetry(error: unknown, attempt: number): Promise<void> {
  if (isScimError(error) || !isRetryable(error)) throw toUnavailable(error);
  if (attempt === maxAttempts) throw new UnavailableError(1, undefined, error);
  await sleep(Math.random() * Math.min(500, 5 * 2 ** attempt));
}

/** Runs statements outside a transaction, without retries. @throws UnavailableError when the database is unavailable */
export async function withoutRetry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toUnavailable(error);
  }
}

/** Whether the same transaction may succeed on a retry. */
export function isRetryable(error: unknown): boolean {
  return hasCode(error, retryable);
}

/** An UnavailableError for a lost connection; any other error unchanged. */
function toUnavailable(error: unknown): unknown {
  if (isScimError(error)) return error;
  const isUnavailable = hasCode(error, unavailable);
  // Errors that a driver raises itself have no code.
  const isTerminated =
    error instanceof Error &&
    /connection (?:terminated|is closed|lost|error)|closed state|timeout exceeded when trying to connect/i.test(
      error.message,
    );
  return isUnavailable || isTerminated ? new UnavailableError(undefined, undefined, error) : error;
}

/** Whether the error of a driver has one of these codes: `code` of pg and SQLite, `errno` of MySQL. */
export function hasCode(error: unknown, codes: ReadonlySet<unknown>): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown };
  return codes.has(code) || codes.has(errno);
}
