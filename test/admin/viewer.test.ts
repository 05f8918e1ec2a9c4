import { get as httpGet } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ForbiddenError } from '../../src/index.js';
import { memoryConflictStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { random } from '../random.js';
import { as, mount, type Panel, patch, startPanel, until, user } from './panel.js';
import { jsonWith, urlWith } from './planted.js';

const [[, make]] = expresses as readonly [(typeof expresses)[number], ...typeof expresses];

let panel: Panel;
afterEach(() => panel.close());

/** Collects what the live log sends. */
function follow(path: string, name: string): { text(): string; stop(): void } {
  let text = '';
  const stream = httpGet(panel.baseUrl.replace('/scim/v2', mount + path), { headers: as(name) }, (res) => {
    res.on('data', (chunk: Buffer) => (text += chunk.toString()));
    res.on('error', () => undefined);
  });
  stream.on('error', () => undefined);
  return { text: () => text, stop: () => stream.destroy() };
}

describe('what an administrator without access to personal data is sent', () => {
  it('never has a secret, wherever a client or the application has put it', async () => {
    const conflicts = memoryConflictStore();
    let secret = '';
    panel = await startPanel(make, {
      admin: { conflicts },
      router: {
        beforeChange: ({ set }) => {
          if (set['title'] === secret) throw new ForbiddenError(`${secret} is refused.`);
        },
      },
    });
    await panel.post('/status', { enabled: 'true' });
    const { key } = await panel.key();
    const live = follow('/log/stream', 'discreet');
    await until(() => live.text().includes('retry:'));
    const inserted = fc.sample(fc.string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 8 }), {
      ...random(),
      numRuns: 2,
    });
    for (const [run, part] of inserted.entries()) {
      secret = `S${part.replace(/[^a-z0-9]/gi, '-')}7z${String(run)}`;
      const bodies = fc.sample(jsonWith(secret), { ...random(), numRuns: 12 });
      const urls = fc.sample(urlWith(secret), { ...random(), numRuns: 12 });
      const created = await panel.scim('post', '/Users', key, user(secret, { [secret]: secret, nickName: secret }));
      const id = String((created.body as { id?: unknown }).id);
      const operations = [
        { op: 'replace', path: `emails[value eq "${secret}"].type`, value: secret },
        { op: 'add', value: { [`emails[type eq "${secret}"].value`]: secret } },
      ];
      for (const operation of operations) await panel.scim('patch', `/Users/${id}`, key, patch(operation));
      await panel.scim('patch', `/Users/${id}`, key, patch({ op: 'add', path: 'title', value: secret }));
      await panel.scim('post', `/Bulk?${secret}`, key, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [{ method: 'POST', path: '/Users', bulkId: secret, data: user(`${secret}-2`) }],
      });
      for (const body of bodies)
        await panel.scim(
          'post',
          '/Users',
          key,
          user(secret, { [secret]: body, ...(Array.isArray(body) ? {} : Object(body)) }),
        );
      for (const url of urls) await panel.scim('get', encodeURI(url), key);
      await panel.scim('delete', `/Users/${secret}`, key);
      await conflicts.add({
        ...{ tenant: 'default', kind: 'adopt', fingerprint: secret, summary: `Who is ${secret}?` },
        ...{ candidates: [{ id: secret, label: secret }], resource: { userName: secret } },
      });
      await until(() => live.text().split('event: entry').length > 20);
      const [{ id: entryId } = { id: '' }] = await panel.log.list('default', { limit: 1, operation: 'delete' });
      const sent = [live.text()];
      for (const path of ['/', '/log', '/log?before=z', `/log/${entryId}`, '/conflicts', '/api/conflicts']) {
        sent.push((await panel.get(path, as('discreet'))).text);
      }
      for (const path of ['/api/log', '/api/health', `/api/log/${entryId}`, '/api/connection', '/api/mapping']) {
        sent.push((await panel.get(path, as('discreet'))).text);
      }
      expect((await panel.get('/log?before=z', as('manager'))).text).toContain(secret);
      for (const text of sent) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(id);
      }
    }
    live.stop();
  });

  it('still says what an error means', async () => {
    panel = await startPanel(make);
    const { key } = await panel.key();
    await panel.scim('get', '/Users', key);
    await until(async () => (await panel.log.list('default', { limit: 1 })).length === 1);
    for (const path of ['/', '/log']) {
      expect((await panel.get(path, as('discreet'))).text).toContain('Enable it under Status.');
    }
  });
});

describe('a page of the log', () => {
  it('has at most 2 MB, whatever the entries hold', async () => {
    panel = await startPanel(make);
    await panel.post('/status', { enabled: 'true' });
    const { key } = await panel.key();
    let deep: unknown[] = [1];
    for (let depth = 0; depth < 11; depth++) deep = [deep, ...Array.from({ length: 19 }, () => '"')];
    const bidi = Array.from({ length: 20 }, () => '\u202e'.repeat(400));
    for (let nth = 0; nth < 30; nth++) {
      await panel.scim('post', '/Users', key, nth % 2 === 0 ? { deep } : { title: bidi, ['"'.repeat(199)]: bidi });
    }
    await until(async () => (await panel.log.list('default', { limit: 200 })).length === 30);
    for (const path of ['/log', '/api/log']) {
      const { status, text } = await panel.get(path);
      expect(status).toBe(200);
      expect(Buffer.byteLength(text)).toBeLessThan(2_000_000);
    }
  });
});
