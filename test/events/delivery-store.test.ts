import { describe, expect, it } from '@jest/globals';
import {
  type ClaimedDelivery,
  type DeliveryStore,
  memoryDeliveryStore,
  type NewDelivery,
} from '../../src/events/index.js';
import { event } from './receiver.js';
import { deliveryStores } from './stores.js';

const t0 = 1_800_000_000_000;
const lease = 30_000;

function delivery(id: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return { tenant: 'acme', id, endpoint: 'crm', event: event({ id: `event-${id}` }), createdAt: t0, ...more };
}

const crm = { tenant: 'acme', endpoint: 'crm' };

async function claimOne(store: DeliveryStore, now = t0): Promise<ClaimedDelivery> {
  const [claimed] = await store.claim(crm, now, lease, 1);
  if (claimed === undefined) throw new Error('nothing is due');
  return claimed;
}

const statesIn = async (store: DeliveryStore) =>
  Object.fromEntries((await store.list('acme', { limit: 100 })).map(({ id, state }) => [id, state]));

describe.each(deliveryStores)('deliveries %s', (name, open) => {
  it('are kept as they were added first', async () => {
    const store = await open();
    const first = delivery('a');
    await store.add([first, delivery('b')]);
    await store.add([{ ...first, createdAt: t0 + 5 }]);
    expect(await statesIn(store)).toEqual({ a: 'pending', b: 'pending' });
    const claimed = await store.claim(crm, t0, lease, 10);
    expect(claimed.map(({ id, attempts, queuedAt }) => ({ id, attempts, queuedAt }))).toEqual([
      { id: 'a', attempts: 1, queuedAt: t0 },
      { id: 'b', attempts: 1, queuedAt: t0 },
    ]);
    expect(claimed[0]?.event).toEqual(first.event);
  });

  // The memory store has nothing that could refuse one of them.
  const itInDatabase = name === 'in memory' ? it.skip : it;
  itInDatabase('are added all or not at all', async () => {
    const store = await open();
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const unwritable = delivery('z', { event: { ...event({ id: 'z' }), data: cyclic as never } });
    const many = Array.from({ length: 1_200 }, (_, i) => delivery(`d${String(i)}`));
    await expect((async () => store.add([...many, unwritable]))()).rejects.toThrow();
    expect(await statesIn(store)).toEqual({});
  });

  it('are claimed by one process, until the lease ends', async () => {
    const store = await open();
    await store.add(Array.from({ length: 20 }, (_, i) => delivery(`d${String(i)}`)));
    const parts = await Promise.all([1, 2, 3, 4].map(() => store.claim(crm, t0, lease, 20)));
    const ids = parts.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(20);
    expect(await store.claim(crm, t0 + lease - 1, lease, 20)).toEqual([]);
    const again = await store.claim(crm, t0 + lease, lease, 20);
    expect(again).toHaveLength(20);
    expect(again[0]?.attempts).toBe(2);
  });

  it('lose their event once they are delivered, and keep their record', async () => {
    const store = await open();
    await store.add([delivery('a')]);
    await store.report(await claimOne(store), { state: 'delivered', status: 204 }, t0 + 1);
    expect(await store.list('acme', { limit: 10 })).toEqual([
      {
        ...{ tenant: 'acme', id: 'a', endpoint: 'crm', eventId: 'event-a', eventType: 'user.created' },
        ...{ state: 'delivered', createdAt: t0, attempts: 1, lastAttemptAt: t0, status: 204 },
      },
    ]);
    expect(await store.claim(crm, t0 + 10 * lease, lease, 10)).toEqual([]);
  });

  it('ignore the failure of an attempt that was overtaken, and never its success', async () => {
    const store = await open();
    await store.add([delivery('a'), delivery('b', { createdAt: t0 + 1 })]);
    const late = await claimOne(store);
    await store.claim(crm, t0 + lease, lease, 10);
    await store.report(late, { state: 'dead', error: 'late' }, t0 + lease);
    expect(await statesIn(store)).toEqual({ a: 'pending', b: 'pending' });
    await store.report(late, { state: 'delivered', status: 200 }, t0 + lease);
    expect(await statesIn(store)).toEqual({ a: 'delivered', b: 'pending' });
  });

  it('of a failing endpoint wait for the end of its pause; parallel failures count once', async () => {
    const store = await open();
    await store.add([delivery('a'), delivery('b'), delivery('c', { endpoint: 'other' })]);
    const failure = { failures: 1, pausedUntil: t0 + 60_000, disable: false };
    for (const each of await store.claim(crm, t0, lease, 10)) {
      const outcome = {
        state: 'pending',
        status: 500,
        error: 'HTTP 500',
        nextAttemptAt: t0 + 1,
        endpoint: failure,
      } as const;
      await store.report(each, outcome, t0);
    }
    const due = async (now: number) => (await store.due(now, 10)).map(({ endpoint }) => endpoint);
    expect(await due(t0 + 59_999)).toEqual(['other']);
    expect((await due(t0 + 60_000)).sort()).toEqual(['crm', 'other']);
    expect((await store.health('acme')).find(({ endpoint }) => endpoint === 'crm')).toEqual({
      ...{ endpoint: 'crm', failures: 1, failingSince: t0, pausedUntil: t0 + 60_000 },
    });
    await store.report(await claimOne(store, t0 + 60_000), { state: 'delivered' }, t0 + 60_000);
    expect((await store.health('acme')).find(({ endpoint }) => endpoint === 'crm')).toMatchObject({ failures: 0 });
    expect(await due(t0 + 60_000)).toContain('crm');
  });

  it('of a disabled endpoint wait until it is enabled', async () => {
    const store = await open();
    await store.add([delivery('a'), delivery('b')]);
    const outcome = { failures: 1, pausedUntil: t0, disable: true };
    await store.report(await claimOne(store), { state: 'pending', error: 'gone', endpoint: outcome }, t0);
    expect(await store.due(t0 + 1_000_000, 10)).toEqual([]);
    expect(await store.health('acme')).toMatchObject([{ disabledAt: t0 }]);
    expect(await store.enable('acme', 'crm')).toBe(true);
    expect(await store.enable('acme', 'nobody')).toBe(false);
    expect(await store.enable('other', 'crm')).toBe(false);
    expect(await store.due(t0 + 1_000_000, 10)).toEqual([{ ...crm, failures: 0 }]);
  });

  it('of the endpoint that waited longest come first', async () => {
    const store = await open();
    await store.add(['x', 'y', 'z'].map((endpoint) => delivery(endpoint, { endpoint })));
    await store.claim({ tenant: 'acme', endpoint: 'x' }, t0 + 2, 1, 1);
    await store.claim({ tenant: 'acme', endpoint: 'y' }, t0 + 1, 1, 1);
    const due = await store.due(t0 + 10, 10);
    expect(due.map(({ endpoint }) => endpoint)).toEqual(['z', 'y', 'x']);
    expect(await store.due(t0 + 10, 2)).toHaveLength(2);
  });

  it('that are dead can be sent again, one or all of an endpoint, in their tenant only', async () => {
    const store = await open();
    await store.add([delivery('a'), delivery('b'), delivery('c', { endpoint: 'other' }), delivery('d')]);
    for (const each of await store.claim(crm, t0, lease, 2))
      await store.report(each, { state: 'dead', error: 'x' }, t0);
    await store.report(
      (await store.claim({ ...crm, endpoint: 'other' }, t0, lease, 1))[0] as never,
      { state: 'dead', error: 'x' },
      t0,
    );
    expect(await store.resend('elsewhere', { id: 'a' }, t0 + 1)).toBe(0);
    expect(await store.resend('elsewhere', { endpoint: 'crm' }, t0 + 1)).toBe(0);
    expect(await store.resend('acme', { id: 'd' }, t0 + 1)).toBe(0);
    expect(await store.resend('acme', { id: 'a' }, t0 + 1)).toBe(1);
    expect(await store.resend('acme', { endpoint: 'crm' }, t0 + 1)).toBe(1);
    expect(await statesIn(store)).toEqual({ a: 'pending', b: 'pending', c: 'dead', d: 'pending' });
    const again = await store.claim(crm, t0 + 1, lease, 10);
    expect(again.find(({ id }) => id === 'a')).toMatchObject({ attempts: 1, queuedAt: t0 + 1, createdAt: t0 });
  });

  it('expire and are deleted by their age', async () => {
    const store = await open();
    await store.add([
      delivery('old'),
      delivery('new', { createdAt: t0 + 1_000 }),
      delivery('sent', { createdAt: t0 - 1 }),
    ]);
    await store.report(await claimOne(store), { state: 'delivered' }, t0);
    expect(await store.expire(t0 + 1, 'too old')).toBe(1);
    expect(await statesIn(store)).toEqual({ old: 'dead', new: 'pending', sent: 'delivered' });
    expect((await store.list('acme', { state: 'dead', limit: 10 }))[0]).toMatchObject({ id: 'old', error: 'too old' });
    await store.prune({ delivered: t0 - 1, dead: t0 });
    expect(await statesIn(store)).toEqual({ old: 'dead', new: 'pending', sent: 'delivered' });
    await store.prune({ delivered: t0, dead: t0 + 1 });
    expect(await statesIn(store)).toEqual({ new: 'pending' });
  });

  it('are listed newest first, in pages, by endpoint and state', async () => {
    const store = await open();
    await store.add(Array.from({ length: 5 }, (_, i) => delivery(`d${String(i)}`, { createdAt: t0 })));
    await store.add([delivery('e', { endpoint: 'other' }), delivery('f', { tenant: 'elsewhere' })]);
    const idsOf = async (query: Parameters<DeliveryStore['list']>[1]) =>
      (await store.list('acme', query)).map(({ id }) => id);
    expect(await idsOf({ endpoint: 'crm', limit: 2 })).toEqual(['d4', 'd3']);
    expect(await idsOf({ endpoint: 'crm', limit: 2, before: 'd3' })).toEqual(['d2', 'd1']);
    expect(await idsOf({ endpoint: 'crm', limit: 2, before: 'd1' })).toEqual(['d0']);
    expect(await idsOf({ limit: 10, before: 'f' })).toEqual([]);
    expect(await idsOf({ endpoint: 'other', limit: 10 })).toEqual(['e']);
    expect(await idsOf({ state: 'dead', limit: 10 })).toEqual([]);
    expect(await store.count('acme', 'crm', 'pending', 100)).toBe(5);
    expect(await store.count('acme', 'crm', 'pending', 3)).toBe(3);
    expect(await store.count('elsewhere', 'crm', 'pending', 3)).toBe(1);
  });
});

describe('deliveries in memory', () => {
  it('are bounded: the oldest that is not pending makes room, and without one `add` throws and saves nothing', async () => {
    const store = memoryDeliveryStore({ capacity: 3 });
    await store.add([delivery('a'), delivery('b'), delivery('c')]);
    expect(() => store.add([delivery('d')])).toThrow('The delivery store is full');
    await store.report(await claimOne(store), { state: 'delivered' }, t0);
    await store.add([delivery('d')]);
    expect(await statesIn(store)).toEqual({ b: 'pending', c: 'pending', d: 'pending' });
    expect(() => store.add([delivery('e'), delivery('f')])).toThrow('raise its capacity');
    expect(Object.keys(await statesIn(store))).toHaveLength(3);
  });
});
