import { once } from 'node:events';
import http, { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type request from 'supertest';
import type { Work } from '../../src/contract/work.js';
import { parseFilter } from '../../src/protocol/filter/parse.js';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { userType } from '../operations/types.js';
import { lenient } from '../protocol/filter/types.js';
import { builtInTables } from '../stores/built-in/built-in.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { enterprise, expresses, groupSchemas, key, scimOn, userSchemas } from './app.js';

const marks = (count: number): string => `a${'\u0315\u0300'.repeat(count).slice(0, count)}`;
const tooMany = (limit: string): object => ({
  status: 400,
  scimType: 'tooMany',
  detail: expect.stringContaining(limit),
});
const outcome = ({ status, body }: request.Response): object => {
  const { scimType, detail } = body as { scimType?: string; detail?: string };
  return { status, scimType, detail };
};
const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));

describe.each(expresses)('limits of a body on %s', (_, make) => {
  const scim = scimOn(make);

  it.each<[string, object, string]>([
    ['long runs of marks', { userName: marks(31) }, 'combiningMarks'],
    ['long strings', { userName: 'a', title: 'x'.repeat(262_145) }, 'stringCharacters'],
    ['many keys', { userName: 'a', ...Object.fromEntries(list(1_001, (i) => [`k${String(i)}`, 1])) }, 'objectKeys'],
    ['many values', { userName: 'a', roles: list(2_001, (i) => ({ value: String(i) })) }, 'attributeValues'],
    ['many schemas', { userName: 'a', schemas: list(2_001, () => userSchemas[0]) }, 'attributeValues'],
  ])('refuse %s', async (_name, attributes, limit) => {
    const response = await scim.post('/Users', { schemas: userSchemas, ...attributes });
    expect(outcome(response)).toMatchObject({ status: 400, detail: expect.stringContaining(limit) });
  });

  it('hold for text inside of a string, and for IDs in a $ref', async () => {
    const user = (more: object): object => ({ schemas: userSchemas, userName: 'inner', ...more });
    const deep = `{"value":"x","a":${'['.repeat(100)}${']'.repeat(100)}}`;
    for (const more of [
      { roles: [{ value: deep }] },
      { roles: ['{"value":"q\\u0000"}'] },
      { roles: [`{"value":${JSON.stringify(marks(31))}}`] },
      { [enterprise]: { manager: { $ref: '../Users/%00' } } },
    ]) {
      expect((await scim.post('/Users', user(more))).status).toBe(400);
    }
  });

  it('hold for values in filters and in value paths', async () => {
    const id = await scim.user();
    const filtered = await scim.get(`/Users?filter=${encodeURIComponent(`title eq "${marks(31)}"`)}`);
    expect(outcome(filtered)).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    const path = 'roles[value eq "q\\u0000"].display';
    const patched = await scim.patch(`/Users/${id}`, [{ op: 'replace', path, value: 'x' }]);
    expect(outcome(patched)).toMatchObject({ status: 400, scimType: 'noTarget' });
    expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty('roles');
  });

  it('count the bytes by the kind of request', async () => {
    const small = scimOn(make, { limits: { resourceBytes: 1_000, groupBytes: 5_000, bulkBytes: 9_000 } });
    const text = 'x'.repeat(2_000);
    expect((await small.post('/Users', { schemas: userSchemas, userName: text })).status).toBe(413);
    expect((await small.post('/Groups', { schemas: groupSchemas, displayName: text })).status).toBe(201);
    expect((await small.post('/Groups', { schemas: groupSchemas, displayName: text.repeat(3) })).status).toBe(413);
    expect((await small.post('/Bulk', { schemas: [], Operations: [text.repeat(3)] })).status).toBe(400);
    expect((await small.post('/Bulk', { schemas: [], Operations: [text.repeat(5)] })).status).toBe(413);
    expect((await small.post('/Groups/.search', { schemas: [], filter: text })).status).toBe(413);
    expect((await small.get('/ServiceProviderConfig')).body).toMatchObject({ bulk: { maxPayloadSize: 9_000 } });
  });

  it('end a body that does not arrive in time with 408', async () => {
    const slow = scimOn(make, { limits: { requestMilliseconds: 1_000 } });
    const server = createServer(slow.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const status = await new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/scim+json',
        'content-length': 100,
      };
      const sent = http.request({ port, method: 'POST', path: '/scim/v2/Users', headers }, ({ statusCode }) => {
        resolve(statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('{');
    });
    server.close();
    expect(status).toBe(408);
  });

  it('drop the rest of a body that is refused, and cut off a client that goes on after 64 MiB', async () => {
    const server = createServer(scim.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let isOpen = true;
    socket.on('error', () => undefined).on('close', () => (isOpen = false));
    const head = [
      'POST /scim/v2/Users HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${key}`,
      'Content-Length: 1000000000',
    ];
    socket.write(`${head.join('\r\n')}\r\nContent-Type: application/scim+json\r\n\r\n`);
    const [response] = (await once(socket, 'data')) as [Buffer];
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    let megabytes = 0;
    for (; isOpen && megabytes < 200; megabytes++) {
      if (!socket.write(chunk))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
    }
    socket.destroy();
    server.close();
    expect(String(response)).toMatch(/^HTTP\/1.1 413 /);
    expect(megabytes).toBeGreaterThanOrEqual(64);
    expect(megabytes).toBeLessThan(120);
  });
});

describe.each([
  ['the memory store', async () => new MemoryStore()],
  ['the SQL store on SQLite', async () => (await builtInTables(sqlite().db)).store],
] as readonly (readonly [string, () => Promise<UserStore>])[])('sizes over %s', (_, open) => {
  const [[, make] = ['', undefined]] = expresses;
  if (make === undefined) throw new Error('No Express.');

  it('of a resource are limited after a change, and a smaller one is never refused', async () => {
    const scim = scimOn(make, { limits: { storedBytes: 2_000 } }, await open());
    const user = (title: string): object => ({ schemas: userSchemas, userName: 'sized', title });
    expect(outcome(await scim.post('/Users', user('x'.repeat(2_000))))).toMatchObject(tooMany('storedBytes'));
    const { id } = (await scim.post('/Users', user('x'.repeat(1_500)))).body as { id: string };
    expect(outcome(await scim.put(`/Users/${id}`, user('x'.repeat(2_000))))).toMatchObject(tooMany('storedBytes'));
    const add = { op: 'add', path: 'nickName', value: 'x'.repeat(700) };
    expect(outcome(await scim.patch(`/Users/${id}`, [add]))).toMatchObject(tooMany('storedBytes'));
    expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty('nickName');
    expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'title' }, add])).status).toBe(200);
  });

  it('of a page are limited: an index page is refused, and cursor pages end early and miss nothing', async () => {
    const scim = scimOn(make, { limits: { pageBytes: 10_000 } }, await open());
    const names = list(9, (i) => `user${String(i)}`);
    for (const userName of names) {
      await scim.post('/Users', { schemas: userSchemas, userName, title: 'é'.repeat(1_200) });
    }
    expect(outcome(await scim.get('/Users'))).toMatchObject(tooMany('count'));
    expect(outcome(await scim.get('/?count=9'))).toMatchObject(tooMany('pageBytes'));
    expect((await scim.get('/Users?count=2')).status).toBe(200);
    for (const sort of ['', '&sortBy=userName&sortOrder=descending']) {
      const seen: string[] = [];
      let pages = 0;
      for (let cursor: string | undefined = ''; cursor !== undefined; pages++) {
        const { body } = await scim.get(`/Users?count=9${sort}&cursor=${cursor}`);
        const page = body as { Resources: { userName: string }[]; nextCursor?: string };
        seen.push(...page.Resources.map(({ userName }) => userName));
        cursor = page.nextCursor;
      }
      expect(seen.sort()).toEqual(names);
      expect(pages).toBeGreaterThan(2);
    }
  });
});

