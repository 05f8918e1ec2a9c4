import type { ChangeEvent } from '../contract/event.js';
import type { ParsedEndpoint } from './endpoint.js';
import { signatures } from './secret.js';
import type { OutgoingRequest } from './send.js';

/** What a message is about: a change, or a test that an administrator started. */
export type Subject = ChangeEvent | 'test';

export interface WebhookMessage {
  readonly id: string;
  readonly subject: Subject;
  /** Milliseconds since 1970: of this attempt, since receivers refuse old timestamps. */
  readonly now: number;
}

/**
 * The request of a webhook, as Standard Webhooks 1.0 says: the signature covers the ID, the time of the attempt and the
 * body, and the body has `type`, `timestamp` and `data`.
 */
export function webhookRequest(endpoint: ParsedEndpoint, { id, subject, now }: WebhookMessage): OutgoingRequest {
  const seconds = String(Math.floor(now / 1000));
  const body = JSON.stringify(bodyOf(endpoint, subject, now));
  return {
    url: endpoint.url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'express-scim',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signatures(endpoint.secrets, `${id}.${seconds}.${body}`),
      ...(endpoint.authorization !== undefined && { authorization: endpoint.authorization }),
    },
  };
}

function bodyOf({ id, payload }: ParsedEndpoint, subject: Subject, now: number): object {
  if (subject === 'test') {
    return { type: 'webhook.test', timestamp: new Date(now).toISOString(), data: { endpoint: id } };
  }
  const { type, time, data, quirks: _, ...about } = subject;
  if (payload === 'full') return { type, timestamp: time, data: { ...about, ...(isPlain(data) ? data : { data }) } };
  // externalId is often an address.
  const { externalId: __, ...impersonal } = about;
  return { type, timestamp: time, data: impersonal };
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
