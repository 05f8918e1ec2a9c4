import type { Delivery, DeliveryState } from '../contract/deliveries.js';
import { checkOptions } from '../contract/option-mistakes.js';
import type { DeliveryOutcome, DeliveryStore, NewDelivery } from './delivery-store.js';

interface Kept extends Omit<NewDelivery, 'event'> {
  readonly eventId: string;
  readonly eventType: string;
  /** Undefined once it is delivered. */
  event: NewDelivery['event'] | undefined;
  state: DeliveryState;
  queuedAt: number;
  /** In the order in which they were added. */
  readonly ordinal: number;
  attempts: number;
  dueAt: number;
  lastAttemptAt?: number | undefined;
  status?: number | undefined;
  error?: string | undefined;
}

interface KeptEndpoint {
  readonly tenant: string;
  readonly endpoint: string;
  /** By ID, oldest first. */
  readonly deliveries: Map<string, Kept>;
  failures: number;
  failingSince: number | undefined;
  pausedUntil: number;
  servedAt: number;
  disabledAt: number | undefined;
}

/**
 * Keeps deliveries in memory: for tests, and for apps that may lose them when the process ends.
 *
 * @param options `capacity`: how many deliveries are kept, over all tenants, by default 10,000. When a new one needs room,
 * the oldest delivery that is not pending is dropped. Without such a one, `add` throws.
 * @example
 * import { memoryDeliveryStore } from 'express-scim/events';
 *
 * export const store = memoryDeliveryStore({ capacity: 1_000 });
 */
