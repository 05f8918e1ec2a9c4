import createDebug from 'debug';
import { deletedType, type TenantScope } from './document.js';
import { typesOf } from './members.js';

const debug = createDebug('express-scim:mongodb');

/**
 * After this time no write is under way any longer that found a resource before its deletion, in milliseconds. The
 * memberships of the resource are then removed once more, and the record of its deletion is deleted.
 */
const settleMilliseconds = 120_000;

/** How many records one query reads. */
const batch = 50;

/** How many records a call deletes, so that it stays short after the deletion of thousands of users. */
const mostDeleted = 5;

/**
 * The second half of a deletion. The first is one write that turns the document of the resource into a record of its
 * deletion: from then on no call finds the resource. This half removes it from its groups, and may be repeated, by any
 * process, until it succeeds.
 *
 * @returns whether a group had it
 */
export async function removeMemberships(id: string, { resources, tenant }: TenantScope): Promise<boolean> {
  const { modifiedCount } = await resources.updateMany(
    { tenant, type: 'Group', 'members.value': id },
    { $pull: { members: { value: id } }, $inc: { revision: 1 }, $max: { modified: new Date() } },
  );
  const due = new Date(Date.now() + settleMilliseconds);
  await resources.updateOne({ _id: id, tenant, type: deletedType }, { $set: { due, swept: true } });
  return modifiedCount > 0;
}

/**
 * Finishes all deletions whose second half has failed, and deletes some records of earlier ones.
 *
 * A write that added the resource to a group while it was deleted removes it again itself. Only where its process ended in
 * between is it still there, and removed here.
 *
 * @param now milliseconds since 1970
 * @returns whether memberships have changed
 */
export async function finishDeletions(scope: TenantScope, now: number = Date.now()): Promise<boolean> {
  const { resources, tenant } = scope;
  for (let isChanged = false, deleted = 0; ;) {
    const found = await resources
      .find(
        { tenant, swept: { $in: [false, true] }, due: { $lte: new Date(now) } },
        { projection: { swept: 1, 'outbox.place': 1 }, sort: { swept: 1, due: 1 }, limit: batch },
      )
      .toArray();
    for (const { _id, swept, outbox = [] } of found) {
      if (swept === true && ++deleted > mostDeleted) return isChanged;
      if (await removeMemberships(_id, scope)) isChanged = true;
      // A record with events is kept until they are delivered.
      if (swept === true && outbox.length === 0) await resources.deleteOne({ _id, tenant, type: deletedType });
    }
    if (found.length < batch) return isChanged;
  }
}

/**
 * Removes new members from a group that were deleted while they were added. A failure is left to the records of their
 * deletions.
 *
 * @returns the IDs that it has removed
 */
export async function removeDeletedMembers(
  group: string,
  added: readonly string[],
  scope: TenantScope,
): Promise<ReadonlySet<string>> {
  const removed = new Set<string>();
  await ifPossible('removing deleted members', async () => {
    const existing = await typesOf(added, scope);
    const gone = added.filter((id) => !existing.has(id));
    if (gone.length === 0) return;
    await scope.resources.updateOne(
      { _id: group, tenant: scope.tenant, type: 'Group', 'members.value': { $in: gone } },
      { $pull: { members: { value: { $in: gone } } }, $inc: { revision: 1 }, $max: { modified: new Date() } },
    );
    for (const id of gone) removed.add(id);
  });
  return removed;
}

/** Runs work that may as well be done later, and only logs its failure. */
export async function ifPossible(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    debug('%s has to be repeated: %O', what, error);
  }
}
