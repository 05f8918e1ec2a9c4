import type { Member } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import type { AppliedMembers } from '../apply-members.js';
import { withPauses } from '../with-pauses.js';
import type { SteadyMap } from './steady-map.js';
import type { Tenant } from './tenant.js';

/** Members of a change that is made with pauses, in which other requests are served. */
const manyMembers = 5_000;

/** A change of many members, made beside the group, so that the write itself takes no time. */
export interface NewMembers {
  readonly groupId: string;
  readonly delta: AppliedMembers;
  /** The members after the change. */
  readonly members: SteadyMap<Member>;
}

/** Whether a change has so many members that it is made with pauses. @param present how many the group has */
export function isLarge(members: MemberChange | undefined, present: number): members is MemberChange {
  if (members === undefined) return false;
  return members.add.length + members.remove.length + (members.only === true ? present : 0) > manyMembers;
}

/**
 * Collects what a change of many members makes, with pauses. Call `settle` afterwards, whether the change was made or not.
 *
 * @param isNew whether the group is created with these members
 * @throws UnknownReferenceError for IDs that are no resources, when the change rejects pending members
 */
export async function collectMembers(
  tenant: Tenant,
  groupId: string,
  isNew: boolean,
  change: MemberChange,
): Promise<NewMembers> {
  const delta = await withPauses(tenant.resolveMembersInParts(isNew ? undefined : groupId, change));
  const members = await withPauses(tenant.memberships.after(groupId, delta));
  return { groupId, delta, members };
}

/** Cleans up after a change of many members, with pauses. */
export async function settle({ memberships }: Tenant, { groupId, delta }: NewMembers): Promise<void> {
  await withPauses(memberships.settle(groupId, delta));
}
