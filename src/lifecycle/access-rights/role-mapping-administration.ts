import { randomUUID } from 'node:crypto';
import { type NamedGroup, groupsById, searchGroups } from './named-groups.js';
import { rightsJobRunner } from './rights-job-runner.js';
import type { RightsJob } from './rights-jobs.js';
import type { GroupRole } from './rights.js';
import { checkRoleMappingOptions, type RoleMappingAdministrationOptions, rolesOf } from './role-mapping-options.js';
import { isMappingText, type RoleMappingQuery } from './role-mapping-store.js';
import { runContext } from './run-context.js';

/** A mapping with the name of its group. */
export interface NamedGroupRole extends GroupRole {
  /** Undefined: the group no longer exists, so the mapping gives nobody a role. */
  readonly group: NamedGroup | undefined;
  /** False: the role is not among `roles`. */
  readonly isOffered: boolean;
}

/**
 * What administrators may see and do about the roles that groups give: the panel calls it, or pages of your own.
 *
 * @example
 * import type { RoleMappingAdministration } from 'express-scim/lifecycle';
 *
 * export function stopOnShutdown(roleMappings: RoleMappingAdministration): void {
 *   process.once('SIGTERM', () => void roleMappings.stop());
 * }
 */
export interface RoleMappingAdministration {
  /** The roles that may be mapped in a tenant. */
  roles(tenant: string): Promise<readonly string[]>;
  /** Mappings in the order of group and role, with the names of their groups. */
  list(tenant: string, query?: RoleMappingQuery): Promise<readonly NamedGroupRole[]>;
  /**
   * Groups to choose from, in the order of their names.
   *
   * @param text part of the name. Default: all groups
   * @param limit 1 to 200. Default 50
   */
  groups(tenant: string, text?: string, limit?: number): Promise<readonly NamedGroup[]>;
  /**
   * Adds a mapping, or replaces the one with the same group and role. It counts for every change of members from now on;
   * `apply` gives the role to those who are members already.
   *
   * @returns why it was refused and nothing has changed; undefined where it is set
   */
  set(tenant: string, mapping: Omit<GroupRole, 'setAt'>): Promise<'unknown-role' | 'unknown-group' | undefined>;
  /** Removes a mapping. `apply` takes the role from the members. @returns false where there is none */
  remove(tenant: string, groupId: string, role: string): Promise<boolean>;
  /**
   * Begins the job that applies the mapping to all users of the tenant; `run` or `start` carries it out. A job that
   * is running starts again, with the current mapping.
   *
   * @param by who asks for it
   */
  apply(tenant: string, by: string): Promise<RightsJob>;
  /** The newest job of a tenant, with its progress. */
  progress(tenant: string): Promise<RightsJob | undefined>;
  /** Carries out the jobs that are due now. @returns the number of attempts */
  run(): Promise<number>;
  /** Carries out due jobs at an interval. The timer does not keep the process alive. */
  start(): void;
  /** Stops the interval, and waits until the current page of users is done and saved. */
  stop(): Promise<void>;
}

const defaultGroups = 50;
const mostGroups = 200;

/**
 * Lets administrators choose which groups give which roles, and applies a changed mapping to all users: page by page, as a
 * job that any number of processes may carry out. It resumes after a crash, and retries until it is done.
 *
 * @throws TypeError that lists every mistake in the options, and what to write instead
 * @example
 * import { MemoryStore } from 'express-scim';
 * import {
 *   accessRights,
 *   memoryRightsJobStore,
 *   memoryRoleMappings,
 *   roleMappingAdministration,
 * } from 'express-scim/lifecycle';
 *
 * const store = new MemoryStore();
 * const mappings = memoryRoleMappings();
 * const roles = ['viewer', 'editor', 'admin'];
 * const rights = accessRights({
 *   store: () => store,
 *   map: mappings,
 *   exists: (role) => roles.includes(role),
 *   reconcile: (users) => console.log(users.length),
 * });
 *
 * const roleMappings = roleMappingAdministration({ rights, mappings, store, roles, jobs: memoryRightsJobStore() });
 * roleMappings.start();
 * await roleMappings.set('acme', { groupId: 'a3f0c2', role: 'editor', setBy: 'ana@example.com' });
 * await roleMappings.apply('acme', 'ana@example.com');
 */
export function roleMappingAdministration(options: RoleMappingAdministrationOptions): RoleMappingAdministration {
  checkRoleMappingOptions(options);
  const { mappings, store, jobs, clock = Date.now } = options;
  const { loop } = rightsJobRunner(options);
  return {
    roles: (tenant) => rolesOf(options, tenant),
    async list(tenant, query) {
      const found = await mappings.list(tenant, query);
      const offered = new Set(await rolesOf(options, tenant));
      const groups = await groupsById(
        store,
        found.map(({ groupId }) => groupId),
        runContext(tenant),
      );
      return found.map((mapping) => ({
        ...mapping,
        group: groups.get(mapping.groupId),
        isOffered: offered.has(mapping.role),
      }));
    },
    async groups(tenant, text = '', limit = defaultGroups) {
      const most = Math.min(mostGroups, Math.max(1, Math.trunc(limit) || 1));
      return searchGroups(store, text, most, runContext(tenant));
    },
    async set(tenant, mapping) {
      const { groupId, role } = mapping;
      if (!(await rolesOf(options, tenant)).includes(role)) return 'unknown-role';
      // What no mapping can hold is the ID of no group, and some databases refuse to look for it.
      if (!isMappingText('groupId', groupId)) return 'unknown-group';
      if (!(await groupsById(store, [groupId], runContext(tenant))).has(groupId)) return 'unknown-group';
      await mappings.set(tenant, { ...mapping, setAt: new Date(clock()).toISOString() });
      return undefined;
    },
    async remove(tenant, groupId, role) {
      if (!isMappingText('groupId', groupId) || !isMappingText('role', role)) return false;
      return mappings.remove(tenant, groupId, role);
    },
    async apply(tenant, by) {
      const now = clock();
      const job: RightsJob = {
        ...{ id: randomUUID(), tenant, by, requestedAt: new Date(now), state: 'running', processed: 0 },
        ...{ attempts: 0, failures: 0, nextAttemptAt: now },
      };
      await jobs.begin(job);
      loop.nudge();
      return job;
    },
    progress: async (tenant) => jobs.latest(tenant),
    run: () => loop.run(),
    start: () => loop.start(),
    stop: () => loop.stop(),
  };
}
