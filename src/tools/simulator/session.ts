import { wireClient } from '../wire/client.js';
import { connectionFailure } from '../wire/exchange.js';
import { readResponse } from '../wire/response.js';
import { withoutQuery } from '../wire/url.js';
import type { FindingLog, Met, Sent } from './finding.js';
import type { RuleId } from './rules.js';
import { type HttpResponse, describeStatus } from '../wire/response.js';

/** How a client sends requests. */
export interface Policy {
  /** On every request; `content-type` only where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Also sends Content-Type without a body. */
  readonly contentTypeAlways?: boolean | undefined;
  /** Time limit of one request. */
  readonly timeoutMilliseconds: number;
  /** Maximum number of attempts for a request that returned 429 or 5xx, including the first. */
  readonly attempts: number;
  /** Retries only after a broken connection, never after a response. */
  readonly responsesAreFinal?: boolean | undefined;
  /** Whether the client waits as long as Retry-After says, or as long as its own backoff. */
  readonly honorsRetryAfter: boolean;
  /** Media type of every response that has a body; the client treats another as a failure, whatever the status. */
  readonly requiredType?: string | undefined;
}

/** A request of the client, or of the simulator (`check: ...`). */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL. */
  readonly path: string;
  readonly body?: unknown;
  /** Another key, to test a wrong one. */
  readonly key?: string | undefined;
  /** The rule that a 5xx breaks. Default: `server-error`. */
  readonly onServerError?: RuleId | undefined;
}

export interface ClientResponse extends HttpResponse {
  readonly step: string;
  readonly sent: Sent;
  /** The findings already contain the failure: no response, 5xx or 429 until the client gave up, 401. */
  readonly reported: boolean;
}

/** The connection of one client to one server. */
export interface Session {
  /** Sends a request, with the retries of the client. Throws only when the signal of the run aborts. */
  send(step: string, request: Outgoing): Promise<ClientResponse>;
  /** Adds a finding to the current stage. */
  found(met: Met): void;
  readonly counts: Counts;
  /** Paths of resources that were created and not deleted since, oldest first. */
  created(): readonly string[];
}

interface Counts {
  readonly requests: number;
  readonly retried: number;
  readonly throttled: number;
}

export interface SessionOptions {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: typeof fetch;
  readonly policy: Policy;
  /** Concurrent requests. */
  readonly concurrency: number;
  /** Longest wait that Retry-After can ask for. */
  readonly maxWaitMilliseconds: number;
  readonly signal: AbortSignal;
  readonly findings: FindingLog;
  /** The current stage. */
  readonly stage: () => string;
  readonly onRequest: (step: string) => void;
}

