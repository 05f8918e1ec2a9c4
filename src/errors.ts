/**
 * The closed set of errors that become SCIM error responses (RFC 7644 3.12).
 *
 * They are recognized by a registered symbol and never by `instanceof`, so that an ESM and a CommonJS copy of the
 * library in one process recognize each other's errors. The message is sent to the client as `detail`: it says what was
 * wrong and what to do, and never contains a value of the request.
 */

const mark = Symbol.for('express-scim.error');

/**
 * Every `scimType` of RFC 7644 Table 9 and RFC 9865 2.1.
 *
 * @example
 * import { ScimError, type ScimType } from 'express-scim';
 *
 * const scimType: ScimType = 'sensitive';
 * throw new ScimError(400, 'Send this value in a body, not in the URL.', { scimType });
 */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/**
 * The `code` of every error. Codes are stable across versions; messages are not.
 *
 * @example
 * import type { ScimErrorCode } from 'express-scim';
 *
 * const retried: ReadonlySet<ScimErrorCode> = new Set<ScimErrorCode>(['SCIM_UNAVAILABLE', 'SCIM_VERSION_MISMATCH']);
 */
export type ScimErrorCode =
  | 'SCIM_ERROR'
  | 'SCIM_INVALID_SYNTAX'
  | 'SCIM_INVALID_VALUE'
  | 'SCIM_INVALID_FILTER'
  | 'SCIM_INVALID_PATH'
  | 'SCIM_NO_TARGET'
  | 'SCIM_MUTABILITY'
  | 'SCIM_TOO_MANY'
  | 'SCIM_UNAUTHORIZED'
  | 'SCIM_FORBIDDEN'
  | 'SCIM_NOT_FOUND'
  | 'SCIM_METHOD_NOT_ALLOWED'
  | 'SCIM_CONFLICT'
  | 'SCIM_VERSION_MISMATCH'
  | 'SCIM_UNKNOWN_REFERENCE'
  | 'SCIM_UNAVAILABLE'
  | 'SCIM_HELD'
  | 'SCIM_TOO_LARGE'
  | 'SCIM_NOT_IMPLEMENTED';

/** Details of an error that are not its message. */
export interface ScimErrorOptions {
  readonly scimType?: ScimType | undefined;
  /** Response headers, lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What really happened: passed to `onError` and the debug log, never sent to the client. */
  readonly cause?: unknown;
}

/**
 * An error with an HTTP status and, where RFC 7644 Table 9 has one, a `scimType`.
 *
 * Throw it from a hook or a store for a status that no class below has; its `code` is `SCIM_ERROR`.
 *
 * @example
 * import { ScimError } from 'express-scim';
 *
 * throw new ScimError(429, 'Too many requests; try again later.', { headers: { 'retry-after': '30' } });
 */
export class ScimError extends Error {
  readonly code: ScimErrorCode = 'SCIM_ERROR';
  /** HTTP status of the response. */
  readonly status: number;
  readonly scimType: ScimType | undefined;
  /** Response headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(status: number, detail: string, options: ScimErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.status = status;
    this.scimType = options.scimType;
    this.headers = options.headers;
    Object.defineProperty(this, mark, { value: true });
  }
}

/**
 * 400 invalidSyntax: the body is not JSON, or not the message that the endpoint takes (RFC 7644 Table 9).
 *
 * @example
 * import { InvalidSyntaxError } from 'express-scim';
 *
 * throw new InvalidSyntaxError('"Operations" must be a list of operations.');
 */
export class InvalidSyntaxError extends ScimError {
  override readonly code = 'SCIM_INVALID_SYNTAX';
  /** Each wrong attribute, where the body has unknown ones: as in `InvalidValueError`. */
  readonly errors: readonly ValueMistake[];
  constructor(detail: string, errors: readonly ValueMistake[] = []) {
    super(400, detail, { scimType: 'invalidSyntax' });
    this.errors = errors;
  }
}

/**
 * 400 invalidValue: a value is missing, or does not fit its attribute (RFC 7644 Table 9).
 *
 * @example
 * import { InvalidValueError } from 'express-scim';
 *
 * throw new InvalidValueError('userName must be an address of one of your verified domains.');
 */
export class InvalidValueError extends ScimError {
  override readonly code = 'SCIM_INVALID_VALUE';
  /** Each wrong attribute, at most 100; empty where the error is about no attribute. Clients get the message only. */
  readonly errors: readonly ValueMistake[];
  constructor(detail: string, errors: readonly ValueMistake[] = []) {
    super(400, detail, { scimType: 'invalidValue' });
    this.errors = errors;
  }
}

/**
 * What is wrong with one attribute of a body. It never contains a value that a client sent.
 *
 * @example
 * import { InvalidValueError, type ProposedChange, type ValueMistake } from 'express-scim';
 *
 * export function beforeChange({ set }: ProposedChange): void {
 *   const errors: ValueMistake[] = [];
 *   if (set['title'] === '-') errors.push({ path: 'title', code: 'value', message: 'title must be a job title.' });
 *   if (errors.length > 0) throw new InvalidValueError('title must be a job title.', errors);
 * }
 */
export interface ValueMistake {
  /**
   * Path of the attribute as the schema spells it, such as `emails.value`. Of an unknown attribute: the path of what it
   * is in, which is the URN of the schema where it is in no other attribute.
   */
  readonly path: string;
  /**
   * `required`: it is missing. `type`, `format`, `length`, `pattern`, `range`, `closed`: a value is of another type or
   * form, too short or long, does not match, too small or large, or no canonical value. `count`: too few or many
   * values. `unknown`: the schema has no such attribute. `value`: anything else.
   */
  readonly code:
    'required' | 'type' | 'format' | 'length' | 'pattern' | 'range' | 'closed' | 'count' | 'unknown' | 'value';
  /** A sentence that says what would be right. */
  readonly message: string;
  /** The operation of a PATCH that has the value, by its index; undefined outside of one, or where it is not known. */
  readonly operation?: number | undefined;
}

/**
 * 400 invalidFilter: the filter cannot be parsed, or compares what cannot be compared (RFC 7644 Table 9).
 *
 * @example
 * import { InvalidFilterError } from 'express-scim';
 *
 * throw new InvalidFilterError('This store can filter by userName and externalId only.');
 */
export class InvalidFilterError extends ScimError {
  override readonly code = 'SCIM_INVALID_FILTER';
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidFilter' });
  }
}

