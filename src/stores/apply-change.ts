import { isSameJson } from '../schema/equal.js';

/** The attributes of a resource after a change, from `applyChange`. */
export interface AppliedChange<T> {
  /**
   * The resource after the change, with `meta` as before: a new object that shares the values that did not change, or
   * `before` itself if nothing did.
   */
  readonly after: T;
  /** Names of the top-level attributes whose values differ. Empty: a no-op, so `version` and `lastModified` stay. */
  readonly changed: readonly string[];
}

/**
 * Applies `set` and `unset` of a change to the attributes of a resource. Pure: it changes neither argument, and reads
 * and writes nothing else. It ignores `keys` and `members`: see `Change.keys` and `applyMembers`.
 *
 * A value that equals the stored one (`isSameJson`) is not a change. A new value replaces the old one as a whole; objects
 * are not merged, extensions included. Properties of `set` that are undefined are ignored.
 *
 * @param before the resource as stored
 * @param change what `ResourceStore.update` received
 *
 * @example
 * import { applyChange, type Change, type Stored, type User, type WriteResult } from 'express-scim/stores';
 *
 * export function update(before: Stored<User>, change: Change<User>, version: string): WriteResult<User> {
 *   const { after, changed } = applyChange(before, change);
 *   if (changed.length === 0) return { resource: before, changed: false, before };
 *   const meta = { ...before.meta, lastModified: new Date(), version };
 *   return { resource: { ...after, meta }, changed: true, before };
 * }
 */
export function applyChange<T extends object>(
  before: T,
  { set, unset }: { readonly set: object; readonly unset: readonly string[] },
): AppliedChange<T> {
  const valueOf = (name: string): unknown => (Object.hasOwn(before, name) ? Reflect.get(before, name) : undefined);
  const written = new Map<string, unknown>();
  for (const [name, value] of Object.entries(set)) {
    if (value !== undefined && !isSameJson(valueOf(name), value)) written.set(name, value);
  }
  const removed = new Set(unset.filter((name) => valueOf(name) !== undefined));
  if (written.size + removed.size === 0) return { after: before, changed: [] };
  for (const name of removed) written.delete(name);
  return { after: replaced(before, written, removed), changed: [...written.keys(), ...removed] };
}

function replaced<T extends object>(before: T, written: ReadonlyMap<string, unknown>, removed: ReadonlySet<string>): T {
  const after = { ...before, ...Object.fromEntries(written) };
  if (removed.size === 0) return after;
  // `delete` would make V8 store the object as a hash table, at three times the size.
  return Object.fromEntries(Object.entries(after).filter(([name]) => !removed.has(name))) as T;
}
