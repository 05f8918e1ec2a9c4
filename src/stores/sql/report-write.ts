import type { Kysely } from 'kysely';
import type { Write, WriteResult } from '../../contract/store.js';
import { saveEvents } from '../../database/outbox.js';
import { CheckFailure } from './checks.js';

/** Where the events of a write go. */
export interface EventTarget {
  /** The transaction of the write. */
  readonly db: Kysely<unknown>;
  /** Name of the outbox table; undefined when the store has none. */
  readonly outbox: string | undefined;
}

/**
 * Runs `after` of a write, and then saves its events in the outbox, if the store has one. A write that changed nothing has
 * no event.
 *
 * @throws CheckFailure with what the check threw
 */
export async function reportWrite<R>(
  write: Write<R>,
  result: WriteResult<R>,
  target: EventTarget,
): Promise<WriteResult<R>> {
  await runAfter(write, result, target);
  if (target.outbox !== undefined && result.changed) await saveEvents(target.db, target.outbox, write.events(result));
  return result;
}

async function runAfter<R>({ check }: Write<R>, result: WriteResult<R>, { db }: EventTarget): Promise<void> {
  if (check?.after === undefined) return;
  try {
    await check.after(result, { handle: db });
  } catch (error) {
    throw new CheckFailure(error);
  }
}
