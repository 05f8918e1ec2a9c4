import type { Delivery } from '../contract/deliveries.js';
import { callHook, takeSource } from '../contract/hook-source.js';
import { retryDelay } from '../lifecycle/jobs/retry-delay.js';
import { RunLoop } from '../lifecycle/jobs/run-loop.js';
import { attempt, type Attempt } from './attempt.js';
import type { ClaimedDelivery, DeliveryOutcome, DueEndpoint } from './delivery-store.js';
import { type ConfiguredEndpoint, type ParsedEndpoint, parseEndpoints } from './endpoint.js';
import type { ParsedDeliveryOptions } from './options.js';
import type { Sender } from './send.js';

/** A failing endpoint is tried again after at most this time. */
const maxPauseMilliseconds = 900_000;
const maintenanceMilliseconds = 60_000;
const tooOld = 'It was not delivered in time.';

/** Sends due deliveries, with retries. Any number of processes may work on one store. */
export class Worker {
  readonly loop: RunLoop;
  readonly #options: ParsedDeliveryOptions;
  readonly #sender: Sender;
  /** Requests under way, by endpoint. */
  readonly #busy = new Map<string, number>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Requests that have ended since the last round. */
  #ended = 0;
  #nextMaintenance = -Infinity;

  constructor(options: ParsedDeliveryOptions, sender: Sender) {
    this.#options = options;
    this.#sender = sender;
    this.loop = new RunLoop({
      intervalMilliseconds: options.intervalMilliseconds,
      round: (nextCall) => this.#round(nextCall),
      onError: (error) => this.#report(error),
    });
  }

  /** Starts what there is room for, and waits until a request has ended or somebody looks for more. */
  async #round(nextCall: Promise<void>): Promise<number> {
    await this.#maintain();
    await this.#fill();
    // A receiver that hangs must not keep the deliveries of others waiting that become due in the meantime.
    if (this.#inFlight.size > 0) await Promise.race([...this.#inFlight, nextCall]);
    const ended = this.#ended;
    this.#ended = 0;
    return ended;
  }

