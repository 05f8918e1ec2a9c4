import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  createScimAdmin,
  memoryConnectionStore,
  memorySetupLinkStore,
  type SetupLink,
  setupLinks,
  type SetupLinksOptions,
} from '../../src/admin/index.js';
import { memoryAuditTrailStore, memoryConflictStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { as, manager, type PanelOptions } from './panel.js';
import { panelStarter } from './panel-starter.js';

const secret = 'a secret of the app with 32 bytes or more';
const setupMount = '/provisioning-setup';

describe.each(expresses)('the panel on %s', (_, make) => {
  const start = panelStarter(make);

  describe('has set-up links', () => {
    const startWithLinks = async (more: PanelOptions['admin'] = {}, options: Partial<SetupLinksOptions> = {}) => {
      const store = memorySetupLinkStore();
      const trail = memoryAuditTrailStore();
      const links = setupLinks({ secret, store, url: `https://app.example${setupMount}`, ...options });
      const admin = { setupLinks: links, auditTrail: trail, conflicts: memoryConflictStore(), ...more };
      const connections = memoryConnectionStore();
      const panel = await start({ connections, admin });
      // The panel once more, where nobody is signed in.
      panel.app.use(
        setupMount,
        createScimAdmin({
          ...{ connections, log: panel.log, baseUrl: panel.baseUrl, authorize: () => undefined },
          ...admin,
        }),
      );
      const origin = panel.baseUrl.replace('/scim/v2', '');
      const open = (code: string, headers: Record<string, string> = {}) =>
        request(origin)
          .post(`${setupMount}/setup`)
          .set({ 'sec-fetch-site': 'same-origin', ...headers })
          .type('form')
          .send({ code });
      const visit = (path: string, cookie = '', method: 'get' | 'post' = 'get') =>
        request(origin)
          [method](setupMount + path)
          .set({ cookie, 'sec-fetch-site': 'same-origin' });
      const create = async (link: Partial<Parameters<typeof links.create>[0]> = {}) => {
        const { url, id } = await links.create({ tenant: 'acme', connection: 'main', by: 'ada', hours: 24, ...link });
        return { id, url, code: url.slice(url.indexOf('#') + 1) };
      };
      /** Opens a link, and returns the cookie. */
      const session = async (link: Parameters<typeof create>[0] = {}): Promise<string> => {
        const { headers } = await open((await create(link)).code);
        return String(headers['set-cookie']).split(';')[0] ?? '';
      };
      return { panel, store, trail, links, open, visit, create, session };
    };

    it('that a manager creates, and that are shown once', async () => {
      const { panel, trail, store } = await startWithLinks();
      expect((await panel.get('/')).text).toContain('Create link');
      const { text } = await panel.post('/setup-links', { hours: '72' });
      const [, code = ''] = /provisioning-setup\/setup#([\w.-]+)/.exec(text) ?? [];
      expect(code).not.toBe('');
      const [stored] = await store.list('default', 'default', 9);
      expect(stored?.createdBy).toBe(manager.user);
      expect((stored?.expiresAt.getTime() ?? 0) - (stored?.createdAt.getTime() ?? 0)).toBe(72 * 3_600_000);
      for (const path of ['/', '/api/setup-links', '/audit-trail']) {
        expect((await panel.get(path)).text).not.toContain(code.slice(0, 20));
      }
      expect(JSON.stringify([stored, await trail.list('default', { limit: 9 })])).not.toContain(code.slice(-20));
      expect((await panel.post('/setup-links', { hours: '72' }, as('viewer'))).status).toBe(403);
      for (const hours of ['', '0', '1', '1e9']) expect((await panel.post('/setup-links', { hours })).status).toBe(400);
    });

    it('that give access to the pages of one connection', async () => {
      const { panel, session, visit, trail } = await startWithLinks();
      const cookie = await session();
      expect((await visit('/')).status).toBe(403);
      const { body } = await visit('/api/connection', cookie);
      expect(body).toMatchObject({ tenant: 'acme', id: 'main', enabled: false });
      const { csrfToken } = body as { csrfToken: string };
      const post = (path: string, fields: object) =>
        visit(path, cookie, 'post')
          .type('form')
          .send({ csrf: csrfToken, ...fields });
      expect((await post('/status', { enabled: 'true' })).status).toBe(303);
      const created = await post('/api/keys', { name: 'Okta', scope: 'everything', days: '90' });
      expect(created.status).toBe(201);
      const { key } = created.body as { key: string };
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
      const by = (await trail.list('acme', { limit: 9 })).map((entry) => entry.by.slice(0, 11));
      expect(by).toEqual(['Set-up link', 'Set-up link', 'Set-up link']);
      const { text } = await visit('/', cookie);
      expect(text).toContain('Connector keys');
      for (const hidden of ['Audit trail', 'Conflicts', 'Mapping', 'Settings<', 'End this connection']) {
        expect(text).not.toContain(hidden);
      }
    });

    it('that give access to nothing else', async () => {
      const { panel, session, visit } = await startWithLinks();
      const cookie = await session();
      const { csrfToken: csrf } = (await visit('/api/connection', cookie)).body as { csrfToken: string };
      for (const path of ['/conflicts', '/mapping', '/audit-trail', '/end', '/api/conflicts', '/api/setup-links']) {
        expect([path, (await visit(path, cookie)).status]).toEqual([path, 403]);
      }
      for (const path of ['/setup-links', '/setup-links/revoke', '/end', '/conflicts/x', '/api/end']) {
        const { status } = await visit(path, cookie, 'post').type('form').send({ csrf, hours: '24', users: 'keep' });
        expect([path, status]).toEqual([path, 403]);
      }
      await panel.log.append([
        {
          ...{ id: '1', time: new Date(), tenant: 'acme', connection: 'other', requestId: 'r', outcome: 'succeeded' },
          ...{ status: 200, milliseconds: 1, quirks: [], changes: [] },
        },
      ]);
      expect((await visit('/log/1', cookie)).status).toBe(404);
    });

    it('whose cookie is not readable by scripts, ends, and is sent to these pages only', async () => {
      const { open, create, panel } = await startWithLinks();
      const response = await open((await create()).code);
      expect([response.status, response.headers['location']]).toEqual([303, `${setupMount}/`]);
      const [cookie = ''] = response.headers['set-cookie'] as unknown as string[];
      expect(cookie).toMatch(
        /^scim_setup=[\w.-]+; Path=\/provisioning-setup; Max-Age=3600; HttpOnly; SameSite=Strict$/,
      );
      panel.app.set('trust proxy', true);
      const secure = await open((await create()).code, { 'x-forwarded-proto': 'https' });
      expect(String(secure.headers['set-cookie'])).toMatch(/; Secure$/);
    });

    it('that work once: not by opening the page, but by submitting it', async () => {
      const { visit, open, create, store, trail } = await startWithLinks();
      const { code, id, url } = await create();
      const page = await visit('/setup');
      expect(page.status).toBe(200);
      expect(page.headers['referrer-policy']).toBe('same-origin');
      expect(page.headers['cache-control']).toBe('no-store');
      expect((await store.get('acme', id))?.usedAt).toBeUndefined();
      // The whole link, as it is pasted without scripts.
      const responses = await Promise.all(Array.from({ length: 10 }, () => open(` ${url} `)));
      expect(responses.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(410)]);
      const again = await open(code);
      expect([again.status, again.text]).toEqual([410, expect.stringContaining('has already been used')]);
      expect(again.headers).not.toHaveProperty('set-cookie');
      expect(again.text).not.toContain(code);
      expect((await trail.list('acme', { limit: 1 }))[0]).toMatchObject({
        ...{ action: 'setup-link.used', outcome: 'refused', subjects: { link: id, problem: 'used' } },
      });
    });

    it('that are refused when they are altered', async () => {
      const { open, create, store, trail } = await startWithLinks();
      const { code, id } = await create();
      const [payload = '', signature = ''] = code.split('.');
      const other = Buffer.from(JSON.stringify(['other', id, Date.now() * 2])).toString('base64url');
      const altered = [
        ...['', '.', payload, `${payload}.`, `${other}.${signature}`, `${code}x`, `${code}.x`, code.slice(0, -1)],
        ...[`${payload}.${'A'.repeat(43)}`, `${payload}.${signature}=`, 'x'.repeat(3_000), '\0', code.toUpperCase()],
      ];
      for (const each of altered) {
        const { status, text } = await open(each);
        expect([each, status, text]).toEqual([each, 403, expect.stringContaining('is not valid')]);
      }
      expect((await store.get('acme', id))?.usedAt).toBeUndefined();
      expect(await trail.list('acme', { limit: 9 })).toEqual([]);
      expect((await open(code)).status).toBe(303);
    });

    it('that are refused when they are expired, revoked, or for another tenant', async () => {
      let now = Date.now();
      const { open, create, links } = await startWithLinks(
        { setupTenantOf: (req) => req.headers['x-tenant'] as string | undefined },
        { clock: () => now },
      );
      const { code } = await create({ hours: 1 });
      const foreign = await open(code, { 'x-tenant': 'other' });
      expect([foreign.status, foreign.text]).toEqual([403, expect.stringContaining('another organization')]);
      now += 3_600_000;
      const expired = await open(code, { 'x-tenant': 'acme' });
      expect([expired.status, expired.text]).toEqual([410, expect.stringContaining('has expired')]);
      const second = await create();
      await links.revoke('acme', 'main');
      const revoked = await open(second.code);
      expect([revoked.status, revoked.text]).toEqual([410, expect.stringContaining('has been revoked')]);
    });

    it('that stay unused where the audit trail cannot be written', async () => {
      const trail = memoryAuditTrailStore();
      const { open, create, store } = await startWithLinks({
        auditTrail: { ...trail, append: () => Promise.reject(new Error('down')) },
      });
      const { code, id } = await create();
      const response = await open(code);
      expect(response.status).toBe(500);
      expect(response.headers).not.toHaveProperty('set-cookie');
      expect((await store.get('acme', id))?.usedAt).toBeUndefined();
    });

    it('whose session ends when its time is over, when the link is revoked, and for an altered cookie', async () => {
      let now = Date.now();
      const { session, visit, links, create } = await startWithLinks({}, { clock: () => now, sessionMinutes: 5 });
      const cookie = await session();
      const { code } = await create();
      for (const wrong of [`${cookie}x`, cookie.slice(0, -1), `scim_setup=${code}`, 'scim_setup=', 'scim_setup']) {
        expect([wrong, (await visit('/api/connection', wrong)).status]).toEqual([wrong, 403]);
      }
      expect((await visit('/api/connection', cookie)).status).toBe(200);
      now += 300_000;
      expect((await visit('/api/connection', cookie)).status).toBe(403);
      const second = await session();
      expect((await visit('/api/connection', second)).status).toBe(200);
      await links.revoke('acme', 'main');
      expect((await visit('/api/connection', second)).status).toBe(403);
    });

    it('whose session is no session of another connection', async () => {
      const { session, visit } = await startWithLinks();
      const [mine, theirs] = [await session(), await session({ tenant: 'other' })];
      const { csrfToken: csrf } = (await visit('/api/connection', theirs)).body as { csrfToken: string };
      const { status } = await visit('/status', mine, 'post').type('form').send({ csrf, enabled: 'true' });
      expect(status).toBe(403);
    });

    it('that are not opened by a form of another site', async () => {
      const { open, create, store } = await startWithLinks();
      const { code, id } = await create();
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
        expect((await open(code, headers)).status).toBe(403);
      }
      expect((await store.get('acme', id))?.usedAt).toBeUndefined();
    });

    it('that are accepted after the secret was rotated, until the old secret is removed', async () => {
      const next = 'the next secret of the app, of 32 bytes or more';
      const { create, store } = await startWithLinks();
      const [first, second] = [await create(), await create()];
      const url = `https://app.example${setupMount}`;
      const opened = await setupLinks({ secret: [next, secret], store, url }).open(first.code);
      expect(opened.problem).toBeUndefined();
      expect(await setupLinks({ secret: next, store, url }).open(second.code)).toEqual({ problem: 'invalid' });
    });

    it('only where the app offers them', async () => {
      const panel = await start();
      expect((await panel.get('/setup')).status).toBe(404);
      expect((await panel.post('/setup-links', { hours: '24' })).status).toBe(404);
      expect((await panel.get('/')).text).not.toContain('Set-up link');
      expect((await panel.get('/', { cookie: 'scim_setup=x' })).status).toBe(200);
    });

    it('that arrive in a form only', async () => {
      const { create, visit } = await startWithLinks();
      const { code } = await create();
      const { status } = await visit('/setup', '', 'post').type('text/plain').send(code);
      expect(status).toBe(415);
    });
  });
});

