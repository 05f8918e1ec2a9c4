import type { Awaitable } from '../../contract/awaitable.js';
import type { WriteTransaction } from '../../contract/store.js';

/**
 * A role that the members of a group get. A group is named by its ID, since an identity provider can rename it.
 *
 * @example
 * import type { GroupRole } from 'express-scim/lifecycle';
 *
 * export const mapping: GroupRole = {
 *   groupId: 'a3f0c2',
 *   role: 'editor',
 *   setBy: 'ana@example.com',
 *   setAt: '2026-11-28T09:00:00Z',
 * };
 */
export interface GroupRole {
  /** ID of the group, at most 250 characters. */
  readonly groupId: string;
  /** Name of the role in your app, at most 100 characters. */
  readonly role: string;
  /** Who made the mapping, so that administrators can see where a right comes from. At most 200 characters. */
  readonly setBy: string;
  /** When, as an RFC 3339 timestamp. */
  readonly setAt: string;
  /** ID of the connection that provisions the group, if your tenants have several. At most 100 characters. */
  readonly connection?: string | undefined;
}

/** A role that was given to a user in your app. */
export interface RoleGrant {
  readonly role: string;
  /** Who gave it. */
  readonly setBy?: string | undefined;
  /** When, as an RFC 3339 timestamp. */
  readonly setAt?: string | undefined;
}

/** Where a role comes from: a group that has the user as a member, or an administrator who gave the role manually. */
export type RightSource =
  | {
      readonly kind: 'group';
      readonly groupId: string;
      /** `indirect`: through a group inside this one. */
      readonly membership: 'direct' | 'indirect';
      readonly setBy: string;
      readonly setAt: string;
      readonly connection?: string | undefined;
    }
  | { readonly kind: 'manual'; readonly setBy?: string | undefined; readonly setAt?: string | undefined };

/** A role that a user has, with everything that gives it. */
export interface GrantedRole {
  readonly role: string;
  readonly sources: readonly RightSource[];
}

/** A role that a mapping gives and the user does not get. */
export interface WithheldRole extends GrantedRole {
  /** The ceiling forbids it, your app no longer has the role, or the user is deactivated. */
  readonly reason: 'ceiling' | 'unknown-role' | 'inactive';
}

/**
 * The complete desired state of a user's roles: the user must not have any other role.
 *
 * @example
 * import type { UserRights } from 'express-scim/lifecycle';
 *
 * export const namesOf = ({ roles }: UserRights): string[] => roles.map(({ role }) => role);
 */
export interface UserRights {
  readonly tenant: string;
  /** ID of the user in SCIM. */
  readonly userId: string;
  /** False: the user was deleted, and has no role. */
  readonly exists: boolean;
  readonly active: boolean;
  /** In the order of their names. Roles given manually are always among them, so writing the list loses none. */
  readonly roles: readonly GrantedRole[];
  readonly withheld: readonly WithheldRole[];
}

/** Where `reconcile` runs. */
export interface ReconcileScope {
  readonly tenant: string;
  /**
   * The transaction of the write that changes the rights: write through its `handle`, so that both are committed or
   * neither is. Undefined if the store runs no checks (`supports.checks`), and after the write.
   */
  readonly transaction: WriteTransaction | undefined;
}

/** Where the mapping of groups to roles is kept: a `RoleMappingStore`, or a table of your own. */
export interface RoleMapping {
  /**
   * Returns the roles of these groups. Groups without a role are left out.
   *
   * @param groupIds at most 500, each once
   * @param transaction read through it where it has a `handle`: on SQLite a second connection waits for the first
   */
  ofGroups(
    tenant: string,
    groupIds: readonly string[],
    transaction: WriteTransaction | undefined,
  ): Awaitable<readonly GroupRole[]>;
}
