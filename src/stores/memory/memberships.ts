import type { GroupRef, Member } from '../../contract/resource.js';
import { type AppliedMembers, type MemberIds, membersInPart } from '../apply-members.js';
import { SteadyMap } from './steady-map.js';
import { ValueIndex } from './value-index.js';

/**
 * The memberships of one tenant, indexed from both sides: each group's members by ID, and each member's groups.
 *
 * A change costs its own size, whatever the size of the group. Pending members, whose IDs are no resources yet, are kept
 * like all others, as the client sent them.
 *
 * A change of many members is made with pauses: `after` builds the members beside the present ones, `put` replaces those
 * at once, and `settle` cleans up. Meanwhile a member may be indexed under a group that does not have it; reads compare.
 */
export class Memberships {
  readonly #members = new Map<string, SteadyMap<Member>>();
  /** At least the groups of each member. */
  readonly #groups = new ValueIndex<string>();

  member(groupId: string, memberId: string): Member | undefined {
    return this.#members.get(groupId)?.get(memberId);
  }

  count(groupId: string): number {
    return this.#members.get(groupId)?.size ?? 0;
  }

  /** Members in the order in which they were first added. */
  of(groupId: string): Member[] {
    return this.#members.get(groupId)?.values() ?? [];
  }

  /** IDs of the members, without a copy. */
  idsOf(groupId: string): MemberIds {
    const members = this.#members.get(groupId);
    return {
      has: (id) => members?.get(id) !== undefined,
      [Symbol.iterator]: () => (members?.keys() ?? []).values(),
    };
  }

  /** IDs of the groups that have this member. */
  groupsWith(memberId: string): readonly string[] {
    const groups: string[] = [];
    for (const group of this.#groups.get(memberId)) if (this.#has(group, memberId)) groups.push(group);
    return groups;
  }

  /** At least the number of groups that have this member: an estimate, to prefer the more selective index. */
  countGroupsWith(memberId: string): number {
    return this.#groups.count(memberId);
  }

  add(groupId: string, member: Member): void {
    let members = this.#members.get(groupId);
    if (members === undefined) this.#members.set(groupId, (members = new SteadyMap<Member>()));
    members.set(member.value, member);
    this.#groups.add(member.value, groupId);
  }

  remove(groupId: string, memberId: string): void {
    const members = this.#members.get(groupId);
    if (members?.delete(memberId) !== true) return;
    if (members.size === 0) this.#members.delete(groupId);
    this.#groups.remove(memberId, groupId);
  }

  /** Builds the members that a group has after a change, in parts. The group is not changed. */
  *after(groupId: string, { inserted, removed }: AppliedMembers): Generator<undefined, SteadyMap<Member>, undefined> {
    const members = new SteadyMap<Member>();
    const gone = new Set(removed);
    let handled = 0;
    for (const member of this.of(groupId)) {
      if (!gone.has(member.value)) members.set(member.value, member);
      if (++handled % membersInPart === 0) yield;
    }
    for (const member of inserted) {
      members.set(member.value, member);
      this.#groups.add(member.value, groupId);
      if (++handled % membersInPart === 0) yield;
    }
    return members;
  }

  /** Makes these the members of a group: what `after` built, where nothing has changed since. */
  put(groupId: string, members: SteadyMap<Member>): void {
    if (members.size === 0) this.#members.delete(groupId);
    else this.#members.set(groupId, members);
  }

  /** Removes from the index, in parts, what a change took away; or what it would have added, where it was not made. */
  *settle(groupId: string, { added, removed }: AppliedMembers): Generator<undefined, undefined, undefined> {
    let handled = 0;
    for (const ids of [added, removed]) {
      for (const id of ids) {
        if (!this.#has(groupId, id)) this.#groups.remove(id, groupId);
        if (++handled % membersInPart === 0) yield;
      }
    }
    return undefined;
  }

  #has(groupId: string, memberId: string): boolean {
    return this.#members.get(groupId)?.get(memberId) !== undefined;
  }

  /** Removes a resource as a member and as a group. @returns the IDs of the groups that lost a member */
  forget(id: string): readonly string[] {
    const groups = this.groupsWith(id);
    for (const group of groups) this.remove(group, id);
    for (const { value } of this.of(id)) this.#groups.remove(value, id);
    this.#members.delete(id);
    return groups.filter((group) => group !== id);
  }

  /**
   * The groups of a member, nearest first. A group that has it both directly and through another group counts as direct.
   * Each group is visited once, so groups that contain each other do not loop.
   */
  groupsOf(memberId: string, nameOf: (groupId: string) => string | undefined): readonly GroupRef[] {
    const seen = new Set<string>();
    const found: GroupRef[] = [];
    let level = this.groupsWith(memberId);
    for (let type: GroupRef['type'] = 'direct'; ; type = 'indirect') {
      const next: string[] = [];
      for (const value of level) {
        if (seen.has(value)) continue;
        seen.add(value);
        const display = nameOf(value);
        found.push(display === undefined ? { value, type } : { value, display, type });
        next.push(value);
      }
      if (next.length === 0) return found;
      level = next.flatMap((group) => this.groupsWith(group));
    }
  }

  /** IDs of all members of a group, including those of nested groups. */
  allMembersOf(groupId: string): ReadonlySet<string> {
    const found = new Set<string>();
    const open = [groupId];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      for (const { value } of this.of(group)) {
        if (found.has(value)) continue;
        found.add(value);
        if (this.#members.has(value)) open.push(value);
      }
    }
    return found;
  }
}
