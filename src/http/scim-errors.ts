import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidSyntaxError, ScimError, TooLargeError, isScimError } from '../errors.js';
import { writeError } from './write-response.js';

/**
 * An Express error handler that gives the errors of a host's body parser SCIM form.
 *
 * Only needed where a parser such as `express.json()` is mounted before the SCIM router; mount it on the same path,
 * behind the parser.
 *
 * @example
 * app.use('/scim/v2', express.json({ type: ['application/scim+json', 'application/json'] }), scimErrors());
 */
export function scimErrors(): (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  // Express tells error handlers by their four parameters.
  return (error, req, res, next) => {
    if (res.headersSent) next(error);
    else writeError(req, res, toScimError(error));
  };
}

function toScimError(error: unknown): ScimError {
  if (isScimError(error)) return error;
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400) return new InvalidSyntaxError('The body cannot be read as JSON.');
  if (status === 413) return new TooLargeError('The body is larger than this service accepts.');
  if (status === 415) return new ScimError(415, 'The charset or encoding of the body is not accepted.');
  return new ScimError(500, 'An internal error occurred.', { cause: error });
}
