import {
  type HttpResponse,
  type TestClient,
  type JsonObject,
  type JsonValue,
  type PatchOperation,
  type Query,
  type RequestOptions,
  type Step,
  urn,
} from './conformance-test.js';

/** Where a service answers, and the bearer key to use there. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly key: string;
}

/** What the client needs from the run: one object for each audit. */
export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly fetch: typeof fetch;
  /** Ends every request of the audit. */
  readonly signal: AbortSignal;
  /** Called with each resource that a 201 announced, as a path below the base URL. */
  readonly onCreated: (path: string) => void;
  readonly unique: (prefix?: string) => string;
}

/** An audit cannot go on: its preparation failed, which is a failure of the audit. */
export class TestStop extends Error {}

/** One-line requests to one endpoint; `AuditClient` says what each does. */
export function testClient(options: ClientOptions): TestClient {
  const { endpoint, signal, unique } = options;
  const baseUrl = endpoint.baseUrl.replace(/\/+$/, '');

  async function send(method: string, path: string, body?: unknown, more: RequestOptions = {}): Promise<HttpResponse> {
    const headers: Record<string, string> = { accept: 'application/scim+json' };
    const key = more.key === undefined ? endpoint.key : more.key;
    if (key !== null) headers['authorization'] = `Bearer ${key}`;
    const payload = more.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    if (payload !== undefined) headers['content-type'] = 'application/scim+json';
    for (const [name, value] of Object.entries(more.headers ?? {})) headers[name.toLowerCase()] = value;
    const request: RequestInit = {
      method,
      headers,
      signal,
      redirect: 'manual',
    };
    if (payload !== undefined) request.body = payload;
    const received = await options.fetch(`${baseUrl}${path}`, request);
    const response = responseOf(`${method} ${path}`, received, await received.text());
    if (method === 'POST') for (const created of createdBy(path, response, baseUrl)) options.onCreated(created);
    return response;
  }

  async function created(path: string, body: object): Promise<HttpResponse> {
    const response = await send('POST', path, body);
    if (response.status !== 201 || response.id === '') {
      throw new TestStop(
        `preparing the audit: ${response.request} should answer 201 with an id, came ${outcome(response)}`,
      );
    }
    return response;
  }

  return {
    baseUrl,
    key: endpoint.key,
    send,
    get: (path, more) => send('GET', path, undefined, more),
    query: (path, query, more) => send('GET', path + queryString(query), undefined, more),
    post: (path, body, more) => send('POST', path, body, more),
    put: (path, body, more) => send('PUT', path, body, more),
    patch: (path, operations, more) => send('PATCH', path, patchBody(operations), more),
    delete: (path, more) => send('DELETE', path, undefined, more),
    follow: (uri, more) => send('GET', pathBelow(baseUrl, uri), undefined, more),
    user: (attributes) => created('/Users', userBody(unique, attributes)),
    group: (attributes) => created('/Groups', groupBody(unique, attributes)),
  };
}

/** `400 invalidValue`, for messages: status and scimType only, no value of a resource. */
export function outcome(response: HttpResponse): string {
  const scimType = response.get('scimType');
  return typeof scimType === 'string' && /^\w{1,40}$/.test(scimType)
    ? `${response.status} ${scimType}`
    : String(response.status);
}

export function userBody(unique: (prefix?: string) => string, attributes: object = {}) {
  return withoutUndefined({
    schemas: [urn.user],
    userName: unique('user'),
    ...attributes,
  });
}

export function groupBody(unique: (prefix?: string) => string, attributes: object = {}) {
  return withoutUndefined({
    schemas: [urn.group],
    displayName: unique('group'),
    ...attributes,
  });
}

function withoutUndefined<T extends object>(body: T): T {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as T;
}

function patchBody(operations: readonly PatchOperation[] | object): object {
  return Array.isArray(operations) ? { schemas: [urn.patch], Operations: operations } : operations;
}

function queryString(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const pairs = given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function responseOf(request: string, response: Response, text: string): HttpResponse {
  const body = jsonObject(text);
  const id = body['id'];
  const list = (...path: readonly Step[]): readonly JsonObject[] => {
    const value = valueAt(body, path);
    return Array.isArray(value) ? value.filter(isObject) : [];
  };
  return {
    request,
    status: response.status,
    headers: response.headers,
    text,
    body,
    id: typeof id === 'string' ? id : '',
    resources: list('Resources'),
    list,
    get: (...path) => valueAt(body, path),
  };
}

function jsonObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly Step[]): JsonValue | undefined {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Readonly<Record<Step, unknown>>)[step];
  }
  return current as JsonValue | undefined;
}

function pathBelow(baseUrl: string, uri: unknown): string {
  // RFC 7643 2.3.7: relative to the base URI without an endpoint segment, so `Users/1` and `../Users/1` are the same.
  const given = typeof uri === 'string' && uri !== '' ? uri : undefined;
  const resolved = given === undefined ? null : URL.parse(given.replace(/^(\.\.\/)+/, ''), `${baseUrl}/`);
  if (resolved?.href.startsWith(`${baseUrl}/`) !== true)
    throw new TestStop('a URI in an answer is absent, or not below the base URL');
  return resolved.href.slice(baseUrl.length);
}

/** Resources that an answer to POST says it made: one, or those of a bulk job. */
function createdBy(path: string, response: HttpResponse, baseUrl: string): string[] {
  if (response.status === 201) {
    const collection = path.replace(/\?.*$/, '');
    // A POST to the alias /Me creates at another place, which Location tells (RFC 7644 3.11).
    const place = collection === '/Me' ? relative(response.headers.get('location'), baseUrl) : undefined;
    return response.id === '' ? [] : [place ?? `${collection}/${encodeURIComponent(response.id)}`];
  }
  return response
    .list('Operations')
    .filter(
      (operation) => valueAt(operation, ['method']) === 'POST' && String(valueAt(operation, ['status'])) === '201',
    )
    .map((operation) => relative(valueAt(operation, ['location']), baseUrl))
    .filter((place) => place !== undefined);
}

function relative(location: unknown, baseUrl: string): string | undefined {
  if (typeof location !== 'string') return undefined;
  if (location.startsWith(`${baseUrl}/`)) return location.slice(baseUrl.length);
  return /\/\w+\/[^/?#]+$/.exec(location)?.[0];
}
