import { callHook } from '../../contract/hook-source.js';
import type { WriteTransaction } from '../../contract/store.js';
import { desiredRights, noRights } from './desired-rights.js';
import type { Directory, RightsUser } from './directory.js';
import type { AccessRightsOptions } from './options.js';
import { refusesRole } from '../guards/role-ceiling.js';
import { checkReconciled, parseExists, parseGrants, parseGroupRoles } from './parse-results.js';
import type { GroupRole, UserRights } from './rights.js';

/** Users of one call of `reconcile`, and groups of one call of `map.ofGroups`. */
const usersInBatch = 500;
const groupsInBatch = 500;

/** What the resources of one reconciliation have in common. */
export interface ReconciliationScope {
  readonly tenant: string;
  readonly directory: Directory;
  readonly transaction: WriteTransaction | undefined;
  /** Users whose state the write changes, which the directory may show as they were before. */
  readonly users?: ReadonlyMap<string, RightsUser> | undefined;
}

/** Works out the rights of users, and has the host write them. Made for one write, so that what it caches stays true. */
export class Reconciliation {
  readonly #options: AccessRightsOptions;
  readonly #scope: ReconciliationScope;
  readonly #isAboveCeiling: (role: string) => boolean;
  readonly #mapping = new Map<string, readonly GroupRole[]>();
  readonly #existing = new Map<string, boolean>();

  constructor(options: AccessRightsOptions, scope: ReconciliationScope) {
    this.#options = options;
    this.#scope = scope;
    this.#isAboveCeiling = options.ceiling === undefined ? () => false : refusesRole(options.ceiling);
  }

  /** Whether a group, or one that it is in, gives a role: otherwise who is a member of it changes nobody's rights. */
  async concernsRights(groupId: string): Promise<boolean> {
    const above = (await this.#scope.directory.groupsOf([groupId])).get(groupId);
    const groups = [groupId, ...(above?.keys() ?? [])];
    await this.#loadMapping(groups);
    return groups.some((id) => (this.#mapping.get(id) ?? []).length > 0);
  }

  /** IDs of the direct members of a group. */
  membersOf(groupId: string): Promise<readonly string[]> {
    return this.#scope.directory.membersOf(groupId);
  }

  /** Reconciles the users among these members of groups, and those in the groups among them. */
  async reconcileMembers(ids: Iterable<string>): Promise<void> {
    const { directory } = this.#scope;
    const seen = new Set(ids);
    for (let level: readonly string[] = [...seen]; level.length > 0;) {
      const next: string[] = [];
      for (const part of batches(level, usersInBatch)) {
        await directory.work.pause();
        const users = await this.#users(part);
        await this.#reconcile(users);
        const others = part.filter((id) => !users.has(id));
        for (const group of await directory.groups(others)) {
          for (const member of await directory.membersOf(group)) {
            if (seen.has(member)) continue;
            seen.add(member);
            next.push(member);
          }
        }
      }
      level = next;
    }
  }

  /** Reconciles users; IDs that are no users are left out. */
  async reconcileUsers(ids: readonly string[]): Promise<void> {
    for (const part of batches(ids, usersInBatch)) await this.#reconcile(await this.#users(part));
  }

  /** Reconciles a user who is deleted. */
  async reconcileDeleted(userId: string): Promise<void> {
    await this.#write([noRights(this.#scope.tenant, userId)]);
  }

  /** The rights of these users, in the order of the IDs; IDs that are no users are left out. */
  async rightsOf(ids: readonly string[]): Promise<readonly UserRights[]> {
    return this.#rightsOf(await this.#users(ids));
  }

  async #users(ids: readonly string[]): Promise<ReadonlyMap<string, RightsUser>> {
    const found = new Map(await this.#scope.directory.users(ids));
    for (const id of ids) {
      const changed = this.#scope.users?.get(id);
      if (changed !== undefined) found.set(id, changed);
    }
    return found;
  }

  async #reconcile(users: ReadonlyMap<string, RightsUser>): Promise<void> {
    if (users.size > 0) await this.#write(await this.#rightsOf(users));
  }

  async #write(rights: readonly UserRights[]): Promise<void> {
    const { tenant, transaction } = this.#scope;
    await callHook('accessRights.reconcile', async () => {
      const returned: unknown = await this.#options.reconcile(rights, { tenant, transaction });
      checkReconciled(returned);
    });
  }

  async #rightsOf(users: ReadonlyMap<string, RightsUser>): Promise<readonly UserRights[]> {
    const { tenant, directory, transaction } = this.#scope;
    const ids = [...users.keys()];
    const groupsOf = await directory.groupsOf(ids);
    const groupIds = new Set<string>();
    for (const groups of groupsOf.values()) for (const id of groups.keys()) groupIds.add(id);
    await this.#loadMapping([...groupIds]);
    await this.#loadExisting([...groupIds]);
    const { manualGrants, whileInactive } = this.#options;
    const given = await callHook(
      'accessRights.manualGrants',
      async () => manualGrants && parseGrants(await manualGrants(tenant, ids, transaction), ids),
    );
    const rules = {
      exists: (role: string) => this.#existing.get(role) === true,
      isAboveCeiling: this.#isAboveCeiling,
      keepsInactive: whileInactive === 'keep',
    };
    return ids.map((userId) => {
      const groups = groupsOf.get(userId) ?? new Map<string, never>();
      const { active = false } = users.get(userId) ?? {};
      directory.work.spend(unitsOfUser + groups.size);
      return desiredRights(
        { tenant, userId },
        { active, groups, mapping: this.#mapping, manualGrants: given?.get(userId) ?? [] },
        rules,
      );
    });
  }

  async #loadMapping(groupIds: readonly string[]): Promise<void> {
    const unread = groupIds.filter((id) => !this.#mapping.has(id));
    for (const part of batches(unread, groupsInBatch)) {
      const { tenant, transaction } = this.#scope;
      await callHook('accessRights.map.ofGroups', async () => {
        const returned: unknown = await this.#options.map.ofGroups(tenant, part, transaction);
        for (const [id, roles] of parseGroupRoles(returned, part)) this.#mapping.set(id, roles);
      });
    }
  }

  async #loadExisting(groupIds: readonly string[]): Promise<void> {
    const { tenant, transaction } = this.#scope;
    for (const id of groupIds) {
      for (const { role } of this.#mapping.get(id) ?? []) {
        if (this.#existing.has(role)) continue;
        const exists = await callHook('accessRights.exists', async () =>
          parseExists(await this.#options.exists(role, { tenant, transaction })),
        );
        this.#existing.set(role, exists);
      }
    }
  }
}

/** Units for working out the rights of one user. */
const unitsOfUser = 200;

function* batches(ids: Iterable<string>, size: number): Iterable<readonly string[]> {
  let part: string[] = [];
  for (const id of ids) {
    if (part.push(id) < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
