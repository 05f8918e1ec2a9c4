import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ConnectionTestResult, type ProviderId, testConnection } from '../../src/admin/index.js';

let server: Server | undefined;

afterEach(
  () =>
    new Promise<void>((resolve) => {
      if (server === undefined) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

async function test(
  listener: RequestListener,
  provider: ProviderId = 'entra',
  timeout?: number,
): Promise<ConnectionTestResult> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/scim/v2`;
  return testConnection({ baseUrl, key: 'secret', provider, timeoutMilliseconds: timeout });
}

const response =
  (status: number, type: string | undefined, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, res) => {
    res.writeHead(status, { ...(type === undefined ? {} : { 'content-type': type }), ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const list = (totalResults: unknown) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults,
  Resources: [],
});
const scim = 'application/scim+json';

describe('the connection test', () => {
  it.each([
    ['entra', [/^\/scim\/v2\/Users\?filter=userName%20eq%20%22[0-9a-f-]{36}%22$/]],
    ['okta', [/^\/scim\/v2\/Users\?startIndex=1&count=2$/]],
    ['other', [/ServiceProviderConfig$/, /Users\?filter=/]],
  ] as const)('sends the requests of %s, with the key', async (provider, expected) => {
    const urls: string[] = [];
    const result = await test((req, res) => {
      urls.push(req.url ?? '');
      expect(req.headers.authorization).toBe('Bearer secret');
      const body = req.url?.includes('Config')
        ? { schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'] }
        : list(0);
      response(200, scim, body)(req, res);
    }, provider);
    expect(result).toMatchObject({ passed: true });
    expect(urls).toHaveLength(expected.length);
    expected.forEach((pattern, index) => expect(urls[index]).toMatch(pattern));
  });

  it.each<readonly [string, RequestListener, RegExp, RegExp]>([
    ['401', response(401, scim, {}), /credentials are invalid: the Secret Token/, /Authorization/],
    [
      'a disabled connection',
      response(403, scim, { detail: 'Provisioning is switched off for this tenant.' }),
      /disabled here/,
      /Enable it/,
    ],
    ['403', response(403, scim, {}), /no permission/, /authorize/],
    ['404 with a web page', response(404, 'text/html', '<!doctype html>'), /is a web page/, /mounted/],
    ['404', response(404, scim, {}), /not found/, /proxy/],
    ['a web page', response(200, 'text/html', '<html>'), /not SCIM/, /sign-in page/],
    ['a web page that says it is JSON', response(200, scim, '  <!DOCTYPE html>'), /not SCIM/, /sign-in page/],
    ['another media type', response(200, 'text/plain', list(0)), /wrong media type \(text\/plain\)/, /Content-Type/],
    ['no media type', response(200, undefined, list(0)), /wrong media type \(none\)/, /Content-Type/],
    ['invalid JSON', response(200, scim, '{'), /not JSON/, /mounted/],
    ['another message', response(200, scim, { schemas: [] }), /not a ListResponse/, /mounted/],
    ['a list without a total', response(200, scim, list('0')), /not a ListResponse/, /mounted/],
    ['a filter that is ignored', response(200, scim, list(7)), /wrong account/, /filter/],
    ['a redirection', response(302, undefined, '', { location: '/login' }), /redirected \(\/login\)/, /sign-in page/],
    ['500', response(500, scim, {}), /server failed/, /log/],
    ['429', response(429, scim, {}), /rate limited/, /25 per second/],
    ['a closed connection', (req) => req.socket.destroy(), /cannot reach the Tenant URL/, /base URL/],
  ])('explains %s', async (_, listener, verdict, remedy) => {
    const result = await test(listener);
    expect(result.passed).toBe(false);
    expect(result.requests).toHaveLength(1);
    expect(result.requests[0]?.verdict).toMatch(verdict);
    expect(result.requests[0]?.remedy).toMatch(remedy);
  });

  it('explains a server that does not respond in time', async () => {
    const result = await test(() => undefined, 'okta', 50);
    expect(result.requests[0]?.verdict).toBe(
      'Okta would report that it cannot reach the SCIM connector base URL: it does not respond in time.',
    );
  });

  it('explains a refused connection', async () => {
    // No service has this port. A port that was free a moment ago may be taken by another process.
    const result = await testConnection({ baseUrl: 'http://127.0.0.1:2', key: 'x', provider: 'entra' });
    expect(result.requests[0]?.verdict).toMatch(/connection is refused/);
  });
});
