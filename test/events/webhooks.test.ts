import { describe, expect, it } from '@jest/globals';
import {
  eventDelivery,
  type EventEndpoint,
  generateWebhookSecret,
  memoryDeliveryStore,
} from '../../src/events/index.js';
import { secretBytes, signatures } from '../../src/events/secret.js';
import { event, isSigned, local, otherSecret, secret, startReceiver, webhook } from './receiver.js';

async function deliver(endpoints: readonly EventEndpoint[], ...events: readonly ReturnType<typeof event>[]) {
  const deliveries = eventDelivery({ store: memoryDeliveryStore(), endpoints, ...local });
  for (const each of events) await deliveries.enqueue(each);
  await deliveries.run();
  await deliveries.stop();
  return deliveries;
}

describe('a webhook', () => {
  it('is signed with the bytes of its secret over ID, timestamp and body', async () => {
    const receiver = await startReceiver();
    await deliver([webhook('crm', receiver.url)], event());
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing was received');
    expect(await isSigned(request, secret)).toBe(true);
    expect(await isSigned(request, otherSecret)).toBe(false);
    expect(await isSigned({ ...request, body: `${request.body} ` }, secret)).toBe(false);
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[\w-]{43}$/),
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    });
  });

  it('has the signature that the library standardwebhooks 1.1.1 makes', () => {
    const bytes = secretBytes(secret);
    if (bytes === undefined) throw new Error('this is a secret');
    expect(signatures([bytes], 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('is signed with each of two secrets while they are rotated', async () => {
    const receiver = await startReceiver();
    await deliver([webhook('crm', receiver.url, { secrets: [otherSecret, secret] })], event());
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing was received');
    expect(await isSigned(request, secret)).toBe(true);
    expect(await isSigned(request, otherSecret)).toBe(true);
  });

  it('has no values and no externalId, unless its payload is full', async () => {
    const receiver = await startReceiver();
    const sent = event({ externalId: 'ada@okta', version: '3' });
    await deliver([webhook('notice', receiver.url), webhook('full', receiver.url, { payload: 'full' })], sent);
    const bodies = receiver.received.map(({ body }) => JSON.parse(body) as { data: object });
    const about = { id: sent.id, tenant: 'acme', resourceType: 'User', resourceId: '42', changed: ['userName'] };
    const head = { type: 'user.created', timestamp: sent.time };
    const full = bodies.find(({ data }) => 'after' in data);
    const notice = bodies.find((body) => body !== full);
    expect(notice).toEqual({ ...head, data: { ...about, actor: 'okta', requestId: 'r1', version: '3' } });
    expect(full).toMatchObject({
      ...head,
      data: { ...about, externalId: 'ada@okta', after: { userName: 'ada@example.com' } },
    });
    expect(JSON.stringify(notice)).not.toContain('ada');
  });

  it('goes to the endpoints that get its type, with an ID of its own for each', async () => {
    const receiver = await startReceiver();
    await deliver(
      [
        webhook('all', `${receiver.url}/all`),
        webhook('departures', `${receiver.url}/departures`, { types: ['user.deleted', 'user.deactivated'] }),
      ],
      event(),
      event({ type: 'user.deleted' }),
    );
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook/all', '/hook/all', '/hook/departures']);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('is sent once where the outbox delivers its event twice', async () => {
    const receiver = await startReceiver();
    const sent = event();
    const deliveries = await deliver([webhook('crm', receiver.url)], sent, sent);
    await deliveries.enqueue(sent);
    await deliveries.run();
    await deliveries.stop();
    expect(receiver.received).toHaveLength(1);
  });

  it('sends the header Authorization of its endpoint', async () => {
    const receiver = await startReceiver();
    await deliver([webhook('crm', receiver.url, { authorization: 'Bearer abc' })], event());
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer abc');
  });
});

describe('secrets of webhooks', () => {
  it('are generated with 32 bytes', () => {
    expect(secretBytes(generateWebhookSecret())).toHaveLength(32);
    expect(generateWebhookSecret()).not.toBe(generateWebhookSecret());
  });

  it.each([
    ['no prefix', secret.slice(6)],
    ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['no base64', 'whsec_not base64 at all, is it, so long'],
    ['nothing', undefined],
  ])('are refused with %s', (_, value) => expect(secretBytes(value)).toBeUndefined());
});

describe('options of eventDelivery', () => {
  it.each([
    [undefined, 'write { store, endpoints }'],
    [{}, 'store is required, and must be an object; endpoints is required'],
    [{ concurrency: 0 }, 'concurrency must be a positive integer'],
    [{ retries: 3 }, 'there is no option "retries"'],
    [{ allowHttp: 'yes' }, 'allowHttp must be true or false'],
    [{ allowedNetworks: ['10.0.0.0'] }, 'allowedNetworks must be a list of networks, such as 10.0.0.0/8'],
    [{ allowedNetworks: ['10.0.0.0/33'] }, 'allowedNetworks must be a list of networks'],
    [
      { securityEvents: { issuer: 'https://a.example' } },
      'keyId must be a non-empty string; key must be a private key',
    ],
  ])('%j is refused', (options, message) => {
    const whole =
      options === undefined || Object.keys(options).length === 0
        ? options
        : { store: memoryDeliveryStore(), endpoints: [], ...options };
    expect(() => eventDelivery(whole as never)).toThrow(message);
  });
});

describe('an endpoint that cannot be used', () => {
  const url = 'https://crm.example.com/hook';
  it.each([
    [{ id: 'a b', format: 'webhook', url, secrets: [secret] }, 'id of an endpoint must be 1 to 64 letters'],
    [webhook('x', 'http://crm.example.com/'), 'url must be an absolute https URL'],
    [webhook('x', 'https://user:word@crm.example.com/'), 'url must be an absolute https URL'],
    [webhook('x', 'https://user@crm.example.com/'), 'url must be an absolute https URL'],
    [webhook('x', 'file:///etc/hosts'), 'url must be an absolute https URL'],
    [webhook('x', url, { secrets: [] }), 'secrets must be one to four strings of generateWebhookSecret()'],
    [webhook('x', url, { secrets: [secret, 'whsec_short'] }), 'secrets must be one to four strings'],
    [webhook('x', url, { types: [] }), 'types must be a list of types of events'],
    [webhook('x', url, { types: ['user.create'] }), 'types must not have "user.create": did you mean user.created?'],
    [webhook('x', url, { types: ['created'] }), 'types must not have "created"'],
    [webhook('x', url, { payload: 'all' as never }), "payload must be 'notice' or 'full'"],
    [webhook('x', url, { authorization: 'a\r\nb: c' }), 'authorization must be the value of a header'],
    [{ ...webhook('x', url), sceret: 1 }, 'there is no property sceret'],
    [{ id: 'x', format: 'security-event', url }, 'audience is required; it needs the option securityEvents'],
  ])('%j is reported, without a value, and the others work', async (broken, message) => {
    const receiver = await startReceiver();
    const errors: unknown[] = [];
    const endpoints = [broken as EventEndpoint, webhook('works', receiver.url)];
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: () => endpoints,
      allowedNetworks: local.allowedNetworks,
      onError: (error) => errors.push(error),
    });
    // Only the broken one is http here.
    const working = eventDelivery({ store: memoryDeliveryStore(), endpoints: () => endpoints, ...local });
    await deliveries.enqueue(event());
    await deliveries.run();
    await working.enqueue(event());
    await working.run();
    await Promise.all([deliveries.stop(), working.stop()]);
    expect(errors.map(String).join()).toContain(message);
    expect(errors.map(String).join()).not.toContain(secret);
    expect(receiver.received).toHaveLength(1);
    // A list that is known at the start.
    const start = () => eventDelivery({ store: memoryDeliveryStore(), endpoints });
    expect(start).toThrow(message);
    expect(start).not.toThrow(secret);
  });

  it('keeps its deliveries until its configuration is repaired', async () => {
    const receiver = await startReceiver();
    let endpoints = [webhook('crm', receiver.url, { secrets: ['whsec_lost'] })];
    let now = Date.parse('2026-11-28T12:00:00Z');
    const options = { store: memoryDeliveryStore(), endpoints: () => endpoints, clock: () => now, ...local };
    const deliveries = eventDelivery(options);
    await deliveries.enqueue(event());
    await deliveries.run();
    expect(await deliveries.endpoints('acme')).toMatchObject([{ id: 'crm', state: 'invalid', pending: 1 }]);
    endpoints = [webhook('crm', receiver.url)];
    now += 3_600_000;
    await deliveries.run();
    await deliveries.stop();
    expect(receiver.received).toHaveLength(1);
  });

  it('is an error of the app where `endpoints` returns no list: the outbox keeps the event', async () => {
    const deliveries = eventDelivery({ store: memoryDeliveryStore(), endpoints: () => null as never });
    await expect(deliveries.enqueue(event())).rejects.toThrow('endpoints must be a list');
  });
});
