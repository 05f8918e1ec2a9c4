import type { Attributes, Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import { isObject } from '../../contract/is-object.js';
import type { Stored } from '../../contract/resource.js';
import type { GroupStore, ResourceStore, UserStore } from '../../contract/store.js';
import { unlimitedWork, type Work } from '../../contract/work.js';
import { usageError } from '../../contract/option-mistakes.js';
import { resourcesById } from './read-resources.js';

/**
 * What a write does to the memberships of one group.
 *
 * Some stores show a transaction what it has written, and others what was there before. Applied to what was read, these
 * changes give the state after the write for both, since applying them twice changes nothing.
 */
export interface MembershipChange {
  readonly groupId: string;
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  /** True where the group is deleted: nobody is a member of it, and it is no member. */
  readonly deleted: boolean;
}

/** The groups of a user, by id: every group that has the user as a member, also through other groups. */
export type GroupsOfUser = ReadonlyMap<string, 'direct' | 'indirect'>;

/** A user as far as rights depend on it. */
export interface RightsUser {
  readonly active: boolean;
}

/** Units for reading one resource and its memberships. */
const unitsOfResource = 300;

const activeOnly: Selection = new Set(['active']);
const membersOnly: Selection = new Set(['members']);
const nothing: Selection = new Set();

/** Reads users, groups and memberships of one tenant, as they are after a write. */
export class Directory {
  readonly work: Work;
  readonly #users: ResourceStore<Attributes>;
  readonly #groups: GroupStore;
  readonly #ctx: ScimContext;
  readonly #change: MembershipChange | undefined;
  /** The groups that have a group as a direct member. */
  readonly #above = new Map<string, readonly string[]>();

  constructor(store: UserStore, ctx: ScimContext, change?: MembershipChange) {
    const { groups } = store;
    if (groups === undefined) throw withoutGroups();
    this.#users = store as unknown as ResourceStore<Attributes>;
    this.#groups = groups;
    this.#ctx = ctx;
    this.#change = change;
    this.work = workOf(ctx);
  }

  /** Those of the IDs that are users. */
  async users(ids: readonly string[]): Promise<ReadonlyMap<string, RightsUser>> {
    const found = await this.#read(this.#users, ids, activeOnly);
    return new Map(
      [...found].map(([id, user]) => {
        // A user without `active` counts as active, as in change events.
        return [id, { active: user['active'] !== false }];
      }),
    );
  }

  /** Those of the IDs that are groups. */
  async groups(ids: readonly string[]): Promise<readonly string[]> {
    return [...(await this.#read(this.#groups as unknown as ResourceStore<Attributes>, ids, nothing)).keys()];
  }

  /** IDs of the direct members of a group, whatever the change does to them. */
  async membersOf(groupId: string): Promise<readonly string[]> {
    const group = await this.#groups.get(groupId, membersOnly, this.#ctx);
    const members = group?.members ?? [];
    this.work.spend(members.length);
    return members.map(({ value }) => value);
  }

  /** The groups of each resource, which may be a user or a group. */
  async groupsOf(ids: readonly string[]): Promise<ReadonlyMap<string, GroupsOfUser>> {
    const direct = await this.#directGroupsOf(ids);
    await this.#loadAbove([...direct.values()].flat());
    return new Map(ids.map((id) => [id, this.#closure(direct.get(id) ?? [])]));
  }

  async #directGroupsOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const stored = (await this.#groups.groupsOf?.(ids, this.#ctx)) ?? new Map<string, never>();
    const direct = new Map<string, readonly string[]>();
    for (const id of ids) {
      const refs = stored.get(id) ?? [];
      this.work.spend(refs.length + 1);
      const groups = refs.filter(({ type }) => type === 'direct').map(({ value }) => value);
      direct.set(id, this.#afterChange(id, groups));
    }
    return direct;
  }

  #afterChange(id: string, groups: readonly string[]): readonly string[] {
    const change = this.#change;
    if (change === undefined) return groups;
    const { groupId, added, removed, deleted } = change;
    if (deleted && id === groupId) return [];
    if (deleted || removed.has(id)) return groups.filter((each) => each !== groupId);
    return added.has(id) && !groups.includes(groupId) ? [...groups, groupId] : groups;
  }

  /** Reads which groups are above these, up to those that are in no group. */
  async #loadAbove(groupIds: readonly string[]): Promise<void> {
    let level = this.#unread(groupIds);
    while (level.length > 0) {
      const above = await this.#directGroupsOf(level);
      for (const [id, groups] of above) this.#above.set(id, groups);
      level = this.#unread([...above.values()].flat());
    }
  }

  #unread(groupIds: readonly string[]): readonly string[] {
    return [...new Set(groupIds)].filter((id) => !this.#above.has(id));
  }

  /** Each group is visited once, so groups that contain each other do not loop. */
  #closure(direct: readonly string[]): GroupsOfUser {
    const found = new Map<string, 'direct' | 'indirect'>(direct.map((id) => [id, 'direct']));
    const open = [...direct];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const above = this.#above.get(id) ?? [];
      this.work.spend(above.length + 1);
      for (const each of above) {
        if (found.has(each)) continue;
        found.set(each, 'indirect');
        open.push(each);
      }
    }
    return found;
  }

  #read(
    store: ResourceStore<Attributes>,
    ids: readonly string[],
    selection: Selection,
  ): Promise<ReadonlyMap<string, Stored<Attributes>>> {
    this.work.spend(ids.length * unitsOfResource);
    return resourcesById(store, ids, selection, this.#ctx, () => this.work.pause());
  }
}

export function withoutGroups(): TypeError {
  const mistake = 'the store must have groups with groupsOf, which returns the groups of a user';
  return usageError('accessRights', mistake, 'access-rights.md');
}

/** The work of the request, where a request is the cause. */
function workOf(ctx: ScimContext): Work {
  const work: unknown = 'work' in ctx ? ctx.work : undefined;
  return isWork(work) ? work : unlimitedWork;
}

function isWork(value: unknown): value is Work {
  return (
    isObject(value) && typeof (value as Partial<Work>).spend === 'function' && typeof value['pause'] === 'function'
  );
}
