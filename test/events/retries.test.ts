import { describe, expect, it } from '@jest/globals';
import {
  type DeliveryStore,
  eventDelivery,
  type EventDeliveryOptions,
  type EventEndpoint,
  memoryDeliveryStore,
} from '../../src/events/index.js';
import { event, local, secret, startReceiver, webhook } from './receiver.js';
import { deliveryStores } from './stores.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Deliveries on a clock that only the test moves. */
function onClock(store: DeliveryStore, endpoints: readonly EventEndpoint[], more: Partial<EventDeliveryOptions> = {}) {
  const clock = { now: Date.parse('2026-11-28T12:00:00Z') };
  const deliveries = eventDelivery({ store, endpoints, clock: () => clock.now, ...local, ...more });
  const pass = async (milliseconds: number, step = 5 * minute): Promise<number> => {
    let sent = 0;
    for (const end = clock.now + milliseconds; clock.now < end;) {
      clock.now = Math.min(end, clock.now + step);
      sent += await deliveries.run();
    }
    return sent;
  };
  return { clock, deliveries, pass };
}

const idsAt = (received: readonly { readonly headers: object }[]) =>
  received.map(({ headers }) => (headers as Record<string, string>)['webhook-id']);

describe.each(deliveryStores)('a receiver that fails for a day, with deliveries %s', (_, open) => {
  it('gets every event once it works again, each with one ID, and few requests in the meantime', async () => {
    const [broken, working] = [await startReceiver(), await startReceiver()];
    const endpoints = [webhook('broken', broken.url), webhook('working', working.url)];
    const { deliveries, pass } = onClock(await open(), endpoints);
    broken.respond = 500;
    for (let i = 0; i < 48; i++) {
      await deliveries.enqueue(event());
      await pass(30 * minute, 15 * minute);
    }
    // The other receiver is not affected.
    expect(working.received).toHaveLength(48);
    const before = broken.received.length;
    // At most about one each quarter of an hour, and not one for each event and retry.
    expect(before).toBeGreaterThan(48);
    expect(before).toBeLessThan(24 * 4 + 20);
    expect(broken.peak()).toBeLessThanOrEqual(4);
    expect(await deliveries.endpoints('acme')).toMatchObject([
      { id: 'broken', state: 'failing', pending: 48, dead: 0 },
      { id: 'working', state: 'healthy', pending: 0, dead: 0 },
    ]);
    broken.respond = 204;
    await pass(2 * hour);
    const after = idsAt(broken.received.slice(before));
    expect(after).toHaveLength(48);
    expect(new Set(after).size).toBe(48);
    expect(await deliveries.endpoints('acme')).toMatchObject([{ state: 'healthy', pending: 0 }, {}]);
    await deliveries.stop();
  });
});

