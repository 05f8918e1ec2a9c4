import type { Member } from '../contract/resource.js';
import type { MemberChange } from '../contract/store.js';
import { UnknownReferenceError } from '../errors.js';
import { checkMemberIds } from './member-ids.js';

/**
 * The ids of the present members: a `Set` fits. They are iterated only where `change.only` is true, so that `has` can ask
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
  /** Ids of the members to delete: `WriteResult.removed`. */
  readonly removed: readonly string[];
  /** Ids that are skipped because no resource has them: `WriteResult.ignored`. */
  readonly ignored: readonly string[];
}

/**
 * Computes what a change of members really adds and removes. Pure: it changes neither argument.
 *
 * Members are a set. Adding one that is present, or removing one that is absent, is nothing; an id that is named twice
 * counts once. With `only` exactly the members in `add` remain, and those who stay are in none of the lists. Where all
 * lists but `ignored` are empty, the group has not changed.
 *
 * @param ids the present members; none for a new group
 * @param change what the store received
 * @param exists whether an id is a resource of the tenant that can be a member. It decides what `change.pending` is for.
 * Default: every id is
 * @throws InvalidValueError for an id that is empty or no string
 * @throws UnknownReferenceError with all ids that are no resources, where `change.pending` is `'reject'`
 *
 * @example
 * import { applyMembers, type Change, type Group, type WriteResult, type Stored } from 'express-scim';
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
  checkMemberIds(change);
  const { add, remove, only, pending } = change;
  const unknown = pending === 'keep' ? none : new Set(add.map(({ value }) => value).filter((id) => !exists(id)));
  if (pending === 'reject' && unknown.size > 0) throw new UnknownReferenceError([...unknown]);
  const named = new Map<string, Member>();
  for (const member of add) if (!unknown.has(member.value)) named.set(member.value, member);
  const removed: string[] = [];
  if (only === true) {
    for (const id of ids) if (!named.has(id)) removed.push(id);
  } else {
    for (const id of new Set(remove)) if (ids.has(id)) removed.push(id);
  }
  const inserted = [...named.values()].filter(({ value }) => !ids.has(value));
  return { inserted, added: inserted.map(({ value }) => value), removed, ignored: [...unknown] };
}

const everything = (): boolean => true;
const none: ReadonlySet<string> = new Set();
