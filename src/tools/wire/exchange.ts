import type { Received } from './response.js';

/** One request, ready to be sent. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>> | Headers;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
}

/** Sends one request and reads the whole response. No redirect is followed, as most identity providers follow none. */
export async function exchange(
  send: typeof fetch,
  { method, url, headers, body, signal }: Exchange,
): Promise<Received> {
  const started = performance.now();
  const response = await send(url, {
    method,
    headers,
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, milliseconds: performance.now() - started };
}

/** Why no response was received: a message, and the code of the system or of TLS, such as `ECONNREFUSED`. */
export interface ConnectionFailure {
  readonly message: string;
  readonly code: string | undefined;
}

/** Reads what `fetch` threw; not by class, since errors of other realms, such as a test runner's, count too. */
export function connectionFailure(error: unknown): ConnectionFailure {
  // `fetch failed` alone helps nobody: the cause says why.
  const thrown = partsOf(error);
  const cause = partsOf(thrown.cause);
  const timedOut = thrown.name === 'TimeoutError';
  return {
    // Several failed connections in one have a code only.
    message: cause.message ?? cause.code ?? thrown.message ?? 'no response',
    code: timedOut ? 'TIMEOUT' : (cause.code ?? thrown.code),
  };
}

function partsOf(error: unknown) {
  const { name, message, code, cause } = (typeof error === 'object' && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  return { name: textOf(name), message: textOf(message), code: textOf(code), cause };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
