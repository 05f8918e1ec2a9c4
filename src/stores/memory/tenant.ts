import { UnknownReferenceError } from '../../errors.js';
import type { GroupRef, Member, StoredMeta } from '../../contract/resource.js';
import type { MemberChange } from '../../contract/store.js';
import { Memberships } from './memberships.js';

/** One resource type of a tenant, as the others see it. */
export interface Holder {
  /** Name of the resource type. */
  readonly type: string;
  has(id: string): boolean;
  /** What users call the resource. */
  nameOf(id: string): string | undefined;
  /** Notes that the resource has changed from outside: a member of it was deleted. */
  touch(id: string): void;
}

/** What members of a change were really added and removed. */
export interface MemberDelta {
  readonly added: readonly Member[];
  readonly removed: readonly string[];
}

/** What is shared by all resource types of one tenant: ids, names and memberships. */
export class Tenant {
  readonly memberships = new Memberships();
  readonly #holders: Holder[] = [];

  join(holder: Holder): void {
    this.#holders.push(holder);
  }

  holderOf(id: string): Holder | undefined {
    return this.#holders.find((holder) => holder.has(id));
  }

  nameOf(id: string): string | undefined {
    return this.holderOf(id)?.nameOf(id);
  }

  groupsOf(id: string): readonly GroupRef[] {
    return this.memberships.groupsOf(id, (group) => this.nameOf(group));
  }

  /**
   * What a change of members comes to, before anything is written.
   *
   * @param groupId undefined for a group that is only being made
   * @throws UnknownReferenceError
   */
  judge(groupId: string | undefined, change: MemberChange): MemberDelta {
    if (change.pending === 'reject') {
      const unknown = change.add.filter(({ value }) => this.holderOf(value) === undefined);
      if (unknown.length > 0) throw new UnknownReferenceError(unknown.map(({ value }) => value));
    }
    const added = new Map<string, Member>();
    for (const member of change.add) {
      if (!this.#has(groupId, member.value)) added.set(member.value, this.#named(member));
    }
    const removed: string[] = [];
    if (groupId !== undefined && change.only === true) {
      const kept = new Set(change.add.map(({ value }) => value));
      for (const { value } of this.memberships.of(groupId)) if (!kept.has(value)) removed.push(value);
    } else {
      for (const id of new Set(change.remove)) if (this.#has(groupId, id)) removed.push(id);
    }
    return { added: [...added.values()], removed };
  }

  /** Deletes all trace of a resource from the groups of the tenant. */
  forget(id: string): void {
    for (const group of this.memberships.forget(id)) this.holderOf(group)?.touch(group);
  }

  #has(groupId: string | undefined, memberId: string): boolean {
    return groupId !== undefined && this.memberships.member(groupId, memberId) !== undefined;
  }

  // The name is asked for at each answer and the type is the resource's own; of a pending member both are the client's.
  #named(member: Member): Member {
    const type = this.holderOf(member.value)?.type;
    if (type === undefined) return member;
    return { value: member.value, type };
  }
}

/** Versions and times of one store; both only go forward. */
export class Clock {
  readonly #now: () => number;
  #version = 0;
  #time = Number.NEGATIVE_INFINITY;
  #text = '';

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `meta` of a resource that changes now; `created` undefined: that comes into being now. */
  stamp(created: StoredMeta['created'] | undefined): StoredMeta {
    const now = this.#now();
    // A system clock may be set back; `lastModified` must not follow it.
    if (now > this.#time) {
      this.#time = now;
      this.#text = new Date(now).toISOString();
    }
    return { created: created ?? this.#text, lastModified: this.#text, version: String(++this.#version) };
  }
}
