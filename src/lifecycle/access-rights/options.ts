import type { Awaitable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import type { UserStore, WriteTransaction } from '../../contract/store.js';
import { type GrantCeiling, mistakeInCeiling } from '../guards/role-ceiling.js';
import { withoutGroups } from './directory.js';
import type { ReconcileScope, RoleGrant, RoleMapping, UserRights } from './rights.js';
import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';

/**
 * Options of `accessRights`.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { type AccessRightsOptions, memoryRoleMappings } from 'express-scim/lifecycle';
 *
 * const store = new MemoryStore();
 * const roles = new Map<string, readonly string[]>();
 *
 * export const options: AccessRightsOptions = {
 *   store: () => store,
 *   map: memoryRoleMappings(),
 *   exists: (role) => ['viewer', 'editor'].includes(role),
 *   reconcile(users) {
 *     for (const { userId, roles: granted } of users) roles.set(userId, granted.map(({ role }) => role));
 *   },
 * };
 */
export interface AccessRightsOptions {
  /**
   * Returns the store of the router. Within a write it gets the transaction: if that has a `handle`, return a store that
   * reads through it, since on SQLite a second connection waits for the first.
   */
  readonly store: (transaction: WriteTransaction | undefined) => UserStore;
  /** Which groups give which roles: a `RoleMappingStore`, or an object over a table of your own. */
  readonly map: RoleMapping;
  /** Whether your app has a role of this name. A mapping to a role that it does not have gives nothing. */
  readonly exists: (role: string, scope: ReconcileScope) => Awaitable<boolean>;
  /**
   * Writes the roles of these users, at most 500 of them. It gets the complete desired state, so it must be idempotent: a
   * transaction may be repeated. A throw rolls back the write that changes the rights.
   */
  readonly reconcile: (users: readonly UserRights[], scope: ReconcileScope) => Awaitable<void>;
  /**
   * Returns the roles that somebody gave to users manually, by the ID of the user. They are part of the desired state, and
   * the ceiling does not apply to them. Default: none.
   */
  readonly manualGrants?:
    | ((
        tenant: string,
        userIds: readonly string[],
        transaction: WriteTransaction | undefined,
      ) => Awaitable<ReadonlyMap<string, readonly RoleGrant[]>>)
    | undefined;
  /** Which roles groups may give: see `GrantCeiling`. Default: all. */
  readonly ceiling?: GrantCeiling | undefined;
  /** Whether a deactivated user keeps the roles of groups. Default `'withhold'`: they come back with a reactivation. */
  readonly whileInactive?: 'withhold' | 'keep' | undefined;
}

const rules: OptionRules<keyof AccessRightsOptions> = {
  of: 'accessRights',
  page: 'access-rights.md',
  required: ['store', 'map', 'exists', 'reconcile'],
  kinds: {
    store: 'function',
    map: 'object',
    exists: 'function',
    reconcile: 'function',
    manualGrants: 'function',
    ceiling: 'object',
    whileInactive: 'string',
  },
};

/**
 * Checks the options of `accessRights`.
 *
 * @returns whether the store runs checks, so that rights are written within each write
 * @throws TypeError that names every wrong option and what to write instead
 */
export function checkAccessRightsOptions(options: AccessRightsOptions): { readonly withinWrites: boolean } {
  checkOptions(options, rules, ({ map, whileInactive, ceiling }) => [
    isObject(map) && typeof map['ofGroups'] !== 'function'
      ? 'map must have a function ofGroups, as memoryRoleMappings() and sqlRoleMappings(db) do'
      : undefined,
    typeof whileInactive === 'string' && whileInactive !== 'withhold' && whileInactive !== 'keep'
      ? "whileInactive must be 'withhold' or 'keep'"
      : undefined,
    mistakeInCeiling('ceiling', ceiling),
  ]);
  return { withinWrites: runsChecks(storeOf(options, undefined)) };
}

/** The store of the options. @throws TypeError for what is no store with groups */
export function storeOf({ store }: AccessRightsOptions, transaction: WriteTransaction | undefined): UserStore {
  const made: unknown = store(transaction);
  if (!isObject(made) || typeof made['get'] !== 'function') {
    throw usageError(rules.of, `store returned ${describe(made)}; return the store of the router`, rules.page);
  }
  const found = made as unknown as UserStore;
  if (typeof found.groups?.groupsOf !== 'function') throw withoutGroups();
  return found;
}

function runsChecks(store: UserStore): boolean {
  return store.supports?.checks === true && store.groups?.supports?.checks === true;
}
