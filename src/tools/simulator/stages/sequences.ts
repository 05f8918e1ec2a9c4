import type { Stage } from '../client.js';
import { everyOf, renamed, yearLater } from '../directory.js';
import { createGroups, deleteGroups, joinMembers, moveMembers, renameGroups, unknownMember } from './groups.js';
import { createUsers, deleteUsers, setActive, updateUsers } from './users.js';

/** Users and groups are created, then members join. */
export const creation: readonly Stage[] = [createUsers, createGroups, joinMembers];

/** Half of the users change. */
export const changedProfiles: Stage = updateUsers('users change', (accounts) => everyOf(accounts, 2), yearLater);

/** A fifth of the users get another userName. */
export const changedUserNames: Stage = updateUsers(
  'users get another userName',
  (accounts) => everyOf(accounts, 5, 1),
  renamed,
);

/** Members change groups, a group gets a member that does not exist, and groups are renamed. */
export const groupChanges: readonly Stage[] = [moveMembers, unknownMember, renameGroups];

/** What a client calls the stages in which users leave. */
interface LeavingNames {
  readonly deactivated: string;
  /** Default: `some come back`. */
  readonly reactivated?: string | undefined;
  /** Default: `users are deleted`. */
  readonly deleted?: string | undefined;
}

/** A third of the users are deactivated, half of those return, and the client deletes the others. */
export function leaving({
  deactivated,
  reactivated = 'some come back',
  deleted = 'users are deleted',
}: LeavingNames): readonly Stage[] {
  return [
    setActive(deactivated, false, (accounts) => everyOf(accounts, 3)),
    setActive(reactivated, true, (accounts) => everyOf(accounts.filter(isInactive), 2)),
    deleteUsers(deleted, (accounts) => accounts.filter(isInactive)),
  ];
}

/** The groups are deleted, then the client runs a cycle for the users that are left. */
export function lastCycle(cycle: Stage, name: string): readonly Stage[] {
  return [deleteGroups, { ...cycle, name }];
}

/** Whether an account is deactivated. */
export function isInactive({ active }: { readonly active: boolean }): boolean {
  return !active;
}
