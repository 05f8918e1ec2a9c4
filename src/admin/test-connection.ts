import { randomUUID } from 'node:crypto';
import { checkOptions, type OptionRules } from '../contract/option-mistakes.js';
import { identityProviderName, type ProviderId, providerOf } from './providers.js';
import { type ConnectionResponse, type ExpectedBody, problemOf } from './response-verdict.js';
import { unreachable } from './unreachable-verdict.js';

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
  readonly expects: ExpectedBody;
}

const rules: OptionRules<keyof ConnectionTest> = {
  of: 'testConnection',
  page: 'admin.md',
  required: ['baseUrl', 'key', 'provider'],
  kinds: {
    baseUrl: 'string',
    key: 'string',
    provider: 'string',
    fetch: 'function',
    timeoutMilliseconds: 'positive number',
  },
};

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
  checkOptions(test, rules);
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
    return { request: probe.shown, passed: false, received: 'no response', ...unreachable(error, test.provider) };
  }
  const received = `${String(response.status)}, ${String(Math.round(performance.now() - started))} ms`;
  const problem = problemOf(response, probe.expects, test.provider);
  return problem === undefined
    ? {
        request: probe.shown,
        passed: true,
        received,
        verdict: `${identityProviderName(test.provider)} would accept this response.`,
      }
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
