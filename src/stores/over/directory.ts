import { setTimeout as sleep } from 'node:timers/promises';
import { afterDeadline, refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { ScimContext } from '../../contract/context.js';
import type { FilterValue } from '../../contract/filter.js';
import { KeyedLocks } from '../../contract/keyed-locks.js';
import type { GroupRef, Member } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { UnavailableError } from '../../errors.js';
import type { IndexedAttribute } from '../indexed-attribute.js';
import { type AppliedMembers, applyMembers } from '../apply-members.js';
import { refuseManyMemberships } from '../most-memberships.js';
import type { CheckedPrimitives } from './checked-primitives.js';
import { indexOf, memberPath, nameOf } from './record.js';
import { deletedType, type RecordQuery, type StoreRecord } from './primitives.js';

const maxAttempts = 100;
const maxPauseMilliseconds = 100;

/** What a change of members does, with the added IDs that were resources when it was computed. */
export interface MemberDelta extends AppliedMembers {
  readonly existing: readonly string[];
}

/** What an attempt returns when another write came first. */
export const lost = Symbol('lost');

/**
 * What the resource types of a store share: records by ID, memberships, and deletions.
 *
 * A deletion is a write to one record, which turns it into a deleted one; from then on the resource is gone. Its
 * memberships are removed afterwards, each in a write of its own. Whoever reads or changes a group finishes all such
 * deletions first, so nobody sees a member that is deleted, even if the process that deleted it has ended.
 */
export class Directory {
  readonly primitives: CheckedPrimitives;
  /** The indexed attributes of each resource type. */
  readonly indexes = new Map<string, readonly IndexedAttribute[]>();
  readonly #clock: () => number;
  /** One change at a time for each record in this process: only other processes can come first. */
  readonly #locks = new KeyedLocks();

  constructor(primitives: CheckedPrimitives, clock: () => number) {
    this.primitives = primitives;
    this.#clock = clock;
  }

  /** The time of a change: never before the last one of the record. */
  now(lastModified = ''): string {
    const now = new Date(this.#clock()).toISOString();
    return now < lastModified ? lastModified : now;
  }

  async insert(record: StoreRecord, ctx: ScimContext): Promise<void> {
    refuseAfterDeadline(ctx);
    await this.primitives.insert(record, indexOf(record, this.indexes.get(record.type) ?? []));
  }

  /** Replaces a record that was read. @returns whether no other change came first */
  async replace(
    before: StoreRecord,
    changes: Partial<StoreRecord>,
    ctx: ScimContext,
  ): Promise<StoreRecord | typeof lost> {
    // The client has its 503 by then, and may have sent another change.
    refuseAfterDeadline(ctx);
    const lastModified = this.now(before.lastModified);
    const record: StoreRecord = { ...before, ...changes, version: before.version + 1, lastModified };
    const index = indexOf(record, this.indexes.get(record.type) ?? []);
    return (await this.primitives.replaceIf(record, before.version, index)) ? record : lost;
  }

  async find(tenant: string, id: string): Promise<StoreRecord | undefined> {
    return (await this.primitives.find(tenant, [id])).get(id);
  }

  /** The resources with these IDs, of every type. */
  async resources(tenant: string, ids: readonly string[]): Promise<ReadonlyMap<string, StoreRecord>> {
    const found = new Map(await this.primitives.find(tenant, ids));
    for (const record of found.values()) if (record.type === deletedType) found.delete(record.id);
    return found;
  }

  /** What a filter with these equalities needs of `scan`; undefined: everything of the type. */
  lookupFor(type: string, equals: Readonly<Record<string, FilterValue>>): RecordQuery['where'] {
    const paths = [...(this.indexes.get(type) ?? []).map(({ path }) => path), memberPath];
    for (const path of paths) {
      const value = equals[path];
      if (typeof value === 'string') return { path, values: [value] };
    }
    return undefined;
  }

  /** Makes a change to the record with this ID. `attempt` is repeated as long as it returns `lost`. */
  change<T>(id: string, ctx: ScimContext, attempt: () => Promise<T | typeof lost>): Promise<T> {
    // A database that never responds must not hold the lock for ever. An attempt that ends later compares versions.
    return this.#locks.run(JSON.stringify([ctx.tenant, id]), () => untilAborted(ctx.signal, repeated(ctx, attempt)));
  }

  /**
   * Computes what a change of members really does to the members of a group.
   *
   * @throws UnknownReferenceError for IDs that are no resources, when the change rejects pending members
   */
  async applyMembers(present: readonly Member[], change: MemberChange, ctx: ScimContext): Promise<MemberDelta> {
    const added = change.add.map(({ value }) => value).filter((id) => typeof id === 'string' && id !== '');
    const resources = await this.resources(ctx.tenant, added);
    const ids = new Set(present.map(({ value }) => value));
    const applied = applyMembers(ids, change, (id) => resources.has(id));
    // The type is that of the resource; a pending member stays as the client sent it.
    const typed = (member: Member): Member => {
      const type = resources.get(member.value)?.type;
      return type === undefined ? member : { value: member.value, type };
    };
    const existing = applied.added.filter((id) => resources.has(id));
    return { ...applied, inserted: applied.inserted.map(typed), existing };
  }

  /**
   * Removes members from a group again that were deleted while they were added. A deletion that begins after this has
   * read them finds the group itself.
   *
   * @returns the record after that
   */
  async settle(group: StoreRecord, { existing }: MemberDelta, ctx: ScimContext): Promise<StoreRecord> {
    if (existing.length === 0) return group;
    const alive = await this.resources(ctx.tenant, existing);
    const gone = new Set(existing.filter((id) => !alive.has(id)));
    return gone.size === 0 ? group : ((await this.#withdraw(group.id, gone, ctx)) ?? group);
  }

  /** Finishes every deletion of the tenant that another call or process has begun. Usually there is none. */
  async finishDeletions(ctx: ScimContext): Promise<void> {
    const deleted: StoreRecord[] = [];
    for await (const record of this.primitives.scan({ tenant: ctx.tenant, type: deletedType })) deleted.push(record);
    for (const record of deleted) await this.finishDeletion(record, ctx);
  }

  async finishDeletion({ id }: StoreRecord, ctx: ScimContext): Promise<void> {
    const groups: string[] = [];
    for await (const { group } of this.#groupsHolding([id], ctx)) groups.push(group.id);
    for (const group of groups) await this.#withdraw(group, new Set([id]), ctx);
    await this.primitives.remove(ctx.tenant, id);
  }

  /** The groups of each resource, nearest first. Groups that contain each other do not loop. */
  async groupsOf(ids: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    await this.finishDeletions(ctx);
    // Names only: the members of all these groups together may not fit into memory.
    const names = new Map<string, string | undefined>();
    const parents = new Map<string, string[]>();
    let read = 0;
    for (let level: readonly string[] = [...new Set(ids)]; level.length > 0;) {
      const next: string[] = [];
      for (const id of level) parents.set(id, []);
      for await (const { group, held } of this.#groupsHolding(level, ctx)) {
        names.set(group.id, nameOf(group));
        refuseManyMemberships((read += held.length), ids.length, 'groups');
        for (const id of held) parents.get(id)?.push(group.id);
        next.push(group.id);
      }
      level = [...new Set(next)].filter((id) => !parents.has(id));
    }
    return new Map(ids.map((id) => [id, refsFrom(id, parents, names)]));
  }

  /** The groups that have at least one of these members, and which. A group may come several times, with others each time. */
  async *#groupsHolding(
    ids: readonly string[],
    { tenant }: ScimContext,
  ): AsyncGenerator<{ readonly group: StoreRecord; readonly held: readonly string[] }> {
    for (let start = 0; start < ids.length; start += idsAtOnce) {
      const values = ids.slice(start, start + idsAtOnce);
      const asked = new Set(values);
      for await (const group of this.primitives.scan({ tenant, type: 'Group', where: { path: memberPath, values } })) {
        const held = new Set<string>();
        for (const { value } of group.members) if (asked.has(value)) held.add(value);
        if (held.size > 0) yield { group, held: [...held] };
      }
    }
  }

  #withdraw(groupId: string, ids: ReadonlySet<string>, ctx: ScimContext): Promise<StoreRecord | undefined> {
    return repeated(ctx, async () => {
      const group = await this.find(ctx.tenant, groupId);
      if (group?.type !== 'Group' || !group.members.some(({ value }) => ids.has(value))) return group;
      return this.replace(group, { members: group.members.filter(({ value }) => !ids.has(value)) }, ctx);
    });
  }
}

const idsAtOnce = 500;

async function repeated<T>(ctx: ScimContext, attempt: () => Promise<T | typeof lost>): Promise<T> {
  for (let attempts = 1; attempts <= maxAttempts && !ctx.signal.aborted; attempts++) {
    const result = await attempt();
    if (result !== lost) return result;
    await sleep(Math.random() * Math.min(maxPauseMilliseconds, 2 ** attempts));
  }
  throw new UnavailableError(1, 'Too many clients are changing this resource; try again.');
}

async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(afterDeadline());
    };
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function refsFrom(
  id: string,
  parents: ReadonlyMap<string, readonly string[]>,
  names: ReadonlyMap<string, string | undefined>,
): readonly GroupRef[] {
  const refs = new Map<string, GroupRef>();
  let level = parents.get(id) ?? [];
  for (let type: GroupRef['type'] = 'direct'; level.length > 0; type = 'indirect') {
    const found = [...new Set(level)].filter((value) => !refs.has(value));
    for (const value of found) refs.set(value, { value, display: names.get(value), type });
    level = found.flatMap((value) => parents.get(value) ?? []);
  }
  return [...refs.values()];
}
