import { get as httpGet } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { massDeactivationBreaker, memoryConflictStore, memoryHoldStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { as, manager, mount, type Panel, type PanelOptions, patch, startPanel, until, user } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('the log and the conflicts of the settings panel on %s', (_, make) => {
  const start = async (options: PanelOptions = {}): Promise<Panel> => {
    panel = await startPanel(make, options);
    return panel;
  };
  const enabled = async (options: PanelOptions = {}): Promise<string> => {
    const { post, key } = await start(options);
    await post('/status', { enabled: 'true' });
    return (await key()).key;
  };
  const waitForEntries = async (count: number): Promise<void> =>
    until(async () => (await panel.log.list('default', { limit: 200 })).length >= count);

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
      await panel.log.append([{ ...entry, ...rest }]);
      await panel.log.append([{ ...entry, ...rest, id: 'zy', tenant: 'b', connection: 'default' }]);
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

    it('lists the attributes whose values are wrong, without the words of the application for some', async () => {
      const key = await enabled();
      await panel.scim('post', '/Users', key, user('wrong@example.com', { active: 'maybe' }));
      await waitForEntries(1);
      const { text } = await panel.get('/log');
      expect(text).toContain('Wrong value: <code>active</code>');
      expect(text).toContain('A value does not fit its attribute: active');
      const discreet = await panel.get('/log', as('discreet'));
      expect(discreet.text).toContain('Wrong value: <code>active</code>');
      expect(discreet.text).not.toContain('active must be');
    });

    it('lists the operations of a bulk request that failed, without the words of the application for some', async () => {
      const key = await enabled();
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
      const post = (bulkId: string, active: unknown): object => ({
        ...{ method: 'POST', path: '/Users', bulkId },
        data: user(`${bulkId}@example.com`, { active }),
      });
      const gone = { method: 'DELETE', path: '/Users/nobody' };
      await panel.scim('post', '/Bulk', key, {
        schemas,
        Operations: [post('fine', true), post('wrong', 'maybe'), gone],
      });
      await waitForEntries(1);
      for (const [text, isDiscreet] of [
        [(await panel.get('/log')).text, false],
        [(await panel.get('/log', as('discreet'))).text, true],
      ] as const) {
        expect(text).not.toContain('Bulk operation 1');
        expect(text).toContain('<dt>Bulk operation 2</dt><dd>400 invalidValue <code>SCIM_INVALID_VALUE</code></dd>');
        expect(text).toContain('<dt>Bulk operation 3</dt><dd>404  <code>SCIM_NOT_FOUND</code></dd>');
        expect(text).toContain('Wrong value: <code>active</code>');
        expect(text.includes('active must be true or false.')).toBe(!isDiscreet);
      }
    });

    it('says where a strict router got an unknown attribute', async () => {
      const key = await enabled({ router: { strict: true } });
      await panel.scim('post', '/Users', key, user('wrong@example.com', { name: { nosuch: 'x' } }));
      await waitForEntries(1);
      const { text } = await panel.get('/log');
      expect(text).toContain('Unknown attribute in <code>name</code>');
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
      expect(text).toContain('The identity provider is creating or changing a user or group whose userName');
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
});
