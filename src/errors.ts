/**
 * The closed set of errors that become SCIM error responses (RFC 7644 3.12).
 *
 * They are recognized by a registered symbol and never by `instanceof`, so that two versions of the library in one
 * process recognize each other's errors. The message is sent to the client as `detail`: it says what was wrong and what
 * to do, and never contains a value of the request.
 */

import type {
  UnauthorizedError,
  ForbiddenError,
  NotFoundError,
  MethodNotAllowedError,
  ConflictError,
  VersionMismatchError,
  UnknownReferenceError,
  UnavailableError,
  HeldError,
  TooLargeError,
  NotImplementedError,
} from './failures.js';
import type {
  InvalidSyntaxError,
  InvalidValueError,
  InvalidFilterError,
  InvalidPathError,
  NoTargetError,
  MutabilityError,
  TooManyError,
} from './refusals.js';
import { errorMark, type ScimError } from './scim-error.js';

export {
  UnauthorizedError,
  ForbiddenError,
  NotFoundError,
  MethodNotAllowedError,
  ConflictError,
  VersionMismatchError,
  listIds,
  UnknownReferenceError,
  UnavailableError,
  HeldError,
  TooLargeError,
  NotImplementedError,
} from './failures.js';
export {
  InvalidSyntaxError,
  InvalidValueError,
  type ValueMistake,
  InvalidFilterError,
  InvalidPathError,
  NoTargetError,
  MutabilityError,
  TooManyError,
} from './refusals.js';
export { type ScimType, type ScimErrorCode, ScimError } from './scim-error.js';

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
 * True for an error of any copy of this library in the process. Use it instead of `instanceof`.
 *
 * @example
 * import { isScimError } from 'express-scim';
 *
 * export function takenAttribute(error: unknown): string | undefined {
 *   return isScimError(error) && error.code === 'SCIM_CONFLICT' ? error.attribute : undefined;
 * }
 */
export function isScimError(error: unknown): error is AnyScimError {
  return typeof error === 'object' && error !== null && (error as { [errorMark]?: unknown })[errorMark] === true;
}
