import { describe, expect, it, jest } from '@jest/globals';
import { ConflictError, NotImplementedError, ScimError, UnavailableError } from '../../src/index.js';
import { errorToSend } from '../../src/operations/faults.js';

function send(thrown: unknown): { readonly error: ScimError; readonly reported: unknown[] } {
  const onError = jest.fn();
  const error = errorToSend({ onError }, thrown, 'request-1', undefined);
  return { error, reported: onError.mock.calls.map(([fault]) => fault) };
}

describe('the error that a client gets', () => {
  it('is a 500 with a fixed text and the request ID for anything that is not a ScimError (RFC 7644 3.12)', () => {
    const fault = new Error('relation "users" does not exist');
    const { error, reported } = send(fault);
    expect([error.status, error.message]).toEqual([500, 'An internal error occurred; it is logged as request-1.']);
    expect(reported).toEqual([fault]);
  });

  it('is what was thrown where that is a ScimError, and refusals are not reported', () => {
    const conflict = new ConflictError('userName');
    expect(send(conflict)).toEqual({ error: conflict, reported: [] });
  });

  it('is reported with its cause where it is a fault of the service', () => {
    const cause = new Error('connect ECONNREFUSED');
    expect(send(new UnavailableError(5, undefined, cause)).reported).toEqual([cause]);
    const bare = new ScimError(502, 'The directory is away.');
    expect(send(bare).reported).toEqual([bare]);
  });

  it('is not reported where the service does not offer the feature: 501', () => {
    expect(send(new NotImplementedError('No /Me.')).reported).toEqual([]);
  });
});