/** Opens a session. */
export function openSession(options: SessionOptions): Session {
  const { policy, findings, signal, key } = options;
  const counts = { requests: 0, retried: 0, throttled: 0 };
  const created = new Set<string>();
  const gate = gateOf(options.concurrency);
  const client = wireClient({
    endpoint: options,
    fetch: options.fetch,
    signal: () => AbortSignal.any([signal, AbortSignal.timeout(policy.timeoutMilliseconds)]),
    onCreated: (path) => created.add(path),
  });
  const found = (met: Met): void =>
    findings.add(options.stage(), { ...met, received: met.received.replaceAll(key, '[key]') });

  async function once(step: string, request: Outgoing): Promise<HttpResponse | string> {
    counts.requests++;
    try {
      const response = await client.send(request.method, request.path, request.body, {
        headers: headersOf(policy, request),
        key: request.key,
      });
      const deleted = request.method === 'DELETE' && (response.status < 300 || response.status === 404);
      if (deleted) created.delete(withoutQuery(request.path));
      return response;
    } catch (error) {
      signal.throwIfAborted();
      return connectionFailure(error).message;
    } finally {
      options.onRequest(step);
    }
  }

  async function send(step: string, request: Outgoing): Promise<ClientResponse> {
    const sent = shown(request);
    for (let attempt = 1; ; attempt++) {
      const response = await gate(() => once(step, request));
      const final = typeof response !== 'string' && policy.responsesAreFinal === true;
      const more = !final && attempt < policy.attempts;
      const retryable = typeof response === 'string' || response.status === 429 || response.status >= 500;
      if (typeof response !== 'string' && response.status === 429) {
        counts.throttled++;
        if (response.headers.get('retry-after') === null) {
          found({
            rule: 'throttled-no-retry-after',
            step,
            sent,
            expected: 'Retry-After with the 429',
            received: '429 without it',
          });
        }
      }
      if (retryable && more) {
        counts.retried++;
        await pause(waitBefore(response, attempt, options), signal);
        if (typeof response !== 'string' && response.status >= 500) serverError(step, request, sent, response, true);
        continue;
      }
      if (typeof response === 'string') {
        found({ rule: 'no-response', step, sent, expected: 'a response', received: response });
        return { ...noResponse(request), step, sent, reported: true };
      }
      if (response.status >= 500) serverError(step, request, sent, response, false);
      else if (response.status === 429) {
        found({
          rule: 'throttled',
          step,
          sent,
          expected: 'success after the wait',
          received: `429, ${String(attempt)} times`,
        });
      } else if (response.status === 401 && request.key === undefined) {
        found({
          rule: 'unauthorized',
          step,
          sent,
          expected: 'the key to be accepted',
          received: describeResponse(response),
        });
      }
      checkType(step, sent, response);
      const refused = response.status === 401 && request.key === undefined;
      return { ...response, step, sent, reported: retryable || refused };
    }
  }

  function checkType(step: string, sent: Sent, { headers, text }: HttpResponse): void {
    const { requiredType } = policy;
    const type = headers.get('content-type') ?? '';
    if (requiredType === undefined || text === '' || type.toLowerCase().startsWith(requiredType)) return;
    const received = type === '' ? 'no Content-Type' : type;
    found({ rule: 'wrong-type', step, sent, expected: requiredType, received, severity: 'error' });
  }

  function serverError(step: string, request: Outgoing, sent: Sent, response: HttpResponse, again: boolean): void {
    const rule = request.onServerError ?? 'server-error';
    const severity = again ? ('warning' as const) : undefined;
    found({ rule, step, sent, expected: 'no failure of the server', received: describeResponse(response), severity });
  }

  return { send, found, counts, created: () => [...created] };
}

function headersOf(policy: Policy, { body }: Outgoing): Record<string, string> {
  const headers = Object.entries(policy.headers);
  // The wire client sets the Content-Type of SCIM for a body; a header of the simulated client replaces it.
  return Object.fromEntries(
    headers.filter(([name]) => name !== 'content-type' || body !== undefined || policy.contentTypeAlways === true),
  );
}

/** Limits the number of concurrent tasks; the others wait in order. */
function gateOf(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/** Milliseconds until the request is sent again. */
function waitBefore(
  response: HttpResponse | string,
  attempt: number,
  { policy, maxWaitMilliseconds }: SessionOptions,
): number {
  const own = Math.min(200 * 2 ** (attempt - 1), maxWaitMilliseconds);
  if (typeof response === 'string' || !policy.honorsRetryAfter) return own;
  const requested = retryAfter(response.headers.get('retry-after'));
  return requested === undefined ? own : Math.min(requested, maxWaitMilliseconds);
}

/** Milliseconds that a Retry-After asks for: seconds or a date (RFC 9110 10.2.3). */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(milliseconds, 0);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

const longestBody = 1_200;

function shown({ method, path, body }: Outgoing): Sent {
  if (body === undefined) return { method, path };
  const text = JSON.stringify(body, (name, value: unknown) => (name === 'password' ? '[password]' : value));
  return { method, path, body: text.length > longestBody ? `${text.slice(0, longestBody)}...` : text };
}

/** `400 invalidPath: what the server says`. */
export function describeResponse(response: HttpResponse): string {
  const detail = response.get('detail');
  return typeof detail === 'string' && detail !== ''
    ? `${describeStatus(response)}: ${detail.slice(0, 300)}`
    : describeStatus(response);
}

function noResponse({ method, path }: Outgoing): HttpResponse {
  return readResponse(`${method} ${path}`, { status: 0, headers: new Headers(), text: '', milliseconds: 0 });
}
