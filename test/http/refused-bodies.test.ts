import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { expresses, key, scimOn } from './app.js';

const bodyBytes = 4 * 1024 * 1024;

// What a proxy such as nginx does: one request for each connection, and it reads the response while it still sends.
describe.each(expresses)('%s: a request that is refused before its body was read (RFC 9112 9.6)', (_, make) => {
  it.each([
    ['401, without a valid key', 401, 'another-key-of-some-length', '/Users', 'application/scim+json'],
    ['413, for its length', 413, key, '/Users', 'application/scim+json'],
    ['415, for its media type', 415, key, '/Users', 'text/plain'],
    ['404, for its path', 404, key, '/Unknown', 'application/scim+json'],
  ])('gets the whole response, and the connection is not reset: %s', async (_title, status, bearer, path, type) => {
    const scim = scimOn(make);
    const server = createServer(scim.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    try {
      const errors: Error[] = [];
      let received = '';
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', (error) => errors.push(error));
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      const head = [
        `POST /scim/v2${path} HTTP/1.1`,
        'Host: a',
        'Connection: close',
        `Authorization: Bearer ${bearer}`,
        `Content-Type: ${type}`,
        `Content-Length: ${String(bodyBytes)}`,
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      await once(socket, 'data');
      // Without waiting for the rest, the server would close the connection now.
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (let sent = 0; sent < bodyBytes; sent += 64 * 1024) socket.write(Buffer.alloc(64 * 1024, ' '));
      await closed;
      expect(errors).toEqual([]);
      expect(socket.bytesWritten).toBeGreaterThan(bodyBytes);
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
      expect(JSON.parse(received.slice(received.indexOf('\r\n\r\n')))).toMatchObject({ status: String(status) });
    } finally {
      socket.destroy();
      server.close();
      server.closeAllConnections();
    }
  });
});
