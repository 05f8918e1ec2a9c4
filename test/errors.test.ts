import { describe, expect, it, jest } from '@jest/globals';
import express from 'express';
import * as scim from '../src/index.js';
import { type AnyScimError, isScimError, ScimError, type ScimErrorCode } from '../src/index.js';
import { scimOn } from './http/app.js';

const cause = new Error('the database is away');
const errors: readonly (readonly [ScimErrorCode, number, scim.ScimType | undefined, AnyScimError])[] = [
  ['SCIM_INVALID_SYNTAX', 400, 'invalidSyntax', new scim.InvalidSyntaxError('x')],
  ['SCIM_INVALID_VALUE', 400, 'invalidValue', new scim.InvalidValueError('x')],
  ['SCIM_INVALID_FILTER', 400, 'invalidFilter', new scim.InvalidFilterError('x')],
  ['SCIM_INVALID_PATH', 400, 'invalidPath', new scim.InvalidPathError('x')],
  ['SCIM_NO_TARGET', 400, 'noTarget', new scim.NoTargetError('x')],
  ['SCIM_MUTABILITY', 400, 'mutability', new scim.MutabilityError('x')],
  ['SCIM_TOO_MANY', 400, 'tooMany', new scim.TooManyError('x')],
  ['SCIM_UNAUTHORIZED', 401, undefined, new scim.UnauthorizedError()],
  ['SCIM_FORBIDDEN', 403, undefined, new scim.ForbiddenError('x')],
  ['SCIM_NOT_FOUND', 404, undefined, new scim.NotFoundError('x')],
  ['SCIM_METHOD_NOT_ALLOWED', 405, undefined, new scim.MethodNotAllowedError(['GET'])],
  ['SCIM_CONFLICT', 409, 'uniqueness', new scim.ConflictError('userName')],
  ['SCIM_VERSION_MISMATCH', 412, undefined, new scim.VersionMismatchError()],
  ['SCIM_UNKNOWN_REFERENCE', 400, 'invalidValue', new scim.UnknownReferenceError(['u1'])],
  ['SCIM_TOO_LARGE', 413, undefined, new scim.TooLargeError('x')],
  ['SCIM_NOT_IMPLEMENTED', 501, undefined, new scim.NotImplementedError('x')],
  ['SCIM_UNAVAILABLE', 503, undefined, new scim.UnavailableError(1.2, 'x', cause)],
  ['SCIM_HELD', 503, undefined, new scim.HeldError(1.2, 'x')],
];

// What the compiler says is tested here too: `npm run types` fails where one of these does not hold.
function attributeOf(error: unknown): string | undefined {
  if (!isScimError(error)) return undefined;
  // @ts-expect-error -- not every error has an attribute
  void error.attribute;
  return error.code === 'SCIM_CONFLICT' ? error.attribute : undefined;
}

function explain(error: AnyScimError): string {
  switch (error.code) {
    case 'SCIM_CONFLICT':
      return error.attribute;
    case 'SCIM_UNKNOWN_REFERENCE':
      return error.ids.join();
    case 'SCIM_VERSION_MISMATCH': {
      const narrowed: scim.VersionMismatchError = error;
      return narrowed.message;
    }
    case 'SCIM_ERROR':
      // @ts-expect-error -- an error of any status has no attribute
      return String(error.attribute);
    default:
      return error.message;
  }
}

// Every code belongs to one class of the union, and the union has no other.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const complete: Same<AnyScimError['code'], ScimErrorCode> = true;

// @ts-expect-error -- codes are a closed set
const unknownCode: ScimErrorCode = 'SCIM_NOSUCH';

describe('errors (RFC 7644 3.12)', () => {
  it.each(errors)('%s has status %d and scimType %s', (code, status, scimType, error) => {
    expect(error).toMatchObject({ code, status, scimType, name: error.constructor.name });
    expect(error).toBeInstanceOf(ScimError);
    expect(isScimError(error)).toBe(true);
  });

  it('have a code for each class, and each its own', () => {
    const classes = Object.values(scim).filter(
      (each) => (each as { prototype?: unknown }).prototype instanceof ScimError,
    );
    expect(classes).toHaveLength(errors.length);
    expect(new Set(errors.map(([code]) => code)).size).toBe(errors.length);
    expect([complete, unknownCode]).toEqual([true, 'SCIM_NOSUCH']);
  });

  it('have any status and the code SCIM_ERROR where an app throws its own', () => {
    const headers = { 'retry-after': '30' };
    const error = new ScimError(429, 'Too many requests.', { headers });
    expect(error).toMatchObject({ code: 'SCIM_ERROR', status: 429, message: 'Too many requests.', headers });
    expect(error.scimType).toBeUndefined();
  });

  it('are narrowed to one class by their code', () => {
    expect(attributeOf(new scim.ConflictError('emails.value'))).toBe('emails.value');
    expect(attributeOf(new scim.NotFoundError('x'))).toBeUndefined();
    expect(explain(new scim.UnknownReferenceError(['u1', 'u2']))).toBe('u1,u2');
    expect(explain(new scim.VersionMismatchError('changed'))).toBe('changed');
  });

  it('keep their cause for the log, and out of what is sent', () => {
    const error = new scim.UnavailableError(undefined, undefined, cause);
    expect(error.cause).toBe(cause);
    expect(error.message).not.toContain('database');
    expect('cause' in new scim.UnavailableError()).toBe(false);
  });

  it.each([
    [undefined, '5'],
    [0, '1'],
    [1.2, '2'],
  ])('say after how many whole seconds to retry: %s is %s', (seconds, header) =>
    expect(new scim.UnavailableError(seconds).headers).toEqual({ 'retry-after': header }),
  );

  it('are recognized across copies of the library in one process', async () => {
    jest.resetModules();
    const copy = await import('../src/errors.js');
    const theirs = new copy.ConflictError('userName');
    expect(theirs).not.toBeInstanceOf(ScimError);
    expect(isScimError(theirs)).toBe(true);
    expect(attributeOf(theirs)).toBe('userName');
  });

  it.each([undefined, null, 'x', 404, {}, new Error('x'), { status: 404, code: 'SCIM_NOT_FOUND' }])(
    'are not recognized in %p',
    (value) => expect(isScimError(value)).toBe(false),
  );
});

describe('a version mismatch that a store throws', () => {
  function busyStore() {
    const store = new scim.MemoryStore();
    const update = jest.spyOn(store, 'update').mockImplementationOnce(() => {
      throw new scim.VersionMismatchError();
    });
    return { store, updates: () => update.mock.calls.length };
  }
  // Depends on what is stored, so the store compares versions.
  const operation = { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@example.com' };

  it('is retried where the client sent no If-Match', async () => {
    const { store, updates } = busyStore();
    const client = scimOn(express, {}, store);
    const response = await client.patch(`/Users/${await client.user()}`, [operation]);
    expect([response.status, updates()]).toEqual([200, 2]);
  });

  it('is a 412 where it did (RFC 7644 3.14)', async () => {
    const { store, updates } = busyStore();
    const client = scimOn(express, {}, store);
    const id = await client.user();
    const { version } = ((await client.get(`/Users/${id}`)).body as { meta: { version: string } }).meta;
    const response = await client.patch(`/Users/${id}`, [operation], { 'if-match': version });
    expect([response.status, updates()]).toEqual([412, 1]);
  });
});
