import { describe, expect, it } from '@jest/globals';
import {
  accessRights,
  type AuditTrailStore,
  memoryAuditTrailStore,
  memoryRightsJobStore,
  memoryRoleMappings,
  roleMappingAdministration,
} from '../../src/lifecycle/index.js';
import { MemoryStore } from '../../src/index.js';
import { expresses } from '../http/app.js';
import { as, manager, mount, type PanelOptions, user } from './panel.js';
import { panelStarter } from './panel-starter.js';

describe.each(expresses)('the page of roles on %s', (_, make) => {
  const start = panelStarter(make);

  const startWithRoles = async (more: PanelOptions['admin'] = {}) => {
    const store = new MemoryStore();
    const mappings = memoryRoleMappings();
    const trail = memoryAuditTrailStore();
    const held = new Map<string, readonly string[]>();
    const faults: { reconcile?: Error; trail?: Error } = {};
    const auditTrail: AuditTrailStore = {
      ...trail,
      append: async (entry) => {
        if (faults.trail !== undefined) throw faults.trail;
        await trail.append(entry);
      },
    };
    const rights = accessRights({
      store: () => store,
      map: mappings,
      exists: () => true,
      reconcile(users) {
        if (faults.reconcile !== undefined) throw faults.reconcile;
        for (const { userId, roles } of users) {
          held.set(
            userId,
            roles.map(({ role }) => role),
          );
        }
      },
    });
    const roles = ['viewer', 'editor <i>'];
    const roleMappings = roleMappingAdministration({ rights, mappings, store, roles, jobs: memoryRightsJobStore() });
    const panel = await start({ store, admin: { roleMappings, auditTrail, ...more } });
    await panel.post('/status', { enabled: 'true' });
    const { key } = await panel.key();
    const { id } = (await panel.scim('post', '/Users', key, user('ada'))).body as { id: string };
    const group = async (displayName: string): Promise<string> => {
      const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
      const { body } = await panel.scim('post', '/Groups', key, { schemas, displayName, members: [{ value: id }] });
      return (body as { id: string }).id;
    };
    const actions = async () =>
      (await auditTrail.list('default', { limit: 20 }))
        .filter(({ action }) => action.startsWith('role-mapping'))
        .map(({ action, subjects, outcome, by }) => ({ action, subjects, outcome, by }));
    return { panel, mappings, roleMappings, auditTrail, held, faults, group, actions, member: id };
  };

  it('exists only where the app offers it', async () => {
    const without = await start();
    expect((await without.get('/')).text).not.toContain('/roles');
    for (const path of ['/roles', '/api/roles', '/roles/remove?group=a&role=b', '/api/roles/groups']) {
      expect([path, (await without.get(path)).status]).toEqual([path, 404]);
    }
    for (const path of ['/roles', '/roles/remove', '/roles/apply', '/api/roles/apply']) {
      expect([path, (await without.post(path, { group: 'a', role: 'b' })).status]).toEqual([path, 404]);
    }
    const { panel } = await startWithRoles();
    expect((await panel.get('/')).text).toContain(`href="${mount}/roles"`);
    expect((await panel.get('/roles')).text).toContain('No group gives a role');
    expect((await panel.get('/roles')).text).toContain('No groups yet');
  });

  it('gives a group a role, applies it to existing users, and shows the progress', async () => {
    const { panel, roleMappings, group, member, held, actions } = await startWithRoles();
    const id = await group('Städte <b>bold</b>');
    expect((await panel.get('/roles')).text).toContain(`<option value="${id}">Städte &lt;b>bold&lt;/b>`);
    const added = await panel.post('/roles', { group: id, role: 'editor <i>', apply: 'true' });
    expect([added.status, added.headers['location']]).toEqual([303, `${mount}/roles?done=role-added-applied`]);
    const { text } = await panel.get('/roles?done=role-added-applied');
    expect(text).toContain('It is being applied to existing users.');
    expect(text).toMatch(/Städte &lt;b>bold[\s\S]*editor &lt;i>[\s\S]*ada@host\.example/);
    expect(text).toContain('<progress');
    expect(text).not.toContain('<i>');
    expect(held.has(member)).toBe(false);
    await roleMappings.run();
    expect(held.get(member)).toEqual(['editor <i>']);
    expect((await panel.get('/roles')).text).toContain('Done: 1 user');
    const { body } = await panel.get('/api/roles');
    expect(body).toMatchObject({
      mappings: [{ groupId: id, role: 'editor <i>', setBy: manager.user, connection: 'default', isOffered: true }],
      roles: ['viewer', 'editor <i>'],
      job: { state: 'done', processed: 1, total: 1, by: manager.user },
    });
    expect(await actions()).toEqual([
      { action: 'role-mapping.applied', subjects: {}, outcome: 'requested', by: manager.user },
      {
        ...{ action: 'role-mapping.added', outcome: 'requested', by: manager.user },
        subjects: { group: id, role: 'editor <i>' },
      },
    ]);
    expect((await panel.get('/audit-trail')).text).toContain('Gave the group');
  });

  it('removes a role after asking, and applies that only where it is expected', async () => {
    const { panel, roleMappings, group, member, held, actions } = await startWithRoles();
    const id = await group('Sales');
    await panel.post('/roles', { group: id, role: 'viewer', apply: 'true' });
    await roleMappings.run();
    const query = new URLSearchParams({ group: id, role: 'viewer' }).toString();
    const page = await panel.get(`/roles/remove?${query}`);
    expect(page.text).toMatch(/<bdi>Sales<\/bdi>[\s\S]*does not give the role[\s\S]*<bdi>viewer<\/bdi>/);
    const removed = await panel.post('/roles/remove', { group: id, role: 'viewer' });
    expect(removed.headers['location']).toBe(`${mount}/roles?done=role-removed`);
    expect(await roleMappings.run()).toBe(0);
    expect(held.get(member)).toEqual(['viewer']);
    expect((await panel.get('/roles?done=role-removed')).text).toContain('keep it until you apply the change');
    // The form that was sent twice changes nothing more.
    const again = await panel.post('/roles/remove', { group: id, role: 'viewer', apply: 'true' });
    expect(again.status).toBe(409);
    expect(await roleMappings.run()).toBe(0);
    const applied = await panel.post('/roles/apply');
    expect(applied.headers['location']).toBe(`${mount}/roles?done=roles-applied#apply`);
    await roleMappings.run();
    expect(held.get(member)).toEqual([]);
    expect((await actions()).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'role-mapping.applied requested',
      'role-mapping.removed refused',
      'role-mapping.removed requested',
      'role-mapping.removed requested',
      'role-mapping.applied requested',
      'role-mapping.added requested',
    ]);
  });

  it('offers the same as JSON', async () => {
    const { panel, roleMappings, group } = await startWithRoles();
    const id = await group('Sales');
    const added = await panel.post('/api/roles', { group: id, role: 'viewer' });
    expect([added.status, added.body]).toEqual([201, { applied: false }]);
    const found = await panel.get('/api/roles/groups?search=SAL');
    expect(found.body).toEqual({ groups: [{ id, name: 'Sales' }], more: false });
    expect((await panel.post('/api/roles/apply')).body).toMatchObject({ state: 'running', by: manager.user });
    await roleMappings.run();
    const removed = await panel.post('/api/roles/remove', { group: id, role: 'viewer', apply: 'true' });
    expect(removed.body).toMatchObject({ applied: true, job: { state: 'running', processed: 0 } });
    expect((await panel.get('/api/roles')).body).toMatchObject({ mappings: [], job: { state: 'running' } });
  });

  it.each([
    [{ role: 'viewer' }, 400],
    [{ group: 'GROUP' }, 400],
    [{ group: '', role: '' }, 400],
    [{ group: 'GROUP', role: 'owner' }, 400],
    [{ group: 'nothing', role: 'viewer' }, 400],
    [{ group: 'a\0b', role: 'viewer' }, 400],
    [{ group: 'x'.repeat(5_000), role: 'viewer' }, 400],
  ])('refuses %j and changes nothing', async (fields, status) => {
    const { panel, mappings, roleMappings, group } = await startWithRoles();
    const id = await group('Sales');
    const sent = Object.entries({ ...fields, apply: 'true' }).map(([name, value]) => [
      name,
      value.replace('GROUP', id),
    ]);
    for (const path of ['/roles', '/api/roles']) {
      expect((await panel.post(path, Object.fromEntries(sent) as Record<string, string>)).status).toBe(status);
    }
    expect(await mappings.list('default')).toEqual([]);
    expect(await roleMappings.progress('default')).toBeUndefined();
  });

  it('refuses queries that no page has', async () => {
    const { panel } = await startWithRoles();
    for (const [path, status] of [
      ['/roles/remove', 400],
      ['/roles/remove?group=a&role=b', 404],
      ['/api/roles?after-group=%00&after-role=a', 400],
      ['/api/roles?after-group=a', 200],
      [`/roles?search=${'%F0%9F%98%80'.repeat(900)}%00`, 200],
    ] as const) {
      expect([path.slice(0, 40), (await panel.get(path)).status]).toEqual([path.slice(0, 40), status]);
    }
  });

  it('finds a group by its name where there are many, and lists mappings in pages', async () => {
    const { panel, mappings, group } = await startWithRoles();
    expect((await panel.get('/roles')).text).not.toContain('Name of the group');
    const ids: string[] = [];
    for (let n = 0; n < 55; n++) ids.push(await group(`Team ${String(n)}`));
    const { text } = await panel.get('/roles');
    expect(text.match(/<option value="[^"]+">Team /g)).toHaveLength(50);
    expect(text).toContain('There are more groups');
    const found = await panel.get('/roles?search=team+54');
    expect(found.text.match(/<option value="[^"]+">Team /g)).toHaveLength(1);
    expect((await panel.get('/roles?search=nobody')).text).toContain('No group has this name');
    for (const groupId of ids) {
      await mappings.set('default', { groupId, role: 'viewer', setBy: 'x', setAt: '2026-01-01T00:00:00Z' });
    }
    const first = await panel.get('/roles');
    expect(first.text.match(/data-label="Role"/g)).toHaveLength(50);
    const [, more = ''] = /href="([^"]*after-group[^"]*)"/.exec(first.text) ?? [];
    const second = await panel.get(more.replaceAll('&amp;', '&').replace(mount, ''));
    expect(second.text.match(/data-label="Role"/g)).toHaveLength(5);
  });

  it('marks groups that are deleted, roles that are not offered, and groups of the same name', async () => {
    const { panel, mappings, group } = await startWithRoles();
    const ids = [await group('Sales'), await group('Sales')];
    const setAt = '2026-01-01T00:00:00Z';
    await mappings.set('default', { groupId: 'gone', role: 'viewer', setBy: 'ada', setAt });
    await mappings.set('default', { groupId: ids[0] ?? '', role: 'retired', setBy: 'ada', setAt });
    const { text } = await panel.get('/roles');
    expect(text).toContain('Deleted group');
    expect(text).toContain('does not offer this role any more');
    for (const id of ids) expect(text).toContain(`>Sales (${id})</option>`);
    expect((await panel.post('/roles/remove', { group: 'gone', role: 'viewer' })).status).toBe(303);
  });

  it('lets a viewer see and nothing else', async () => {
    const { panel, mappings, roleMappings, group } = await startWithRoles();
    const id = await group('Sales');
    await panel.post('/roles', { group: id, role: 'viewer' });
    const { text } = await panel.get('/roles', as('viewer'));
    expect(text).toContain('Sales');
    expect(text).not.toMatch(/<form|Apply to existing|roles\/remove/);
    const query = `?group=${id}&role=viewer`;
    expect((await panel.get(`/roles/remove${query}`, as('viewer'))).status).toBe(403);
    for (const path of ['/roles', '/roles/remove', '/roles/apply']) {
      for (const at of [path, `/api${path}`]) {
        expect([at, (await panel.post(at, { group: id, role: 'viewer' }, as('viewer'))).status]).toEqual([at, 403]);
      }
    }
    expect(await mappings.list('default')).toHaveLength(1);
    expect(await roleMappings.progress('default')).toBeUndefined();
  });

  it('refuses forms without a token and from other sites', async () => {
    const { panel, mappings, group } = await startWithRoles();
    const fields = { group: await group('Sales'), role: 'viewer' };
    expect((await panel.post('/roles', { ...fields, csrf: 'x' })).status).toBe(403);
    expect((await panel.post('/roles', fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await mappings.list('default')).toEqual([]);
  });

  it('changes nothing where the audit trail cannot be written', async () => {
    const { panel, mappings, roleMappings, faults, group } = await startWithRoles();
    const id = await group('Sales');
    await mappings.set('default', { groupId: id, role: 'viewer', setBy: 'x', setAt: '2026-01-01T00:00:00Z' });
    faults.trail = new Error('disk full');
    for (const [path, fields] of [
      ['/roles', { group: id, role: 'editor <i>' }],
      ['/roles/remove', { group: id, role: 'viewer' }],
      ['/roles/apply', {}],
    ] as const) {
      expect((await panel.post(path, fields)).status).toBe(500);
    }
    expect((await mappings.list('default')).map(({ role }) => role)).toEqual(['viewer']);
    expect(await roleMappings.progress('default')).toBeUndefined();
  });

  it('hides why an attempt failed from administrators without access to personal data', async () => {
    const { panel, roleMappings, faults, group } = await startWithRoles();
    await panel.post('/roles', { group: await group('Sales'), role: 'viewer', apply: 'true' });
    faults.reconcile = new Error('duplicate key ada@example.com');
    await roleMappings.run();
    expect((await panel.get('/api/roles')).text).toContain('ada@example.com');
    expect((await panel.get('/api/roles', as('discreet'))).text).not.toContain('ada@example.com');
    const { text } = await panel.get('/roles', as('discreet'));
    expect(text).toContain('The last attempt failed. The application tries again.');
    expect(text).not.toContain('ada@example.com');
  });

  it('shows and changes nothing of another tenant', async () => {
    const { panel, mappings, group } = await startWithRoles({
      connectionOf: (req) => ({ tenant: String(req.headers['x-tenant'] ?? 'default') }),
    });
    const id = await group('Sales');
    await panel.post('/roles', { group: id, role: 'viewer' });
    const other = { 'x-tenant': 'other' };
    expect((await panel.get('/roles', other)).text).not.toContain('Sales');
    expect((await panel.post('/roles', { group: id, role: 'viewer' }, other)).status).toBe(400);
    expect((await panel.post('/roles/remove', { group: id, role: 'viewer' }, other)).status).toBe(409);
    expect(await mappings.list('default')).toHaveLength(1);
  });
});
