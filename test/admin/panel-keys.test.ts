import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { expresses } from '../http/app.js';
import { as, mount, type Panel, panelOfTests, until } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('connections and keys in the settings panel on %s', (_, make) => {
  const { start, enabled, waitForEntries } = panelOfTests(make, (started) => (panel = started));

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

    const valid = { name: 'x', scope: 'read', days: '30' };
    it.each([
      [{ name: '' }],
      [{ name: 'x'.repeat(81) }],
      [{ name: 'a\u202eb' }],
      [{ scope: 'toString' }],
      [{ scope: '' }],
      [{ days: '100000' }],
      [{ days: '' }],
      [{ networks: '10.0.0.0/33' }],
      [{ networks: '10.0.0.0/8, localhost' }],
      [{ days: ' 0' }],
    ])('are not created from invalid fields: %j', async (fields) => {
      await start();
      expect((await panel.post('/keys', { ...valid, ...fields })).status).toBe(400);
      expect((await panel.post('/keys', valid)).status).toBe(200);
    });

    it.each([
      [{ name: 'x' }, 'scope is everything, users or read'],
      [{ name: 'x', scope: 'read' }, 'days is 30, 90, 180, 365 or 0'],
    ])('are not created unless rights and lifetime are stated: %j', async (fields, message) => {
      await start();
      const response = await panel.post('/api/keys', fields);
      expect([response.status, response.text]).toEqual([400, expect.stringContaining(message)]);
      expect(await panel.connections.get('default', 'default')).toBeUndefined();
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

    it('can be bound to networks, which a rotation keeps', async () => {
      await start();
      await panel.post('/status', { enabled: 'true' });
      const networks = ' 203.0.113.0/24,\n\n2001:db8::/32 ';
      const away = await panel.key({ name: 'Away', networks });
      const near = await panel.key({ name: 'Near', networks: '127.0.0.0/8 ::1' });
      expect((await panel.scim('get', '/Users', away.key)).status).toBe(401);
      expect((await panel.scim('get', '/Users', near.key)).status).toBe(200);
      const { keys = [] } = (await panel.connections.get('default', 'default')) ?? {};
      expect(keys.map((key) => key.networks)).toEqual([
        ['203.0.113.0/24', '2001:db8::/32'],
        ['127.0.0.0/8', '::1'],
      ]);
      expect((await panel.get('/')).text).toContain('<dt>Networks</dt><dd>203.0.113.0/24, 2001:db8::/32</dd>');
      const made = (await panel.post(`/api/keys/${away.id}/rotate`)).body as { key: string };
      expect((await panel.scim('get', '/Users', made.key)).status).toBe(401);
    });

    it('accept networks as a list in JSON, and nothing that could be left out', async () => {
      await start();
      const json = async (networks: unknown): Promise<number> => {
        const body = { ...valid, networks, csrf: await panel.token() };
        const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
        return (
          await fetch(`${panel.baseUrl.replace('/scim/v2', mount)}/api/keys`, {
            ...{ method: 'POST', headers, body: JSON.stringify(body) },
          })
        ).status;
      };
      expect(await json(['10.0.0.0/8', '192.0.2.1'])).toBe(201);
      const { keys = [] } = (await panel.connections.get('default', 'default')) ?? {};
      expect(keys[0]?.networks).toEqual(['10.0.0.0/8', '192.0.2.1']);
      for (const wrong of [{ 0: '10.0.0.0/8' }, [10], [['10.0.0.0/8']], ['10.0.0.0/99'], 'anywhere', 7]) {
        expect(await json(wrong)).toBe(400);
      }
      expect(await json(Array.from({ length: 101 }, () => '10.0.0.0/8'))).toBe(400);
    });

    it('are refused outside of the networks of their connection, which the connection test is not', async () => {
      const key = await enabled();
      await panel.connections.update('default', 'default', { networks: ['203.0.113.0/24'] });
      expect((await panel.scim('get', '/Users', key)).status).toBe(401);
      expect((await panel.post('/test')).text).toContain('The connection works.');
      const both = await panel.key({ networks: '127.0.0.1' });
      expect((await panel.scim('get', '/Users', both.key)).status).toBe(401);
      await panel.connections.update('default', 'default', { networks: ['127.0.0.0/8'] });
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
      expect((await panel.scim('get', '/Users', both.key)).status).toBe(200);
      await panel.connections.update('default', 'default', { networks: null });
      expect((await panel.scim('get', '/Users', both.key)).status).toBe(200);
    });

    it('are bound to the networks of their connection in the panel', async () => {
      const key = await enabled();
      expect((await panel.get('/')).text).toContain('Allowed networks of all keys: Every address');
      expect((await panel.post('/networks', { networks: '203.0.113.0/24\n2001:db8::/32' })).status).toBe(303);
      expect((await panel.scim('get', '/Users', key)).status).toBe(401);
      const { text } = await panel.get('/');
      expect(text).toContain('Allowed networks of all keys: 203.0.113.0/24, 2001:db8::/32');
      expect(text).toContain('>203.0.113.0/24\n2001:db8::/32</textarea>');
      expect((await panel.get('/api/connection')).body).toMatchObject({
        networks: ['203.0.113.0/24', '2001:db8::/32'],
      });
      for (const wrong of [{}, { networks: '10.0.0.0/33' }, { networks: 'anywhere' }]) {
        expect((await panel.post('/api/networks', wrong)).status).toBe(400);
      }
      expect((await panel.post('/networks', { networks: '' }, as('viewer'))).status).toBe(403);
      expect((await panel.scim('get', '/Users', key)).status).toBe(401);
      expect((await panel.post('/api/networks', { networks: ' ' })).status).toBe(200);
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
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
      expect(entries[0]?.detail).toMatch(/^The key Provider \([0-9a-f]{8}…\) was revoked on .* UTC\.$/);
      expect((await panel.get('/')).text).toContain('uses the key Provider, which was revoked.');
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
});
