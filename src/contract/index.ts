/**
 * The store contract: the whole persistence of the library, as types.
 *
 * A host implements `UserStore` (and `GroupStore` for groups); `MemoryStore` is the reference.
 * docs/stores.md explains each method with its invariants.
 */

/** A value, or a promise of it: a store that answers at once need not make a promise. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Attributes as plain JSON under their canonical names; an extension is one attribute named by its URN. */
export interface Attributes {
  readonly [attribute: string]: unknown;
}

/** Who asks, for whose data, until when; one object for each request. */
export interface ScimContext {
  /** Whose data: put it in every query. `'default'` in a host with one tenant. */
  readonly tenant: string;
  /** The client as `authenticate` returned it. */
  readonly actor: Actor;
  /** Also in the logs and in the answer to an error. */
  readonly requestId: string;
  /** Aborts at the deadline or when the client hangs up; a write that has begun may ignore it. */
  readonly signal: AbortSignal;
}

/** What a client may do. `read` and `write` cover every resource type. */
export type Scope = 'read' | 'write' | 'users:read' | 'users:write' | 'groups:read' | 'groups:write';

/** The authenticated client. */
export interface Actor {
  /** Names the client in events and logs; never a secret. */
  readonly id: string;
  /** Whose data it provisions. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** Left out: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  /** False: provisioning is switched off for this tenant; every request is answered 403 and nothing changes. */
  readonly enabled?: boolean | undefined;
  /** Whatever the host wants to find again in its hooks. */
  readonly data?: unknown;
}

/** A resource as the store keeps it: attributes as plain JSON, plus what the store mints. */
export type Stored<R> = R & { readonly id: string; readonly meta: StoredMeta };

/** `version`: 1 to 128 characters of A-Z a-z 0-9 . _ - ; differs after every change that a reader can see. */
export interface StoredMeta {
  readonly created: Date | string;
  readonly lastModified: Date | string;
  readonly version: string;
}

/** Top-level attributes the answer needs, canonical names; a store may always return more, except `members`. */
export type Selection = ReadonlySet<string>;

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
  /** Inserts. @throws ConflictError when a unique key is taken, decided by an index and not by a look-up. */
  create(creation: Creation<R>, ctx: ScimContext): Awaitable<WriteResult<R>>;
  /** One resource, or undefined. */
  get(id: string, want: Selection, ctx: ScimContext): Awaitable<Stored<R> | undefined>;
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