  /** Starts as many requests as there is room for. */
  async #fill(): Promise<void> {
    const { store, clock, concurrency, endpointConcurrency } = this.#options;
    const room = concurrency - this.#inFlight.size;
    if (room <= 0 || this.loop.isStopping) return;
    // Those with requests under way may be among the first.
    const due = await store.due(clock(), concurrency + this.#busy.size);
    for (const each of due) {
      const left = concurrency - this.#inFlight.size;
      if (left <= 0) break;
      const allowed = each.failures > 0 ? 1 : endpointConcurrency;
      const free = Math.min(left, allowed - (this.#busy.get(keyOf(each)) ?? 0));
      if (free > 0) await this.#send(each, free);
    }
  }

  async #send(due: DueEndpoint, limit: number): Promise<void> {
    const { store, clock, timeoutMilliseconds } = this.#options;
    let endpoint: ParsedEndpoint | undefined;
    let unusable: string | undefined;
    try {
      const configured = (await this.endpoints(due.tenant)).find(({ id }) => id === due.endpoint);
      endpoint = configured?.usable;
      if (configured?.mistake !== undefined) throw configured.mistake;
    } catch (error) {
      this.#report(error);
      unusable = 'The endpoint could not be used: see onError.';
    }
    // The lease outlasts the request: no other process sends the same delivery in the meantime.
    const claimed = await store.claim(due, clock(), 2 * timeoutMilliseconds + 30_000, limit);
    for (const delivery of claimed) {
      const key = keyOf(due);
      this.#busy.set(key, (this.#busy.get(key) ?? 0) + 1);
      const sending: Promise<void> = this.#deliver(delivery, due, endpoint, unusable)
        .catch((error: unknown) => this.#report(error, delivery))
        .finally(() => {
          this.#inFlight.delete(sending);
          this.#ended += 1;
          const left = (this.#busy.get(key) ?? 1) - 1;
          if (left > 0) this.#busy.set(key, left);
          else this.#busy.delete(key);
        });
      this.#inFlight.add(sending);
    }
  }

  /** The endpoints as they are configured now. @throws whatever `endpoints` throws, and TypeError where it returns no list */
  async endpoints(tenant: string): Promise<readonly ConfiguredEndpoint[]> {
    const { endpoints, allowHttp, signer } = this.#options;
    const rules = { allowHttp, signsSecurityEvents: signer !== undefined };
    return callHook('eventDelivery.endpoints', async () =>
      parseEndpoints(await endpoints(tenant), rules, (mistake) => this.#report(mistake)),
    );
  }

  async #deliver(
    delivery: ClaimedDelivery,
    due: DueEndpoint,
    endpoint: ParsedEndpoint | undefined,
    unusable: string | undefined,
  ): Promise<void> {
    const { store, clock, signer, onDisabled } = this.#options;
    const { id, event, createdAt } = delivery;
    let outcome: DeliveryOutcome;
    if (endpoint === undefined) {
      outcome =
        unusable === undefined
          ? { state: 'dead', error: 'The endpoint no longer exists.' }
          : this.#failure(delivery, due, { ...noAttempt, error: unusable });
    } else {
      const about = { endpoint, id, subject: event, issuedAt: createdAt, now: clock() };
      const ended = await attempt(about, this.#sender, signer);
      if (ended.cause !== undefined) this.#report(ended.cause, delivery);
      outcome = ended.delivered ? { state: 'delivered', status: ended.status } : this.#failure(delivery, due, ended);
    }
    await store.report(delivery, outcome, clock());
    if (outcome.state !== 'delivered' && outcome.endpoint?.disable === true) {
      const disabled = { tenant: due.tenant, endpoint: due.endpoint };
      await callHook('eventDelivery.onDisabled', () => onDisabled(disabled));
    }
  }

  #failure({ attempts, queuedAt }: ClaimedDelivery, due: DueEndpoint, ended: Attempt): DeliveryOutcome {
    const { clock, maxAttempts, maxAgeMilliseconds, disableAfterMilliseconds } = this.#options;
    const { firstRetryMilliseconds, maxRetryMilliseconds } = this.#options;
    const now = clock();
    const { status, error = '', retryAfterMilliseconds } = ended;
    const wait = Math.max(retryDelay(attempts, firstRetryMilliseconds, maxRetryMilliseconds), retryAfterMilliseconds);
    // Failing since now, if this is the first failure.
    const failing = now - (due.failingSince ?? now);
    const failures = due.failures + 1;
    const longestPause = Math.min(maxPauseMilliseconds, maxRetryMilliseconds);
    const pause = Math.max(retryDelay(failures, firstRetryMilliseconds, longestPause), retryAfterMilliseconds);
    const disable = ended.gone || failing >= disableAfterMilliseconds;
    // A refused token says nothing about the next one.
    const endpoint = ended.permanent ? undefined : { failures, pausedUntil: now + pause, disable };
    const isDead = ended.permanent || attempts >= maxAttempts || now - queuedAt >= maxAgeMilliseconds;
    if (isDead) return { state: 'dead', status, error, endpoint };
    return { state: 'pending', status, error, nextAttemptAt: now + wait, endpoint };
  }

  async #maintain(): Promise<void> {
    const { store, clock, maxAgeMilliseconds, keepDeliveredMilliseconds, keepDeadMilliseconds } = this.#options;
    const now = clock();
    if (now < this.#nextMaintenance) return;
    this.#nextMaintenance = now + maintenanceMilliseconds;
    await store.expire(now - maxAgeMilliseconds, tooOld);
    await store.prune({ delivered: now - keepDeliveredMilliseconds, dead: now - keepDeadMilliseconds });
  }

  #report(error: unknown, delivery?: Pick<Delivery, 'tenant' | 'id' | 'endpoint'>): void {
    try {
      const { tenant, id, endpoint } = delivery ?? {};
      this.#options.onError(
        error,
        tenant === undefined || id === undefined || endpoint === undefined ? undefined : { tenant, id, endpoint },
        takeSource(error),
      );
    } catch {
      // A logger that throws must not stop deliveries.
    }
  }
}

const noAttempt: Attempt = {
  delivered: false,
  permanent: false,
  gone: false,
  retryAfterMilliseconds: 0,
  milliseconds: 0,
};

function keyOf({ tenant, endpoint }: DueEndpoint): string {
  return JSON.stringify([tenant, endpoint]);
}
