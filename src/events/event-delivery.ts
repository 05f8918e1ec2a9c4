import { createHash, randomUUID } from 'node:crypto';
import type { DeliveryAdministration, EndpointStatus } from '../contract/deliveries.js';
import type { ChangeEvent } from '../contract/event.js';
import { attempt } from './attempt.js';
import type { EndpointHealth, NewDelivery } from './delivery-store.js';
import type { ConfiguredEndpoint } from './endpoint.js';
import { type EventDeliveryOptions, parseDeliveryOptions } from './options.js';
import { createSender } from './send.js';
import { Worker } from './worker.js';

/**
 * Sends change events to endpoints outside of the app: what `eventDelivery` returns. Its administration is what
 * `createScimAdmin` takes as `deliveries`.
 *
 * @example
 * import type { EventDelivery } from 'express-scim/events';
 *
 * export const stopAll = (deliveries: readonly EventDelivery[]) => Promise.all(deliveries.map((each) => each.stop()));
 */
export interface EventDelivery extends DeliveryAdministration {
  /**
   * Saves a delivery of the event for each endpoint that gets its type. A repeated call with the same event changes
   * nothing.
   *
   * @param transaction the one that `dispatchOutbox` passes: deliveries are saved if the event leaves the outbox.
   * Default: one of its own
   * @throws whatever `endpoints` and the store throw, and TypeError where `endpoints` returns no list
   */
  enqueue(event: ChangeEvent, transaction?: unknown): Promise<void>;
  /** Sends deliveries as they become due, in the background. A process may exit while it is started. */
  start(): void;
  /** Ends the background work, and waits for requests that are under way. */
  stop(): Promise<void>;
  /**
   * Sends what is due now, for tests and cron jobs.
   *
   * @returns how many requests were sent
   */
  run(): Promise<number>;
}

const maxCount = 1_000;
const maxListed = 200;

/**
 * Delivers change events at least once: as webhooks signed as Standard Webhooks says, and as security event tokens
 * (RFC 9967, RFC 8935). `docs/webhooks.md` explains retries, dead deliveries and what is refused.
 *
 * @throws TypeError that lists every mistake in the options, and what to write instead
 * @example
 * import type { Kysely } from 'kysely';
 * import { eventDelivery, type EventEndpoint } from 'express-scim/events';
 * import { dispatchOutbox, sqlDeliveryStore } from 'express-scim/sql';
 *
 * export function startWebhooks(db: Kysely<unknown>, endpoints: readonly EventEndpoint[]) {
 *   const deliveries = eventDelivery({ store: sqlDeliveryStore(db), endpoints, onError: console.error });
 *   deliveries.start();
 *   setInterval(() => {
 *     dispatchOutbox(db, (event, transaction) => deliveries.enqueue(event, transaction)).catch(console.error);
 *   }, 1_000);
 *   return deliveries;
 * }
 */
export function eventDelivery(options: EventDeliveryOptions): EventDelivery {
  const parsed = parseDeliveryOptions(options);
  const sender = createSender(parsed);
  const worker = new Worker(parsed, sender);
  const { loop } = worker;
  const { store, clock } = parsed;
  return {
    async enqueue(event, transaction) {
      const createdAt = clock();
      const added: NewDelivery[] = [];
      for (const endpoint of await worker.endpoints(event.tenant)) {
        if (!endpoint.gets(event)) continue;
        added.push({ tenant: event.tenant, id: idOf(endpoint.id, event), endpoint: endpoint.id, event, createdAt });
      }
      if (added.length > 0) await store.add(added, transaction);
      // What a transaction saves is visible after its commit: the next interval finds it.
      if (transaction === undefined) loop.nudge();
    },
    start: () => loop.start(),
    async stop() {
      await loop.stop();
      sender.close();
    },
    run: () => loop.run(),

    async endpoints(tenant) {
      const health = new Map((await store.health(tenant)).map((each) => [each.endpoint, each]));
      const statuses: EndpointStatus[] = [];
      for (const endpoint of await worker.endpoints(tenant)) {
        const pending = await store.count(tenant, endpoint.id, 'pending', maxCount);
        const dead = await store.count(tenant, endpoint.id, 'dead', maxCount);
        statuses.push({ ...statusOf(endpoint, health.get(endpoint.id)), pending, dead });
      }
      return statuses;
    },
    async deliveries(tenant, { limit = 50, ...query } = {}) {
      return store.list(tenant, { ...query, limit: Math.min(Math.max(1, Math.trunc(limit) || 1), maxListed) });
    },
    async sendTest(tenant, id) {
      const configured = (await worker.endpoints(tenant)).find((each) => each.id === id);
      if (configured === undefined) return undefined;
      const { usable: endpoint, mistake } = configured;
      if (endpoint === undefined) {
        parsed.onError(mistake);
        return { delivered: false, error: 'The endpoint cannot be used: see onError.', milliseconds: 0 };
      }
      const now = clock();
      const about = { endpoint, id: `test_${randomUUID()}`, subject: 'test', issuedAt: now, now } as const;
      const { delivered, status, error, milliseconds, cause } = await attempt(about, sender, parsed.signer);
      if (cause !== undefined) parsed.onError(cause, { tenant, id: about.id, endpoint: id });
      return { delivered, status, error, milliseconds };
    },
    async resend(tenant, id) {
      const count = await store.resend(tenant, { id }, clock());
      loop.nudge();
      return count > 0;
    },
    async resendAll(tenant, endpoint) {
      const count = await store.resend(tenant, { endpoint }, clock());
      loop.nudge();
      return count;
    },
    async enable(tenant, endpoint) {
      const isKnown = await store.enable(tenant, endpoint);
      loop.nudge();
      return isKnown;
    },
  };
}

/** The same for every repetition of an event, so that an outbox which delivers twice does not send twice. */
function idOf(endpoint: string, event: ChangeEvent): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([endpoint, event.id]))
    .digest('base64url');
  return `msg_${digest}`;
}

function statusOf(
  { id, usable }: ConfiguredEndpoint,
  health: EndpointHealth | undefined,
): Omit<EndpointStatus, 'pending' | 'dead'> {
  const { failures = 0, failingSince, pausedUntil, disabledAt } = health ?? {};
  return {
    id,
    origin: usable?.url.origin,
    format: usable?.format,
    state:
      disabledAt !== undefined ? 'disabled' : usable === undefined ? 'invalid' : failures > 0 ? 'failing' : 'healthy',
    failingSince,
    pausedUntil,
    disabledAt,
  };
}
