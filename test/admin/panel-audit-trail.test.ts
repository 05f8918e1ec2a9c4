import { describe, expect, it } from '@jest/globals';
import { memoryConnectionStore } from '../../src/admin/index.js';
import { type AuditTrailStore, memoryAuditTrailStore, memoryConflictStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { as, manager, type PanelOptions } from './panel.js';
import { panelStarter } from './panel-starter.js';

describe.each(expresses)('the panel on %s', (_, make) => {
  const start = panelStarter(make);

  describe('keeps an audit trail', () => {
    const startWithTrail = async (more: PanelOptions['admin'] = {}) => {
      const trail = memoryAuditTrailStore();
      return { trail, panel: await start({ admin: { auditTrail: trail, ...more } }) };
    };
    const actions = async (trail: AuditTrailStore) =>
      (await trail.list('default', { limit: 200 })).map(({ action, outcome }) => `${action} ${outcome}`).reverse();

    it('of every change, with who made it, and without any secret', async () => {
      const conflicts = memoryConflictStore();
      const { trail, panel } = await startWithTrail({ conflicts });
      await panel.post('/status', { enabled: 'true' });
      await panel.post('/provider', { provider: 'okta' });
      const { id, key } = await panel.key({ name: 'Okta <production>' });
      const rotated = (await panel.post(`/api/keys/${id}/rotate`, { hours: '1' })).body as { id: string; key: string };
      await panel.post(`/keys/${rotated.id}/revoke`, {}, as('other'));
      const conflict = await conflicts.add({
        ...{
          tenant: 'default',
          kind: 'adopt',
          fingerprint: 'f',
          candidates: [{ id: 'u1', label: 'Ada' }],
          summary: 's',
        },
      });
      await panel.post(`/conflicts/${conflict.id}`, { choice: 'link:u1' });
      await panel.post('/status', { enabled: 'false' });
      const entries = [...(await trail.list('default', { limit: 200 }))].reverse();
      expect(entries.map(({ action, by, subjects }) => [action, by, subjects])).toEqual([
        ['connection.enabled', manager.user, {}],
        ['connection.provider', manager.user, { provider: 'okta' }],
        ['key.created', manager.user, { key: id, name: 'Okta <production>', scope: 'everything', days: '365' }],
        ['key.rotated', manager.user, { key: rotated.id, name: 'Okta <production>', old: id, hours: '1' }],
        ['key.revoked', 'eve@host.example', { key: rotated.id, name: 'Okta <production>' }],
        ['conflict.settled', manager.user, { conflict: conflict.id, decision: 'link', account: 'u1' }],
        ['connection.disabled', manager.user, {}],
      ]);
      expect(entries.every(({ outcome, connection }) => outcome === 'requested' && connection === 'default')).toBe(
        true,
      );
      for (const each of [key, rotated.key]) {
        expect(JSON.stringify(entries)).not.toContain(each.slice(-60));
        expect((await panel.get('/audit-trail')).text).not.toContain(each.slice(-60));
      }
    });

    it('in words, with the names of what was changed', async () => {
      const conflicts = memoryConflictStore();
      const { panel } = await startWithTrail({ conflicts });
      // The day of the end of a key, whether midnight comes before or after its creation.
      const inOneYear = (): string => new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
      const firstDay = inOneYear();
      await panel.post('/provider', { provider: 'okta' });
      const { id } = await panel.key({ name: 'Okta', networks: '192.0.2.0/24\n198.51.100.7' });
      const rotated = (await panel.post(`/api/keys/${id}/rotate`, { hours: '1' })).body as { id: string };
      await panel.post(`/keys/${rotated.id}/revoke`);
      await panel.post('/networks', { networks: '192.0.2.0/24' });
      await panel.post('/networks', { networks: '' });
      const conflict = await conflicts.add({
        ...{ tenant: 'default', kind: 'adopt', fingerprint: 'f', summary: 's' },
        ...{ candidates: [{ id: 'm5', label: 'Sam Ortiz' }], resource: { userName: 'sam@example.com' } },
      });
      await panel.post(`/conflicts/${conflict.id}`, { choice: 'link:m5' });
      const { text } = await panel.get('/audit-trail');
      for (const words of [
        'Chose Okta as the identity provider',
        `Created the key Okta (scim_${id.slice(0, 8)}…)`,
        `Access: everything. Expires on ${text.includes(firstDay) ? firstDay : inOneYear()}. Allowed networks: 192.0.2.0/24, 198.51.100.7.`,
        `Rotated the key Okta (scim_${id.slice(0, 8)}…)`,
        `New key: scim_${rotated.id.slice(0, 8)}…. The old key stayed valid for 1 hour.`,
        `Revoked the key Okta (scim_${rotated.id.slice(0, 8)}…)`,
        'Allowed networks: 192.0.2.0/24.',
        'Allowed requests from every address',
        'Linked sam@example.com with Sam Ortiz',
      ]) {
        expect(text).toContain(words);
      }
      expect(text).not.toContain(conflict.id);
      const discreet = (await panel.get('/audit-trail', as('discreet'))).text;
      expect(discreet).toContain('Linked a new user with an existing account');
      expect(discreet).not.toMatch(/sam@|Sam Ortiz/);
    });

    it('of a change that was refused after all', async () => {
      const { trail, panel } = await startWithTrail({ conflicts: memoryConflictStore() });
      expect((await panel.post('/conflicts/none', { choice: 'refuse' })).status).toBe(409);
      expect(await actions(trail)).toEqual(['conflict.settled requested', 'conflict.settled refused']);
    });

    it('of a change that failed', async () => {
      const connections = memoryConnectionStore();
      const trail = memoryAuditTrailStore();
      const panel = await start({ connections, admin: { auditTrail: trail } });
      connections.update = () => Promise.reject(new Error('down'));
      expect((await panel.post('/status', { enabled: 'true' })).status).toBe(500);
      expect(await actions(trail)).toEqual(['connection.enabled requested', 'connection.enabled failed']);
    });

    it('and changes nothing where that cannot be written', async () => {
      const trail = { ...memoryAuditTrailStore(), append: () => Promise.reject(new Error('down')) };
      const panel = await start({ admin: { auditTrail: trail } });
      for (const [path, fields] of [
        ['/status', { enabled: 'true' }],
        ['/provider', { provider: 'okta' }],
        ['/keys', { name: 'x', scope: 'read', days: '30' }],
      ] as const) {
        expect((await panel.post(path, fields)).status).toBe(500);
      }
      expect(await panel.connections.get('default', 'default')).toBeUndefined();
    });

    it('that records nothing of what is invalid or forbidden', async () => {
      const { trail, panel } = await startWithTrail();
      await panel.post('/keys', { name: '', scope: 'read', days: '30' });
      await panel.post('/status', { enabled: 'perhaps' });
      await panel.post('/status', { enabled: 'true' }, as('viewer'));
      expect(await actions(trail)).toEqual([]);
    });

    it('that is shown in pages, as a page and as JSON', async () => {
      const { panel } = await startWithTrail();
      for (let n = 0; n < 60; n++) await panel.post('/status', { enabled: String(n % 2 === 0) });
      const { body } = await panel.get('/api/audit-trail?limit=7');
      const { entries, older } = body as { entries: { id: string; action: string }[]; older: string };
      expect(entries).toHaveLength(7);
      expect(older).toBe(entries.at(-1)?.id);
      const next = (await panel.get(`/api/audit-trail?limit=200&before=${older}`)).body as { entries: unknown[] };
      expect(next.entries).toHaveLength(53);
      expect(next).not.toHaveProperty('older');
      const { text } = await panel.get('/audit-trail', as('viewer'));
      expect(text).toContain('Enabled provisioning');
      expect(text).toContain('Older entries');
      const [, before = ''] = /before=([0-9a-z]+)/.exec(text) ?? [];
      expect((await panel.get(`/audit-trail?before=${before}`)).text).not.toContain('Older entries');
    });

    it('that is not shown of another tenant or connection', async () => {
      const trail = memoryAuditTrailStore();
      const panel = await start({
        admin: {
          auditTrail: trail,
          connectionOf: (req) => JSON.parse(String(req.headers['x-connection'] ?? '{"tenant":"a"}')) as never,
        },
      });
      await panel.post('/status', { enabled: 'true' });
      const counted = async (connection: object) => {
        const { body } = await panel.get('/api/audit-trail', { 'x-connection': JSON.stringify(connection) });
        return (body as { entries: unknown[] }).entries.length;
      };
      expect(await counted({ tenant: 'a' })).toBe(1);
      expect(await counted({ tenant: 'b' })).toBe(0);
      expect(await counted({ tenant: 'a', id: 'second' })).toBe(0);
    });

    it('that hides which account a user was linked with from administrators without access to personal data', async () => {
      const { trail, panel } = await startWithTrail();
      await trail.append({
        ...{
          id: 'x',
          time: new Date(),
          tenant: 'default',
          connection: 'default',
          by: 'ada',
          action: 'conflict.settled',
        },
        ...{ subjects: { conflict: 'c1', account: 'u1-of-ada' }, outcome: 'requested' },
      });
      for (const path of ['/audit-trail', '/api/audit-trail']) {
        expect((await panel.get(path)).text).toContain('u1-of-ada');
        expect((await panel.get(path, as('discreet'))).text).not.toContain('u1-of-ada');
      }
    });

    it.each(['limit=0', 'limit=201', 'limit=x', 'limit=-1', 'before=%00', 'before=A', `before=${'x'.repeat(65)}`])(
      'whose query %s is refused',
      async (query) => {
        const { panel } = await startWithTrail();
        expect((await panel.get(`/api/audit-trail?${query}`)).status).toBe(400);
      },
    );

    it('only where the app has one', async () => {
      const panel = await start();
      expect((await panel.get('/audit-trail')).status).toBe(404);
      expect((await panel.get('/')).text).not.toContain('Audit trail');
    });
  });
});
