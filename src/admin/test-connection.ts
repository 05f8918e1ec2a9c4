import { randomUUID } from 'node:crypto';
import { isProvisioningDisabled } from './explain.js';
import { type ProviderId, providerOf } from './providers.js';
import { shortenedTo } from './visible.js';

/** Arguments of `testConnection`. */
export interface ConnectionTest {
  /** Public URL of the SCIM router, without a trailing slash. */
  readonly baseUrl: string;
  /** A connector key in plaintext that is allowed to read. */
  readonly key: string;
  /** The identity provider whose connection test is simulated. */
  readonly provider: ProviderId;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Timeout of each request. Default 10,000. */
  readonly timeoutMilliseconds?: number | undefined;
}

/** One request of a connection test. */
export interface TestedRequest {
  /** Method and URL relative to the base URL, decoded. */
  readonly request: string;
  readonly passed: boolean;
  /** Status and duration, such as `200, 12 ms`; `no response` if there was none. */
  readonly received: string;
  /** What the identity provider would report, as a sentence. */
  readonly verdict: string;
  /** What to do about a failure. */
  readonly remedy?: string | undefined;
}

/** Result of `testConnection`. */
export interface ConnectionTestResult {
  /** True if all requests passed. */
  readonly passed: boolean;
  /** The requests that were sent, in order; only the last one can have failed. */
  readonly requests: readonly TestedRequest[];
}

interface Probe {
  readonly path: string;
  readonly shown: string;
  readonly expects: 'list' | 'empty list' | 'service provider config';
}

interface ConnectionResponse {
  readonly status: number;
  readonly mediaType: string;
  readonly location: string | undefined;
  readonly text: string;
}

const maxResponseBytes = 1024 * 1024;
const defaultTimeoutMilliseconds = 10_000;

/**
 * Simulates the connection test of an identity provider, and explains what the identity provider would report.
 *
 * The test stops at the first request that fails, as identity providers do. Redirects are not followed. Network errors
 * are part of the result and not thrown.
 *
 * @example
 * import { testConnection } from 'express-scim/admin';
 *
 * const { passed, requests } = await testConnection({
 *   baseUrl: 'https://app.example.com/scim/v2',
 *   key: process.env['SCIM_KEY'] ?? '',
 *   provider: 'entra',
 * });
 * if (!passed) console.error(requests.at(-1)?.verdict, requests.at(-1)?.remedy);
 */
export async function testConnection(test: ConnectionTest): Promise<ConnectionTestResult> {
  const requests: TestedRequest[] = [];
  for (const probe of probesOf(test.provider)) {
    const tested = await run(probe, test);
    requests.push(tested);
    if (!tested.passed) return { passed: false, requests };
  }
  return { passed: true, requests };
}

function probesOf(provider: ProviderId): readonly Probe[] {
  const guid = randomUUID();
  const unknown: Probe = {
    path: `/Users?filter=${encodeURIComponent(`userName eq "${guid}"`)}`,
    shown: `GET /Users?filter=userName eq "${guid}"`,
    expects: 'empty list',
  };
  const config: Probe = {
    path: '/ServiceProviderConfig',
    shown: 'GET /ServiceProviderConfig',
    expects: 'service provider config',
  };
  const firstPage: Probe = {
    path: '/Users?startIndex=1&count=2',
    shown: 'GET /Users?startIndex=1&count=2',
    expects: 'list',
  };
  return { 'filter-unknown': [unknown], 'first-page': [firstPage], 'provider-config': [config, unknown] }[
    providerOf(provider).probe
  ];
}

async function run(probe: Probe, test: ConnectionTest): Promise<TestedRequest> {
  const started = performance.now();
  let response: ConnectionResponse;
  try {
    response = await send(probe, test);
  } catch (error) {
    return { request: probe.shown, passed: false, ...unreachable(error, test) };
  }
  const received = `${String(response.status)}, ${String(Math.round(performance.now() - started))} ms`;
  const problem = findProblem(response, probe, test);
  return problem === undefined
    ? { request: probe.shown, passed: true, received, verdict: `${nameOf(test.provider)} would accept this response.` }
    : { request: probe.shown, passed: false, received, ...problem };
}