describe('work of a request', () => {
  const [[, make] = ['', undefined]] = expresses;
  if (make === undefined) throw new Error('No Express.');

  it('is shared by the operations of a bulk request, and named where it is used up', async () => {
    const scim = scimOn(make, { limits: { work: 700_000 } });
    const Operations = list(200, (i) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `b${String(i)}`,
      data: { schemas: userSchemas, userName: `u${String(i)}`, roles: list(100, (j) => ({ value: String(j) })) },
    }));
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
    const { body } = await scim.post('/Bulk', { schemas, Operations });
    const results = (body as { Operations: { status: string; response?: { detail: string } }[] }).Operations;
    expect(results[0]?.status).toBe('201');
    expect(results.at(-1)).toMatchObject({
      status: '400',
      response: { detail: expect.stringContaining('limits.work') },
    });
  });

  it('is charged for a filter over everything that a store looks at', async () => {
    const scim = scimOn(make, { limits: { work: 15_000 } });
    for (let i = 0; i < 30; i++) await scim.user({ emails: list(100, (j) => ({ value: `${String(j)}@example.com` })) });
    expect(outcome(await scim.get('/Users?filter=emails.value%20co%20%22zzz%22&count=1'))).toMatchObject(
      tooMany('limits.work'),
    );
    expect((await scim.get('/Users?count=1')).status).toBe(200);
  });

  class Counter implements Work {
    units = 0;
    spend(units: number): void {
      this.units += units;
    }
    pause(): undefined {
      return undefined;
    }
  }

  it('of a filter normalizes a text once, however many conditions read it', () => {
    const cost = (terms: number): number => {
      const text = list(terms, (i) => `title eq "n${String(i)}"`).join(' or ');
      const work = new Counter();
      parseFilter(text, userType, lenient().options).matches({ title: 'Ж'.repeat(100_000) }, work);
      return work.units;
    };
    expect(cost(100)).toBeLessThan(cost(1) * 1.1);
  });
});