describe('a delivery', () => {
  it('is dead after its last attempt, and can be sent again', async () => {
    const receiver = await startReceiver();
    const { deliveries, pass } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)], { maxAttempts: 3 });
    receiver.respond = 503;
    await deliveries.enqueue(event());
    await pass(day);
    expect(receiver.received).toHaveLength(3);
    const [dead] = await deliveries.deliveries('acme', { state: 'dead' });
    expect(dead).toMatchObject({ endpoint: 'crm', attempts: 3, status: 503, error: 'The receiver returned 503.' });
    receiver.respond = 200;
    expect(await deliveries.resend('elsewhere', dead?.id ?? '')).toBe(false);
    expect(await deliveries.resend('acme', dead?.id ?? '')).toBe(true);
    expect(await deliveries.resend('acme', dead?.id ?? '')).toBe(false);
    await pass(hour);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(idsAt(receiver.received)).size).toBe(1);
    expect(await deliveries.deliveries('acme', { state: 'delivered' })).toHaveLength(1);
    await deliveries.stop();
  });

  it('is dead at its maximum age, also where it never had an attempt', async () => {
    const receiver = await startReceiver();
    const { deliveries, pass } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)], {
      maxAgeMilliseconds: 2 * hour,
    });
    receiver.respond = 500;
    for (let i = 0; i < 50; i++) await deliveries.enqueue(event());
    await pass(3 * hour);
    expect(await deliveries.deliveries('acme', { state: 'dead', limit: 200 })).toHaveLength(50);
    expect(receiver.received.length).toBeLessThan(30);
    expect(await deliveries.resendAll('acme', 'crm')).toBe(50);
    receiver.respond = 200;
    receiver.received.length = 0;
    await pass(hour);
    expect(receiver.received).toHaveLength(50);
    await deliveries.stop();
  });

  it('waits longer after each failure, and as long as the receiver asks', async () => {
    const receiver = await startReceiver();
    const { clock, deliveries, pass } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)]);
    receiver.respond = 500;
    await deliveries.enqueue(event());
    await deliveries.run();
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const [next] = await deliveries.deliveries('acme');
      waits.push((next?.nextAttemptAt ?? 0) - clock.now);
      // The endpoint pauses about as long, with a jitter of its own.
      const [{ pausedUntil = 0 } = {}] = await deliveries.endpoints('acme');
      clock.now = Math.max(next?.nextAttemptAt ?? 0, pausedUntil);
      await deliveries.run();
    }
    waits.forEach((wait, i) => {
      expect(wait).toBeLessThanOrEqual(5_000 * 2 ** i);
      expect(wait).toBeGreaterThanOrEqual(5_000 * 2 ** i * 0.75);
    });
    receiver.respond = (_, res) => res.writeHead(429, { 'retry-after': '7200' }).end();
    clock.now += hour;
    await deliveries.run();
    const count = receiver.received.length;
    await pass(2 * hour - minute);
    expect(receiver.received).toHaveLength(count);
    await pass(2 * minute);
    expect(receiver.received).toHaveLength(count + 1);
    await deliveries.stop();
  });

  it('whose endpoint is gone from the configuration is dead', async () => {
    const receiver = await startReceiver();
    let endpoints = [webhook('crm', receiver.url)];
    const deliveries = eventDelivery({ store: memoryDeliveryStore(), endpoints: () => endpoints, ...local });
    await deliveries.enqueue(event());
    endpoints = [];
    await deliveries.run();
    expect(await deliveries.deliveries('acme')).toMatchObject([
      { state: 'dead', error: 'The endpoint no longer exists.' },
    ]);
    expect(receiver.received).toEqual([]);
    await deliveries.stop();
  });

  it('of a process that ended is sent by another one when its lease ends', async () => {
    const receiver = await startReceiver();
    const store = memoryDeliveryStore();
    const { clock, deliveries, pass } = onClock(store, [webhook('crm', receiver.url)]);
    await deliveries.enqueue(event());
    await store.claim({ tenant: 'acme', endpoint: 'crm' }, clock.now, minute, 10);
    await pass(minute - 1_000, 10_000);
    expect(receiver.received).toEqual([]);
    await pass(2_000, 1_000);
    expect(receiver.received).toHaveLength(1);
    await deliveries.stop();
  });

  it('is not attempted where the endpoints cannot be read, and is kept', async () => {
    const receiver = await startReceiver();
    let isDown = false;
    const errors: unknown[] = [];
    const endpoints = () => {
      if (isDown) throw new Error('the database of the app is down');
      return [webhook('crm', receiver.url)];
    };
    const onError = (error: unknown) => errors.push(error);
    const { deliveries, pass } = onClock(memoryDeliveryStore(), [], { endpoints, onError });
    await deliveries.enqueue(event());
    isDown = true;
    await expect(deliveries.enqueue(event())).rejects.toThrow('the database of the app is down');
    await pass(hour);
    expect(receiver.received).toEqual([]);
    expect(String(errors[0])).toContain('the database of the app is down');
    isDown = false;
    await pass(2 * hour);
    expect(receiver.received).toHaveLength(1);
    await deliveries.stop();
  });
});

describe('an endpoint', () => {
  it('is disabled after days without a success, and works again once it is enabled', async () => {
    const receiver = await startReceiver();
    const disabled: unknown[] = [];
    const { deliveries, pass } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)], {
      onDisabled: (each) => disabled.push(each),
      maxAgeMilliseconds: 30 * day,
    });
    receiver.respond = 500;
    for (let i = 0; i < 6; i++) {
      await deliveries.enqueue(event());
      await pass(day, hour);
    }
    expect(disabled).toEqual([{ tenant: 'acme', endpoint: 'crm' }]);
    expect(await deliveries.endpoints('acme')).toMatchObject([{ state: 'disabled', failingSince: expect.any(Number) }]);
    const count = receiver.received.length;
    await deliveries.enqueue(event());
    await pass(day, hour);
    expect(receiver.received).toHaveLength(count);
    receiver.respond = 204;
    expect(await deliveries.enable('acme', 'crm')).toBe(true);
    const pending = (await deliveries.deliveries('acme', { state: 'pending' })).length;
    expect(pending).toBe(7);
    await pass(hour);
    expect(receiver.received).toHaveLength(count + pending);
    await deliveries.stop();
  });

  it('that returns 410 Gone is disabled at once', async () => {
    const receiver = await startReceiver();
    const disabled: unknown[] = [];
    const onDisabled = (each: unknown) => disabled.push(each);
    const { deliveries, pass } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)], { onDisabled });
    receiver.respond = 410;
    await deliveries.enqueue(event());
    await pass(day, hour);
    expect(receiver.received).toHaveLength(1);
    expect(disabled).toHaveLength(1);
    await deliveries.stop();
  });

  it('gets a test event at once, without a record, and the result says what happened', async () => {
    const receiver = await startReceiver();
    const { deliveries } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)]);
    expect(await deliveries.sendTest('acme', 'crm')).toEqual({
      ...{ delivered: true, status: 204, error: undefined, milliseconds: expect.any(Number) },
    });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'webhook.test',
      data: { endpoint: 'crm' },
    });
    receiver.respond = 500;
    expect(await deliveries.sendTest('acme', 'crm')).toMatchObject({ delivered: false, status: 500 });
    expect(await deliveries.sendTest('acme', 'nobody')).toBeUndefined();
    expect(await deliveries.deliveries('acme')).toEqual([]);
    await deliveries.stop();
  });
});

