import { ScimError, isScimError } from '../errors.js';
import type { RequestContext } from './request-context.js';
import type { Service } from './service.js';

/**
 * Turns whatever was thrown into the error that the client gets, and reports faults to `options.onError`.
 *
 * What is not a ScimError becomes a 500 with a fixed text and the request ID to find it by. Every 5xx is a fault and
 * is reported with its cause, except 501: it only says that this service does not offer the feature.
 *
 * @param ctx undefined where the request failed before its client was known
 */
export function errorToSend(
  service: Pick<Service, 'onError'>,
  thrown: unknown,
  requestId: string,
  ctx: RequestContext | undefined,
): ScimError {
  const error = isScimError(thrown)
    ? thrown
    : new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`, { cause: thrown });
  if (error.status >= 500 && error.status !== 501) service.onError(error.cause ?? thrown, ctx);
  return error;
}
