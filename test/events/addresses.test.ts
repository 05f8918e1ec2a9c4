import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { addressCheck } from '../../src/events/addresses.js';
import { eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import { createSender, type Resolve } from '../../src/events/send.js';
import { event, startReceiver, webhook } from './receiver.js';

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

function sender(resolve?: Resolve, allowed: readonly string[] = [], timeoutMilliseconds = 60_000) {
  const made = createSender({ isAllowed: addressCheck(allowed), timeoutMilliseconds, resolve });
  closers.push(() => made.close());
  return made;
}

const post = (url: string) => ({ url: new URL(url), headers: {}, body: '{}' });

describe('addresses', () => {
  it.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.1.2.3',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...['192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', 'fe80::1', 'fe80::1%eth0'],
    ...['fc00::1', 'fd12:3456::1', 'ff02::1', '64:ff9b::7f00:1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1'],
    ...['fec0::1', '', 'localhost', '127.0.0.1.example.com', '1'],
  ])('%j is refused', (address) => expect(addressCheck()(address)).toBe(false));

  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.32.0.1',
    '192.169.0.1',
    '11.0.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
  ])('%s is public', (address) => expect(addressCheck()(address)).toBe(true));

  it('of a network in allowedNetworks are allowed, and no others', () => {
    const check = addressCheck(['10.20.0.0/16', 'fd00::/8', '169.254.1.1/32']);
    expect(['10.20.0.1', '10.20.255.1', 'fd12::1', '169.254.1.1'].map(check)).toEqual([true, true, true, true]);
    expect(['10.21.0.1', 'fc00::1', '169.254.169.254', '127.0.0.1'].map(check)).toEqual([false, false, false, false]);
  });
});

describe('a request', () => {
  it.each([
    ...['http://127.0.0.1:9/', 'http://[::1]:9/', 'http://2130706433:9/', 'http://0x7f.1:9/', 'http://0177.0.0.1:9/'],
    ...['http://[::ffff:127.0.0.1]:9/', 'http://localhost:9/', 'http://169.254.169.254/latest/meta-data/'],
  ])('to %s is refused before a connection is made', async (url) => {
    await expect(sender().send(post(url))).rejects.toThrow('an address that is not public');
  });

  it('checks the address that is connected to: a name that changes its address gains nothing', async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.url);
    let lookups = 0;
    // The first answer is public, as a check before the connection would see it; every later one is private.
    const rebinding: Resolve = (_, callback) => {
      lookups += 1;
      callback(null, [{ address: lookups === 1 ? '1.1.1.1' : '127.0.0.1', family: 4 }]);
    };
    await new Promise<void>((resolve) => rebinding('rebind.example', () => resolve()));
    await expect(sender(rebinding).send(post(`http://rebind.example:${port}/`))).rejects.toThrow('not public');
    expect(lookups).toBe(2);
    expect(receiver.received).toEqual([]);
  });

  it('uses only the public ones of several addresses', async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.url);
    const both: Resolve = (_, callback) =>
      callback(null, [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const response = await sender(both, ['127.0.0.1/32']).send(post(`http://both.example:${port}/`));
    expect(response.status).toBe(204);
    expect(receiver.received).toHaveLength(1);
  });

  it('fails where the name has no address, and names the code', async () => {
    const none: Resolve = (_, callback) => callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []);
    await expect(sender(none).send(post('http://nowhere.example/'))).rejects.toThrow('The request failed (ENOTFOUND).');
  });

  it('does not follow a redirect', async () => {
    const [receiver, secretService] = [await startReceiver(), await startReceiver()];
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.respond = (_, res) => res.writeHead(status, { location: secretService.url }).end();
      const response = await sender(undefined, ['127.0.0.0/8']).send(post(receiver.url));
      expect(response.status).toBe(status);
    }
    expect(secretService.received).toEqual([]);
  });

  it('reads a bounded part of the response, also of one that never ends', async () => {
    const server = createServer((_, res) => {
      res.writeHead(200);
      const write = (): void => {
        while (!res.destroyed && res.write('x'.repeat(10_000)));
        if (!res.destroyed) res.once('drain', write);
      };
      write();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await sender(undefined, ['127.0.0.0/8'], 60_000).send(post(`http://127.0.0.1:${String(port)}/`));
    expect(response.status).toBe(200);
    expect(response.body).toHaveLength(65_536);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('counts the status of a response whose body hangs', async () => {
    const receiver = await startReceiver();
    receiver.respond = (_, res) => res.writeHead(200).write('half');
    const response = await sender(undefined, ['127.0.0.0/8'], 5_000).send(post(receiver.url));
    expect(response).toMatchObject({ status: 200, body: 'half' });
  });

  it('is sent again where the receiver had closed the idle connection', async () => {
    const receiver = await startReceiver();
    const made = sender(undefined, ['127.0.0.0/8']);
    await made.send(post(receiver.url));
    let resets = 0;
    receiver.respond = (req, res) => {
      if (resets++ === 0) req.socket.resetAndDestroy();
      else res.writeHead(204).end();
    };
    expect((await made.send(post(receiver.url))).status).toBe(204);
    expect(receiver.received).toHaveLength(3);
  });
});

describe('a delivery to a private address', () => {
  it('is refused, kept as pending, and never reaches it', async () => {
    const receiver = await startReceiver();
    const deliveries = eventDelivery({
      store: memoryDeliveryStore(),
      endpoints: [webhook('inside', receiver.url)],
      allowHttp: true,
    });
    await deliveries.enqueue(event());
    await deliveries.run();
    expect(await deliveries.sendTest('acme', 'inside')).toMatchObject({ delivered: false, status: undefined });
    expect(await deliveries.deliveries('acme')).toMatchObject([
      { state: 'pending', error: 'The URL leads to an address that is not public: see allowedNetworks.' },
    ]);
    expect(receiver.received).toEqual([]);
    await deliveries.stop();
  });
});
