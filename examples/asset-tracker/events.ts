// From the outbox into the product's own journal, and from there to what follows from a change.
import { dispatchOutbox } from 'express-scim/sql';
import type { ChangeEvent } from 'express-scim';
import type { Database } from './database.js';
import type { Log } from './log.js';
import { memberKey } from './mapping.js';
import { applyTeamRoles } from './roles.js';
import type { Watchers } from './watchers.js';

/** Moves events along in the background. */
export interface EventWorker {
  /** Looks for events soon, if it was started. */
  nudge(): void;
  /** Delivers and handles all there are. */
  run(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const interval = 2_000;

/**
 * Events are saved in the transaction of their write, and delivered at least once: the journal knows them by their id.
 * Each is handled until that has succeeded; all that is done with one may be done again.
 */
export function createEventWorker(
  { db, alongside, dialect }: Database,
  handle: (event: ChangeEvent) => Promise<void>,
  {
    log,
    watchers,
    onHandled,
  }: { readonly log: Log; readonly watchers: Watchers; readonly onHandled?: (event: ChangeEvent) => void },
): EventWorker {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let seen: number | undefined;

  /** Tells open pages of what was handled since the last look, here or in another process. */
  const tellWatchers = async (handledHere: boolean): Promise<void> => {
    if (!watchers.isAnybodyThere()) {
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
    if (handledHere || (seen !== undefined && place > seen)) watchers.tell();
    seen = place;
  };

  const deliver = async (event: ChangeEvent): Promise<void> => {
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

  /** @returns whether there were any */
  const handleWaiting = async (): Promise<boolean> => {
    for (let after = 0, some = false; ;) {
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
          some = true;
          onHandled?.(event);
        } catch (error) {
          // It stays, and is tried again with the next look.
          log.error('an event could not be handled', { error, event: id, type: event.type });
        }
      }
      if (waiting.length < 50) return some;
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
        await tellWatchers(await handleWaiting());
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
      timer ??= setInterval(nudge, interval).unref();
      nudge();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await running?.catch(() => undefined);
    },
  };
}

/** What follows from a change, beside off-boarding: roles of those whose teams have changed. */
export async function followTeams({ db }: Database, event: ChangeEvent): Promise<void> {
  if (event.type === 'group.deleted') return applyTeamRoles(db);
  if (event.type === 'member.added' || event.type === 'member.removed') {
    const { members } = event.data as { readonly members: readonly string[] };
    return applyTeamRoles(
      db,
      members.map(memberKey).filter((key) => key !== undefined),
    );
  }
}
