import { wireClient } from '../wire/client.js';
import { connectionFailure } from '../wire/exchange.js';
import { readResponse } from '../wire/response.js';
import type { FindingLog, Met, Sent } from './finding.js';
import type { RuleId } from './rules.js';
import { type HttpResponse, describeStatus } from '../wire/response.js';

/** How a client sends, whatever it sends. */
export interface Policy {
  /** On every request; `content-type` only where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sends Content-Type without a body too. */
  readonly contentTypeAlways?: boolean | undefined;
  /** Longest time of one request, milliseconds. */
  readonly timeoutMilliseconds: number;
  /** How often a request is sent that was answered 429 or 5xx, the first time included. */
  readonly attempts: number;
  /** Sends again after a broken connection only, and takes each answer as it is. */
  readonly responsesAreFinal?: boolean | undefined;
  /** Whether the client waits as long as Retry-After says. A client that does not comes back after its own time. */
  readonly honorsRetryAfter: boolean;
}

/** A request of the client, or of the simulator (`check: ...`). */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL. */
  readonly path: string;
  readonly body?: unknown;
  /** Another key; for the test of a wrong one. */
  readonly key?: string | undefined;
  /** The rule that a 5xx breaks. Default: `server-error`. */
  readonly onServerError?: RuleId | undefined;
}

export interface ClientResponse extends HttpResponse {
  readonly step: string;
  readonly sent: Sent;
  /** The failure is in the findings already: no answer, 5xx or 429 until the client gave up, 401. */
  readonly reported: boolean;
}

/** The connection of one client to one server. */
export interface Session {
  /** Sends a request, again where the client would. Never fails but by the signal of the run. */
  send(step: string, request: Outgoing): Promise<ClientResponse>;
  /** Takes a finding up, under the stage that is played. */
  found(met: Met): void;
  readonly counts: Counts;
  /** Paths of what was created and not deleted since, oldest first. */
  created(): readonly string[];
}

export interface Counts {
  readonly requests: number;
  readonly retried: number;
  readonly throttled: number;
}

export interface SessionOptions {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: typeof fetch;
  readonly policy: Policy;
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Longest wait that Retry-After can ask for, milliseconds. */
  readonly maxWaitMilliseconds: number;
  readonly signal: AbortSignal;
  readonly findings: FindingLog;
  /** The stage that is played now. */
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
      const gone = request.method === 'DELETE' && (response.status < 300 || response.status === 404);
      if (gone) created.delete(request.path.replace(/\?.*$/, ''));
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
            rule: 'throttled-blind',
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
        found({ rule: 'no-answer', step, sent, expected: 'an answer', received: response });
        return { ...noResponse(request), step, sent, reported: true };
      }
      if (response.status >= 500) serverError(step, request, sent, response, false);
      else if (response.status === 429) {
        found({
          rule: 'throttled',
          step,
          sent,
          expected: 'an answer after the wait',
          received: `429, ${String(attempt)} times`,
        });
      } else if (response.status === 401 && request.key === undefined) {
        found({
          rule: 'unauthorized',
          step,
          sent,
          expected: 'the key to be known',
          received: describeResponse(response),
        });
      }
      const refused = response.status === 401 && request.key === undefined;
      return { ...response, step, sent, reported: retryable || refused };
    }
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
  // The test client adds the Content-Type of SCIM to a body, so that the client's own must replace it.
  return Object.fromEntries(
    headers.filter(([name]) => name !== 'content-type' || body !== undefined || policy.contentTypeAlways === true),
  );
}

/** Lets so many through at a time, in the order in which they came. */
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
  const asked = retryAfter(response.headers.get('retry-after'));
  return asked === undefined ? own : Math.min(asked, maxWaitMilliseconds);
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
