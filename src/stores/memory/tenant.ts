import type { GroupRef, Member, StoredMeta } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { KeyedLocks } from '../../contract/keyed-locks.js';
import { type AppliedMembers, applyMembers, applyMembersInParts, type MemberIds } from '../apply-members.js';
import { Memberships } from './memberships.js';

/** The table of one resource type, as the other types of its tenant see it. */
export interface TenantTable {
  /** Name of the resource type. */
  readonly type: string;
  has(id: string): boolean;
  /** The display name of the resource. */
  nameOf(id: string): string | undefined;
  /** Gives the resource a new version, because one of its members was deleted. */
  touch(id: string): void;
}

/** What the resource types of one tenant share: IDs, names and memberships. */
export class Tenant {
  readonly memberships = new Memberships();
  /** How many changes were made. */
  changes = 0;
  /** One change of many members at a time for each group. */
  readonly largeChanges = new KeyedLocks();
  readonly #tables: TenantTable[] = [];

  join(table: TenantTable): void {
    this.#tables.push(table);
  }

  tableOf(id: string): TenantTable | undefined {
    return this.#tables.find((table) => table.has(id));
  }

  nameOf(id: string): string | undefined {
    return this.tableOf(id)?.nameOf(id);
  }

  groupsOf(id: string): readonly GroupRef[] {
    return this.memberships.groupsOf(id, (group) => this.nameOf(group));
  }

  /**
   * Computes which members a change really adds and removes. Writes nothing.
   *
   * @param groupId undefined for a new group
   * @throws UnknownReferenceError for IDs that are no resources, when the change rejects pending members
   */
  resolveMembers(groupId: string | undefined, change: MemberChange): AppliedMembers {
    const applied = applyMembers(this.#present(groupId), change, (id) => this.tableOf(id) !== undefined);
    return { ...applied, inserted: applied.inserted.map((member) => this.#typed(member)) };
  }

  /** As `resolveMembers`, in parts. */
  *resolveMembersInParts(
    groupId: string | undefined,
    change: MemberChange,
  ): Generator<undefined, AppliedMembers, undefined> {
    const exists = (id: string): boolean => this.tableOf(id) !== undefined;
    const applied = yield* applyMembersInParts(this.#present(groupId), change, exists);
    yield;
    return { ...applied, inserted: applied.inserted.map((member) => this.#typed(member)) };
  }

  #present(groupId: string | undefined): MemberIds {
    return groupId === undefined ? nobody : this.memberships.idsOf(groupId);
  }

  /** Removes a resource from all groups of the tenant. */
  forget(id: string): void {
    for (const group of this.memberships.forget(id)) this.tableOf(group)?.touch(group);
  }

  // The type is that of the resource, and its name is looked up for each response; of a pending member both are as the
  // client sent them.
  #typed(member: Member): Member {
    const type = this.tableOf(member.value)?.type;
    if (type === undefined) return member;
    return { value: member.value, type };
  }
}

const nobody: ReadonlySet<string> = new Set();

/** Versions and times of one store, which never go back. */
export class Clock {
  readonly #clock: () => number;
  #version = 0;
  #time = Number.NEGATIVE_INFINITY;
  #text = '';

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** `meta` of a resource that changes now. @param created undefined for a new resource */
  stamp(created: StoredMeta['created'] | undefined): StoredMeta {
    const now = this.#clock();
    // `lastModified` must not go back when the system clock does.
    if (now > this.#time) {
      this.#time = now;
      this.#text = new Date(now).toISOString();
    }
    return { created: created ?? this.#text, lastModified: this.#text, version: String(++this.#version) };
  }
}
