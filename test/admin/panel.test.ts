import { createHash } from 'node:crypto';
import { get as httpGet } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { type Administrator, createScimAdmin, memoryConnectionStore, memoryLogStore } from '../../src/admin/index.js';
import { massDeactivationBreaker, memoryConflictStore, memoryHoldStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { manager, mount, type Panel, type PanelOptions, patch, startPanel, until, user } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

const administrators: Readonly<Record<string, Administrator>> = {
  manager,
  other: { ...manager, user: 'eve@host.example', session: 's2' },
  viewer: { ...manager, user: 'vi@host.example', may: 'view' },
  discreet: { ...manager, user: 'di@host.example', seePersonalData: false },
};
const as = (name: string) => ({ 'x-admin': name });

describe.each(expresses)('the settings panel on %s', (_, make) => {
  const start = async (options: PanelOptions = {}): Promise<Panel> => {
    panel = await startPanel(make, { administrators, ...options });
    return panel;
  };
  const enabled = async (options: PanelOptions = {}): Promise<string> => {
    const { post, key } = await start(options);
    await post('/status', { enabled: 'true' });
    return (await key()).key;
  };
  const waitForEntries = async (count: number): Promise<void> =>
    until(async () => (await panel.log.list('default', { limit: 200 })).length >= count);

  describe('pages', () => {
    it.each(['/', '/log', '/mapping', '/conflicts', '/keys/new'])('shows %s', async (path) => {
      await start();
      const response = await panel.get(path);
      expect(response.status).toBe(200);
      expect(response.type).toBe('text/html');
      expect(response.text).toMatch(/^<!doctype html><html lang="en">/);
      expect(response.text).toContain('>Settings<');
      expect(response.text).toContain('>Add-ons<');
      expect(response.text).toContain('User provisioning via SCIM</h1>');
    });

    it('label every section and dialog with a heading that exists', async () => {
      await enabled();
      for (const path of ['/', '/log', '/mapping', '/conflicts']) {
        const { text } = await panel.get(path);
        const parts = text.match(/<(?:section|dialog) [^>]*>/g) ?? [];
        expect(parts).not.toEqual([]);
        for (const part of parts) {
          const heading = / aria-labelledby="([^"]+)"/.exec(part)?.[1];
          expect([part, text.includes(`<h2 id="${heading ?? ''}"`)]).toEqual([part, true]);
        }
      }
    });

    it('load only their own files, with a new nonce for each response', async () => {
      await start();
      const [first, second] = [await panel.get('/'), await panel.get('/')];
      const policy = String(first.headers['content-security-policy']);
      const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(first.text.match(/<(?:script|link)[^>]*>/g)).toHaveLength(2);
      for (const tag of first.text.match(/<(?:script|link)[^>]*>/g) ?? []) expect(tag).toContain(`nonce="${nonce}"`);
      expect(second.headers['content-security-policy']).not.toBe(policy);
      expect(first.text).not.toMatch(/ style=| on[a-z]+=/);
      expect(first.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
      expect(first.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(first.headers['x-powered-by']).toBeUndefined();
    });

    it('have style sheets and scripts that browsers can cache forever', async () => {
      await start();
      const { text } = await panel.get('/');
      const paths = [...text.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
      expect(paths).toHaveLength(2);
      for (const path of paths) {
        const response = await panel.get(path.slice(mount.length));
        expect(response.status).toBe(200);
        expect(response.headers['cache-control']).toContain('immutable');
        expect(response.text ?? String(response.body)).not.toBe('');
      }
    });

    it('return 404 for an unknown page and 405 for an unsupported method', async () => {
      await start();
      expect((await panel.get('/nothing')).status).toBe(404);
      expect((await panel.get('/keys/unknown/revoke')).status).toBe(404);
      expect((await panel.get('/log/%zz')).status).toBe(404);
      expect((await panel.get('/status')).status).toBe(405);
      expect((await panel.get('/api/nothing')).body).toEqual({ error: 'This page does not exist.' });
    });

    it('are placed in the layout of the host', async () => {
      await start({
        admin: { layout: ({ title, body, head }) => `<!doctype html><title>${title}</title>${head}${body}` },
      });
      const { text } = await panel.get('/log');
      expect(text).toMatch(/^<!doctype html><title>Provisioning log – User provisioning via SCIM<\/title><link/);
      expect(text).not.toContain('<main>');
    });
  });

  describe('access', () => {
    it('is refused without an administrator, and no settings are shown', async () => {
      await start();
      for (const path of ['/', '/log', '/api/connection', '/log/stream', '/keys/new']) {
        const response = await panel.get(path, as('nobody'));
        expect(response.status).toBe(403);
        expect(response.text).not.toContain(panel.baseUrl);
        expect(response.text).not.toContain('csrf');
      }
      const sent = await request(panel.baseUrl.replace('/scim/v2', mount)).post('/status').set(as('nobody')).send({});
      expect(sent.status).toBe(403);
    });

    it('lets a viewer see everything and change nothing', async () => {
      const key = await enabled();
      const page = await panel.get('/', as('viewer'));
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('<form');
      expect((await panel.get('/keys/new', as('viewer'))).status).toBe(403);
      for (const path of ['/status', '/provider', '/keys', '/test', '/api/status', '/api/keys']) {
        expect((await panel.post(path, { enabled: 'false', name: 'x' }, as('viewer'))).status).toBe(403);
      }
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
    });

    it('hides personal data from an administrator without access to it', async () => {
      const key = await enabled();
      await panel.scim('post', '/Users', key, user('ada@example.com', { displayName: 'Ada Lovelace' }));
      await panel.scim('get', '/Users?filter=userName eq "ada@example.com"', key);
      await waitForEntries(2);
      const all = await panel.get('/log');
      expect(all.text).toContain('Ada Lovelace');
      expect(all.text).toContain('ada@example.com');
      const [{ id } = { id: '' }] = await panel.log.list('default', { limit: 1 });
      for (const path of ['/log', '/', '/api/log', '/api/health', `/log/${id}`, `/api/log/${id}`]) {
        const { status, text } = await panel.get(path, as('discreet'));
        expect(status).toBe(200);
        expect(text).not.toMatch(/Lovelace|ada@example/);
      }
      expect((await panel.get('/api/log', as('discreet'))).text).toContain('•••');
    });

    it('passes an error of authorize to the error handler of the host', async () => {
      await start({
        admin: {
          authorize: () => {
            throw new Error('no session');
          },
        },
        before: () => undefined,
      });
      panel.app.use(
        (error: Error, _req: unknown, res: { status(code: number): { send(text: string): void } }, _next: unknown) => {
          res.status(418).send(error.message);
        },
      );
      const response = await panel.get('/');
      expect([response.status, response.text]).toEqual([418, 'no session']);
    });
  });

  describe('cross-site request forgery', () => {
    it.each([
      ['another site', { 'sec-fetch-site': 'cross-site' }],
      ['a sibling domain', { 'sec-fetch-site': 'same-site' }],
      ['another origin, in a browser without Sec-Fetch-Site', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
      ['an opaque origin', { 'sec-fetch-site': '', origin: 'null' }],
    ])('refuses a form from %s', async (_name, headers) => {
      await start();
      const sent = request(panel.baseUrl.replace('/scim/v2', mount)).post('/status').type('form');
      const sentHeaders = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
      const response = await sent.set(sentHeaders).send({ csrf: await panel.token(), enabled: 'true' });
      expect(response.status).toBe(403);
      expect(await panel.connections.get('default', 'default')).toBeUndefined();
    });

    it('refuses a form without a token, with an invalid token, and with the token of another session', async () => {
      await start();
      const ofOtherSession = await panel.token(as('other'));
      for (const csrf of [
        '',
        'x.y',
        ofOtherSession,
        (await panel.token()).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      ]) {
        expect((await panel.post('/status', { enabled: 'true', csrf })).status).toBe(403);
      }
      expect(await panel.connections.get('default', 'default')).toBeUndefined();
    });

    it('refuses a token of another connection', async () => {
      await start({ admin: { connectionOf: (req) => ({ tenant: String(req.headers['x-tenant']) }) } });
      const csrf = await panel.token({ 'x-tenant': 'a' });
      const sent = await panel.post('/status', { enabled: 'true', csrf }, { 'x-tenant': 'b' });
      expect(sent.status).toBe(403);
      expect(await panel.connections.list('b')).toEqual([]);
    });

    it('accepts a token in a header, with a JSON body', async () => {
      await start();
      const response = await request(panel.baseUrl.replace('/scim/v2', mount))
        .post('/api/status')
        .set({ 'x-csrf-token': await panel.token(), 'sec-fetch-site': 'same-origin' })
        .send({ enabled: true });
      expect([response.status, response.body]).toEqual([200, { enabled: true }]);
    });

    it('accepts a body that a parser of the host has read', async () => {
      await start({ before: (app) => app.use(express.urlencoded({ extended: false }), express.json()) });
      expect((await panel.post('/status', { enabled: 'true' })).status).toBe(303);
      expect((await panel.connections.get('default', 'default'))?.enabled).toBe(true);
    });

    it.each([
      [413, 'application/x-www-form-urlencoded', `csrf=${'x'.repeat(20_000)}`],
      [415, 'text/plain', 'enabled=true'],
      [400, 'application/json', '{'],
      [400, 'application/json', '[]'],
    ])('returns %i for a body that is too large or invalid (%s)', async (status, type, body) => {
      await start();
      const sent = request(panel.baseUrl.replace('/scim/v2', mount)).post('/status').set('content-type', type);
      expect((await sent.send(body)).status).toBe(status);
    });
  });

  describe('status', () => {
    it('is disabled at first: every SCIM request returns 403 and changes nothing', async () => {
      await start();
      const { key } = await panel.key();
      const response = await panel.scim('post', '/Users', key, user('ada@example.com'));
      expect(response.status).toBe(403);
      await panel.post('/status', { enabled: 'true' });
      expect((await panel.scim('get', '/Users', key)).body).toMatchObject({ totalResults: 0 });
    });

    it('takes effect immediately when it is disabled and when it is enabled', async () => {
      const key = await enabled();
      const created = await panel.scim('post', '/Users', key, user('ada@example.com'));
      const path = `/Users/${(created.body as { id: string }).id}`;
      const response = await panel.post('/status', { enabled: 'false' });
      expect([response.status, response.headers['location']]).toEqual([303, `${mount}/?done=disabled`]);
      const off = patch({ op: 'replace', path: 'active', value: false });
      expect((await panel.scim('patch', path, key, off)).status).toBe(403);
      expect((await panel.scim('delete', path, key)).status).toBe(403);
      await panel.post('/status', { enabled: 'true' });
      expect((await panel.scim('get', path, key)).body).toMatchObject({ active: true, userName: 'ada@example.com' });
      expect((await panel.get('/?done=disabled')).text).toContain('User provisioning is disabled.');
      expect((await panel.get('/?done=%3Cb%3E')).text).not.toContain('role="status"><b>');
    });

    it('rejects an unknown value', async () => {
      await start();
      expect((await panel.post('/status', { enabled: 'yes' })).status).toBe(400);
      expect((await panel.post('/provider', { provider: '__proto__' })).status).toBe(400);
    });

    it('saves the identity provider and shows its setup guide', async () => {
      await start();
      await panel.post('/provider', { provider: 'okta' });
      const { text } = await panel.get('/');
      expect(text).toContain('How to set up provisioning in Okta');
      expect(text).toContain('Known quirks of Okta');
      await panel.post('/provider', { provider: 'other' });
      expect((await panel.get('/')).text).not.toContain('Known quirks of');
    });
  });

  describe('keys', () => {
    it('are shown once and stored as digests', async () => {
      await start();
      const response = await panel.post('/keys', { name: 'Entra', scope: 'users', days: '90' });
      const [key = ''] = /scim_[0-9a-f]{16}_[0-9a-f]{70}/.exec(response.text) ?? [];
      expect(key).not.toBe('');
      for (const path of ['/', '/log', '/api/connection']) expect((await panel.get(path)).text).not.toContain(key);
      const stored = JSON.stringify(await panel.connections.get('default', 'default'));
      expect(stored).not.toContain(key.slice(-40));
      await panel.post('/status', { enabled: 'true' });
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
      expect((await panel.scim('get', '/Groups', key)).status).toBe(403);
      const { body } = await panel.get('/api/connection');
      expect(JSON.stringify(body)).not.toContain('digest');
      expect(body).toMatchObject({ keys: [{ name: 'Entra', scopes: ['users:read', 'users:write'], live: true }] });
    });

    it.each([
      [{ name: '' }],
      [{ name: 'x'.repeat(81) }],
      [{ name: 'a\u202eb' }],
      [{ name: 'x', scope: 'toString' }],
      [{ name: 'x', days: '100000' }],
    ])('are not created from invalid fields: %j', async (fields) => {
      await start();
      expect((await panel.post('/keys', fields)).status).toBe(400);
    });

    it('can be rotated with an overlap: first both work, then only the new one', async () => {
      await start();
      await panel.post('/status', { enabled: 'true' });
      const old = await panel.key({ name: 'Entra', scope: 'read', days: '90' });
      const made = (await panel.post(`/api/keys/${old.id}/rotate`, { hours: '1' })).body as { key: string; id: string };
      expect((await panel.scim('get', '/Users', old.key)).status).toBe(200);
      expect((await panel.scim('get', '/Users', made.key)).status).toBe(200);
      const { keys = [] } = (await panel.connections.get('default', 'default')) ?? {};
      expect(keys[1]).toMatchObject({ id: made.id, name: 'Entra', scopes: ['read'] });
      const left = (keys[0]?.expiresAt?.getTime() ?? 0) - Date.now();
      expect(left).toBeGreaterThan(3_500_000);
      expect(left).toBeLessThanOrEqual(3_600_000);
      // As if the overlap were over.
      await panel.connections.endKey('default', 'default', old.id, { expiresAt: new Date(Date.now() - 1) });
      expect((await panel.scim('get', '/Users', old.key)).status).toBe(401);
      expect((await panel.scim('get', '/Users', made.key)).status).toBe(200);
      expect((await panel.post(`/keys/${old.id}/rotate`)).status).toBe(409);
    });

    it('are refused immediately after they are revoked, and the log shows their use', async () => {
      const key = await enabled();
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
      const [id] = ((await panel.connections.get('default', 'default'))?.keys ?? []).map((each) => each.id);
      expect((await panel.get(`/keys/${String(id)}/revoke`)).text).toContain('Revoke key');
      expect((await panel.post(`/keys/${String(id)}/revoke`)).status).toBe(303);
      // The ID of a key is no secret: knowing it is not enough to fill the log.
      const forged = `scim_${String(id)}_${'0'.repeat(64)}`;
      const sum = createHash('sha256').update(`express-scim key ${forged}`).digest('hex').slice(0, 6);
      expect((await panel.scim('get', '/Users', forged + sum)).status).toBe(401);
      expect((await panel.scim('get', '/Users', forged + sum)).status).toBe(401);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await panel.log.list('default', { outcome: 'refused', limit: 9 })).toEqual([]);
      for (let tries = 0; tries < 3; tries++) expect((await panel.scim('get', '/Users', key)).status).toBe(401);
      await waitForEntries(2);
      const entries = await panel.log.list('default', { outcome: 'refused', limit: 9 });
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({ status: 401, actorName: 'Provider', connection: 'default' });
      expect(entries[0]?.detail).toMatch(/^The key was revoked on /);
      expect((await panel.get('/')).text).toContain('The identity provider’s key is not accepted');
    });

    it('show when they were last used', async () => {
      const key = await enabled();
      await panel.scim('get', '/Users', key);
      await until(async () => (await panel.connections.get('default', 'default'))?.keys[0]?.lastUsedAt !== undefined);
      expect((await panel.get('/')).text).not.toContain('<dt>Last used</dt><dd>Never</dd>');
    });

    it('are not accessible from another connection', async () => {
      await start({ admin: { connectionOf: (req) => ({ tenant: String(req.headers['x-tenant'] ?? 'default') }) } });
      const { id } = await panel.key();
      const otherTenant = { 'x-tenant': 'b' };
      expect((await panel.post(`/keys/${id}/revoke`, {}, otherTenant)).status).toBe(404);
      expect((await panel.get('/', otherTenant)).text).toContain('No keys yet');
    });
  });

  describe('the connection test', () => {
    it('simulates the identity provider with a key that is removed afterwards', async () => {
      await start();
      await panel.post('/provider', { provider: 'entra' });
      const off = await panel.post('/test');
      expect(off.text).toContain('user provisioning is disabled here');
      await panel.post('/status', { enabled: 'true' });
      const { text } = await panel.post('/test');
      expect(text).toContain('The connection works.');
      expect(text).toContain('Microsoft Entra ID would accept this response.');
      expect(text).toContain('would report: “The supplied credentials are authorized to enable provisioning”.');
      expect((await panel.connections.get('default', 'default'))?.keys).toEqual([]);
      await waitForEntries(2);
      const [entry] = await panel.log.list('default', { limit: 1 });
      expect(entry).toMatchObject({ actorName: 'Connection test', status: 200, operation: 'query' });
    });

    it('uses a read-only key that is valid for one minute', async () => {
      const seen: unknown[] = [];
      const interceptedFetch: typeof fetch = async () => {
        seen.push((await panel.connections.get('default', 'default'))?.keys[0]);
        throw new Error('stop');
      };
      await start({ admin: { fetch: interceptedFetch } });
      expect((await panel.post('/api/test')).body).toMatchObject({ passed: false });
      const [key] = seen as { scopes: unknown; createdAt: Date; expiresAt: Date; temporary: boolean }[];
      expect(key).toMatchObject({ scopes: ['read'], temporary: true });
      expect((key?.expiresAt.getTime() ?? 0) - (key?.createdAt.getTime() ?? 0)).toBe(60_000);
    });
  });

  describe('the log', () => {
    it('shows the request, the changes and the key', async () => {
      const key = await enabled();
      const created = await panel.scim('post', '/Users', key, user('ada@example.com', { password: 'hunter2hunter2' }));
      const { id } = created.body as { id: string };
      await panel.scim('patch', `/Users/${id}`, key, patch({ op: 'Replace', path: 'active', value: 'False' }));
      await waitForEntries(2);
      const [change, creation] = await panel.log.list('default', { limit: 2 });
      expect(creation).toMatchObject({
        operation: 'create',
        resourceId: id,
        actorName: 'Provider',
        outcome: 'succeeded',
      });
      expect(change).toMatchObject({
        operation: 'patch',
        resourceId: id,
        quirks: ['op-case', 'boolean-as-string'],
        request: { method: 'PATCH', url: `/Users/${id}` },
      });
      expect(change?.changes.map(({ type }) => type)).toEqual(['user.deactivated', 'user.updated']);
      const { text } = await panel.get('/log');
      expect(text).toContain('user.deactivated');
      expect(text).not.toContain('hunter2');
      expect(JSON.stringify([change, creation])).not.toContain('hunter2');
    });

    it('shows hostile values as text', async () => {
      const key = await enabled();
      const name = '"><script>alert(1)</script>\u202e';
      await panel.scim('post', '/Users', key, user('eve@example.com', { displayName: name }));
      await panel.scim('get', '/Users?filter=<script>alert(2)</script>', key);
      await panel.scim('get', '/"><script>alert(3)</script>', key);
      await waitForEntries(3);
      const { text } = await panel.get('/log');
      expect(text.match(/<script/g)).toHaveLength(1);
      expect(text).not.toContain('\u202e');
      expect(text).toContain('\\u{202e}');
      const about = await panel.get(`/log?about=${encodeURIComponent('"><img src=x>')}`);
      expect(about.text).not.toContain('<img');
    });

    it('can be filtered and paged', async () => {
      const key = await enabled();
      for (let index = 0; index < 30; index++) await panel.scim('get', `/Users/${String(index)}`, key);
      await panel.scim('post', '/Users', key, user('ada@example.com'));
      await waitForEntries(31);
      const entries = (text: string): number => text.match(/<li class="entry"/g)?.length ?? 0;
      const first = await panel.get('/log');
      expect(entries(first.text)).toBe(25);
      const [, older = ''] = /href="[^"]*(\/log\?before=[0-9a-z]+)" rel="next"/.exec(first.text) ?? [];
      const second = await panel.get(older);
      expect(entries(second.text)).toBe(6);
      const [, newer = ''] = /href="[^"]*(\/log\?after=[0-9a-z]+)" rel="prev"/.exec(second.text) ?? [];
      expect(entries((await panel.get(newer)).text)).toBe(25);
      expect(second.text).not.toContain('rel="next"');
      expect(entries((await panel.get('/log?outcome=succeeded')).text)).toBe(1);
      expect(entries((await panel.get('/log?operation=create')).text)).toBe(1);
      expect(entries((await panel.get('/log?changed=true')).text)).toBe(1);
      expect(entries((await panel.get('/log?about=17')).text)).toBe(1);
      expect((await panel.get('/log?about=none')).text).toContain('No entries match this filter');
    });

    it('does not show entries of other connections', async () => {
      await start();
      const entry = { id: 'zz', time: new Date(), tenant: 'default', connection: 'other', requestId: 'r' };
      const rest = { outcome: 'failed', status: 500, milliseconds: 1, quirks: [], changes: [] } as const;
      await panel.log.append({ ...entry, ...rest });
      await panel.log.append({ ...entry, ...rest, id: 'zy', tenant: 'b', connection: 'default' });
      expect((await panel.get('/log')).text).toContain('No requests logged yet');
      expect((await panel.get('/log/zz')).status).toBe(404);
      expect((await panel.get('/log/zy')).status).toBe(404);
    });

    it('streams new entries', async () => {
      const key = await enabled();
      const url = panel.baseUrl.replace('/scim/v2', `${mount}/log/stream?operation=create`);
      let text = '';
      const stream = httpGet(url, (res) => {
        expect(res.headers['content-type']).toContain('text/event-stream');
        res.on('data', (chunk: Buffer) => (text += chunk.toString()));
        res.on('error', () => undefined);
      });
      stream.on('error', () => undefined);
      await until(() => text.includes('retry:'));
      await panel.scim('get', '/Users', key);
      await panel.scim('post', '/Users', key, user('live@example.com', { displayName: 'Live\n<b>Person</b>' }));
      await until(() => text.includes('event: entry'));
      stream.destroy();
      expect(text.match(/event: entry/g)).toHaveLength(1);
      expect(text).toMatch(/\nid: [0-9a-z]+\ndata: <li class="entry"/);
      expect(text).toContain('live@example.com');
      expect(text).not.toContain('<b>Person');
    });

    it('shows the resource ID where there is no name, and shortens long names', async () => {
      const key = await enabled();
      await panel.scim('get', '/Users/nobody-has-this-id', key);
      await panel.scim('post', '/Users', key, user('long@example.com', { displayName: 'y'.repeat(10_000) }));
      await waitForEntries(2);
      const { text } = await panel.get('/log');
      expect(text).toContain('<code class="who">nobody-has-this-id</code>');
      const label = /<bdi>(y+…)<\/bdi>/.exec(text)?.[1] ?? '';
      expect(label).toHaveLength(300);
      expect(text).toContain('<dt>Connection</dt>');
    });

    it('explains a deactivation that massDeactivationBreaker holds', async () => {
      const holds = memoryHoldStore();
      const beforeChange = massDeactivationBreaker({ count: () => 1, minimum: 0, share: 0.1, holds });
      const key = await enabled({ router: { beforeChange } });
      const created = await panel.scim('post', '/Users', key, user('ada@example.com'));
      const off = patch({ op: 'replace', path: 'active', value: false });
      const held = await panel.scim('patch', `/Users/${(created.body as { id: string }).id}`, key, off);
      expect(held.status).toBe(503);
      await waitForEntries(2);
      expect((await panel.get('/')).text).toContain('Approve or refuse it under Conflicts.');
    });

    it('explains that provisioning is disabled', async () => {
      const key = await enabled();
      await panel.post('/status', { enabled: 'false' });
      expect((await panel.scim('get', '/Users', key)).status).toBe(403);
      await waitForEntries(1);
      expect((await panel.get('/')).text).toContain('Enable it under Status.');
    });

    it('explains errors under Health', async () => {
      const key = await enabled();
      expect((await panel.get('/')).text).toContain('No request received yet');
      await panel.scim('post', '/Users', key, user('ada@example.com'));
      await panel.scim('post', '/Users', key, user('ada@example.com'));
      await waitForEntries(2);
      const { text } = await panel.get('/');
      expect(text).toContain('The identity provider is creating a user whose userName');
      expect(text).toContain('2 requests in the last 24 hours, 1 with errors');
      expect((await panel.get('/api/health')).body).toMatchObject({
        lastError: { status: 409, scimType: 'uniqueness' },
      });
    });
  });

  describe('conflicts', () => {
    const waiting = async (kind: 'adopt' | 'mass-deactivation' = 'adopt') => {
      const conflicts = memoryConflictStore();
      const { id } = await conflicts.add({
        ...{ tenant: 'default', kind, fingerprint: 'f', summary: 'Several accounts fit.' },
        candidates: kind === 'adopt' ? [{ id: 'u1', label: 'Grace <b>Hopper</b>' }] : [],
        resource: { userName: 'grace@example.com' },
      });
      await start({ admin: { conflicts } });
      return { conflicts, id };
    };

    it('are decided only once', async () => {
      const { conflicts, id } = await waiting();
      const { text } = await panel.get('/conflicts');
      expect(text).toContain('Grace &lt;b>Hopper&lt;/b>');
      expect((await panel.get('/')).text).toContain('One conflict needs your decision');
      expect((await panel.post(`/conflicts/${id}`, { choice: 'link:u9' })).status).toBe(400);
      expect((await panel.post(`/conflicts/${id}`, { choice: 'approve' })).status).toBe(400);
      expect((await panel.post(`/conflicts/${id}`, { choice: '' })).status).toBe(400);
      expect((await panel.post(`/conflicts/${id}`, { choice: 'link:u1' })).status).toBe(303);
      expect(await conflicts.find('default', 'f')).toMatchObject({
        decision: { action: 'link', id: 'u1', by: manager.user },
      });
      expect((await panel.post(`/conflicts/${id}`, { choice: 'refuse' })).status).toBe(409);
      expect((await panel.get('/conflicts')).text).toContain('Linked with');
    });

    it('are hidden without access to personal data', async () => {
      const { conflicts, id } = await waiting();
      const { text } = await panel.get('/conflicts', as('discreet'));
      expect(text).not.toMatch(/Grace|grace@/);
      expect((await panel.get('/api/conflicts', as('discreet'))).text).not.toMatch(/Grace|grace@/);
      expect((await panel.post(`/conflicts/${id}`, { choice: 'refuse' }, as('discreet'))).status).toBe(403);
      expect((await conflicts.find('default', 'f'))?.decision).toBeUndefined();
    });

    it('let an administrator approve a mass deactivation', async () => {
      const { conflicts, id } = await waiting('mass-deactivation');
      expect((await panel.post(`/api/conflicts/${id}`, { choice: 'approve' })).body).toEqual({ id, settled: true });
      expect((await conflicts.find('default', 'f'))?.decision?.action).toBe('approve');
    });

    it('let an administrator without access to personal data decide about a mass deactivation', async () => {
      const { conflicts, id } = await waiting('mass-deactivation');
      const { text } = await panel.get('/conflicts', as('discreet'));
      expect(text).toContain('value="approve"');
      expect(text).toContain('/log?outcome=failed');
      expect(text).not.toContain('grace@');
      expect((await panel.post(`/conflicts/${id}`, { choice: 'refuse' }, as('discreet'))).status).toBe(303);
      expect((await conflicts.find('default', 'f'))?.decision?.action).toBe('refuse');
    });
  });

  it('shows the mapping', async () => {
    await start({ admin: { mapping: [{ attribute: 'userName', target: 'members.email', direction: 'read' }] } });
    expect((await panel.get('/mapping')).text).toMatch(/userName<\/code>.*members\.email.*reads it/);
  });
});

describe('options of createScimAdmin', () => {
  const valid = {
    connections: memoryConnectionStore(),
    log: memoryLogStore(),
    authorize: () => manager,
    baseUrl: 'https://app.example.com/scim/v2',
  };
  it.each([
    [{}, /connections is required; log is required; authorize is required; baseUrl is required/],
    [{ ...valid, nosuch: 1 }, /there is no option "nosuch"/],
    [{ ...valid, baseUrl: 'https://app.example.com/scim/v2/' }, /without a trailing slash/],
    [{ ...valid, baseUrl: 'javascript:alert(1)' }, /absolute URL/],
    [{ ...valid, secret: 'short' }, /32 bytes/],
    [{ ...valid, authorize: true }, /authorize must be a function/],
  ])('names the invalid options of case %#', (options, message) => {
    expect(() => createScimAdmin(options as never)).toThrow(message);
  });
});