/** A value of User.groups. */
export interface GroupRef {
  readonly value: string;
  readonly display?: string | undefined;
  readonly type: 'direct' | 'indirect';
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
  readonly want: Selection;
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
  readonly want: Selection;
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
  readonly unknown: 'reject' | 'keep';
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

/** What `list` is given. */
export interface ListQuery<R> {
  /** Every match satisfies it; undefined: all. */
  readonly filter: Filter | undefined;
  /** Equalities every match satisfies (`userName`, `externalId`, `id`, ...), prepared: enough to use an index, then `matches`. */
  readonly equals: Readonly<Record<string, FilterValue>>;
  readonly sort: readonly SortKey[];
  readonly page: PageRequest;
  readonly want: Selection;
  /** Where the filter reads `members` or `groups`, give it resources that hold them; the same for sort keys. */
  matches(resource: Stored<R>): boolean;
  compare(a: Stored<R>, b: Stored<R>): number;
}

/** Which part of the matches is asked for. `offset` counts from 0. */
export type PageRequest =
  | { readonly kind: 'index'; readonly offset: number; readonly limit: number }
  | {
      readonly kind: 'cursor';
      readonly after: Position | undefined;
      readonly before: Position | undefined;
      readonly limit: number;
    };

/**
 * Where a page ends, as the store made it: sort values and id (`positionOf`), or what else finds the place again when
 * rows come and go. The library encrypts it and gives it back with the same filter, sort and tenant.
 */
export type Position = readonly (string | number | boolean | null)[];

/** What `list` answers. */
export interface Page<R> {
  readonly resources: readonly Stored<R>[];
  /** Exact; may be left out with cursors only. */
  readonly totalResults?: number | undefined;
  readonly next?: Position | undefined;
  readonly previous?: Position | undefined;
}

/** One key of the order asked for. */
export interface SortKey {
  readonly attribute: AttributeRef;
  readonly descending: boolean;
}

/**
 * A filter bound to the schema. `ne`, `eq null` and value paths are already rewritten into these.
 *
 * `and` of no filters holds always, `or` of no filters never: what the schema alone decides (`meta.resourceType eq
 * "User"`) comes as one of the two, and only as the whole filter, never inside another.
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  /**
   * One and the same value of the multi-valued `attribute` satisfies `filter`, whose attributes are its sub-attributes:
   * they keep their whole `path` and `keys` (`emails.type`), with `multiValued` false, and are read from that value.
   */
  | { readonly op: 'some'; readonly attribute: AttributeRef; readonly filter: Filter }
  | { readonly op: 'present'; readonly attribute: AttributeRef }
  | {
      readonly op: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
      readonly attribute: AttributeRef;
      readonly value: FilterValue;
    };

/** The operators that compare with a value. */
export type Comparison = 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** Typed by the attribute: a Date for dateTime; a string is prepared as `keys` are (NFC, and folded where not caseExact). */
export type FilterValue = string | number | boolean | Date;

/** An attribute as a store sees it in filters and sort keys. */
export interface AttributeRef {
  /** `userName`, `name.givenName`, `emails.value`, `urn:...:User:department`: switch on this. */
  readonly path: string;
  /** Property names from the resource down to the value: `['name', 'givenName']`. A URN holds dots and colons, so `path` is not to be split. */
  readonly keys: readonly string[];
  readonly type: AttributeType;
  /** True also for a sub-attribute of a multi-valued attribute (`emails.type`) outside of `some`: any of its values counts. */
  readonly multiValued: boolean;
  readonly caseExact: boolean;
}

/** The data types of RFC 7643 2.3. */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';

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

/** What happened, after it was committed. Plain JSON, fit for a table. */
export interface ChangeEvent {
  readonly id: string;
  /** `user.created`, `user.deactivated`, `group.updated`, `member.added`, ... */
  readonly type: string;
  /** When, as an RFC 3339 timestamp. */
  readonly time: string;
  readonly tenant: string;
  readonly actor: string;
  readonly requestId: string;
  readonly resourceType: string;
  readonly resourceId: string;
  /** Top-level attributes that the write named. */
  readonly changed: readonly string[];
  /** Ids of the ledger entries that were applied to the request. */
  readonly quirks: readonly string[];
  readonly data: Json;
}

/** A value of a multi-valued complex attribute with the default sub-attributes (RFC 7643 2.4). */
export interface MultiValue {
  readonly value?: string;
  readonly display?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** RFC 7643 4.1, as stored. */
export interface User {
  userName: string;
  externalId?: string;
  active?: boolean;
  displayName?: string;
  nickName?: string;
  profileUrl?: string;
  title?: string;
  userType?: string;
  preferredLanguage?: string;
  locale?: string;
  timezone?: string;
  name?: {
    readonly formatted?: string;
    readonly familyName?: string;
    readonly givenName?: string;
    readonly middleName?: string;
    readonly honorificPrefix?: string;
    readonly honorificSuffix?: string;
  };
  emails?: readonly MultiValue[];
  phoneNumbers?: readonly MultiValue[];
  ims?: readonly MultiValue[];
  photos?: readonly MultiValue[];
  addresses?: readonly {
    readonly formatted?: string;
    readonly streetAddress?: string;
    readonly locality?: string;
    readonly region?: string;
    readonly postalCode?: string;
    readonly country?: string;
    readonly type?: string;
    readonly primary?: boolean;
  }[];
  entitlements?: readonly MultiValue[];
  roles?: readonly MultiValue[];
  x509Certificates?: readonly MultiValue[];
  [extension: `urn:${string}`]: { readonly [attribute: string]: Json } | undefined;
}

/** RFC 7643 4.2, as stored. */
export interface Group {
  displayName: string;
  externalId?: string;
  /** Only where asked for. */
  members?: readonly Member[];
  [extension: `urn:${string}`]: { readonly [attribute: string]: Json } | undefined;
}

/** A value of Group.members. */
export interface Member {
  readonly value: string;
  /** Name of the resource type: `User`, `Group`, or another that the router serves (RFC 9944 4). */
  readonly type?: string | undefined;
  readonly display?: string | undefined;
}
