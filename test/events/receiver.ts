import { webcrypto } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import type { ChangeEvent } from '../../src/index.js';
import type { WebhookEndpoint } from '../../src/events/index.js';
import { patientServer } from '../patient.js';

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on a port of 127.0.0.1. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How the next requests are responded to: a status, or a listener of your own. Default 204. */
  respond: number | RequestListener;
  /** The most requests that were under way at the same time. */
  readonly peak: () => number;
  close(): Promise<void>;
}

const open = new Set<Receiver>();

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let underWay = 0;
  let most = 0;
  const server = createServer(patientServer, (req, res) => {
    underWay += 1;
    most = Math.max(most, underWay);
    res.once('close', () => (underWay -= 1));
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      received.push({ path: req.url ?? '', headers: req.headers, body: Buffer.concat(parts).toString() });
      if (typeof receiver.respond === 'function') receiver.respond(req, res);
      else res.writeHead(receiver.respond).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`,
    received,
    respond: 204,
    peak: () => most,
    close: () =>
      new Promise((resolve) => {
        open.delete(receiver);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  open.add(receiver);
  return receiver;
}

afterAll(async () => {
  for (const receiver of open) await receiver.close();
});

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const otherSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** For receivers on this machine. */
export const local = { allowHttp: true, allowedNetworks: ['127.0.0.0/8'] } as const;

export function webhook(id: string, url: string, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return { id, format: 'webhook', url, secrets: [secret], ...more };
}

let count = 0;

export function event(more: Partial<ChangeEvent> = {}): ChangeEvent {
  count += 1;
  return {
    id: `e${String(count)}`,
    type: 'user.created',
    time: '2026-11-28T12:00:00.000Z',
    tenant: 'acme',
    actor: 'okta',
    requestId: 'r1',
    resourceType: 'User',
    resourceId: '42',
    changed: ['userName'],
    quirks: [],
    data: { after: { userName: 'ada@example.com' } },
    ...more,
  };
}

/** What a receiver does with one of its secrets (Standard Webhooks), with WebCrypto instead of the library's code. */
export async function isSigned({ headers, body }: Received, key: string): Promise<boolean> {
  const raw = Buffer.from(key.replace('whsec_', ''), 'base64');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const hmac = await webcrypto.subtle.importKey('raw', raw, algorithm, false, ['verify']);
  const text = new TextEncoder().encode(
    `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`,
  );
  for (const signature of String(headers['webhook-signature']).split(' ')) {
    const [version, value = ''] = signature.split(',');
    if (version !== 'v1') continue;
    if (await webcrypto.subtle.verify('HMAC', hmac, Buffer.from(value, 'base64'), text)) return true;
  }
  return false;
}
