import type { ChangeEvent } from '../../contract/event.js';
import type { DeliveryState } from '../../contract/deliveries.js';
import type { ClaimedDelivery, DeliveryOutcome, DeliveryStore, NewDelivery } from '../../events/delivery-store.js';
import type { StoreContext } from './side-suite.js';

export type Context = StoreContext<DeliveryStore>;

export const now = 1_800_000_000_000;
export const lease = 30_000;
export const crm = { tenant: 'acme', endpoint: 'crm' };

export function eventOf(id: string): ChangeEvent {
  return {
    ...{ id, type: 'user.created', time: '2026-03-01T12:00:00.000Z', tenant: 'acme', actor: 'okta', requestId: 'r1' },
    ...{ resourceType: 'User', resourceId: 'u1', changed: ['displayName'], quirks: [] },
    data: { displayName: 'Zoë "👩‍🔬"', active: false, emails: [{ value: 'a@x' }] },
  };
}

export function delivery(id: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return { ...crm, id, event: eventOf(`event-${id}`), createdAt: now, ...more };
}

export async function add({ store }: Context, ...deliveries: readonly NewDelivery[]): Promise<void> {
  await store.add(deliveries);
}

/** Takes the one due delivery of an endpoint. */
export async function claimed(t: Context, time = now, endpoint = crm): Promise<ClaimedDelivery> {
  const [first] = await t.store.claim(endpoint, time, lease, 1);
  if (first !== undefined) return first;
  t.ok(false, 'claim returned nothing, although a delivery is due');
  throw new Error('unreachable');
}

export async function states({ store }: Context, tenant = 'acme'): Promise<Readonly<Record<string, DeliveryState>>> {
  const all = await store.list(tenant, { limit: 200 });
  return Object.fromEntries(all.map(({ id, state }) => [id, state]));
}

export const idsOf = (all: readonly { readonly id: string }[]): readonly string[] => all.map(({ id }) => id);
export const dead = { state: 'dead', status: 400, error: 'HTTP 400' } satisfies DeliveryOutcome;
export const failure = { failures: 1, pausedUntil: now + 60_000, disable: false };
export const retry = (more: object = {}): DeliveryOutcome => ({
  state: 'pending',
  status: 503,
  error: 'HTTP 503',
  nextAttemptAt: now + 5_000,
  ...more,
});
export const dueAt = async ({ store }: Context, time: number) =>
  (await store.due(time, 10)).map(({ endpoint }) => endpoint).sort();
