import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientIds, simulate } from '../../../src/tools/index.js';

describe.each([
  ['text', '1000000'],
  ['a number', 1_000_000],
])('a server that sends back what it gets, with totalResults as %s', (_, totalResults) => {
  let server: Server;
  let requests = 0;
  beforeAll(async () => {
    server = createServer((req, res) => {
      requests++;
      let text = '';
      req.on('data', (chunk: Buffer) => (text += chunk.toString()));
      req.on('end', () => {
        const sent = (text === '' ? {} : JSON.parse(text)) as object;
        const list = { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults };
        res.writeHead(req.method === 'POST' ? 201 : 200, { 'content-type': 'application/scim+json' });
        res.end(JSON.stringify({ ...sent, ...list, Resources: [{ ...sent, id: 'x' }], id: 'x' }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it.each(clientIds)('is found out by %s, which reads a bounded number of pages', async (client) => {
    requests = 0;
    const { port } = server.address() as AddressInfo;
    const report = await simulate({
      ...{ baseUrl: `http://127.0.0.1:${String(port)}`, key: 'any', client },
      ...{ users: 8, groups: 3, pageSize: 5, maxWaitMilliseconds: 2 },
    });
    expect(report.passed).toBe(false);
    expect(report.findings.length).toBeGreaterThan(0);
    expect(requests).toBeLessThan(320);
  });
});
