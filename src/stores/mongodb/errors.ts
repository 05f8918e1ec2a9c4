import { isScimError, TooLargeError, UnavailableError } from '../../errors.js';

/** What the driver raises when no server can take the statement. */
const unavailableNames: ReadonlySet<unknown> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClearedError',
  'MongoOperationTimeoutError',
]);

/** Not the primary, shutting down, host not reachable, a time limit or a write concern that was not reached. */
const unavailableCodes: ReadonlySet<unknown> = new Set([
  ...[6, 7, 50, 64, 89, 91, 112, 189, 262, 9001],
  ...[10058, 10107, 11600, 11602, 13388, 13435, 13436],
]);

/** A document of more than 16 MB: refused by the server before and after an update, or by the driver. */
const tooLargeCodes: ReadonlySet<unknown> = new Set([10334, 17280, 17419, 17420, 'ERR_OUT_OF_RANGE']);

/** An error of the driver as the router understands it. */
function storeError(error: unknown): unknown {
  if (isScimError(error) || typeof error !== 'object' || error === null) return error;
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  if (unavailableNames.has(name) || unavailableCodes.has(code))
    return new UnavailableError(undefined, undefined, error);
  if (tooLargeCodes.has(code)) {
    return new TooLargeError('The resource is too large: with all its members it may take 16 MB at most.');
  }
  return error;
}

/** Runs statements. @throws UnavailableError when the database is unavailable */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}
