import type { Attributes, Selection } from '../contract/attribute.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import type { ChangeEvent } from '../contract/event.js';
import type { GroupStore, ResourceStore, WriteResult, WriteTransaction } from '../contract/store.js';
import type { Access, BulkFailure, ChangeCheck, ProposedChange, RequestedChange } from '../hooks.js';
import type { Adopt } from '../lifecycle/adoption/adoption.js';
import type { Limits } from '../limits.js';
import type { Cursors } from '../protocol/cursor.js';
import type { PathReader } from '../protocol/path.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Parts } from '../schema/restrict-type.js';
import type { Validator } from '../schema/validate.js';
import type { ApplyCustomQuirks } from './custom-quirks.js';
import type { KeyedLocks } from '../contract/keyed-locks.js';
import type { Deadlines } from './deadlines.js';
import type { ReportFault, ReportOnce } from './faults.js';
import type { FilterCache } from './filter-cache.js';
import type { ProjectionCache } from './projection-cache.js';
import type { Reference } from './references.js';

/** A resource type with the store that keeps it, and everything that is compiled for it at creation. */
export interface ServedType {
  /** As the client sees it. */
  readonly type: ResourceType;
  /** As it is stored: `type` itself, unless `options.access` hides attributes from the client or keeps it from writing them. */
  readonly stored: ResourceType;
  /** Undefined where the client sees and writes all attributes. */
  readonly restricted: RestrictedAttributes | undefined;
  readonly store: ResourceStore<Attributes>;
  readonly validator: Validator;
  readonly filters: FilterCache;
  readonly paths: PathReader;
  readonly projections: ProjectionCache;
  /** Attributes that name other resources: their `$ref` and display name are derived. */
  readonly references: readonly Reference[];
  /** True for groups, whose members are stored apart. */
  readonly hasMembers: boolean;
  /** True where the client writes `members`, as deltas. */
  readonly memberDeltas: boolean;
  /** True where a PUT must read the stored resource first. */
  readonly carriesOver: boolean;
  /** What clients can do with it; anything else is 405. */
  readonly operations: ReadonlySet<Access['operation']>;
  /** Status of a PATCH that selects no attributes. */
  readonly patchStatus: 200 | 204;
  /** Every top-level attribute, but neither `members` of groups nor `groups` of users: reading them costs extra. */
  readonly fullSelection: Selection;
}

/** What `options.access` keeps from a client. */
interface RestrictedAttributes {
  /** Parts of a resource that the client does not see. */
  readonly hidden: Parts;
  /** Parts inside attributes that the client writes, which stay as they are. */
  readonly kept: Parts;
  /** Paths of the attributes that a creation needs and the client cannot write. */
  readonly missing: readonly string[];
}

/** What all operations of one router share; made once. */
export interface Service {
  /** In the order of /ResourceTypes. */
  readonly servedTypes: readonly ServedType[];
  /** The same by the name of the resource type. */
  readonly byName: ReadonlyMap<string, ServedType>;
  /** Reads `User.groups`; undefined where the attribute is not announced. */
  readonly groupsOf: NonNullable<GroupStore['groupsOf']> | undefined;
  readonly limits: Limits;
  readonly cursors: Cursors;
  readonly strict: boolean;
  readonly deadlines: Deadlines;
  /**
   * Makes the version that a client gets, where attributes are hidden from it: a store may make versions of all that it
   * keeps. Undefined where the client gets the version of the store.
   */
  readonly maskVersion: ((version: string, id: string, tenant: string) => string) | undefined;
  readonly activeByDefault: boolean;
  readonly pendingMembers: 'keep' | 'reject' | 'ignore';
  /** Undefined where the host has no quirks of its own. */
  readonly customQuirks: ApplyCustomQuirks | undefined;
  /** ID of the user that the client is, for /Me; undefined where /Me is not offered. */
  readonly me: ((ctx: ScimContext) => Awaitable<string | null | undefined>) | undefined;
  readonly authorize: ((access: Access, ctx: ScimContext) => Awaitable<boolean>) | undefined;
  readonly adopt: Adopt | undefined;
  readonly beforeChange:
    ((change: ProposedChange, ctx: ScimContext) => Awaitable<ChangeCheck | undefined | void>) | undefined;
  readonly withinWrite:
    | ((
        change: RequestedChange,
        result: WriteResult<Attributes>,
        transaction: WriteTransaction,
        ctx: ScimContext,
      ) => Awaitable<void>)
    | undefined;
  /** What has one write at a time in this process, where a store runs no checks: one lock for each tenant. */
  readonly locks: KeyedLocks;
  readonly onChange: ((event: ChangeEvent) => Awaitable<void>) | undefined;
  readonly onError: ReportFault;
  /** Tells `onError`, once, what a hook returned that it must not return. */
  readonly reportOnce: ReportOnce;
}

/** What an operation returns; `http` writes it. */
export interface ScimResponse {
  readonly status: number;
  readonly body?: object | undefined;
  /**
   * A list of several resources: makes it shorter, so that its body takes no more than `limits.pageBytes`.
   *
   * @param count how many of the resources fit
   * @throws TooManyError for a page whose length the client has to choose
   */
  readonly shorten?: ((count: number) => Promise<ScimResponse>) | undefined;
  readonly location?: string | undefined;
  readonly etag?: string | undefined;
  /** Of a bulk request: the operations that failed, for the report. */
  readonly failures?: readonly BulkFailure[] | undefined;
  /** Of a bulk request: how many operations were begun, and how many of them failed. */
  readonly bulk?: { readonly operations: number; readonly failed: number } | undefined;
  /** Methods for the Allow header. */
  readonly allow?: readonly string[] | undefined;
}