async function send(probe: Probe, test: ConnectionTest): Promise<ConnectionResponse> {
  const response = await (test.fetch ?? fetch)(test.baseUrl + probe.path, {
    headers: { accept: 'application/scim+json', authorization: `Bearer ${test.key}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(test.timeoutMilliseconds ?? defaultTimeoutMilliseconds),
  });
  return {
    status: response.status,
    mediaType: (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
    location: response.headers.get('location') ?? undefined,
    text: await textOf(response),
  };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      if ((size += chunk.length) > maxResponseBytes) break;
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Problem = Pick<TestedRequest, 'verdict' | 'remedy'>;

function findProblem(response: ConnectionResponse, probe: Probe, { provider }: ConnectionTest): Problem | undefined {
  const { keyField, urlField } = providerOf(provider);
  const { status, mediaType, text } = response;
  const html = mediaType === 'text/html' || /^\s*<(?:!doctype|html)/i.test(text);
  const reports = (verdict: string, remedy: string): Problem => ({
    verdict: `${nameOf(provider)} would report ${verdict}`,
    remedy,
  });
  if (status >= 300 && status < 400) {
    return reports(
      `that the ${urlField} does not respond: the request was redirected (${shortenedTo(80, response.location ?? 'no location')}).`,
      'Set the base URL to the address at which the SCIM router responds without a redirect: with https, and without a sign-in page in front of it.',
    );
  }
  if (status === 401) {
    return reports(
      `that the credentials are invalid: the ${keyField} was not accepted.`,
      'The test used a new key, so the key is not the cause. Check that the SCIM router uses connectionAuthenticator with the same store, and that no proxy removes the Authorization header.',
    );
  }
  if (status === 403) {
    return isProvisioningDisabled(text)
      ? reports(
          'that it is not allowed to provision: user provisioning is disabled here.',
          'Enable it under Status, and test again.',
        )
      : reports(
          'that it has no permission.',
          'Check the `authorize` option of the SCIM router, and firewalls in front of it.',
        );
  }
  if (status === 404) {
    return html
      ? reports(
          `that the ${urlField} is not found: the response is a web page and not from the SCIM router.`,
          'Compare the base URL with the path at which the router is mounted; it often ends with /scim/v2.',
        )
      : reports(
          'that the endpoint is not found. Microsoft Entra ID would quarantine the job at once.',
          'Compare the base URL with the path at which the router is mounted, and check whether a proxy rewrites paths.',
        );
  }
  if (status === 429)
    return reports('that it is rate limited.', 'Allow the identity provider more requests: at least 25 per second.');
  if (status >= 500) {
    return reports(
      'that the server failed, and would retry later.',
      'Check the application’s log. A gateway error (502 to 504) means that the application is not running.',
    );
  }
  if (status !== 200) {
    return reports(`that status ${String(status)} is unexpected.`, 'Check the provisioning log for the reason.');
  }
  if (html) {
    return reports(
      'that the response is not SCIM: it is a web page.',
      'A sign-in page or the application’s front end responds at the base URL. Mount the SCIM router before them.',
    );
  }
  if (mediaType !== 'application/scim+json' && mediaType !== 'application/json') {
    return reports(
      `that the response has the wrong media type (${shortenedTo(80, mediaType === '' ? 'none' : mediaType)}).`,
      'Content-Type must be application/scim+json. Check whether a proxy between the identity provider and the router changes it.',
    );
  }
  return findProblemInBody(text, probe, reports);
}

function findProblemInBody(
  text: string,
  { expects }: Probe,
  reports: (verdict: string, remedy: string) => Problem,
): Problem | undefined {
  const body = parse(text);
  const wrongServer =
    'Something other than the SCIM router responds at the base URL. Compare it with the path at which the router is mounted.';
  if (body === undefined) return reports('that the response is not JSON.', wrongServer);
  const schemas: readonly unknown[] = Array.isArray(body['schemas']) ? body['schemas'] : [];
  if (expects === 'service provider config') {
    const isConfig = schemas.includes('urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig');
    return isConfig ? undefined : reports('that the response is not a ServiceProviderConfig.', wrongServer);
  }
  const isList = schemas.includes('urn:ietf:params:scim:api:messages:2.0:ListResponse');
  if (!isList || !Number.isInteger(body['totalResults'])) {
    return reports('that the response is not a ListResponse.', wrongServer);
  }
  if (expects === 'empty list' && body['totalResults'] !== 0) {
    return reports(
      'success, but would then match every user with the wrong account: the filter is ignored.',
      'Apply the filter in the user store. The store test suite shows where it is not applied.',
    );
  }
  return undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const causes: readonly (readonly [RegExp, string, string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN/,
    'its host name cannot be resolved',
    'Check the host name in the base URL, and its DNS entry.',
  ],
  [
    /ECONNREFUSED/,
    'the connection is refused',
    'Check the host and port in the base URL, and that the application is running.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ERR_TLS/,
    'its certificate is not trusted',
    'Install a certificate of a public certificate authority with its whole chain. Identity providers accept no other.',
  ],
  [
    /Timeout|ETIMEDOUT/i,
    'it does not respond in time',
    'Check whether a firewall drops the connection, and whether the server is overloaded.',
  ],
];

function unreachable(error: unknown, { provider }: ConnectionTest): Omit<TestedRequest, 'request' | 'passed'> {
  const { urlField } = providerOf(provider);
  const codes = codesOf(error);
  const [, why, remedy] = causes.find(([pattern]) => pattern.test(codes)) ?? [
    undefined,
    'the connection was closed',
    'Check the base URL, and whether this server can reach it.',
  ];
  return {
    received: 'no response',
    verdict: `${nameOf(provider)} would report that it cannot reach the ${urlField}: ${why}.`,
    remedy,
  };
}

// By name and code and not by class: the error may be from another realm.
function codesOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { code, cause, name } = error as Readonly<Record<string, unknown>>;
  const texts = [name, code].filter((each) => typeof each === 'string').join(' ');
  return `${texts} ${codesOf(cause, depth + 1)}`;
}

function nameOf(provider: ProviderId): string {
  return provider === 'other' ? 'The identity provider' : providerOf(provider).name;
}
