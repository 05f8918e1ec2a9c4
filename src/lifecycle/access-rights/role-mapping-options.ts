import type { Awaitable } from '../../contract/awaitable.js';
import { isObject } from '../../contract/is-object.js';
import type { UserStore } from '../../contract/store.js';
import { documentationPage } from '../../documentation.js';
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
  /** Called with the error of each failed attempt. Default: the message is only stored in the job's `error`. */
  readonly onError?: ((error: unknown, job: RightsJob | undefined) => void) | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

const numbers = ['intervalMilliseconds', 'timeoutMilliseconds', 'firstRetryMilliseconds'] as const;
const functions = ['onError', 'clock'] as const;
const required = {
  rights: ['run', 'what accessRights() returned'],
  mappings: ['list', 'memoryRoleMappings() or sqlRoleMappings(db)'],
  store: ['list', 'the store of the router'],
  jobs: ['claim', 'memoryRightsJobStore() or sqlRightsJobStore(db)'],
} as const;

/** @throws TypeError that lists every mistake and what to write instead */
export function checkRoleMappingOptions(options: unknown): void {
  const values: Readonly<Record<string, unknown>> = isObject(options) ? { ...options } : {};
  const mistakes: string[] = [];
  for (const [name, [method, expected]] of Object.entries(required)) {
    const value = values[name];
    if (!isObject(value) || typeof value[method] !== 'function') mistakes.push(`${name} must be ${expected}`);
  }
  const { store, roles } = values;
  if (isObject(store) && !isObject(store['groups'])) mistakes.push('store must have groups');
  if (typeof roles !== 'function' && !isRoles(roles)) {
    mistakes.push(`roles must be ${rolesExpected}, or a function that returns one`);
  }
  for (const name of numbers) {
    const value = values[name];
    if (value !== undefined && !(typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)) {
      mistakes.push(`${name} must be a whole number above 0`);
    }
  }
  for (const name of functions) {
    if (values[name] !== undefined && typeof values[name] !== 'function') mistakes.push(`${name} must be a function`);
  }
  const known: readonly string[] = [...Object.keys(required), 'roles', ...numbers, ...functions];
  for (const name of Object.keys(values)) {
    if (!known.includes(name)) mistakes.push(`there is no option ${JSON.stringify(name)}`);
  }
  if (mistakes.length > 0) throw mistake(mistakes.join('; '));
}

/** The roles that the app offers in a tenant. @throws TypeError for what is no list of roles */
export async function rolesOf({ roles }: RoleMappingAdministrationOptions, tenant: string): Promise<readonly string[]> {
  const offered: unknown = typeof roles === 'function' ? await roles(tenant) : roles;
  if (!isRoles(offered)) throw mistake(`roles must return ${rolesExpected}`);
  return [...new Set(offered)];
}

const rolesExpected = 'a list of texts of 1 to 100 characters';

function isRoles(value: unknown): value is readonly string[] {
  const isRole = (role: unknown): boolean => typeof role === 'string' && role.trim() !== '' && role.length <= 100;
  return Array.isArray(value) && value.every(isRole);
}

function mistake(text: string): TypeError {
  return new TypeError(
    `roleMappingAdministration: ${text}. See ${documentationPage('access-rights.md#changing-the-mapping')}`,
  );
}
