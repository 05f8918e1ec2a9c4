/**
 * The base class of the errors that become SCIM error responses. It is recognized by a registered symbol and never by
 * `instanceof`, so that two versions of the library in one process recognize each other's errors.
 */

export const errorMark = Symbol.for('express-scim.error');

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
    Object.defineProperty(this, errorMark, { value: true });
  }
}
