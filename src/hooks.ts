import type { Attributes } from './contract/attribute.js';
import type { Awaitable } from './contract/awaitable.js';
import type { Actor } from './contract/context.js';
import type { TracedCall } from './contract/diagnostics.js';
import type { WriteCheck } from './contract/store.js';
import type { ScimErrorCode, ValueMistake } from './errors.js';

/**
 * An operation that a client wants to run: what `options.authorize` decides about.
 *
 * A query and a search are both `query`. Each operation of a bulk request is an Access of its own. A write whose response
 * shows the resource also asks about `read`: if that is not permitted, the response contains only `id` and `meta`.
 *
 * @example
 * import type { Access, ScimContext } from 'express-scim';
 *
 * // Only one client may delete.
 * export function authorize(access: Access, ctx: ScimContext): boolean {
 *   return access.operation !== 'delete' || ctx.actor.id === 'entra';
 * }
 */
export interface Access {
  readonly operation: 'create' | 'read' | 'query' | 'replace' | 'patch' | 'delete';
  /** Name of the resource type: `User`, `Group`, or one of `options.resourceTypes`. */
  readonly resourceType: string;
  /**
   * ID of the resource as the URL names it; undefined for `create` and `query`, and for the `read` that decides what the
   * response to a POST shows. It need not exist.
   */
  readonly id?: string | undefined;
}

/**
 * A validated change: what `options.beforeChange` and `options.withinWrite` get.
 *
 * A PUT (`replace`) sets every attribute in its body and unsets the others. A `delete` sets and unsets nothing.
 * Linking an existing account (`options.adopt`) is a `patch`.
 *
 * @example
 * import type { RequestedChange } from 'express-scim';
 *
 * export const deactivates = (change: RequestedChange): boolean => change.set['active'] === false;
 */
export interface RequestedChange extends Access {
  /** Top-level attributes to set, with their whole new values, under their canonical names. */
  readonly set: Attributes;
  /** Top-level attributes to unassign, canonical names. */
  readonly unset: readonly string[];
  /** IDs of the members to add. With `replaceMembers` these are all the members afterwards. */
  readonly addMembers: readonly string[];
  /** IDs of the members to remove. */
  readonly removeMembers: readonly string[];
  /** True where `addMembers` replaces the members of the group. */
  readonly replaceMembers: boolean;
  /** True where `options.adopt` links an account: a `patch` that no client can send. */
  readonly links: boolean;
}

/**
 * A validated change that is about to be written: what `options.beforeChange` may refuse, by throwing a ScimError.
 *
 * @example
 * import { ForbiddenError, type ProposedChange } from 'express-scim';
 *
 * export async function beforeChange(change: ProposedChange): Promise<void> {
 *   if (change.operation !== 'delete' || change.resourceType !== 'User') return;
 *   const user = await change.current();
 *   if (user?.['userType'] === 'service') throw new ForbiddenError('Delete service accounts in the application.');
 * }
 */
export interface ProposedChange extends RequestedChange {
  /**
   * Reads the resource as it is now; undefined for `create`. The members of a group may be missing.
   *
   * Once you call it, the write succeeds only if the resource is still the same. Otherwise the change is computed again
   * and `beforeChange` runs again, or the client gets a 412 if it sent If-Match. Call it before you return a
   * `ChangeCheck`: the store compares the version before it runs the check, which may then rely on what it saw.
   */
  current(): Awaitable<Attributes | undefined>;
}

/**
 * What `options.beforeChange` may return, to decide inside the write: `before` runs in the transaction of the write while
 * no other checked write of the tenant is under way, so what it counts cannot change until the commit.
 *
 * Read and write through `transaction.handle` there, never through another connection: on SQLite a second connection
 * waits for the first until the deadline of the request. Without `supports.checks` of the store, `before` runs ahead of
 * the write, one at a time in this process only, and `after` is an error.
 *
 * @example
 * import { type ChangeCheck, ForbiddenError, type ProposedChange, type WriteTransaction } from 'express-scim';
 *
 * declare function projectsOf(userId: string, transaction: WriteTransaction): Promise<number>;
 *
 * export function beforeChange(change: ProposedChange): ChangeCheck | undefined {
 *   const { id } = change;
 *   if (change.operation !== 'delete' || id === undefined) return undefined;
 *   return {
 *     async before(transaction) {
 *       if ((await projectsOf(id, transaction)) > 0) throw new ForbiddenError('This user still owns projects.');
 *     },
 *   };
 * }
 */
export interface ChangeCheck extends WriteCheck<Attributes> {
  /**
   * Called if the write failed, after the rollback of its transaction and outside of it: for what `before` did
   * elsewhere, and for what must be kept although the write was refused.
   */
  failed?(error: unknown): Awaitable<void>;
}

/**
 * One response, for metrics and logs: what `options.onResponse` gets once it is sent. It contains no personal data.
 *
 * `operation`, `resourceType` and `id` are undefined for discovery, bulk, /Me and queries over all types, and where the
 * request failed before its endpoint was known.
 *
 * @example
 * import type { ResponseRecord } from 'express-scim';
 *
 * export function onResponse(record: ResponseRecord): void {
 *   const { requestId, tenant, operation, resourceType, status, milliseconds } = record;
 *   process.stdout.write(`${JSON.stringify({ requestId, tenant, operation, resourceType, status, milliseconds })}\n`);
 * }
 */
