import type { IncomingMessage } from 'node:http';
import { isObject } from '../contract/is-object.js';
import { TokenError } from './token-error.js';

/** A request for a token (RFC 6749 4.4.2), with the credentials of its client. */
export interface TokenRequest {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined where the client asks for everything that it may have. */
  readonly scope: string | undefined;
}

const maxBytes = 8 * 1024;
const bodyMilliseconds = 10_000;

const parameterNames = ['grant_type', 'client_id', 'client_secret', 'scope'] as const;
type Parameters = Readonly<Partial<Record<(typeof parameterNames)[number], string>>>;

/**
 * Reads a request for a token. The query of the URL is ignored: it would be logged (RFC 6749 2.3.1).
 *
 * @throws TokenError
 */
export async function readTokenRequest(req: IncomingMessage): Promise<TokenRequest> {
  if (req.method !== 'POST') {
    throw new TokenError(405, 'invalid_request', 'Send a POST request.', { allow: 'POST' });
  }
  const parameters = await readParameters(req);
  const credentials = credentialsOf(req, parameters);
  if (parameters.grant_type === undefined) throw invalid('grant_type is missing.');
  if (parameters.grant_type !== 'client_credentials') {
    throw new TokenError(400, 'unsupported_grant_type', 'grant_type must be client_credentials.');
  }
  // RFC 6749 3.1: a parameter without a value is treated as if it was not sent.
  return { ...credentials, scope: parameters.scope === '' ? undefined : parameters.scope };
}

async function readParameters(req: IncomingMessage & { readonly body?: unknown }): Promise<Parameters> {
  if (req.readableDidRead || req.readableEnded) return fromParsedBody(req.body);
  const type = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || req.headers['content-encoding'] !== undefined) {
    throw invalid('The body must be application/x-www-form-urlencoded, and not compressed.');
  }
  const form = new URLSearchParams(await collect(req));
  const parameters: Partial<Record<keyof Parameters, string>> = {};
  for (const name of parameterNames) {
    const [value, ...others] = form.getAll(name);
    if (others.length > 0) throw repeated(name);
    if (value !== undefined) parameters[name] = value;
  }
  return parameters;
}

/** What a body parser of the host has made of the form. */
function fromParsedBody(body: unknown): Parameters {
  if (!isObject(body)) throw new Error('A parser read the body before the token endpoint, and left no req.body.');
  const parameters: Partial<Record<keyof Parameters, string>> = {};
  for (const name of parameterNames) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value === undefined) continue;
    if (typeof value !== 'string') throw repeated(name);
    parameters[name] = value;
  }
  return parameters;
}

/** @throws TokenError where there are none, or two (RFC 6749 2.3: one way in each request) */
function credentialsOf(
  req: IncomingMessage,
  { client_id: id, client_secret: secret }: Parameters,
): Pick<TokenRequest, 'clientId' | 'clientSecret'> {
  const { authorization } = req.headers;
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient();
    return { clientId: id, clientSecret: secret };
  }
  if (secret !== undefined) throw invalid('Send the client secret in one place only.');
  const basic = basicCredentials(authorization);
  if (basic === undefined) throw invalidClient();
  if (id !== undefined && id !== basic.clientId) throw invalid('client_id is not that of the Authorization header.');
  return basic;
}

const basicHeader = /^Basic +([A-Za-z0-9+/_-]{1,4096}={0,2})$/i;

/** RFC 6749 2.3.1: both are form-encoded, which some clients leave out. */
function basicCredentials(header: string): Pick<TokenRequest, 'clientId' | 'clientSecret'> | undefined {
  const encoded = basicHeader.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { clientId: formDecoded(text.slice(0, colon)), clientSecret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** The same for every cause. RFC 6749 5.2: a 401 names the scheme that the client can use. */
export function invalidClient(): TokenError {
  return new TokenError(401, 'invalid_client', 'The client credentials are not valid.', {
    'www-authenticate': 'Basic realm="SCIM", charset="UTF-8"',
  });
}

function invalid(description: string): TokenError {
  return new TokenError(400, 'invalid_request', description);
}

function repeated(name: string): TokenError {
  return invalid(`${name} must be sent once.`);
}

function collect(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      refuse(new TokenError(408, 'invalid_request', 'The body did not arrive in time.'));
    }, bodyMilliseconds);
    const append = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else refuse(new TokenError(413, 'invalid_request', `The body is larger than ${String(maxBytes)} bytes.`));
    };
    const finish = (): void => {
      stop();
      resolve(Buffer.concat(chunks, size).toString('utf8'));
    };
    const abort = (): void => {
      stop();
      reject(invalid('The request ended before its body was complete.'));
    };
    const stop = (): void => {
      clearTimeout(timer);
      req.off('data', append).off('end', finish).off('error', abort).off('close', abort);
      req.on('error', () => undefined);
    };
    const refuse = (error: TokenError): void => {
      stop();
      // What still arrives is dropped: a connection that is closed at once can lose the response.
      req.resume();
      reject(new TokenError(error.status, error.code, error.message, { connection: 'close' }));
    };
    req.on('data', append).on('end', finish).on('error', abort).on('close', abort);
  });
}
