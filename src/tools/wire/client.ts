import { exchange } from './exchange.js';
import { valueAt } from './json.js';
import { type HttpResponse, readResponse } from './response.js';
import { withoutQuery, withoutTrailingSlashes } from './url.js';
import { receivedWithoutKeys } from './without-keys.js';

/** Base URL of a SCIM service, and the bearer key to use there. */
export interface Endpoint {
  /** Such as `https://app.example.com/scim/v2`; a slash at its end is ignored. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer`. */
  readonly key: string;
}

export interface RequestOptions {
  /** Added to the client's own headers; a header of the same name replaces it. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** Another bearer key; `null` sends no Authorization header. Default: the key of the endpoint. */
  readonly key?: string | null | undefined;
  /** Sent unchanged, in place of a JSON body. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | undefined;
}

export interface WireClientOptions {
  readonly endpoint: Endpoint;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Called for each request; the request ends when its signal aborts. */
  readonly signal: () => AbortSignal;
  /** Called with the path below the base URL of each resource that a response to POST says it created. */
  readonly onCreated?: ((path: string) => void) | undefined;
}

/** Sends SCIM requests to one endpoint. Paths are relative to the base URL (`/Users?count=1`). */
export interface WireClient {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly key: string;
  /**
   * Sends `body` as JSON, with the media type `application/scim+json`. Fails as `fetch` does. Where a response repeats
   * the key, it says `[key]`.
   */
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<HttpResponse>;
}

export function wireClient({ endpoint, fetch: send = fetch, signal, onCreated }: WireClientOptions): WireClient {
  const baseUrl = withoutTrailingSlashes(endpoint.baseUrl);
  return {
    baseUrl,
    key: endpoint.key,
    async send(method, path, body, { key = endpoint.key, raw, headers: more = {} } = {}) {
      const headers: Record<string, string> = { accept: 'application/scim+json' };
      if (key !== null) headers['authorization'] = `Bearer ${key}`;
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      if (payload !== undefined) headers['content-type'] = 'application/scim+json';
      for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = value;
      const request = { method, url: baseUrl + path, headers, body: payload, signal: signal() };
      const received = receivedWithoutKeys(await exchange(send, request), [endpoint.key, key ?? '']);
      const response = readResponse(`${method} ${path}`, received);
      if (method === 'POST' && onCreated !== undefined) createdBy(path, response, baseUrl).forEach(onCreated);
      return response;
    },
  };
}

/** Resources that a response to POST says it created: one, or those of a bulk job. */
function createdBy(path: string, response: HttpResponse, baseUrl: string): string[] {
  if (response.status === 201) {
    const collection = withoutQuery(path);
    // A POST to the alias /Me creates a resource elsewhere, which Location names (RFC 7644 3.11).
    const location = collection === '/Me' ? relativePath(response.headers.get('location'), baseUrl) : undefined;
    return response.id === '' ? [] : [location ?? `${collection}/${encodeURIComponent(response.id)}`];
  }
  return response
    .list('Operations')
    .filter(
      (operation) => valueAt(operation, ['method']) === 'POST' && String(valueAt(operation, ['status'])) === '201',
    )
    .map((operation) => relativePath(valueAt(operation, ['location']), baseUrl))
    .filter((location) => location !== undefined);
}

function relativePath(location: unknown, baseUrl: string): string | undefined {
  if (typeof location !== 'string') return undefined;
  if (location.startsWith(`${baseUrl}/`)) return location.slice(baseUrl.length);
  return /\/\w+\/[^/?#]+$/.exec(location)?.[0];
}
