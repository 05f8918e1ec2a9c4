import type { AttemptResult } from '../contract/deliveries.js';
import { DeliveryError } from './delivery-error.js';
import type { ParsedEndpoint } from './endpoint.js';
import { checkPushResponse, type SecurityEventSigner } from './security-event-token.js';
import type { ReceiverResponse, Sender } from './send.js';
import { type Subject, webhookRequest } from './webhook.js';

/** One request to a receiver, and how it ended. */
export interface Attempt extends AttemptResult {
  /** What it was: for `onError`. Undefined where it succeeded. */
  readonly cause?: unknown;
  /** True: no further attempt can succeed. */
  readonly permanent: boolean;
  /** True: the receiver is gone for good (410). */
  readonly gone: boolean;
  /** What the receiver asks to wait, at most a day. */
  readonly retryAfterMilliseconds: number;
}

export interface AttemptOf {
  readonly endpoint: ParsedEndpoint;
  readonly id: string;
  readonly subject: Subject;
  readonly issuedAt: number;
  readonly now: number;
}

const maxRetryAfterMilliseconds = 86_400_000;

/** Sends a message once. It never throws. */
export async function attempt(
  { endpoint, id, subject, issuedAt, now }: AttemptOf,
  sender: Sender,
  signer: SecurityEventSigner | undefined,
): Promise<Attempt> {
  const started = performance.now();
  const isPush = endpoint.format === 'security-event';
  let response: ReceiverResponse | undefined;
  let cause: unknown;
  try {
    if (!isPush) response = await sender.send(webhookRequest(endpoint, { id, subject, now }));
    else if (signer !== undefined) {
      response = await sender.send(await signer.request(endpoint, { id, subject, issuedAt, now }));
    }
    if (response === undefined) throw new DeliveryError('Security events cannot be signed without securityEvents.');
    if (isPush) checkPushResponse(response);
    else if (response.status < 200 || response.status > 299) {
      throw new DeliveryError(`The receiver returned ${String(response.status)}.`);
    }
  } catch (error) {
    cause = error;
  }
  const { status, retryAfter } = response ?? {};
  return {
    delivered: cause === undefined,
    status,
    ...(cause !== undefined && { cause, error: describe(cause) }),
    permanent: cause instanceof DeliveryError && cause.permanent,
    gone: status === 410,
    retryAfterMilliseconds: cause === undefined ? 0 : waitOf(retryAfter, now),
    milliseconds: Math.round(performance.now() - started),
  };
}

/** The text of an error of ours. Any other may contain what must not be stored. */
function describe(cause: unknown): string {
  return cause instanceof DeliveryError ? cause.message : 'The request could not be made: see onError.';
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3). */
function waitOf(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const milliseconds = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return milliseconds > 0 ? Math.min(milliseconds, maxRetryAfterMilliseconds) : 0;
}
