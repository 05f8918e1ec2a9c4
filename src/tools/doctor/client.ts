import { wireClient, type WireClient } from '../wire/client.js';
import { connectionFailure } from '../wire/exchange.js';

/** The service that the doctor checks. */
export interface DoctorTarget {
  /** As the administrator would paste it into the identity provider. */
  readonly baseUrl: string;
  /** Bearer key. */
  readonly key: string;
  /** True: the doctor creates nothing, so PATCH, PUT and DELETE are not checked. Default: false. */
  readonly readOnly?: boolean | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Why no response was received. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  /** Code of the system or of TLS, such as `ECONNREFUSED`; `TIMEOUT` after 15 seconds. */
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

const timeoutMilliseconds = 15_000;

/** Sends requests as an identity provider does. @throws Unreachable where no response is received in time */
export function doctorClient(target: DoctorTarget): WireClient {
  const client = wireClient({
    endpoint: target,
    fetch: target.fetch,
    signal: () => AbortSignal.timeout(timeoutMilliseconds),
  });
  return {
    ...client,
    async send(...request) {
      try {
        return await client.send(...request);
      } catch (error) {
        const { message, code } = connectionFailure(error);
        const timedOut = code === 'TIMEOUT';
        throw new Unreachable(
          timedOut ? `no response within ${String(timeoutMilliseconds / 1000)} seconds` : message,
          code,
        );
      }
    },
  };
}
