import type { IncomingMessage, ServerResponse } from 'node:http';
import { isThenable } from '../contract/awaitable.js';
import { unlimitedWork, type Work } from '../contract/work.js';
import type { ScimError } from '../errors.js';
import type { ScimResponse } from '../operations/service.js';
import { errorBody } from '../protocol/messages.js';
import { discard } from './discard.js';
import { type JsonBody, toJson } from './json-body.js';
import { scimJson } from './media-types.js';

type Headers = Record<string, string | number>;

/** Headers of every response: nothing is cached, and a body is never taken for another type than it is. */
function commonHeaders(requestId: string): Headers {
  return { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId };
}

/** A response with the JSON of its body. */
export interface SerializedResponse {
  readonly response: ScimResponse;
  readonly json: JsonBody | undefined;
}

/**
 * Serializes the body of a response. A page that takes more than `pageBytes` is made shorter where it can be.
 *
 * @throws TooManyError for a page that cannot
 */
export async function serialize(whole: ScimResponse, pageBytes: number, work: Work): Promise<SerializedResponse> {
  let response = whole;
  for (;;) {
    if (response.body === undefined) return { response, json: undefined };
    const written = toJson(response.body, response.shorten === undefined ? undefined : pageBytes, work);
    const json = isThenable(written) ? await written : written;
    if (!('fits' in json)) return { response, json };
    if (response.shorten === undefined) throw new Error('A response without a limit is too long.');
    response = await response.shorten(json.fits);
  }
}

/** Writes a response once: status, headers, one body. The request ID is in every response, so that it can be reported. */
export function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  { response, json }: SerializedResponse,
  requestId: string,
): void {
  const headers = commonHeaders(requestId);
  if (response.location !== undefined) {
    headers['location'] = response.location;
    if (response.body !== undefined) headers['content-location'] = response.location;
  }
  if (response.etag !== undefined) headers['etag'] = response.etag;
  if (response.allow !== undefined) headers['allow'] = response.allow.join(', ');
  send(req, res, response.status, headers, json);
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
  const json = toJson(errorBody(error), undefined, unlimitedWork);
  if (isThenable(json) || 'fits' in json) throw new Error('The body of an error is never long.');
  const all = { ...commonHeaders(requestId), ...error.headers, ...headers };
  send(req, res, error.status, all, json);
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Headers,
  json: JsonBody | undefined,
): void {
  if (res.headersSent || res.destroyed) return;
  res.removeHeader('X-Powered-By');
  if (json === undefined) {
    if (status !== 204 && status !== 304) headers['content-length'] = 0;
    res.writeHead(status, headers).end();
    return;
  }
  const { data, length, encoding } = json;
  headers['content-type'] = scimJson;
  headers['content-length'] = length;
  res.writeHead(status, headers);
  if (req.method === 'HEAD') {
    res.end();
  } else if (req.complete || req.destroyed || !closesAfter(res)) {
    res.end(data, encoding);
  } else {
    // Refused before its body was read. Node closes the connection when the response ends: a proxy that still sends, such
    // as nginx, would be reset, and send 502 to the client.
    res.write(data, encoding);
    discard(req, () => res.end());
  }
}

/** Whether Node closes the connection at the end of the response: the client or the app has asked for it. */
function closesAfter(res: ServerResponse): boolean {
  return !res.shouldKeepAlive || res.getHeader('connection') === 'close';
}