/**
 * 400 invalidPath: the `path` of a PATCH operation cannot be parsed, or no schema has the attribute (RFC 7644 Table 9).
 *
 * @example
 * import { InvalidPathError } from 'express-scim';
 *
 * throw new InvalidPathError('The path names an attribute that User does not have.');
 */
export class InvalidPathError extends ScimError {
  override readonly code = 'SCIM_INVALID_PATH';
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidPath' });
  }
}

/**
 * 400 noTarget: the `path` of a PATCH operation matches no value (RFC 7644 3.5.2.3).
 *
 * @example
 * import { NoTargetError } from 'express-scim';
 *
 * throw new NoTargetError('No value of emails matches the filter of the path.');
 */
export class NoTargetError extends ScimError {
  override readonly code = 'SCIM_NO_TARGET';
  constructor(detail: string) {
    super(400, detail, { scimType: 'noTarget' });
  }
}

/**
 * 400 mutability: the attribute is read-only, or immutable and already has a value (RFC 7643 7).
 *
 * @example
 * import { MutabilityError } from 'express-scim';
 *
 * throw new MutabilityError('userName cannot be changed.');
 */
export class MutabilityError extends ScimError {
  override readonly code = 'SCIM_MUTABILITY';
  constructor(detail: string) {
    super(400, detail, { scimType: 'mutability' });
  }
}

/**
 * 400 tooMany: the response would be larger than the service is willing to send (RFC 7644 3.4.2.1).
 *
 * @example
 * import { TooManyError } from 'express-scim';
 *
 * throw new TooManyError('More than 10,000 users match: add a filter.');
 */
export class TooManyError extends ScimError {
  override readonly code = 'SCIM_TOO_MANY';
  constructor(detail: string) {
    super(400, detail, { scimType: 'tooMany' });
  }
}

/**
 * 401. The text is the same for every cause, so that it tells a stranger nothing. The router writes one challenge into
 * `WWW-Authenticate` for each scheme that `options.authenticate` announces.
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
 * Stores throw it inside the write. Where the client sent no If-Match, the library reads again and retries.
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
 * 503 with `Retry-After` in whole seconds: the change is held until somebody approves it, as `massDeactivationBreaker`
 * does. Clients retry it.
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
 * 501: the protocol defines it, and this service does not offer it.
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

/**
 * Every error of the library; a comparison of `code` narrows it to one class.
 *
 * @example
 * import type { AnyScimError } from 'express-scim';
 *
 * export function describe(error: AnyScimError): string {
 *   switch (error.code) {
 *     case 'SCIM_CONFLICT':
 *       return `${error.attribute} is taken`;
 *     case 'SCIM_UNKNOWN_REFERENCE':
 *       return `${String(error.ids.length)} references are unknown`;
 *     default:
 *       return error.message;
 *   }
 * }
 */
export type AnyScimError =
  | (ScimError & { readonly code: 'SCIM_ERROR' })
  | InvalidSyntaxError
  | InvalidValueError
  | InvalidFilterError
  | InvalidPathError
  | NoTargetError
  | MutabilityError
  | TooManyError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | MethodNotAllowedError
  | ConflictError
  | VersionMismatchError
  | UnknownReferenceError
  | UnavailableError
  | HeldError
  | TooLargeError
  | NotImplementedError;

/**
 * True for an error of any copy of this library in the process. Use it in place of `instanceof`.
 *
 * @example
 * import { isScimError } from 'express-scim';
 *
 * export function takenAttribute(error: unknown): string | undefined {
 *   return isScimError(error) && error.code === 'SCIM_CONFLICT' ? error.attribute : undefined;
 * }
 */
export function isScimError(error: unknown): error is AnyScimError {
  return typeof error === 'object' && error !== null && (error as { [mark]?: unknown })[mark] === true;
}
