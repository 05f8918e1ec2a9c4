import type { ClientSession, Collection, MongoClient } from 'mongodb';
import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { ScimContext } from '../../contract/context.js';
import type { Write, WriteResult } from '../../contract/store.js';
import { documentationPage } from '../../documentation.js';

/** What checked writes need. */
export interface Transactions {
  readonly client: Pick<MongoClient, 'startSession'>;
  /** One document for each tenant, which every write with a `before` updates: one such write waits for another. */
  readonly locks: Collection<LockDocument>;
}

/** The lock of a tenant. */
export interface LockDocument {
  /** The tenant. */
  readonly _id: string;
  readonly writes: number;
}

/**
 * Runs a write with a check in a transaction, which the driver repeats after a conflict.
 *
 * The lock of the tenant is the first statement. A transaction that comes second fails with a write conflict, and is
 * repeated, so it reads what the first has committed.
 *
 * @throws Error that names the cause where the server has no transactions
 */
export async function inTransaction<R, T>(
  write: Write<R>,
  ctx: Pick<ScimContext, 'tenant' | 'signal'>,
  { client, locks }: Transactions,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const session = client.startSession();
  try {
    return await session.withTransaction(async () => {
      refuseAfterDeadline(ctx);
      if (write.check?.before !== undefined) {
        await locks.updateOne({ _id: ctx.tenant }, { $inc: { writes: 1 } }, { upsert: true, session });
      }
      return await work(session);
    });
  } catch (error) {
    throw isWithoutTransactions(error)
      ? new Error(
          `A guard needs transactions, which MongoDB has on a replica set or a sharded cluster. See ${documentationPage('mongodb.md#guards')}`,
          {
            cause: error,
          },
        )
      : error;
  } finally {
    await session.endSession();
  }
}

// 20, IllegalOperation: transaction numbers are only allowed on a replica set member or mongos.
function isWithoutTransactions(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return code === 20 || /Transaction numbers|does not support sessions/.test(String(message));
}

/** Wraps what a check threw, so that the codes of the app's own statements are not taken for those of the write. */
class CheckFailure extends Error {
  constructor(cause: unknown) {
    super('A check refused the write.', { cause });
  }
}

/** What a check threw, out of its wrapper; any other error unchanged. */
export function unwrapped(error: unknown): unknown {
  return error instanceof CheckFailure ? error.cause : error;
}

/**
 * Runs `before` of a write. Call it once the resource is found and its version compared.
 *
 * @throws CheckFailure with what the check threw
 */
export async function runBefore<R>({ check }: Write<R>, session: ClientSession | undefined): Promise<void> {
  await checking(() => check?.before?.({ handle: session }));
}

/** Runs `after` of a write, before its events are saved. @throws CheckFailure with what the check threw */
export async function runAfter<R>(
  { check }: Write<R>,
  result: WriteResult<R>,
  session: ClientSession | undefined,
): Promise<void> {
  await checking(() => check?.after?.(result, { handle: session }));
}

async function checking(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw isTransient(error) ? error : new CheckFailure(error);
  }
}

// The app's own statement met another transaction: the driver repeats the whole transaction.
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || !('hasErrorLabel' in error)) return false;
  const { hasErrorLabel } = error;
  return typeof hasErrorLabel === 'function' && hasErrorLabel.call(error, 'TransientTransactionError') === true;
}
