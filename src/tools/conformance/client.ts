import { wireClient, type Endpoint } from '../wire/client.js';
import type { PatchOperation } from '../wire/patch-operation.js';
import { describeStatus, type HttpResponse } from '../wire/response.js';
import { urn } from '../wire/urn.js';
import type { Query, TestClient } from './conformance-test.js';

/** What the client needs from the run: one object for each test. */
export interface ClientOptions {
  readonly endpoint: Endpoint;
  readonly fetch: typeof fetch;
  /** Ends every request of the test. */
  readonly signal: AbortSignal;
  /** Called with each resource that a 201 announces, as a path below the base URL. */
  readonly onCreated: (path: string) => void;
  readonly unique: (prefix?: string) => string;
}

/** A test cannot continue, which fails it. */
export class TestStop extends Error {}

/** One-line requests to one endpoint; `TestClient` says what each does. */
export function testClient({ endpoint, fetch, signal, onCreated, unique }: ClientOptions): TestClient {
  const { baseUrl, key, send } = wireClient({ endpoint, fetch, signal: () => signal, onCreated });

  async function created(path: string, body: object): Promise<HttpResponse> {
    const response = await send('POST', path, body);
    if (response.status !== 201 || response.id === '') {
      throw new TestStop(
        `setup of the test: ${response.request} should return 201 with an id, returned ${describeStatus(response)}`,
      );
    }
    return response;
  }

  return {
    baseUrl,
    key,
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
  const defined = Object.entries(query).filter(([, value]) => value !== undefined);
  const pairs = defined.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function pathBelow(baseUrl: string, uri: unknown): string {
  // RFC 7643 2.3.7: relative to the base URI without an endpoint segment, so `Users/1` and `../Users/1` are the same.
  const reference = typeof uri === 'string' && uri !== '' ? uri.replace(/^(\.\.\/)+/, '') : undefined;
  const resolved = reference === undefined ? null : URL.parse(reference, `${baseUrl}/`);
  if (resolved?.href.startsWith(`${baseUrl}/`) !== true)
    throw new TestStop('a URI in a response is missing, or not below the base URL');
  return resolved.href.slice(baseUrl.length);
}
