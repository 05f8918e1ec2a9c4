import type { Awaitable } from '../contract/awaitable.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import type { SelectionParameters } from './projection-cache.js';
import type { RequestContext } from './request-context.js';
import type { ServedType, Service } from './service.js';

/**
 * One operation on a resource type: where it runs, for which request, and which attributes its response selects.
 *
 * `perform` makes one for each operation; what works on resources in this module takes it as its first parameter.
 */
export interface Call {
  readonly service: Service;
  readonly served: ServedType;
  readonly ctx: RequestContext;
  /** `attributes` and `excludedAttributes` of the request. */
  readonly parameters: SelectionParameters;
}

/** An operation on one resource. */
export interface ResourceCall extends Call {
  readonly id: string;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

/**
 * Bounds how long a store call may take.
 *
 * @throws UnavailableError (in the promise) when the store does not respond in time; `ctx.signal` aborts then
 */
export function bounded<T>(call: Call, result: Awaitable<T>): Awaitable<T> {
  return call.service.deadlines.bound(result, call.ctx);
}
