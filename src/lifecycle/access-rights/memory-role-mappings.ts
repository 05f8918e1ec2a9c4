import type { GroupRole } from './rights.js';
import { checkGroupRole, pageSizeOf, type RoleMappingStore } from './role-mapping-store.js';

/**
 * Keeps the mapping of groups to roles in memory: for tests, and for a single process that sets it at each start.
 *
 * @example
 * import { memoryRoleMappings } from 'express-scim/lifecycle';
 *
 * export const mappings = memoryRoleMappings();
 */
export function memoryRoleMappings(): RoleMappingStore {
  /** Mappings by tenant, group and role. */
  const tenants = new Map<string, Map<string, Map<string, GroupRole>>>();
  return {
    ofGroups(tenant, groupIds) {
      const groups = tenants.get(tenant);
      return groupIds.flatMap((id) => [...(groups?.get(id)?.values() ?? [])]);
    },
    set(tenant, mapping) {
      const checked = checkGroupRole(mapping);
      const groups = tenants.get(tenant) ?? new Map<string, Map<string, GroupRole>>();
      const roles = groups.get(checked.groupId) ?? new Map<string, GroupRole>();
      tenants.set(tenant, groups.set(checked.groupId, roles.set(checked.role, checked)));
    },
    remove(tenant, groupId, role) {
      const groups = tenants.get(tenant);
      const roles = groups?.get(groupId);
      const removed = roles?.delete(role) ?? false;
      if (roles?.size === 0) groups?.delete(groupId);
      if (groups?.size === 0) tenants.delete(tenant);
      return removed;
    },
    list(tenant, query = {}) {
      const { groupId, after } = query;
      const groups = [...(tenants.get(tenant)?.values() ?? [])];
      return groups
        .flatMap((roles) => [...roles.values()])
        .filter((each) => groupId === undefined || each.groupId === groupId)
        .filter((each) => after === undefined || compare(each, after) > 0)
        .sort(compare)
        .slice(0, pageSizeOf(query));
    },
  };
}

type Place = Pick<GroupRole, 'groupId' | 'role'>;

function compare(one: Place, other: Place): number {
  return compareTexts(one.groupId, other.groupId) || compareTexts(one.role, other.role);
}

// As a database with a binary collation does.
function compareTexts(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
