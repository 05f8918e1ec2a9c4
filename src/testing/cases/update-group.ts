import type { Group } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { change, members, withMembers } from '../requests.js';

/** Changes members of a group, and other attributes in the same write. */
export async function updateGroup(
  t: CaseContext,
  id: string,
  what: Parameters<typeof members>[0],
  set: Partial<Group> = {},
) {
  return t.groups.update(id, change<Group>({ set, members: members(what), selection: withMembers }), t.ctx());
}
