/** Errors about access, about the state of resources, and about the service itself. */

import { ScimError } from './scim-error.js';

/**
 * 401: the client is not authenticated. The text is the same for every cause, so that it reveals nothing to a stranger.
 * The router writes one challenge into `WWW-Authenticate` for each scheme that `options.authenticate` announces.
 *
 * @example
 * import { type Authenticate, UnauthorizedError } from 'express-scim';
 *
 * export const authenticate: Authenticate = () => {
 *   throw new UnauthorizedError(); // the same as returning undefined
 * };
 */
export class UnauthorizedError extends ScimError {
  override readonly code = 'SCIM_UNAUTHORIZED';
  constructor() {
    super(401, 'Valid credentials are required in the Authorization header.', {
      headers: { 'www-authenticate': 'Bearer realm="SCIM"' },
    });
  }
}

/**
 * 403: the client is authenticated, but not permitted to do this.
 *
 * @example
 * import { ForbiddenError, type ScimRouterOptions } from 'express-scim';
 *
 * export const beforeChange: ScimRouterOptions['beforeChange'] = (change) => {
 *   if (change.operation === 'delete') throw new ForbiddenError('Deactivate the user instead.');
 * };
 */
export class ForbiddenError extends ScimError {
  override readonly code = 'SCIM_FORBIDDEN';
  constructor(detail: string) {
    super(403, detail);
  }
}

/**
 * 404: there is no such resource or endpoint for this client.
 *
 * @example
 * import { NotFoundError } from 'express-scim';
 *
 * throw new NotFoundError('There is no such tenant.');
 */
export class NotFoundError extends ScimError {
  override readonly code = 'SCIM_NOT_FOUND';
  constructor(detail: string) {
    super(404, detail);
  }
}

/**
 * 405 with `Allow`: the endpoint does not have the method (RFC 9110 15.5.6).
 *
 * @example
 * import { MethodNotAllowedError } from 'express-scim';
 *
 * throw new MethodNotAllowedError(['GET', 'HEAD']);
 */
export class MethodNotAllowedError extends ScimError {
  override readonly code = 'SCIM_METHOD_NOT_ALLOWED';
  constructor(allowed: readonly string[]) {
    super(405, `This endpoint allows ${allowed.join(', ')}.`, { headers: { allow: allowed.join(', ') } });
  }
}

/**
 * 409 uniqueness: another resource has this value of a unique attribute (RFC 7644 3.3).
 *
 * Stores throw it when their unique index rejects a write, never after a lookup: a lookup is a race condition.
 *
 * @example
 * import { ConflictError } from 'express-scim';
 *
 * throw new ConflictError('userName');
 */
export class ConflictError extends ScimError {
  override readonly code = 'SCIM_CONFLICT';
  /** Path of the attribute, such as `userName` or `emails.value`. */
  readonly attribute: string;
  constructor(attribute: string, detail = `Another resource already has this ${attribute}.`) {
    super(409, detail, { scimType: 'uniqueness' });
    this.attribute = attribute;
  }
}

/**
 * 412: the resource has another version than `change.ifVersion` (RFC 7644 3.14).
 *
 * Stores throw it inside the write. If the client sent no If-Match, the router reads the resource again and retries.
 *
 * @example
 * import { VersionMismatchError } from 'express-scim';
 *
 * throw new VersionMismatchError();
 */
export class VersionMismatchError extends ScimError {
  override readonly code = 'SCIM_VERSION_MISMATCH';
  constructor(detail = 'The resource has changed since that version was read.') {
    super(412, detail);
  }
}

/** Shown in a message; others are only counted. An administrator needs one to find the cause. */
const mostShownIds = 5;

/** IDs that a message can show: short, and without characters that could deceive a reader. */
const printableId = /^[\x21-\x7e]{1,64}$/;

/** The first of the IDs and the number of others: `a, b and 3 others`. */
export function listIds(ids: readonly string[]): string {
  const shown = ids.filter((id) => printableId.test(id)).slice(0, mostShownIds);
  const others = ids.length - shown.length;
  if (others === 0) return shown.join(', ');
  const count = `${String(others)} ${shown.length === 0 ? 'IDs' : others === 1 ? 'other' : 'others'}`;
  return shown.length === 0 ? count : `${shown.join(', ')} and ${count}`;
}

/**
 * 400 invalidValue: a member or a reference names no resource of this tenant. Thrown by stores.
 *
 * The message names the first of the IDs, which the client sent itself, and the number of others.
 *
 * @example
 * import { UnknownReferenceError } from 'express-scim';
 *
 * throw new UnknownReferenceError(['2819c223-7f76-453a-919d-413861904646']);
 */
export class UnknownReferenceError extends ScimError {
  override readonly code = 'SCIM_UNKNOWN_REFERENCE';
  /** The IDs that name nothing. */
  readonly ids: readonly string[];
  constructor(ids: readonly string[], detail = `No resource has this ID: ${listIds(ids)}. Provision the user first.`) {
    super(400, detail, { scimType: 'invalidValue' });
    this.ids = ids;
  }
}

/**
 * 503 with `Retry-After` in whole seconds: the store is busy, or cannot be reached. Clients retry it.
 *
 * @example
 * import { UnavailableError } from 'express-scim';
 *
 * throw new UnavailableError(30, 'A migration is running; try again later.');
 */
export class UnavailableError extends ScimError {
  override readonly code = 'SCIM_UNAVAILABLE';
  /** @param retryAfterSeconds rounded up, at least 1; default 5 */
  constructor(retryAfterSeconds = 5, detail = 'The service is busy; try again later.', cause?: unknown) {
    super(503, detail, { headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }, cause });
  }
}

/**
 * 503 with `Retry-After` in whole seconds: the change is held until an administrator approves it, as
 * `massDeactivationBreaker` does. Clients retry it.
 *
 * @example
 * import { HeldError } from 'express-scim';
 *
 * throw new HeldError(3_600, 'This change is held until an administrator approves it.');
 */
export class HeldError extends ScimError {
  override readonly code = 'SCIM_HELD';
  /** @param retryAfterSeconds rounded up, at least 1 */
  constructor(retryAfterSeconds: number, detail: string) {
    super(503, detail, { headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) } });
  }
}

/**
 * 413: the request is larger than a limit, which the message names (RFC 7644 3.7.4).
 *
 * @example
 * import { TooLargeError } from 'express-scim';
 *
 * throw new TooLargeError('A photo may have at most 65536 bytes.');
 */
export class TooLargeError extends ScimError {
  override readonly code = 'SCIM_TOO_LARGE';
  constructor(detail: string) {
    super(413, detail);
  }
}

/**
 * 501: the protocol defines this feature, but the service does not offer it.
 *
 * @example
 * import { NotImplementedError } from 'express-scim';
 *
 * throw new NotImplementedError('Groups of groups are not supported.');
 */
export class NotImplementedError extends ScimError {
  override readonly code = 'SCIM_NOT_IMPLEMENTED';
  constructor(detail: string) {
    super(501, detail);
  }
}
