import type { Member } from '../contract/resource.js';
import type { MemberChange } from '../contract/store.js';
import { UnknownReferenceError } from '../errors.js';
import { checkMemberIds } from './member-ids.js';

/**
 * The IDs of the present members: a `Set` fits. They are iterated only where `change.only` is true, so that `has` can ask
 * an index and no other change costs more in a larger group.
 */
export interface MemberIds extends Iterable<string> {
  has(id: string): boolean;
}

/** What a change really does to the members of a group, from `applyMembers`. */
export interface AppliedMembers {
  /** The members to insert, in the order of the change. */
  readonly inserted: readonly Member[];
  /** Their ids: `WriteResult.added`. */
  readonly added: readonly string[];
  /** IDs of the members to delete: `WriteResult.removed`. */
  readonly removed: readonly string[];
  /** IDs that are skipped because no resource has them: `WriteResult.ignored`. */
  readonly ignored: readonly string[];
}

/**
 * Computes what a change of members really adds and removes. Pure: it changes neither argument.
 *
 * Members are a set. Adding one that is present, or removing one that is absent, changes nothing; an ID that is named twice
 * counts once. With `only` exactly the members in `add` remain, and a member that stays is in none of the lists. If
 * all lists except `ignored` are empty, the group has not changed.
 *
 * @param ids the present members; none for a new group
 * @param change what the store received
 * @param exists whether an ID is a resource of the tenant that can be a member. `change.pending` says what happens to the
 * others. Default: every ID is
 * @throws InvalidValueError for an ID that is empty or not a string
 * @throws UnknownReferenceError with all IDs that are not resources, if `change.pending` is `'reject'`
 *
 * @example
 * import { applyMembers, type Change, type Group, type Stored, type WriteResult } from 'express-scim/stores';
 *
 * export function moveMembers(group: Stored<Group>, ids: Set<string>, { members }: Change<Group>): WriteResult<Group> {
 *   if (members === undefined) return { resource: group, changed: false };
 *   const { added, removed } = applyMembers(ids, members);
 *   for (const id of removed) ids.delete(id);
 *   for (const id of added) ids.add(id);
 *   return { resource: group, changed: added.length + removed.length > 0, added, removed };
 * }
 */
export function applyMembers(
  ids: MemberIds,
  change: MemberChange,
  exists: (id: string) => boolean = everything,
): AppliedMembers {
  const steps = applyMembersInParts(ids, change, exists);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** How many members are handled between two yields: a few milliseconds of work. */
export const membersInPart = 5_000;

/** As `applyMembers`, in parts: a store that yields to other requests runs the next part afterwards. */
export function* applyMembersInParts(
  ids: MemberIds,
  change: MemberChange,
  exists: (id: string) => boolean,
): Generator<undefined, AppliedMembers, undefined> {
  checkMemberIds(change);
  const { add, remove, only, pending } = change;
  let handled = 0;
  const unknown = new Set<string>();
  const named = new Map<string, Member>();
  for (const member of add) {
    if (pending !== 'keep' && !exists(member.value)) unknown.add(member.value);
    else named.set(member.value, member);
    if (++handled % membersInPart === 0) yield;
  }
  if (pending === 'reject' && unknown.size > 0) throw new UnknownReferenceError([...unknown]);
  const removed: string[] = [];
  for (const id of only === true ? ids : new Set(remove)) {
    if (only === true ? !named.has(id) : ids.has(id)) removed.push(id);
    if (++handled % membersInPart === 0) yield;
  }
  const inserted: Member[] = [];
  const added: string[] = [];
  for (const member of named.values()) {
    if (!ids.has(member.value)) {
      inserted.push(member);
      added.push(member.value);
    }
    if (++handled % membersInPart === 0) yield;
  }
  return { inserted, added, removed, ignored: [...unknown] };
}

const everything = (): boolean => true;
