import type { Awaitable } from '../../contract/awaitable.js';
import { isObject } from '../../contract/is-object.js';
import { checkOptions, usageError } from '../../contract/option-mistakes.js';
import type { UserStore } from '../../contract/store.js';
import type { AccessRights } from './access-rights.js';
import type { RightsJob, RightsJobStore } from './rights-jobs.js';
import type { RoleMappingStore } from './role-mapping-store.js';

/**
 * Options of `roleMappingAdministration`. All durations are in milliseconds.
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import {
 *   type AccessRights,
 *   memoryRightsJobStore,
 *   memoryRoleMappings,
 *   type RoleMappingAdministrationOptions,
 * } from 'express-scim/lifecycle';
 *
 * export const options = (rights: AccessRights): RoleMappingAdministrationOptions => ({
 *   rights,
 *   mappings: memoryRoleMappings(),
 *   store: new MemoryStore(),
 *   roles: ['viewer', 'editor', 'admin'],
 *   jobs: memoryRightsJobStore(),
 * });
 */
export interface RoleMappingAdministrationOptions {
  /** What `accessRights` returned: a changed mapping is applied with its `run`. */
  readonly rights: Pick<AccessRights, 'run'>;
  /** The mapping, which `accessRights` got as `map`: `memoryRoleMappings()`, or `sqlRoleMappings(db)`. */
  readonly mappings: RoleMappingStore;
  /** The store of the router: its groups are shown by their names. */
  readonly store: UserStore;
  /**
   * The roles that an administrator may map, in the order in which they are offered. Leave out what no group may give, such
   * as `owner`.
   */
  readonly roles: readonly string[] | ((tenant: string) => Awaitable<readonly string[]>);
  /** `memoryRightsJobStore()`, or `sqlRightsJobStore(db)` of `express-scim/sql`. */
  readonly jobs: RightsJobStore;
  /** How often `start` looks for due jobs. Default 5,000. */
  readonly intervalMilliseconds?: number | undefined;
  /** How long a page of 100 users may take. Default 60,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Delay after the first failure; it doubles after each further one, up to an hour. Default 1,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /**
   * Called with the error of each failed attempt. `hook` names the function of your app that failed, such as `accessRights.reconcile`.
   * Default: the message is only stored in the job's `error`.
   */
  readonly onError?: ((error: unknown, job: RightsJob | undefined, hook: string | undefined) => void) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

const page = 'access-rights.md#changing-the-mapping';
const rolesExpected = 'a list of strings of 1 to 100 characters';
const required = {
  rights: ['run', 'what accessRights() returned'],
  mappings: ['list', 'memoryRoleMappings() or sqlRoleMappings(db)'],
  store: ['list', 'the store of the router'],
  jobs: ['claim', 'memoryRightsJobStore() or sqlRightsJobStore(db)'],
} as const;

/** @throws TypeError that lists every mistake and what to write instead */
export function checkRoleMappingOptions(options: RoleMappingAdministrationOptions): void {
  checkOptions(
    options,
    {
      of: 'roleMappingAdministration',
      page,
      required: ['rights', 'mappings', 'store', 'roles', 'jobs'],
      kinds: {
        ...{ rights: 'object', mappings: 'object', store: 'object', jobs: 'object', roles: ['list', 'function'] },
        ...{ intervalMilliseconds: 'positive number', timeoutMilliseconds: 'positive number' },
        ...{ firstRetryMilliseconds: 'positive number', onError: 'function', clock: 'function' },
      },
    },
    (values) => [
      ...(Object.keys(required) as (keyof typeof required)[]).map((name) => {
        const value = values[name];
        const [method, expected] = required[name];
        return isObject(value) && typeof value[method] !== 'function' ? `${name} must be ${expected}` : undefined;
      }),
      isObject(values.store) && !isObject(values.store['groups']) ? 'store must have groups' : undefined,
      Array.isArray(values.roles) && !isRoles(values.roles) ? `roles must be ${rolesExpected}` : undefined,
    ],
  );
}

/** The roles that the app offers in a tenant. @throws TypeError for what is no list of roles */
export async function rolesOf({ roles }: RoleMappingAdministrationOptions, tenant: string): Promise<readonly string[]> {
  const offered: unknown = typeof roles === 'function' ? await roles(tenant) : roles;
  if (!isRoles(offered)) throw usageError('roleMappingAdministration', `roles must return ${rolesExpected}`, page);
  return [...new Set(offered)];
}

function isRoles(value: unknown): value is readonly string[] {
  const isRole = (role: unknown): boolean => typeof role === 'string' && role.trim() !== '' && role.length <= 100;
  return Array.isArray(value) && value.every(isRole);
}