describe('the options of set-up links', () => {
  const store = memorySetupLinkStore();
  const url = 'https://app.example/setup';
  it.each([
    [{ secret: 'short' }],
    [{ secret: [] }],
    [{ secret: [secret, 'short'] }],
    [{ secret: undefined }],
    [{ store: undefined }],
    [{ url: '/setup' }],
    [{ url: `${url}/` }],
    [{ url: `${url}#x` }],
    [{ sessionMinutes: 0 }],
    [{ sessionMinutes: 1.5 }],
  ])('are checked: %j', (wrong) => {
    expect(() => setupLinks({ secret, store, url, ...wrong } as never)).toThrow(TypeError);
  });

  it.each([[{ tenant: '' }], [{ tenant: 'x'.repeat(101) }], [{ connection: '' }], [{ hours: 0 }], [{ hours: 721 }]])(
    'are checked for a link: %j',
    async (wrong) => {
      const links = setupLinks({ secret, store, url });
      const link = { tenant: 'a', connection: 'main', by: 'ada', hours: 1, ...wrong };
      await expect(links.create(link)).rejects.toThrow(TypeError);
    },
  );

  it('do not include a link that was used where its row says so', async () => {
    const link: SetupLink = {
      ...{ id: 'l', tenant: 'a', connection: 'main', name: '', createdBy: 'ada' },
      ...{ createdAt: new Date(0), expiresAt: new Date(9) },
    };
    await store.add(link);
    expect(await store.use('a', 'l', new Date(9))).toBe(false);
    expect(await store.use('b', 'l', new Date(8))).toBe(false);
    expect(await store.use('a', 'l', new Date(8))).toBe(true);
    expect(await store.use('a', 'l', new Date(8))).toBe(false);
  });
});
