import { performance } from 'node:perf_hooks';

/** What the doctor examines. */
export interface ExaminationTarget {
  /** As the administrator would paste it into the identity provider. */
  readonly baseUrl: string;
  readonly key: string;
  /** True: nothing is created, so PATCH and DELETE are not tried. */
  readonly readOnly?: boolean | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** One answer as a client sees it. */
export interface Probe {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `{}` where the body is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
}

/** Why no answer came. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  /** Code of the system or of TLS, such as `ECONNREFUSED`. */
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** Sends requests as an identity provider does: no redirects are followed, an answer takes 15 seconds at the most. */
export class Prober {
  readonly target: ExaminationTarget;

  constructor(target: ExaminationTarget) {
    this.target = target;
  }

  async send(
    method: string,
    path: string,
    more: {
      readonly body?: object;
      readonly headers?: Readonly<Record<string, string>>;
      readonly key?: string | null;
    } = {},
  ): Promise<Probe> {
    const { baseUrl, key } = this.target;
    const headers: Record<string, string> = { accept: 'application/scim+json', ...more.headers };
    const secret = more.key === undefined ? key : more.key;
    if (secret !== null) headers['authorization'] = `Bearer ${secret}`;
    if (more.body !== undefined) headers['content-type'] ??= 'application/scim+json';
    const began = performance.now();
    try {
      const response = await (this.target.fetch ?? fetch)(`${baseUrl}${path}`, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(15_000),
        ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: objectIn(text),
        milliseconds: performance.now() - began,
      };
    } catch (error) {
      const cause = (error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }).cause;
      const code = cause?.code ?? (error as { readonly code?: unknown }).code;
      const name = (error as { readonly name?: unknown }).name;
      const timedOut = name === 'TimeoutError';
      throw new Unreachable(
        timedOut ? 'no answer within 15 seconds' : String(cause?.message ?? (error as Error).message),
        timedOut ? 'TIMEOUT' : typeof code === 'string' ? code : undefined,
      );
    }
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
