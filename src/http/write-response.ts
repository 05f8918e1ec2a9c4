import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ScimError } from '../errors.js';
import type { ScimResponse } from '../operations/service.js';
import { errorBody } from '../protocol/messages.js';
import { toJson } from './json-body.js';
import { scimJson } from './media-types.js';

/** Writes a response once: status, headers, one body. The request ID is in every response, so that it can be reported. */
export function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  response: ScimResponse,
  requestId: string,
): void {
  const headers: Record<string, string | number> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  if (response.location !== undefined) {
    headers['location'] = response.location;
    if (response.body !== undefined) headers['content-location'] = response.location;
  }
  if (response.etag !== undefined) headers['etag'] = response.etag;
  if (response.allow !== undefined) headers['allow'] = response.allow.join(', ');
  send(req, res, response.status, headers, response.body);
}

/**
 * Writes an error in SCIM form (RFC 7644 3.12).
 *
 * @param headers in addition to those of the error, which they replace
 */
export function writeError(
  req: IncomingMessage,
  res: ServerResponse,
  error: ScimError,
  requestId: string,
  headers?: Readonly<Record<string, string>>,
): void {
  const all = { 'cache-control': 'no-store', 'x-request-id': requestId, ...error.headers, ...headers };
  send(req, res, error.status, all, errorBody(error));
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  body: object | undefined,
): void {
  if (res.headersSent || res.destroyed) return;
  res.removeHeader('X-Powered-By');
  if (body === undefined) {
    if (status !== 204 && status !== 304) headers['content-length'] = 0;
    res.writeHead(status, headers).end();
    return;
  }
  const { data, length, encoding } = toJson(body);
  headers['content-type'] = scimJson;
  headers['content-length'] = length;
  res.writeHead(status, headers);
  if (req.method === 'HEAD') res.end();
  else res.end(data, encoding);
}
