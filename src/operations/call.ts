import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { callHook, noteSource } from '../contract/hook-source.js';
import { UnavailableError } from '../errors.js';
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

/**
 * Calls a hook, and bounds how long it may take by the deadline of the request.
 *
 * @param option the option that holds the hook
 * @throws UnavailableError (in the promise) when the hook does not return in time
 */
export function boundedHook<T>(
  { service, ctx }: Pick<Call, 'service' | 'ctx'>,
  option: string,
  call: () => Awaitable<T>,
): Awaitable<T> {
  const result = callHook(option, call);
  if (!isThenable(result)) return result;
  return service.deadlines.until(result, ctx.deadline, () => {
    const cause = new Error(
      `${option} did not return before the deadline of the request (limits.requestMilliseconds).`,
    );
    noteSource(cause, option);
    return new UnavailableError(5, 'A hook of the service did not return in time; try again later.', cause);
  });
}
