import type { GroupRef } from '../contract/resource.js';

/**
 * The groups that a resource is in, directly and through other groups. One that has it both ways counts as direct. Each
 * group is visited once, so groups that contain each other do not loop.
 *
 * @param parents the groups that have each ID as a member
 */
export function ancestors(
  id: string,
  parents: ReadonlyMap<string, readonly Omit<GroupRef, 'type'>[]>,
): readonly GroupRef[] {
  const found = new Map<string, GroupRef>();
  let level = [id];
  for (let type: GroupRef['type'] = 'direct'; level.length > 0; type = 'indirect') {
    const next: string[] = [];
    for (const child of level) {
      for (const group of parents.get(child) ?? []) {
        if (found.has(group.value)) continue;
        found.set(group.value, { ...group, type });
        next.push(group.value);
      }
    }
    level = next;
  }
  return [...found.values()];
}