export function memoryDeliveryStore(options: { readonly capacity?: number } = {}): DeliveryStore {
  checkOptions(options, { of: 'memoryDeliveryStore', page: 'webhooks.md', kinds: { capacity: 'positive number' } });
  const { capacity = 10_000 } = options;
  const endpoints = new Map<string, KeptEndpoint>();
  /** Deliveries that are not pending, in the order in which they ceased to be. */
  const settled = new Map<string, { readonly of: KeptEndpoint; readonly id: string }>();
  let size = 0;
  let lastOrdinal = 0;
  const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
  const at = (tenant: string, endpoint: string): KeptEndpoint | undefined => endpoints.get(keyOf(tenant, endpoint));
  const ofTenant = (tenant: string): KeptEndpoint[] => [...endpoints.values()].filter((each) => each.tenant === tenant);
  const create = (tenant: string, endpoint: string): KeptEndpoint => {
    const none = { failures: 0, failingSince: undefined, pausedUntil: 0, servedAt: 0, disabledAt: undefined };
    const created = { tenant, endpoint, deliveries: new Map<string, Kept>(), ...none };
    endpoints.set(keyOf(tenant, endpoint), created);
    return created;
  };
  const settle = (of: KeptEndpoint, delivery: Kept, state: DeliveryState): void => {
    delivery.state = state;
    const key = keyOf(of.tenant, of.endpoint, delivery.id);
    settled.delete(key);
    if (state !== 'pending') settled.set(key, { of, id: delivery.id });
  };
  const drop = (of: KeptEndpoint, id: string): void => {
    settled.delete(keyOf(of.tenant, of.endpoint, id));
    if (of.deliveries.delete(id)) size -= 1;
  };

  return {
    add(deliveries) {
      const added = deliveries.filter((each) => at(each.tenant, each.endpoint)?.deliveries.has(each.id) !== true);
      if (size + added.length - settled.size > capacity) {
        throw new Error('The delivery store is full of pending deliveries: raise its capacity, or use SQL tables.');
      }
      for (const { event, ...delivery } of added) {
        const [oldest] = settled.values();
        if (size >= capacity && oldest !== undefined) drop(oldest.of, oldest.id);
        const of = at(delivery.tenant, delivery.endpoint) ?? create(delivery.tenant, delivery.endpoint);
        of.deliveries.set(delivery.id, {
          ...{ ...delivery, event, eventId: event.id, eventType: event.type, state: 'pending', attempts: 0 },
          queuedAt: delivery.createdAt,
          ordinal: (lastOrdinal += 1),
          dueAt: delivery.createdAt,
        });
        size += 1;
      }
    },
    due(now, limit) {
      return [...endpoints.values()]
        .filter((each) => each.disabledAt === undefined && each.pausedUntil <= now && hasDue(each, now))
        .sort((a, b) => a.servedAt - b.servedAt)
        .slice(0, limit)
        .map(({ tenant, endpoint, failures, failingSince }) => ({ tenant, endpoint, failures, failingSince }));
    },
    claim({ tenant, endpoint }, now, leaseMilliseconds, limit) {
      const of = at(tenant, endpoint);
      if (of === undefined) return [];
      of.servedAt = now;
      const due = [...of.deliveries.values()]
        .filter((each) => isDue(each, now))
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit);
      return due.flatMap((each) => {
        const { event, id, createdAt, queuedAt } = each;
        if (event === undefined) return [];
        each.attempts += 1;
        each.dueAt = now + leaseMilliseconds;
        each.lastAttemptAt = now;
        return [{ tenant, endpoint, event, id, createdAt, queuedAt, attempts: each.attempts }];
      });
    },
    report({ tenant, endpoint, id, attempts }, outcome, now) {
      const of = at(tenant, endpoint);
      const delivery = of?.deliveries.get(id);
      if (of === undefined || delivery === undefined) return;
      if (outcome.state === 'delivered') {
        Object.assign(of, { failures: 0, failingSince: undefined, pausedUntil: 0 });
        Object.assign(delivery, { event: undefined, status: outcome.status, error: undefined });
        settle(of, delivery, 'delivered');
        return;
      }
      fail(of, outcome, now);
      if (delivery.state !== 'pending' || delivery.attempts !== attempts) return;
      Object.assign(delivery, { status: outcome.status, error: outcome.error, dueAt: outcome.nextAttemptAt ?? now });
      settle(of, delivery, outcome.state);
    },
    health: (tenant) =>
      ofTenant(tenant).map(({ endpoint, failures, failingSince, pausedUntil, disabledAt }) => ({
        ...{ endpoint, failures, failingSince, disabledAt },
        ...(pausedUntil > 0 && { pausedUntil }),
      })),
    count(tenant, endpoint, state, limit) {
      const all = [...(at(tenant, endpoint)?.deliveries.values() ?? [])];
      return Math.min(limit, all.filter((each) => each.state === state).length);
    },
    list(tenant, { endpoint, state, before, limit }) {
      const listed = ofTenant(tenant)
        .flatMap(({ deliveries }) => [...deliveries.values()])
        .filter((each) => endpoint === undefined || each.endpoint === endpoint)
        .filter((each) => state === undefined || each.state === state)
        .sort((a, b) => b.ordinal - a.ordinal);
      const start = before === undefined ? 0 : listed.findIndex(({ id }) => id === before) + 1;
      return before !== undefined && start === 0 ? [] : listed.slice(start, start + limit).map(toDelivery);
    },
    resend(tenant, which, now) {
      let count = 0;
      for (const of of ofTenant(tenant)) {
        if ('endpoint' in which && of.endpoint !== which.endpoint) continue;
        for (const delivery of of.deliveries.values()) {
          if (delivery.state !== 'dead' || ('id' in which && delivery.id !== which.id)) continue;
          Object.assign(delivery, { queuedAt: now, dueAt: now, attempts: 0 });
          settle(of, delivery, 'pending');
          count += 1;
        }
      }
      return count;
    },
    enable(tenant, endpoint) {
      const of = at(tenant, endpoint);
      if (of === undefined) return false;
      Object.assign(of, { failures: 0, failingSince: undefined, pausedUntil: 0, disabledAt: undefined });
      return true;
    },
    expire(queuedBefore, error) {
      let count = 0;
      for (const of of endpoints.values()) {
        for (const delivery of of.deliveries.values()) {
          if (delivery.state !== 'pending' || delivery.queuedAt >= queuedBefore) continue;
          delivery.error = error;
          settle(of, delivery, 'dead');
          count += 1;
        }
      }
      return count;
    },
    prune(before) {
      for (const { of, id } of [...settled.values()]) {
        const delivery = of.deliveries.get(id);
        if (delivery === undefined || delivery.state === 'pending') continue;
        if (delivery.queuedAt < before[delivery.state]) drop(of, id);
      }
    },
  };
}

function isDue(delivery: Kept, now: number): boolean {
  return delivery.state === 'pending' && delivery.dueAt <= now;
}

function hasDue({ deliveries }: KeptEndpoint, now: number): boolean {
  for (const delivery of deliveries.values()) if (isDue(delivery, now)) return true;
  return false;
}

function fail(of: KeptEndpoint, outcome: Exclude<DeliveryOutcome, { readonly state: 'delivered' }>, now: number): void {
  if (outcome.endpoint === undefined) return;
  const { failures, pausedUntil, disable } = outcome.endpoint;
  of.failures = Math.max(of.failures, failures);
  of.failingSince ??= now;
  of.pausedUntil = Math.max(of.pausedUntil, pausedUntil);
  if (disable) of.disabledAt ??= now;
}

function toDelivery(kept: Kept): Delivery {
  const { tenant, id, endpoint, eventId, eventType, state, createdAt, attempts, lastAttemptAt, status, error } = kept;
  return {
    ...{ tenant, id, endpoint, eventId, eventType, state, createdAt, attempts, lastAttemptAt, status, error },
    ...(state === 'pending' && { nextAttemptAt: kept.dueAt }),
  };
}
