import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../contract/is-object.js';
import { InvalidSyntaxError, ScimError, TooLargeError, isScimError } from '../errors.js';
import { guardOnError, isErrorStatus } from '../operations/faults.js';
import { writeError } from './write-response.js';
import { checkOptions } from '../contract/option-mistakes.js';

/**
 * Options of `scimErrors`.
 *
 * @example
 * import type { ScimErrorsOptions } from 'express-scim';
 *
 * export const options: ScimErrorsOptions = { onError: (error) => console.error(error) };
 */
export interface ScimErrorsOptions<Req extends IncomingMessage = IncomingMessage> {
  /**
   * Called with every fault: an error that has no status, and every error with a 5xx status except 501. The client then
   * gets the error in SCIM form, with `requestId` in the header `x-request-id`. Default: an error without a status goes to
   * the next error handler of your app, and one with a 5xx status to console.error.
   */
  readonly onError?: ((error: unknown, req: Req, requestId: string) => unknown) | undefined;
}

/**
 * An Express error handler that sends the errors of your body parser in SCIM form (RFC 7644 3.12).
 *
 * You need it only if a parser such as `express.json()` runs before the SCIM router. Mount it on the same path, after
 * the parser. Errors of a parser and ScimErrors get SCIM form; an error with a 4xx or 5xx `status` keeps that status.
 * Everything else is a fault of your app, and is passed to `onError`, or otherwise to the next error handler. So is an
 * error that occurs after the response has started.
 *
 * @throws TypeError for a wrong option
 * @example
 * import express from 'express';
 * import { scimErrors } from 'express-scim';
 *
 * const app = express();
 * app.use('/scim/v2', express.json({ type: ['application/scim+json', 'application/json'] }), scimErrors());
 */
export function scimErrors<Req extends IncomingMessage = IncomingMessage>(
  options: ScimErrorsOptions<Req> = {},
): (error: unknown, req: Req, res: ServerResponse, next: (error?: unknown) => void) => void {
  checkOptions(options, { of: 'scimErrors', page: 'hosts.md#behind-a-body-parser', kinds: { onError: 'function' } });
  const { onError } = options;
  // Express recognizes an error handler by its four parameters.
  return (error, req, res, next) => {
    const known = res.headersSent ? undefined : toScimError(error);
    if (known === undefined && (res.headersSent || onError === undefined)) {
      next(error);
      return;
    }
    const requestId = randomUUID();
    const sent = known ?? new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`);
    if (sent.status >= 500 && sent.status !== 501) {
      guardOnError((fault) => (onError === undefined ? print(fault, requestId) : onError(fault, req, requestId)))(
        error,
        undefined,
      );
    }
    writeError(req, res, sent, requestId);
  };
}

function print(error: unknown, requestId: string): void {
  // eslint-disable-next-line no-console -- where the app names no onError, a fault must still be seen
  console.error('express-scim: request %s failed:', requestId, error);
}

/** Headers of an error of the app that its client needs. */
const keptHeaders = ['retry-after', 'www-authenticate', 'allow'];

/** The ScimError for an error with an HTTP status; undefined for a fault. */
function toScimError(error: unknown): ScimError | undefined {
  if (!isObject(error)) return undefined;
  const status = isErrorStatus(error['status']) ? error['status'] : error['statusCode'];
  if (!isErrorStatus(status)) return undefined;
  if (isScimError(error)) return error;
  if (isOfParser(error)) {
    if (status === 400) return new InvalidSyntaxError('The body cannot be read as JSON.');
    if (status === 413) return new TooLargeError('The body is larger than this service accepts.');
    if (status === 415) return new ScimError(415, 'The charset or encoding of the body is not accepted.');
  }
  // http-errors: `expose` says that the message is meant for the client.
  const { expose, message } = error;
  const isForClient = expose === true && typeof message === 'string' && message !== '';
  // Without an import: loading node:http would be a tenth of the time that the library takes to load.
  const detail = isForClient ? message : process.getBuiltinModule('node:http').STATUS_CODES[status];
  return new ScimError(status, detail ?? 'The request was refused.', { headers: headersOf(error), cause: error });
}

/** Whether a body parser threw it. Those messages quote the body, so they are never sent. */
function isOfParser({ type, status, body }: Readonly<Record<string, unknown>>): boolean {
  if (typeof type === 'string') return /^(?:entity|encoding|charset|request|stream|parameters)\./.test(type);
  return body !== undefined || status === 413 || status === 415;
}

function headersOf({ headers }: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> | undefined {
  if (!isObject(headers)) return undefined;
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    keptHeaders.includes(name.toLowerCase()) && (typeof value === 'string' || typeof value === 'number')
      ? [[name.toLowerCase(), String(value)] as const]
      : [],
  );
  return Object.fromEntries(kept);
}
