import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Awaitable } from '../../contract/awaitable.js';
import { deliverObserved } from '../../contract/deliver.js';
import type { ChangeEvent } from '../../contract/event.js';
import { mistakeInArgument, type OptionRules, usageError } from '../../contract/option-mistakes.js';
import type { ResourceDocument } from './document.js';
import { reaching } from './errors.js';
import { checkMongo, type CollectionOptions, resourcesIn } from './indexes.js';

/** Options of `dispatchMongoOutbox`; all have defaults. */
export interface MongoDispatchOptions extends CollectionOptions {
  /**
   * How long a process leases the events of a resource, in seconds: longer than the delivery of one event takes. If
   * a process ends during a delivery, another one delivers its events after this time. Default 60.
   */
  readonly leaseSeconds?: number | undefined;
}

/**
 * Delivers saved events until none are left: the resource with the oldest event first, and the events of one resource in
 * their order. Several processes can run it at the same time: each takes other resources.
 *
 * Delivery is at least once. An event is removed from its document after `deliver` has returned, so a crash in between
 * delivers it again: the receiver must deduplicate by `event.id`.
 *
 * @param deliver gets one event at a time. When it throws, this event and the later ones of the resource stay saved.
 * @returns how many events were delivered
 * @throws whatever `deliver` throws
 * @throws UnavailableError when the database cannot be reached
 *
 * @example
 * import type { Db } from 'mongodb';
 * import { dispatchMongoOutbox } from 'express-scim/mongodb';
 *
 * export function startDispatcher(db: Db, send: (text: string) => Promise<void>) {
 *   return setInterval(() => {
 *     dispatchMongoOutbox(db, (event) => send(JSON.stringify(event))).catch(console.error);
 *   }, 1_000);
 * }
 */
export async function dispatchMongoOutbox(
  db: Db,
  deliver: (event: ChangeEvent) => Awaitable<void>,
  options: MongoDispatchOptions = {},
): Promise<number> {
  const mistake = mistakeInArgument(deliver, 'the second argument', 'function');
  if (mistake !== undefined) throw usageError(rules.of, mistake, rules.page);
  checkMongo(db, options, rules);
  const resources = resourcesIn(db, options);
  const lease: Lease = { owner: randomUUID(), milliseconds: (options.leaseSeconds ?? 60) * 1000 };
  for (let total = 0; ;) {
    const claimed = await reaching(() => claim(resources, lease));
    if (claimed === undefined) return total;
    total += await deliverAll(claimed, deliver, resources, lease);
  }
}

const rules: OptionRules<keyof MongoDispatchOptions> = {
  of: 'dispatchMongoOutbox',
  page: 'mongodb.md',
  kinds: { collection: 'string', leaseSeconds: 'positive number' },
};

interface Lease {
  readonly owner: string;
  readonly milliseconds: number;
}

type Claimed = Pick<ResourceDocument, '_id' | 'outbox'>;

/** Takes the resource whose first event is the oldest. */
async function claim(resources: Collection<ResourceDocument>, lease: Lease): Promise<Claimed | undefined> {
  const now = Date.now();
  const until = new Date(now + lease.milliseconds);
  const claimed = await resources.findOneAndUpdate(
    {
      'outbox.place': { $gt: '' },
      $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: new Date(now) } }],
    },
    { $set: { lease: { owner: lease.owner, until } } },
    { sort: { 'outbox.place': 1 }, projection: { outbox: 1 }, returnDocument: 'after' },
  );
  return claimed ?? undefined;
}

/** Delivers the events of one resource. @returns how many */
async function deliverAll(
  { _id, outbox = [] }: Claimed,
  deliver: (event: ChangeEvent) => Awaitable<void>,
  resources: Collection<ResourceDocument>,
  { owner, milliseconds }: Lease,
): Promise<number> {
  const delivered: string[] = [];
  let extended = Date.now();
  try {
    for (const { place, event } of outbox) {
      if (Date.now() - extended > milliseconds / 2) {
        const until = new Date(Date.now() + milliseconds);
        const { matchedCount } = await reaching(() =>
          resources.updateOne({ _id, 'lease.owner': owner }, { $set: { lease: { owner, until } } }),
        );
        // Another process has taken over after a long pause of this one.
        if (matchedCount === 0) return delivered.length;
        extended = Date.now();
      }
      await deliverObserved(JSON.parse(event) as ChangeEvent, deliver);
      delivered.push(place);
    }
  } finally {
    await reaching(async () => {
      await resources.updateOne({ _id }, { $pull: { outbox: { place: { $in: delivered } } } });
      await resources.updateOne({ _id, 'lease.owner': owner }, { $unset: { lease: '' } });
    });
  }
  return delivered.length;
}
