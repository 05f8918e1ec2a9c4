import createDebug from 'debug';
import { deletedType, type TenantScope } from './document.js';

const debug = createDebug('express-scim:mongodb');

/**
 * After this time no write is under way any longer that found a resource before its deletion, in milliseconds. The
 * memberships of the resource are then removed once more, and what is left of it is deleted.
 */
const settleMilliseconds = 120_000;

/** How many deletions one call finishes. */
const batch = 50;

/**
 * The second half of a deletion. The first is one write that turns the document of the resource into a record of its
 * deletion: from then on no call finds the resource. This half removes it from its groups, and may be repeated, by any
 * process, until it succeeds.
 */
export async function removeMemberships(id: string, { resources, tenant }: TenantScope): Promise<void> {
  await resources.updateMany(
    { tenant, type: 'Group', 'members.value': id },
    { $pull: { members: { value: id } }, $inc: { revision: 1 }, $max: { modified: new Date() } },
  );
  const due = new Date(Date.now() + settleMilliseconds);
  await resources.updateOne({ _id: id, tenant, type: deletedType }, { $set: { due, swept: true } });
}

/**
 * Finishes deletions whose second half has failed, and deletes the records of earlier ones.
 *
 * A write that added the resource to a group while it was deleted removes it again itself. Only where its process ended in
 * between is it still there, and removed here.
 *
 * @returns whether memberships may have changed
 */
export async function finishDeletions(scope: TenantScope, clock: () => number = Date.now): Promise<boolean> {
  const { resources, tenant } = scope;
  for (let changed = false; ; changed = true) {
    const found = await resources
      .find(
        { tenant, due: { $lte: new Date(clock()) } },
        { projection: { swept: 1, 'outbox.place': 1 }, limit: batch },
      )
      .toArray();
    for (const { _id, swept, outbox = [] } of found) {
      await removeMemberships(_id, scope);
      // A record with events is kept until they are delivered.
      if (swept === true && outbox.length === 0) await resources.deleteOne({ _id, tenant, type: deletedType });
    }
    if (found.length < batch) return changed || found.length > 0;
  }
}

/** Runs work that may as well be done later, and only logs its failure. */
export async function ifPossible(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    debug('%s has to be repeated: %O', what, error);
  }
}
