import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { createScimAdmin, type MappingRow, memoryConnectionStore, memoryLogStore } from '../../src/admin/index.js';
import { expresses } from '../http/app.js';
import { as, manager, mount, type Panel, panelOfTests, patch, user } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('the settings panel on %s', (_, make) => {
  const { start, enabled, waitForEntries } = panelOfTests(make, (started) => (panel = started));

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
      for (const path of [
        '/status',
        '/provider',
        '/networks',
        '/keys',
        '/test',
        '/api/status',
        '/api/networks',
        '/api/keys',
      ]) {
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
      expect(text).toContain('Okta deviates from the SCIM standard in');
      await panel.post('/provider', { provider: 'other' });
      expect((await panel.get('/')).text).not.toContain('deviates from the SCIM standard');
    });
  });

  it('shows the mapping with the names of the identity provider, by resource type', async () => {
    const mapping: readonly MappingRow[] = [
      { attribute: 'userName', target: 'Email', direction: 'read' },
      { attribute: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value', target: 'Manager' },
      { attribute: 'phoneNumbers[type eq "work"].value', target: 'Phone' },
      { attribute: 'nickName', target: 'Nickname' },
      { resourceType: 'Group', attribute: 'members', target: 'Members of the team' },
    ];
    await start({ admin: { mapping } });
    const before = (await panel.get('/mapping')).text;
    expect(before).toMatch(/userName<\/code>.*Email.*only reads it/);
    expect(before).not.toMatch(/changes it|In Microsoft Entra ID/);
    await panel.post('/provider', { provider: 'entra' });
    const { text } = await panel.get('/mapping');
    for (const [source, attribute] of [
      ['userPrincipalName', 'userName'],
      ['manager', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value'],
      ['telephoneNumber', 'phoneNumbers[type eq "work"].value'],
      ['your choice', 'nickName'],
      ['members', 'members'],
    ] as const) {
      expect(text).toContain(
        `<td data-label="In Microsoft Entra ID">${source}</td><th scope="row"><code>${attribute.replaceAll('"', '&quot;')}</code></th>`,
      );
    }
    expect(text).toContain('<h3>Groups</h3>');
  });

  it('links to the guide of the app, and to nothing that is no page', async () => {
    const guideOf = (provider: string): string | undefined =>
      ({
        entra: 'https://help.example/scim/entra',
        okta: '/help/okta',
        ping: 'javascript:alert(1)',
        google: '//x.example',
      })[provider];
    await start({ admin: { guideOf } });
    const links = async (provider: string) => {
      await panel.post('/provider', { provider });
      return /<a href="([^"]*)" target="_blank" rel="noopener">The whole guide/.exec((await panel.get('/')).text)?.[1];
    };
    expect(await links('entra')).toBe('https://help.example/scim/entra');
    expect(await links('okta')).toBe('/help/okta');
    for (const provider of ['ping', 'google', 'other']) expect(await links(provider)).toBeUndefined();
  });

  it('begins with the status and the health, then what to enter: first the identity provider', async () => {
    await start();
    const { text } = await panel.get('/');
    const places = ['id="status"', 'id="health"', 'id="connector"', 'for="provider"', 'id="base-url"', 'id="keys"'];
    const found = places.map((place) => text.indexOf(place));
    expect(found.every((place) => place >= 0)).toBe(true);
    expect(found).toEqual([...found].sort((a, b) => a - b));
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
