/** The store contract: the complete persistence of the library, as types. `MemoryStore` is the reference. */

import type { Selection } from './attribute.js';
import type { Awaitable } from './awaitable.js';
import type { ScimContext } from './context.js';
import type { ChangeEvent } from './event.js';
import type { ListQuery, Page } from './filter.js';
import type { Group, GroupRef, Member, Stored, User } from './resource.js';

/**
 * Persistence of one resource type.
 *
 * An id that is unknown, deleted or another tenant's is a value (`undefined`, `false`); every
 * other refusal is thrown. Checks come in this order: absent, VersionMismatchError,
 * UnknownReferenceError, ConflictError. Ids are unique over all resource types of a tenant, and
 * are never used again. What a store returns is never changed by the library, so it may hand out
 * what it keeps; what it is given is never changed afterwards either.
 */
export interface ResourceStore<R> {
  /** What this store cannot do; left out: everything the schema has. Read once, at creation of the router. */
  readonly supports?: Supports | undefined;
  /** Inserts. @throws ConflictError when a unique key is taken, decided by an index and not by a lookup. */
  create(creation: Creation<R>, ctx: ScimContext): Awaitable<WriteResult<R>>;
  /** One resource, or undefined. */
  get(id: string, selection: Selection, ctx: ScimContext): Awaitable<Stored<R> | undefined>;
  /**
   * The resources that match, in the order asked for; ties by id, or by the key that ids are made of, in the direction of
   * the last sort key. With no sort key in one order that stays the same from page to page (creation, or id).
   * `select(query, rows)` does it all for a small store.
   */
  list(query: ListQuery<R>, ctx: ScimContext): Awaitable<Page<R>>;
  /** Applies the whole change in one write or nothing of it; what is already so is no change: `version` and `lastModified` stay. */
  update(id: string, change: Change<R>, ctx: ScimContext): Awaitable<WriteResult<R> | undefined>;
  /**
   * Makes the resource invisible to every call, with its memberships, in one write; its unique keys are free again.
   * A group that loses a member by it has changed: its `version` differs.
   */
  delete(id: string, removal: Removal<R>, ctx: ScimContext): Awaitable<boolean>;
  /** Display names for `manager.displayName` and `members.display`, by id; without it they are left out. */
  namesOf?(ids: readonly string[], ctx: ScimContext): Awaitable<ReadonlyMap<string, string>>;
}

/** Persistence of users; `groups` beside it where the host has groups. */
export interface UserStore extends ResourceStore<User> {
  /** Without it there is no /Groups, and User.groups is not announced. */
  readonly groups?: GroupStore | undefined;
}

/** Persistence of groups and their members. */
export interface GroupStore extends ResourceStore<Group> {
  /** Groups of each user, for User.groups, in one query for a whole page; without it the attribute is not announced. */
  groupsOf?(userIds: readonly string[], ctx: ScimContext): Awaitable<ReadonlyMap<string, readonly GroupRef[]>>;
}

/** Common to the three writes. */
export interface Write<R> {
  /** With `supports.outbox`: call it inside the transaction, once what happened is known, and save what it returns there. */
  events(result: WriteResult<R>): readonly ChangeEvent[];
}

/** What `create` is given. */
export interface Creation<R> extends Write<R> {
  /** Everything but id, meta and members; as for `set`, the store may keep the object itself. */
  readonly resource: Readonly<R>;
  /** Groups: the first members. */
  readonly members?: MemberChange | undefined;
  /** For each unique attribute its prepared form (case, width, NFC): what the unique index holds. */
  readonly keys: Readonly<Record<string, string>>;
  readonly selection: Selection;
}

/** What `update` is given. */
export interface Change<R> extends Write<R> {
  /** Compare inside the write. Present after If-Match, and wherever a new value was worked out from an old one. */
  readonly ifVersion?: string | undefined;
  /** Whole new values of top-level attributes; an extension is one attribute, named by its URN. Never `members`. */
  readonly set: Readonly<Partial<R>>;
  /** Attributes to unassign. */
  readonly unset: readonly (keyof R & string)[];
  /** Groups: applied in the same write as `set` and `unset`. */
  readonly members?: MemberChange | undefined;
  /**
   * Prepared forms, by path, of the unique attributes in `set`. A unique attribute that stands in `unset`, or inside an
   * attribute that is in `set`, and has no key here is gone: its old key is free.
   */
  readonly keys: Readonly<Record<string, string>>;
  readonly selection: Selection;
}

/** What `delete` is given. A store without an outbox may call `events` here too: so the event tells what was deleted. */
export interface Removal<R> extends Write<R> {
  readonly ifVersion?: string | undefined;
}

/** A set operation: no id is in both lists; adding who is there and removing who is gone change nothing. */
export interface MemberChange {
  readonly add: readonly Member[];
  readonly remove: readonly string[];
  /** True: afterwards the members are exactly `add`; those who stay are neither added nor removed. */
  readonly only?: boolean | undefined;
  /**
   * Of an added id that is no resource of this tenant: throw UnknownReferenceError, or keep it until it appears. An id
   * of a resource that this store cannot take as a member, such as a group where groups do not nest, counts as unknown.
   */
  readonly pending: 'reject' | 'keep';
}

/** What really happened in a write. */
export interface WriteResult<R> {
  /** After the write (of a delete: before it): id, meta and at least what `want` names. */
  readonly resource: Stored<R>;
  /** False when everything was already so. */
  readonly changed: boolean;
  /** The resource before an update, where the store knows it: events then tell exactly what changed. */
  readonly before?: Stored<R> | undefined;
  /** Members really added and removed; needed for exact events, left out when unknown. */
  readonly added?: readonly string[] | undefined;
  readonly removed?: readonly string[] | undefined;
}

/** What a store cannot do. Left out: it can. */
export interface Supports {
  /** Attributes kept, as paths; others are dropped, reported, and not in /Schemas. */
  readonly attributes?: readonly string[] | undefined;
  /** Filters understood; `'equals'` answers others with 400 invalidFilter. Default `'all'`. */
  readonly filter?: 'all' | 'equals' | undefined;
  readonly sort?: boolean | undefined;
  readonly cursor?: boolean | undefined;
  /** False: an unknown member cannot be kept (a foreign key forbids it); the store is then always told to reject. Default true. */
  readonly pendingMembers?: boolean | undefined;
  /** `'one'`: a second tenant is refused by the router. Default `'many'`. */
  readonly tenants?: 'one' | 'many' | undefined;
  /** True: the store saves what `events` returns in its own transaction, and delivers it. */
  readonly outbox?: boolean | undefined;
}
