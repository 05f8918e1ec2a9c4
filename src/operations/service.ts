import type { RequestContext } from './request-context.js';
import { ForbiddenError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Adopt } from '../lifecycle/adoption/adoption.js';
import type { Access, ProposedChange } from '../hooks.js';
import type { Cursors } from '../protocol/cursor.js';
import type { PathReader } from '../protocol/path.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Validator } from '../schema/validate.js';
import type { Attributes, Selection } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import type { GroupStore, ResourceStore } from '../contract/store.js';
import type { ScimContext } from '../contract/context.js';
import { type Deadlines } from './deadlines.js';
import type { FilterCache } from './filter-cache.js';
import type { ProjectionCache } from './projection-cache.js';
import type { Reference } from './references.js';

/** A resource type with the store that keeps it: what the operations work on. */
export interface ServedType {
  readonly type: ResourceType;
  readonly store: ResourceStore<Attributes>;
  readonly validator: Validator;
  readonly filters: FilterCache;
  readonly paths: PathReader;
  readonly projections: ProjectionCache;
  /** Attributes that name other resources, whose `$ref` and display name are derived. */
  readonly references: readonly Reference[];
  /** True where `members` is written as deltas: groups. */
  readonly memberDeltas: boolean;
  /** True where a PUT must look at what is stored. */
  readonly carriesOver: boolean;
  /** Status of a PATCH that asks for no attributes. */
  readonly patchStatus: 200 | 204;
  /** Every top-level attribute but `members`. */
  readonly everything: Selection;
}

/** All that the operations of one router share; made once. */
export interface Service {
  /** Resource types in the order of /ResourceTypes. */
  readonly served: readonly ServedType[];
  /** Served types by name. */
  readonly byName: ReadonlyMap<string, ServedType>;
  /** Where User.groups comes from; undefined where it is not announced. */
  readonly groupsOf: NonNullable<GroupStore['groupsOf']> | undefined;
  readonly limits: Limits;
  readonly cursors: Cursors;
  readonly strict: boolean;
  readonly deadlines: Deadlines;
  readonly activeByDefault: boolean;
  readonly pendingMembers: 'keep' | 'reject';
  /** The user that a client is, for /Me; undefined where /Me is not offered. */
  readonly me: ((ctx: ScimContext) => Awaitable<string | undefined>) | undefined;
  readonly authorize: ((access: Access, ctx: ScimContext) => Awaitable<boolean>) | undefined;
  readonly adopt: Adopt | undefined;
  readonly beforeChange: ((change: ProposedChange, ctx: ScimContext) => Awaitable<void>) | undefined;
  readonly onChange: ((event: ChangeEvent) => Awaitable<void>) | undefined;
  readonly onError: (error: unknown, ctx: ScimContext | undefined) => void;
}

/** What an operation answers; `http` turns it into bytes. */
export interface ScimResponse {
  readonly status: number;
  readonly body?: object | undefined;
  readonly location?: string | undefined;
  readonly etag?: string | undefined;
}

/**
 * Asks whether the client may do this.
 *
 * @throws ForbiddenError where it may not; nothing has been read or changed then
 */
export function authorize(service: Service, access: Access, ctx: RequestContext): Awaitable<void> {
  const allowed = service.authorize === undefined ? scopesAllow(access, ctx) : service.authorize(access, ctx);
  return isThenable(allowed) ? allowed.then(checkAllowed) : checkAllowed(allowed);
}

function checkAllowed(allowed: boolean): void {
  if (!allowed) throw new ForbiddenError('This client is not permitted to do this.');
}

function scopesAllow(access: Access, ctx: RequestContext): boolean {
  const { scopes } = ctx.actor;
  if (scopes === undefined) return true;
  const kind = access.operation === 'read' || access.operation === 'query' ? 'read' : 'write';
  if (scopes.includes(kind)) return true;
  if (access.resourceType === 'User') return scopes.includes(`users:${kind}`);
  return access.resourceType === 'Group' && scopes.includes(`groups:${kind}`);
}
