/**
 * The store contract: the complete persistence of the library, as types. `MemoryStore` is the reference implementation.
 */

import type { Selection } from './attribute.js';
import type { Awaitable } from './awaitable.js';
import type { ScimContext } from './context.js';
import type { ChangeEvent } from './event.js';
import type { ListQuery, Page } from './filter.js';
import type { Group, GroupRef, Member, Stored, User } from './resource.js';

/**
 * Stores resources of one type.
 *
 * - For an ID that is unknown, deleted or of another tenant, return `undefined`. Throw every other refusal.
 * - Checks come in this order: no such resource, VersionMismatchError, UnknownReferenceError, ConflictError.
 * - IDs are unique over all resource types of a tenant, and are never used again.
 * - The library never changes an object that a store returned, so a store may return the objects that it keeps. The
 *   library also never changes an object after passing it to a store.
 *
 * @example
 * import type { ResourceStore } from 'express-scim';
 *
 * // A resource type that clients can only read.
 * interface Role {
 *   readonly displayName: string;
 * }
 *
 * const refuse = (): never => {
 *   throw new Error('Roles are managed in the app.');
 * };
 *
 * export const roles: ResourceStore<Role> = {
 *   supports: { attributes: ['displayName'], sort: false, cursor: false },
 *   create: refuse,
 *   update: refuse,
 *   delete: refuse,
 *   get: () => undefined,
 *   list: () => ({ resources: [], totalResults: 0 }),
 * };
 */
export interface ResourceStore<R> {
  /** What this store cannot do. Default: it supports everything. Read once, when the router is created. */
  readonly supports?: Supports | undefined;
  /**
   * Inserts a resource.
   *
   * @throws ConflictError when a unique key is taken. An index decides that, not a lookup before the insert
   */
  create(creation: Creation<R>, ctx: ScimContext): Awaitable<WriteResult<R>>;
  /** Returns one resource, or undefined. */
  get(id: string, selection: Selection, ctx: ScimContext): Awaitable<Stored<R> | undefined>;
  /**
   * Returns the matching resources in the requested order.
   *
   * The tie-breaker is the ID, or the key that IDs are made of, in the direction of the last sort key. Without sort
   * keys any order is fine that stays the same from page to page (creation, or ID). `selectPage(query, rows)` does all
   * of this for a small store.
   */
  list(query: ListQuery<R>, ctx: ScimContext): Awaitable<Page<R>>;
  /**
   * Applies the whole change in one write, or none of it. Returns undefined when there is no such resource.
   *
   * Writing values that are already stored is a no-op: `version` and `lastModified` do not change.
   *
   * @throws VersionMismatchError when `ifVersion` is not the stored version
   * @throws UnknownReferenceError for an added member that does not exist, where `pending` is `'reject'`
   * @throws ConflictError when a unique key is taken
   */
  update(id: string, change: Change<R>, ctx: ScimContext): Awaitable<WriteResult<R> | undefined>;
  /**
   * Deletes a resource and its memberships in one write: no later call finds it, and its unique keys are free again.
   * Returns undefined when there is no such resource, and otherwise `changed: true` with the resource before the
   * deletion: at least its `id` and `meta`. With the attributes, the change event contains them.
   *
   * A group that loses a member this way has changed: its `version` differs.
   *
   * @throws VersionMismatchError when `ifVersion` is not the stored version
   */
  delete(id: string, removal: Removal<R>, ctx: ScimContext): Awaitable<WriteResult<R> | undefined>;
  /**
   * Returns display names by ID, for `manager.displayName` and `members.display`; an ID of another type is omitted. Without
   * this method both are omitted from responses.
   */
  namesOf?(ids: readonly string[], ctx: ScimContext): Awaitable<ReadonlyMap<string, string>>;
}

/** Stores users, and groups if your app has groups. */
export interface UserStore extends ResourceStore<User> {
  /** Without it there is no /Groups endpoint, and /Schemas does not list `User.groups`. */
  readonly groups?: GroupStore | undefined;
}

/** Stores groups and their members. */
export interface GroupStore extends ResourceStore<Group> {
  /**
   * Returns the groups of each user, for `User.groups`, in one query for a whole page. Without it /Schemas does not
   * list the attribute. Not called for users that a store returned with `groups`.
   */
  groupsOf?(userIds: readonly string[], ctx: ScimContext): Awaitable<ReadonlyMap<string, readonly GroupRef[]>>;
}

/** The part that `Creation`, `Change` and `Removal` share. */
export interface Write<R> {
  /**
   * Returns the change events of a result. A store with `supports.outbox` calls it inside its transaction, when the
   * result is known, and saves the events there. It may also call it before, with the result that it expects, if it saves
   * the events only when exactly that is written. Of an update the events then need `added` and `removed`, the values of
   * `set` and `unset` in `before`, and of `resource` the `id`.
   */
  events(result: WriteResult<R>): readonly ChangeEvent[];
  /**
   * Paths, as in `AttributeRef.path`, of the string attributes that compare exactly: strings with `caseExact`,
   * references and binary values (RFC 7643 2.2, 2.3). All other strings compare without letter case. `normalize` needs
   * to know it when a store writes normalized text in addition to the values. The same object at every call for a resource
   * type.
   */
  readonly caseExact: ReadonlySet<string>;
  /** What must be true inside the write. Present only if the store has `supports.checks`. Usually undefined. */
  readonly check?: WriteCheck<R> | undefined;
}

/**
 * What runs inside the transaction of a write, in a store with `supports.checks`. A throw rolls everything back and is
 * passed on as it is, and no event of the write remains.
 *
 * The order inside the transaction: the lock of the tenant (only with `before`), whether the resource exists, `ifVersion`,
 * `before`, the write, `after`, the events. A transaction that the store repeats, for example after a deadlock, runs the
 * check again.
 */
