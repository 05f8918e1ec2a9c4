import type { ChangeEvent } from '../../contract/event.js';
import { isObject } from '../../contract/is-object.js';
import type { Reconciliation } from './reconciliation.js';

/** Times that rights are worked out anew because something changed meanwhile, before it is left to the next event. */
const mostAttempts = 5;

/**
 * Reconciles after a write, for a store that runs no checks. The deletion of a group is not among its events.
 *
 * @param begin begins a reconciliation of the state as it is now
 */
export async function followEvent(event: ChangeEvent, begin: () => Reconciliation): Promise<void> {
  const { type, resourceId } = event;
  switch (type) {
    case 'member.added':
    case 'member.removed': {
      if (!(await begin().concernsRights(resourceId))) return;
      return begin().reconcileMembers(membersOf(event));
    }
    case 'user.deactivated':
    case 'user.reactivated':
    case 'user.adopted':
      return reconcileUntilStable([resourceId], begin);
    case 'user.deleted':
      return begin().reconcileDeleted(resourceId);
  }
}

/** Reconciles users, and does so again while what their rights follow from changes meanwhile. */
export async function reconcileUntilStable(ids: readonly string[], begin: () => Reconciliation): Promise<void> {
  for (let attempts = 0; attempts < mostAttempts; attempts++) {
    const before = JSON.stringify(await begin().rightsOf(ids));
    await begin().reconcileUsers(ids);
    if (JSON.stringify(await begin().rightsOf(ids)) === before) return;
  }
}

function membersOf({ data }: ChangeEvent): readonly string[] {
  const members: unknown = isObject(data) ? data['members'] : undefined;
  return Array.isArray(members) ? members.filter((id) => typeof id === 'string') : [];
}