export interface ResponseRecord extends Partial<Access> {
  /** UUID of the request. It is also in `ScimContext`, in change events and in the body of a 500. */
  readonly requestId: string;
  /** Undefined if the client was not authenticated. */
  readonly tenant?: string | undefined;
  /** `id` of the actor; undefined if the client was not authenticated. */
  readonly actor?: string | undefined;
  /** HTTP status. */
  readonly status: number;
  /** `scimType` of an error (RFC 7644 Table 9), if it has one. */
  readonly scimType?: string | undefined;
  /** `code` of an error. Unlike its message it stays the same across versions. */
  readonly code?: ScimErrorCode | undefined;
  /** Of a 400 invalidValue or invalidSyntax: each wrong attribute, as `InvalidValueError` lists them. Never a value. */
  readonly errors?: readonly ValueMistake[] | undefined;
  /** Of a bulk request: operations that failed, at most 100 of them, and at most 100 wrong attributes in all. */
  readonly failures?: readonly BulkFailure[] | undefined;
  /** Time from the arrival of the request until the response was written. */
  readonly milliseconds: number;
  /** IDs of the quirks that were applied. */
  readonly quirks: readonly string[];
  /** The client that the User-Agent or the URL suggests, such as `entra`. Anybody can send either: for reports only. */
  readonly client?: string | undefined;
}

/**
 * One request: the message of `tracing:express-scim:request:*`. It contains no values of attributes, no query string and no
 * header but those of the trace context.
 *
 * The properties of the response are undefined until `asyncEnd`.
 *
 * @example
 * import { tracingChannel } from 'node:diagnostics_channel';
 * import type { RequestMessage } from 'express-scim/otel';
 *
 * tracingChannel<unknown, RequestMessage>('express-scim:request').asyncEnd.subscribe((message) => {
 *   const { method, route = 'unknown', response } = message as RequestMessage;
 *   console.log(method, route, response?.status);
 * });
 */
export interface RequestMessage extends TracedCall {
  /** UUID of the request, as in `x-request-id` of the response. */
  readonly requestId: string;
  /** HTTP method, in upper case. */
  readonly method: string;
  /** `traceparent` of the request (W3C Trace Context), if it has one. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** The endpoint below the mount point, such as `/Users/{id}`; undefined if the request reached none. */
  route?: string;
  /** As `options.onResponse` gets it. */
  response?: ResponseRecord;
  /** Of a bulk request: how many operations were begun, and how many of them failed. */
  bulk?: { readonly operations: number; readonly failed: number };
}

/**
 * An operation of a bulk request that failed. Never a value.
 *
 * @example
 * import type { BulkFailure } from 'express-scim';
 *
 * export function describeFailure({ index, status, code, errors = [] }: BulkFailure): string {
 *   const paths = errors.map(({ path }) => path);
 *   return `Operation ${String(index)}: ${String(status)} ${code} ${paths.join(', ')}`;
 * }
 */
export interface BulkFailure {
  /** Index of the operation in the request. */
  readonly index: number;
  /** HTTP status of its result. */
  readonly status: number;
  /** As in `ResponseRecord`. */
  readonly scimType?: string | undefined;
  /** As in `ResponseRecord`. */
  readonly code: ScimErrorCode;
  /** As in `ResponseRecord`. */
  readonly errors?: readonly ValueMistake[] | undefined;
}

/**
 * A quirk that was applied to a request: what `options.onQuirk` gets, once for each quirk, after the response is sent.
 * It contains no personal data.
 *
 * @example
 * import type { AppliedQuirk } from 'express-scim';
 *
 * const counts = new Map<string, number>();
 *
 * export function onQuirk({ quirk, client = 'unknown' }: AppliedQuirk): void {
 *   const key = `${client} ${quirk}`;
 *   counts.set(key, (counts.get(key) ?? 0) + 1);
 * }
 */
export interface AppliedQuirk extends Partial<Access> {
  /** ID of the quirk: one of those in `quirks`, or of `options.quirks.custom`. */
  readonly quirk: string;
  /** As in the ResponseRecord that follows. */
  readonly requestId: string;
  readonly tenant: string;
  /** `id` of the actor. */
  readonly actor: string;
  /** The client that the User-Agent or the URL suggests, such as `entra`. Anybody can send either: for reports only. */
  readonly client?: string | undefined;
}

/**
 * A request and its response as they went over the wire, without headers: what `options.onExchange` gets after the
 * response is sent and before `onResponse`.
 *
 * The bodies contain personal data and plaintext passwords. Remove what you must not store, as `provisioningLog` does.
 *
 * @example
 * import type { Exchange } from 'express-scim';
 *
 * const recent: { requestId: string; method: string; path: string }[] = [];
 *
 * export function onExchange({ requestId, method, url }: Exchange): void {
 *   recent.push({ requestId, method, path: url.split('?')[0] ?? '' });
 *   if (recent.length > 100) recent.shift();
 * }
 */
export interface Exchange {
  /** As in the ResponseRecord that follows. */
  readonly requestId: string;
  /** Undefined if the client was not authenticated. */
  readonly actor?: Actor | undefined;
  /** HTTP method, in upper case. */
  readonly method: string;
  /** Path and query below the base URL. A filter in it may contain personal data. */
  readonly url: string;
  /** The parsed body of the request; undefined if none was read. */
  readonly request?: unknown;
  /** The body of the response; undefined for a response without one. */
  readonly response?: unknown;
}
