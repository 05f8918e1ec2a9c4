import type { Awaitable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import type { UserStore, WriteTransaction } from '../../contract/store.js';
import { documentationPage } from '../../documentation.js';
import type { GrantCeiling } from '../guards/role-ceiling.js';
import { withoutGroups } from './directory.js';
import type { ReconcileScope, RoleGrant, RoleMapping, UserRights } from './rights.js';

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
   * Returns the store of the router. Within a write it gets the transaction: where that has a `handle`, return a store that
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
   * Returns the roles that somebody gave to users manually, by the id of the user. They are part of the desired state, and
   * no ceiling counts for them. Default: none.
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

const names: Readonly<Record<keyof AccessRightsOptions, true>> = {
  store: true,
  map: true,
  exists: true,
  reconcile: true,
  manualGrants: true,
  ceiling: true,
  whileInactive: true,
};

/**
 * Checks the options of `accessRights`.
 *
 * @returns whether the store runs checks, so that rights are written within each write
 * @throws TypeError that says which option is wrong and what to write instead
 */
export function checkAccessRightsOptions(options: unknown): { readonly withinWrites: boolean } {
  if (!isObject(options)) throw mistake('options must be an object with store, map, exists and reconcile.');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown !== undefined) {
    throw mistake(`there is no option ${JSON.stringify(unknown)}. Write one of ${Object.keys(names).join(', ')}.`);
  }
  for (const name of ['store', 'exists', 'reconcile'] as const) {
    if (typeof options[name] !== 'function') throw mistake(`${name} must be a function.`);
  }
  if (options['manualGrants'] !== undefined && typeof options['manualGrants'] !== 'function') {
    throw mistake('manualGrants must be a function.');
  }
  const { map, whileInactive } = options;
  if (!isObject(map) || typeof map['ofGroups'] !== 'function') {
    throw mistake('map must have a function ofGroups, as memoryRoleMappings() and sqlRoleMappings(db) do.');
  }
  if (whileInactive !== undefined && whileInactive !== 'withhold' && whileInactive !== 'keep') {
    throw mistake("whileInactive must be 'withhold' or 'keep'.");
  }
  checkCeiling(options['ceiling']);
  return { withinWrites: runsChecks(storeOf(options as unknown as AccessRightsOptions, undefined)) };
}

/** The store of the options. @throws TypeError for what is no store with groups */
export function storeOf({ store }: AccessRightsOptions, transaction: WriteTransaction | undefined): UserStore {
  const made: unknown = store(transaction);
  if (!isObject(made) || typeof made['get'] !== 'function') {
    throw mistake(`store returned ${describe(made)}. Return the store of the router.`);
  }
  const found = made as unknown as UserStore;
  if (typeof found.groups?.groupsOf !== 'function') throw new TypeError(withoutGroups);
  return found;
}

function runsChecks(store: UserStore): boolean {
  return store.supports?.checks === true && store.groups?.supports?.checks === true;
}

/** A ceiling without a list would allow everything. */
function checkCeiling(ceiling: unknown): void {
  if (ceiling === undefined) return;
  const { allowed, forbidden } = isObject(ceiling) ? ceiling : {};
  const [list, ...others] = [allowed, forbidden].filter((each) => each !== undefined);
  if (others.length === 0 && Array.isArray(list) && list.every((role) => typeof role === 'string')) return;
  throw mistake('ceiling must be { allowed: [...] } or { forbidden: [...] }, with names of roles.');
}

function mistake(sentence: string): TypeError {
  return new TypeError(`accessRights: ${sentence} See ${documentationPage('access-rights.md')}`);
}
