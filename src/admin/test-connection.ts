import { randomUUID } from 'node:crypto';
import { type ProviderId, providerOf } from './providers.js';

/** What is tested. */
export interface ConnectionTest {
  readonly baseUrl: string;
  /** A connector key that may read. */
  readonly key: string;
  readonly provider: ProviderId;
  /** Default: the `fetch` of Node. */
  readonly fetch?: typeof fetch | undefined;
  /** For one answer, milliseconds. Default 10,000. */
  readonly timeoutMilliseconds?: number | undefined;
}

/** One request of the test. */
export interface TestedRequest {
  /** Below the base URL, as a person reads it. */
  readonly request: string;
  readonly passed: boolean;
  /** What came back: `200, 12 ms`, or why nothing did. */
  readonly came: string;
  /** What the provider would say, in words. */
  readonly verdict: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** What the test found. */
export interface ConnectionTestResult {
  readonly passed: boolean;
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

const longestResponse = 1024 * 1024;

/**
 * Plays the connection test of an identity provider against a base URL, and says what it would say.
 *
 * It stops at the first request that fails, as providers do. Redirects are not followed.
 */
export async function testConnection(test: ConnectionTest): Promise<ConnectionTestResult> {
  const requests: TestedRequest[] = [];
  for (const probe of probesOf(test.provider)) {
    const tested = await play(probe, test);
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

async function play(probe: Probe, test: ConnectionTest): Promise<TestedRequest> {
  const started = performance.now();
  let response: ConnectionResponse;
  try {
    response = await ask(probe, test);
  } catch (error) {
    return { request: probe.shown, passed: false, ...unreachable(error, test) };
  }
  const came = `${String(response.status)}, ${String(Math.round(performance.now() - started))} ms`;
  const problem = judge(response, probe, test);
  return problem === undefined
    ? { request: probe.shown, passed: true, came, verdict: `${whoOf(test.provider)} would accept this answer.` }
    : { request: probe.shown, passed: false, came, ...problem };
}

async function ask(probe: Probe, test: ConnectionTest): Promise<ConnectionResponse> {
  const response = await (test.fetch ?? fetch)(test.baseUrl + probe.path, {
    headers: { accept: 'application/scim+json', authorization: `Bearer ${test.key}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(test.timeoutMilliseconds ?? 10_000),
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
      if ((size += chunk.length) > longestResponse) break;
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Problem = Pick<TestedRequest, 'verdict' | 'remedy'>;

function judge(response: ConnectionResponse, probe: Probe, { provider }: ConnectionTest): Problem | undefined {
  const { keyField, urlField } = providerOf(provider);
  const { status, mediaType, text } = response;
  const html = mediaType === 'text/html' || /^\s*<(?:!doctype|html)/i.test(text);
  const says = (verdict: string, remedy: string): Problem => ({
    verdict: `${whoOf(provider)} would say ${verdict}`,
    remedy,
  });
  if (status >= 300 && status < 400) {
    return says(
      `that the ${urlField} does not answer: it was sent elsewhere (${shorten(response.location ?? 'no address')}).`,
      'Set the base URL to where the SCIM router answers itself, with https and without a login in front of it.',
    );
  }
  if (status === 401) {
    return says(
      `that the credentials are invalid: the ${keyField} was not accepted.`,
      'The test used a fresh key, so something else is wrong: let the SCIM router authenticate with connectionAuthenticator over the same store, and let no proxy take the Authorization header away.',
    );
  }
  if (status === 403) {
    return /switched off/.test(text)
      ? says(
          'that it may not provision: user provisioning is disabled here.',
          'Enable it under Status, then test again.',
        )
      : says('that it has no permission.', 'Look at `authorize` of the SCIM router, and at firewalls in front of it.');
  }
  if (status === 404) {
    return html
      ? says(
          `that nothing is found at the ${urlField}: a web page answered, not the SCIM router.`,
          'The base URL leads elsewhere. Compare it with the path at which the router is mounted; it often ends in /scim/v2.',
        )
      : says(
          'that the endpoint is not found. Microsoft Entra ID would quarantine the job at once.',
          'Compare the base URL with the path at which the router is mounted, and look for a proxy that rewrites paths.',
        );
  }
  if (status === 429)
    return says('that it is rate limited.', 'Allow the provider more requests, 25 a second at least.');
  if (status >= 500) {
    return says(
      'that the server failed, and would try again later.',
      'Look in the application’s log. From a gateway (502 to 504) it means that the application is not running.',
    );
  }
  if (status !== 200) {
    return says(`that ${String(status)} is unexpected.`, 'Look in the provisioning log for the reason.');
  }
  if (html) {
    return says(
      'that the answer is no SCIM: a web page came back.',
      'A login page or the application’s front end answers at the base URL. Mount the SCIM router before them.',
    );
  }
  if (mediaType !== 'application/scim+json' && mediaType !== 'application/json') {
    return says(
      `that the answer has the wrong media type (${shorten(mediaType === '' ? 'none' : mediaType)}).`,
      'Let nothing between the router and the provider change Content-Type; it must be application/scim+json.',
    );
  }
  return judgeBody(text, probe, says);
}

function judgeBody(
  text: string,
  { expects }: Probe,
  says: (verdict: string, remedy: string) => Problem,
): Problem | undefined {
  const body = parse(text);
  const notOurs = 'Something else than this SCIM router answers at the base URL: compare it with the mount point.';
  if (body === undefined) return says('that the answer is not JSON.', notOurs);
  const schemas: readonly unknown[] = Array.isArray(body['schemas']) ? body['schemas'] : [];
  if (expects === 'service provider config') {
    const isConfig = schemas.includes('urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig');
    return isConfig ? undefined : says('that the service does not describe itself.', notOurs);
  }
  const isList = schemas.includes('urn:ietf:params:scim:api:messages:2.0:ListResponse');
  if (!isList || !Number.isInteger(body['totalResults'])) {
    return says('that the answer is no ListResponse.', notOurs);
  }
  if (expects === 'empty list' && body['totalResults'] !== 0) {
    return says(
      'that it works, and would then match every person with the wrong account: the filter is ignored.',
      'Let the store of users apply the filter; the store contract’s tests say where it does not.',
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
  [/ENOTFOUND|EAI_AGAIN/, 'its name is not known', 'Check the host name of the base URL, and its DNS entry.'],
  [/ECONNREFUSED/, 'nothing listens there', 'Check host and port of the base URL, and that the application runs.'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ERR_TLS/,
    'its certificate is not trusted',
    'Install a certificate of a public authority with its whole chain; providers accept no other.',
  ],
  [
    /Timeout|ETIMEDOUT/i,
    'it does not answer in time',
    'Look for a firewall that drops the connection, and at the load.',
  ],
];

function unreachable(error: unknown, { provider }: ConnectionTest): Omit<TestedRequest, 'request' | 'passed'> {
  const { urlField } = providerOf(provider);
  const seen = codesOf(error);
  const [, why, remedy] = causes.find(([pattern]) => pattern.test(seen)) ?? [
    undefined,
    'the connection was closed',
    'Check the base URL, and whether this server may reach it.',
  ];
  return {
    came: 'no answer',
    verdict: `${whoOf(provider)} would say that it cannot reach the ${urlField}: ${why}.`,
    remedy,
  };
}

// By what they say, not by their class: an error may come of another realm.
function codesOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { code, cause, name } = error as Readonly<Record<string, unknown>>;
  const own = [name, code].filter((each) => typeof each === 'string').join(' ');
  return `${own} ${codesOf(cause, depth + 1)}`;
}

function whoOf(provider: ProviderId): string {
  return provider === 'other' ? 'The provider' : providerOf(provider).name;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
