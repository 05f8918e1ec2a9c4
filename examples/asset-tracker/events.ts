// Delivers change events from the outbox to the journal, and handles them from there.
import { dispatchOutbox } from 'express-scim/sql';
import type { ChangeEvent } from 'express-scim';
import type { EventDelivery } from 'express-scim/events';
import type { Transaction } from 'kysely';
import type { Database, Tables } from './database.js';
import type { Log } from './log.js';
import type { Watchers } from './watchers.js';

/** Delivers and handles events in the background. */
export interface EventWorker {
  /** Checks for events now, if the worker is started. */
  nudge(): void;
  /** Delivers and handles all pending events. */
  run(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const intervalMilliseconds = 2_000;

/**
 * Events are saved in the transaction of their write and delivered at least once; the journal deduplicates them by ID. Each
 * event is retried until it is handled, so `handle` must be idempotent.
 */
export function createEventWorker(
  { db, alongside, dialect }: Database,
  handle: (event: ChangeEvent) => Promise<void>,
  {
    log,
    watchers,
    deliveries,
    onHandled,
  }: {
    readonly log: Log;
    readonly watchers: Watchers;
    readonly deliveries: Pick<EventDelivery, 'enqueue'>;
    readonly onHandled?: (event: ChangeEvent) => void;
  },
): EventWorker {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let seen: number | undefined;

  /** Notifies open pages of events that were handled since the last check, in any process. */
  const notifyWatchers = async (handledHere: boolean): Promise<void> => {
    if (!watchers.isWatched()) {
      seen = undefined;
      return;
    }
    const last = await db
      .selectFrom('events')
      .select('place')
      .where('handled', '=', 1)
      .orderBy('place', 'desc')
      .limit(1)
      .executeTakeFirst();
    const place = Number(last?.place ?? 0);
    if (handledHere || (seen !== undefined && place > seen)) watchers.notify();
    seen = place;
  };

  const deliver = async (event: ChangeEvent, transaction: Transaction<Tables>): Promise<void> => {
    await deliveries.enqueue(event, transaction);
    await alongside
      .insertInto('events')
      .values({
        id: event.id,
        time: event.time,
        type: event.type,
        resource_id: event.resourceId,
        actor: event.actor,
        request_id: event.requestId,
        changed: JSON.stringify(event.changed),
        quirks: JSON.stringify(event.quirks),
        body: JSON.stringify(event),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  };

  /** @returns whether any event was handled */
  const handleWaiting = async (): Promise<boolean> => {
    for (let after = 0, handled = false; ;) {
      const waiting = await db
        .selectFrom('events')
        .select(['id', 'place', 'body'])
        .where('handled', '=', 0)
        .where('place', '>', after)
        .orderBy('place')
        .limit(50)
        .execute();
      for (const { id, place, body } of waiting) {
        after = Number(place);
        const event = JSON.parse(body) as ChangeEvent;
        try {
          await handle(event);
          await db.updateTable('events').set({ handled: 1 }).where('id', '=', id).execute();
          handled = true;
          onHandled?.(event);
        } catch (error) {
          // The event stays in the journal and is retried at the next check.
          log.error('an event could not be handled', { error, event: id, type: event.type });
        }
      }
      if (waiting.length < 50) return handled;
    }
  };

  const run = (): Promise<void> => {
    if (running !== undefined) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await dispatchOutbox(db, deliver, { dialect });
        await notifyWatchers(await handleWaiting());
      } while (again);
    })().finally(() => (running = undefined));
    return running;
  };

  const nudge = (): void => {
    if (timer === undefined) return;
    run().catch((error: unknown) => log.error('the outbox could not be read', { error }));
  };

  return {
    nudge,
    run,
    start() {
      timer ??= setInterval(nudge, intervalMilliseconds).unref();
      nudge();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await running?.catch(() => undefined);
    },
  };
}
