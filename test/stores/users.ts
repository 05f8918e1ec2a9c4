import type { GroupStore, UserStore } from '../../src/contract/store.js';
import { ctx, newUser, withMembers } from '../../src/testing/requests.js';

export function groupsIn(store: UserStore): GroupStore {
  if (store.groups === undefined) throw new Error('The test needs a store with groups.');
  return store.groups;
}

/** Ids of new users, `user0` on. */
export async function users(store: UserStore, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await store.create(newUser(`user${i}`, { displayName: `User ${i}` }), ctx())).resource.id);
  return ids;
}

/** Ids of the members of a group, sorted. */
export async function memberIds(groups: GroupStore, id: string): Promise<string[]> {
  const group = await groups.get(id, withMembers, ctx());
  return (group?.members ?? []).map(({ value }) => value).sort();
}
