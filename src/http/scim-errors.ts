import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../contract/is-object.js';
import { InvalidSyntaxError, ScimError, TooLargeError, isScimError } from '../errors.js';
import { writeError } from './write-response.js';

/**
 * An Express error handler that sends the errors of your body parser in SCIM form (RFC 7644 3.12).
 *
 * You need it only where a parser such as `express.json()` runs before the SCIM router. Mount it on the same path, after
 * the parser. It sends 400, 413 and 415 for what the parser refuses, ScimErrors as they are, and 500 for anything else.
 * An error that comes after the response has started goes to the next error handler.
 *
 * @example
 * import express from 'express';
 * import { scimErrors } from 'express-scim';
 *
 * const app = express();
 * app.use('/scim/v2', express.json({ type: ['application/scim+json', 'application/json'] }), scimErrors());
 */
export function scimErrors(): (
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  // Express recognizes an error handler by its four parameters.
  return (error, req, res, next) => {
    if (res.headersSent) next(error);
    else writeError(req, res, fromParser(error));
  };
}

/** The ScimError for what a body parser throws: an Error with an HTTP `status`. */
function fromParser(error: unknown): ScimError {
  if (isScimError(error)) return error;
  switch (isObject(error) ? error['status'] : undefined) {
    case 400:
      return new InvalidSyntaxError('The body cannot be read as JSON.');
    case 413:
      return new TooLargeError('The body is larger than this service accepts.');
    case 415:
      return new ScimError(415, 'The charset or encoding of the body is not accepted.');
    default:
      return new ScimError(500, 'An internal error occurred.', { cause: error });
  }
}
