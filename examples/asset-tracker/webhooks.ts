// Webhooks: sends each change of members and teams to a receiver outside of the product. So that you can see them without a
// second server, the receiver is a page of this product.
import { isIP } from 'node:net';
import { createHmac, timingSafeEqual } from 'node:crypto';
import express, { type RequestHandler, Router } from 'express';
import { eventDelivery, type EventDelivery } from 'express-scim/events';
import { sqlDeliveryStore } from 'express-scim/sql';
import type { Configuration } from './configuration.js';
import type { Database } from './database.js';
import type { Log } from './log.js';

export interface Webhooks {
  /** Sends events to the endpoints; the settings panel shows how that goes. */
  readonly deliveries: EventDelivery;
  /** What an application that gets webhooks has to do: check the signature, deduplicate, save, respond. */
  readonly receiver: RequestHandler;
}

/** Where the product receives its own webhooks. */
export const receiverPath = '/webhooks';

const maxAgeSeconds = 300;
const mostReceived = 200;

/**
 * @param secret 32 bytes, known to the sender and the receiver
 * @param localUrl where this process listens, without a path
 */
export function createWebhooks(
  { db, dialect }: Database,
  {
    configuration,
    secret,
    localUrl,
    log,
  }: {
    readonly configuration: Configuration;
    readonly secret: Buffer;
    readonly localUrl: () => string;
    readonly log: Log;
  },
): Webhooks {
  const deliveries = eventDelivery({
    store: sqlDeliveryStore(db, { dialect }),
    endpoints: () => [
      {
        id: 'received-webhooks',
        format: 'webhook',
        url: reachable(localUrl()) + receiverPath,
        secrets: [`whsec_${secret.toString('base64')}`],
      },
    ],
    // Only because this receiver is the process itself. In your app leave both out: they keep a URL that somebody enters
    // from reaching your own network.
    allowHttp: true,
    allowedNetworks: ownAddresses(configuration.host),
    onError: (error, delivery) => log.warn('a webhook was not delivered', { error, delivery: delivery?.id }),
  });
  return { deliveries, receiver: createReceiver(db, secret) };
}

/** A server that listens on all addresses is called at the loopback address. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function ownAddresses(host: string): readonly string[] {
  const loopback = ['127.0.0.1/32', '::1/128'];
  const version = isIP(host);
  return version === 0 ? loopback : [...loopback, `${host}/${version === 4 ? '32' : '128'}`];
}

function createReceiver(db: Database['db'], secret: Buffer): RequestHandler {
  const router = Router();
  router.post('/', express.raw({ type: 'application/json', limit: '1mb' }), async (req, res) => {
    const body: unknown = req.body;
    const id = req.get('webhook-id') ?? '';
    if (!Buffer.isBuffer(body) || !isSigned(req.headers, body, secret)) {
      res.sendStatus(401);
      return;
    }
    const webhook = readWebhook(body);
    if (webhook === undefined) {
      res.sendStatus(400);
      return;
    }
    const received_at = new Date().toISOString();
    await db
      .insertInto('received_webhooks')
      .values({ ...webhook, id, received_at })
      // A webhook may arrive twice.
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const newest = db.selectFrom('received_webhooks').select('id').orderBy('received_at', 'desc').limit(mostReceived);
    await db.deleteFrom('received_webhooks').where('id', 'not in', newest).execute();
    res.sendStatus(204);
  });
  return router;
}

/** Checks the signature over the bytes of the body, as Standard Webhooks says. */
function isSigned(headers: Readonly<Record<string, unknown>>, body: Buffer, secret: Buffer): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
  if (!(Math.abs(Date.now() / 1_000 - Number(time)) <= maxAgeSeconds)) return false;
  const signedText = Buffer.concat([Buffer.from(`${String(id)}.${String(time)}.`), body]);
  const expected = createHmac('sha256', secret).update(signedText).digest();
  return String(signatures)
    .split(' ')
    .map((each) => Buffer.from(each.replace(/^v1,/, ''), 'base64'))
    .some((each) => each.length === expected.length && timingSafeEqual(each, expected));
}

/** What the page shows of a webhook. */
function readWebhook(body: Buffer) {
  const { type, data } = JSON.parse(body.toString('utf8')) as {
    readonly type?: unknown;
    readonly data?: { readonly resourceId?: unknown; readonly changed?: unknown };
  };
  if (typeof type !== 'string') return undefined;
  const changed = Array.isArray(data?.changed) ? data.changed.filter((name) => typeof name === 'string') : [];
  return { type, subject: typeof data?.resourceId === 'string' ? data.resourceId : '', changed: changed.join(', ') };
}
