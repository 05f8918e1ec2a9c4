/**
 * The closed set of errors that become SCIM answers (RFC 7644 3.12).
 *
 * They are recognized by a registered symbol and never by `instanceof`, so that an ESM and a
 * CommonJS copy of the library in one process understand each other's errors. Messages tell a
 * stranger what was wrong and what to do, and never echo a value.
 */

const mark = Symbol.for('express-scim.error');

/** Every `scimType` of RFC 7644 Table 9 and RFC 9865 2.1. */
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

/** Details of an error that are not its message. */
export interface ScimErrorOptions {
  readonly scimType?: ScimType | undefined;
  /** Headers of the answer, lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What really happened: for `onError` and the debug log, never for the client. */
  readonly cause?: unknown;
}

/** An error with an HTTP status and, where RFC 7644 Table 9 has one, a `scimType`. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
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

/** True for a ScimError of any copy of this library in the process. */
export function isScimError(error: unknown): error is ScimError {
  return typeof error === 'object' && error !== null && (error as { [mark]?: unknown })[mark] === true;
}

/** 400 invalidSyntax: the body's structure is not that of the message (RFC 7644 Table 9). */
export class InvalidSyntaxError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidSyntax' });
  }
}

/** 400 invalidValue: a value is missing, or does not fit its attribute. */
export class InvalidValueError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidValue' });
  }
}

/** 400 invalidFilter: the filter cannot be read, or asks what cannot be compared. */
export class InvalidFilterError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidFilter' });
  }
}

/** 400 invalidPath: the `path` of a PATCH operation cannot be read or names nothing of the schema. */
export class InvalidPathError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'invalidPath' });
  }
}

/** 400 noTarget: a PATCH path yields no attribute or value to operate on. */
export class NoTargetError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'noTarget' });
  }
}

/** 400 mutability: the change is not compatible with the attribute's mutability or requiredness. */
export class MutabilityError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'mutability' });
  }
}

/** 400 tooMany: the answer would be larger than the service is willing to make. */
export class TooManyError extends ScimError {
  constructor(detail: string) {
    super(400, detail, { scimType: 'tooMany' });
  }
}

/** 401 with `WWW-Authenticate`; the text is the same for every cause. */
export class UnauthorizedError extends ScimError {
  constructor() {
    super(401, 'A valid bearer token is required in the Authorization header.', {
      headers: { 'www-authenticate': 'Bearer realm="SCIM"' },
    });
  }
}

/** 403: authenticated, but not permitted. */
export class ForbiddenError extends ScimError {
  constructor(detail: string) {
    super(403, detail);
  }
}

/** 404: no such resource or endpoint for this client. */
export class NotFoundError extends ScimError {
  constructor(detail: string) {
    super(404, detail);
  }
}

/** 405, naming the methods that the endpoint has. */
export class MethodNotAllowedError extends ScimError {
  constructor(allowed: readonly string[]) {
    super(405, `This endpoint allows ${allowed.join(', ')}.`, { headers: { allow: allowed.join(', ') } });
  }
}

/**
 * 409 uniqueness: a unique attribute is taken. Thrown by stores, decided by an index.
 *
 * @example
 * throw new ConflictError('userName');
 */
export class ConflictError extends ScimError {
  /** Path of the attribute whose value is taken. */
  readonly attribute: string;
  constructor(attribute: string, detail = `Another resource already has this ${attribute}.`) {
    super(409, detail, { scimType: 'uniqueness' });
    this.attribute = attribute;
  }
}

/** 412: the version asked for is no longer the resource's. Thrown by stores inside the write. */
export class VersionMismatchError extends ScimError {
  constructor(detail = 'The resource has changed since that version was read.') {
    super(412, detail);
  }
}

/** 400 invalidValue: a reference names no resource of this tenant. Thrown by stores. */
export class UnknownReferenceError extends ScimError {
  readonly ids: readonly string[];
  constructor(ids: readonly string[]) {
    super(400, 'A reference names a resource that does not exist.', { scimType: 'invalidValue' });
    this.ids = ids;
  }
}

/** 503 with Retry-After: the store is busy or away. */
export class UnavailableError extends ScimError {
  constructor(retryAfterSeconds = 5, detail = 'The service is busy; try again later.', cause?: unknown) {
    super(503, detail, { headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }, cause });
  }
}

/** 413, naming the limit that was exceeded. */
export class TooLargeError extends ScimError {
  constructor(detail: string) {
    super(413, detail);
  }
}

/** 501: the protocol has it, this service does not. */
export class NotImplementedError extends ScimError {
  constructor(detail: string) {
    super(501, detail);
  }
}
