/** Errors that refuse what a client sent: 400, with a `scimType` (RFC 7644 Table 9). */

import { ScimError } from './scim-error.js';

/**
 * 400 invalidSyntax: the body is not JSON, or not the message that the endpoint expects (RFC 7644 Table 9).
 *
 * @example
 * import { InvalidSyntaxError } from 'express-scim';
 *
 * throw new InvalidSyntaxError('"Operations" must be a list of operations.');
 */
export class InvalidSyntaxError extends ScimError {
  override readonly code = 'SCIM_INVALID_SYNTAX';
  /** Each wrong attribute, if the body has unknown ones: as in `InvalidValueError`. */
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
  /** Each wrong attribute, at most 100; empty if the error does not concern an attribute. Clients get the message only. */
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
   * is in, or the URN of the schema if it is in no other attribute.
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
  /** The operation of a PATCH that has the value, by its index; undefined outside of one, or if it is not known. */
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