export interface WriteCheck<R> {
  /**
   * Decides whether the write may happen. Among the writes of a tenant that have a `before`, of every resource type, only
   * one at a time is between its `before` and its commit, in all processes: what it counts stays true until then.
   */
  before?(transaction: WriteTransaction): Awaitable<void>;
  /** Called after the write and before the commit, also if the write was a no-op. */
  after?(result: WriteResult<R>, transaction: WriteTransaction): Awaitable<void>;
}

/** The transaction of a write. */
export interface WriteTransaction {
  /**
   * What your code needs to read and write inside the transaction: Kysely's `Transaction` in the SQL stores, undefined in
   * `MemoryStore` and in stores without transactions.
   */
  readonly handle: unknown;
}

/** What `ResourceStore.create` receives. */
export interface Creation<R> extends Write<R> {
  /** Every attribute except `id`, `meta` and `members`. The store may keep the object itself. */
  readonly resource: Readonly<R>;
  /** Groups: the first members. */
  readonly members?: MemberChange | undefined;
  /** The normalized value of each unique attribute, by path: what the unique index holds. See `normalize`. */
  readonly keys: Readonly<Record<string, string>>;
  readonly selection: Selection;
}

/** What `ResourceStore.update` receives. */
export interface Change<R> extends Write<R> {
  /**
   * Compare this with the stored version inside the write. Present after If-Match, and wherever a new value was derived
   * from a stored one. Undefined: an unconditional write.
   */
  readonly ifVersion?: string | undefined;
  /** Complete new values of top-level attributes. An extension is one attribute, named by its URN. Never `members`. */
  readonly set: Readonly<Partial<R>>;
  /** Attributes to unassign. */
  readonly unset: readonly (keyof R & string)[];
  /** Groups: applied in the same write as `set` and `unset`. */
  readonly members?: MemberChange | undefined;
  /**
   * What happens to unique keys, by path: the new normalized value, or `null`, which frees the key. It is `null` for a
   * unique attribute that is unassigned, or left out of a complex value or extension that `set` replaces. Keys that are
   * not here stay as they are.
   */
  readonly keys: Readonly<Record<string, string | null>>;
  readonly selection: Selection;
}

/** What `ResourceStore.delete` receives. */
export interface Removal<R> extends Write<R> {
  /** As in `Change`. */
  readonly ifVersion?: string | undefined;
}

/**
 * A set operation on the members of a group. No ID is in both lists. Adding a present member or removing an absent one
 * changes nothing.
 */
export interface MemberChange {
  readonly add: readonly Member[];
  readonly remove: readonly string[];
  /** True: afterwards the members are exactly `add`. Members who stay count as neither added nor removed. */
  readonly only?: boolean | undefined;
  /**
   * What to do with an added ID that is not a resource of this tenant: throw UnknownReferenceError, keep it until the
   * resource appears, or skip it and name it in `WriteResult.ignored`. The ID of a resource that cannot be a member
   * in this store, such as a group if groups do not nest, counts as unknown.
   */
  readonly pending: 'reject' | 'keep' | 'ignore';
}

/** What a write did. */
export interface WriteResult<R> {
  /** The resource after the write, with the attributes of `selection`; of a delete: before it, at least `id` and `meta`. */
  readonly resource: Stored<R>;
  /** False when the write was a no-op. A deletion never is. */
  readonly changed: boolean;
  /** The resource before an update, if the store knows it. With it, events list exactly what changed. */
  readonly before?: Stored<R> | undefined;
  /** IDs of the members that were really added. With it, events are exact. Left out when unknown. */
  readonly added?: readonly string[] | undefined;
  /** IDs of the members that were really removed. Left out when unknown. */
  readonly removed?: readonly string[] | undefined;
  /** IDs that were skipped, where `MemberChange.pending` is `'ignore'`. Left out or empty when there are none. */
  readonly ignored?: readonly string[] | undefined;
}

/** What a store cannot do. The default of each field is full support. ServiceProviderConfig and /Schemas reflect it. */
export interface Supports {
  /** Paths of the attributes that the store keeps. Others are dropped, reported as a quirk, and not in /Schemas. */
  readonly attributes?: readonly string[] | undefined;
  /** The filters that `list` accepts. With `'equals'` every other filter gets 400 invalidFilter. Default `'all'`. */
  readonly filter?: 'all' | 'equals' | undefined;
  /** Whether `list` sorts. Default true. */
  readonly sort?: boolean | undefined;
  /**
   * Whether `list` pages by cursor. Default true. `'forward'`: only to the next page. `page.before` is then never set,
   * `previous` is ignored, and no response has a `previousCursor`.
   */
  readonly cursor?: boolean | 'forward' | undefined;
  /**
   * False: the store cannot keep a pending member (a foreign key forbids it), and `MemberChange.pending` is never
   * `'keep'`. Default true.
   */
  readonly pendingMembers?: boolean | undefined;
  /**
   * Paths of the unique attributes that this store enforces when they are in `keys`; other keys it ignores. Default:
   * all.
   */
  readonly keys?: readonly string[] | undefined;
  /** `'one'`: the router refuses a second tenant. Default `'many'`. */
  readonly tenants?: 'one' | 'many' | undefined;
  /** True: the store saves what `events` returns in its own transaction, and delivers it. Default false. */
  readonly outbox?: boolean | undefined;
  /**
   * True: the store runs `Write.check` inside its writes. Default false: the router then runs `before` ahead of the write,
   * one write at a time for each tenant of this process, and `options.withinWrite` is an error.
   */
  readonly checks?: boolean | undefined;
}
