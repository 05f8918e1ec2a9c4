import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressCheck } from './addresses.js';
import { DeliveryError } from './delivery-error.js';

/** A POST request to a receiver. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is read of a response. */
export interface ReceiverResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly contentType: string;
  /** The first 64 kB. */
  readonly body: string;
}

export interface Sender {
  /** @throws DeliveryError without a response: no connection, a refused address, a timeout */
  send(request: OutgoingRequest): Promise<ReceiverResponse>;
  /** Closes idle connections. */
  close(): void;
}

/** Resolves a host name to all its addresses, as `dns.lookup` does. */
export type Resolve = (
  hostname: string,
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface SenderOptions {
  readonly isAllowed: AddressCheck;
  readonly timeoutMilliseconds: number;
  readonly resolve?: Resolve | undefined;
}

const maxResponseBytes = 65_536;

/**
 * Sends requests to URLs that others choose.
 *
 * The address is checked where the connection is made, so a name that resolves to another address after a check (DNS
 * rebinding) gains nothing. Redirects are not followed. Connection, response and its body together have one timeout.
 */
export function createSender({ isAllowed, timeoutMilliseconds, resolve = resolveBySystem }: SenderOptions): Sender {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxFreeSockets: 32, timeout: timeoutMilliseconds }),
    'https:': new HttpsAgent({ keepAlive: true, maxFreeSockets: 32, timeout: timeoutMilliseconds }),
  };
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => isAllowed(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, '', 0);
      else if (first === undefined) callback(refusedAddress(), '', 0);
      else if (options.all === true) callback(null, [...allowed]);
      else callback(null, first.address, first.family);
    });
  };

  const attempt = async ({ url, headers, body }: OutgoingRequest, mayRetry: boolean): Promise<ReceiverResponse> => {
    // Node connects to a literal address without `lookup`.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isAllowed(literal)) throw refusedAddress();
    const secure = url.protocol === 'https:';
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const request = (secure ? httpsRequest : httpRequest)(url, {
      ...{ method: 'POST', agent: agents[secure ? 'https:' : 'http:'], lookup, signal },
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    try {
      const response = await new Promise<IncomingMessage>((respond, fail) => {
        request.once('response', respond).once('error', fail).end(body);
      });
      return {
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
        contentType: response.headers['content-type'] ?? '',
        body: await readStart(response),
      };
    } catch (error) {
      // The receiver closed an idle connection while this request was on its way: deliveries may arrive twice.
      if (mayRetry && request.reusedSocket && codeOf(error) === 'ECONNRESET') {
        return attempt({ url, headers, body }, false);
      }
      throw toDeliveryError(error, timeoutMilliseconds);
    } finally {
      // A late error must not end the process.
      request.on('error', () => undefined);
    }
  };
  return {
    send: (request) => attempt(request, true),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

const resolveBySystem: Resolve = (hostname, callback) => {
  systemLookup(hostname, { all: true }, callback);
};

/** The start of a body. The status counts, also where the body is too long, broken or never ends. */
async function readStart(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, maxResponseBytes - bytes));
      bytes += part.length;
      // Leaving the loop destroys the response, and with it the connection.
      if (bytes > maxResponseBytes) break;
    }
  } catch {
    response.destroy();
  }
  return Buffer.concat(parts).toString('utf8');
}

function refusedAddress(): DeliveryError {
  return new DeliveryError('The URL leads to an address that is not public: see allowedNetworks.');
}

function toDeliveryError(error: unknown, timeoutMilliseconds: number): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const code = codeOf(error);
  if (code === 'ABORT_ERR') {
    return new DeliveryError(`There was no response within ${String(timeoutMilliseconds)} ms.`);
  }
  return new DeliveryError(`The request failed${code === undefined ? '' : ` (${code})`}.`, { cause: error });
}

/** A code of Node or OpenSSL: a constant, never a value. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code) ? error.code : undefined;
}