describe('requests', () => {
  it('are bounded, in all and to each endpoint', async () => {
    const receivers = [await startReceiver(), await startReceiver(), await startReceiver()];
    const endpoints = receivers.map(({ url }, i) => webhook(`e${String(i)}`, url));
    let underWay = 0;
    let most = 0;
    for (const receiver of receivers) {
      receiver.respond = (_, res) => {
        most = Math.max(most, (underWay += 1));
        setTimeout(() => {
          underWay -= 1;
          res.writeHead(204).end();
        }, 5);
      };
    }
    const options = { concurrency: 5, endpointConcurrency: 2 };
    const { deliveries } = onClock(memoryDeliveryStore(), endpoints, options);
    for (let i = 0; i < 30; i++) await deliveries.enqueue(event());
    expect(await deliveries.run()).toBe(90);
    expect(most).toBeLessThanOrEqual(5);
    expect(most).toBeGreaterThan(1);
    expect(receivers.map(({ peak }) => peak() <= 2)).toEqual([true, true, true]);
    await deliveries.stop();
  });

  it('to a receiver that hangs do not hold up those to others', async () => {
    const [hanging, working] = [await startReceiver(), await startReceiver()];
    hanging.respond = () => undefined;
    const endpoints = [webhook('hanging', hanging.url), webhook('working', working.url)];
    const deliveries = eventDelivery({
      ...{ store: memoryDeliveryStore(), endpoints, ...local },
      ...{ intervalMilliseconds: 5, timeoutMilliseconds: 60_000 },
    });
    deliveries.start();
    const arrival = (count: number) =>
      new Promise<void>((resolve) => {
        working.respond = (_, res) => {
          res.writeHead(204).end();
          if (working.received.length >= count) resolve();
        };
      });
    const ten = arrival(10);
    for (let i = 0; i < 10; i++) await deliveries.enqueue(event());
    await ten;
    // Those that come while the requests hang arrive, too.
    const twenty = arrival(20);
    for (let i = 0; i < 10; i++) await deliveries.enqueue(event());
    await twenty;
    expect(hanging.received).toHaveLength(4);
    await hanging.close();
    await deliveries.stop();
  });

  it('end at the timeout', async () => {
    const receiver = await startReceiver();
    receiver.respond = () => undefined;
    const { deliveries } = onClock(memoryDeliveryStore(), [webhook('crm', receiver.url)], { timeoutMilliseconds: 50 });
    await deliveries.enqueue(event());
    await deliveries.run();
    expect(await deliveries.deliveries('acme')).toMatchObject([
      { state: 'pending', error: 'There was no response within 50 ms.' },
    ]);
    await deliveries.stop();
  });

  it('are made once by two processes on one store', async () => {
    for (const [, open] of deliveryStores.slice(1)) {
      const store = await open();
      const receiver = await startReceiver();
      const endpoints = [webhook('crm', receiver.url)];
      const first = eventDelivery({ store, endpoints, ...local });
      const second = eventDelivery({ store, endpoints, ...local });
      for (let i = 0; i < 30; i++) await first.enqueue(event());
      await Promise.all([first.run(), second.run()]);
      expect(new Set(idsAt(receiver.received)).size).toBe(30);
      expect(receiver.received).toHaveLength(30);
      await Promise.all([first.stop(), second.stop()]);
    }
  });

  it('leave no secret in errors and records', async () => {
    const receiver = await startReceiver();
    receiver.respond = (_, res) => res.writeHead(500).end(secret);
    const texts: string[] = [];
    const endpoint = webhook('crm', `${receiver.url}/path-secret?token=query-secret`, {
      authorization: 'Bearer head-secret',
    });
    const { deliveries } = onClock(
      memoryDeliveryStore(),
      [endpoint, { ...endpoint, id: 'away', url: 'http://127.0.0.1:1/path-secret' }],
      {
        onError: (error, delivery) => texts.push(String(error), JSON.stringify(error), JSON.stringify(delivery)),
      },
    );
    await deliveries.enqueue(event());
    await deliveries.run();
    texts.push(JSON.stringify(await deliveries.deliveries('acme')), JSON.stringify(await deliveries.endpoints('acme')));
    expect(texts.join()).toContain('ECONNREFUSED');
    expect(texts.join()).not.toMatch(/secret|whsec|ada@/);
    await deliveries.stop();
  });
});
