import { afterEach, describe, expect, it } from '@jest/globals';
import { adoptBy, memoryConflictStore } from '../../src/lifecycle/index.js';
import { expresses } from '../http/app.js';
import { as, type Panel, panelOfTests, patch, user } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('what the panel says about the last requests on %s', (_, make) => {
  const { start, enabled, waitForEntries } = panelOfTests(make, (started) => (panel = started));
  const health = async () => (await panel.get('/')).text;
  const since = async () => ((await panel.get('/api/health')).body as { since: unknown }).since;

  describe('an error', () => {
    it('of all requests is solved once a later request succeeds, and its advice is gone', async () => {
      const key = await enabled();
      await panel.post('/status', { enabled: 'false' });
      await panel.scim('get', '/Users', key);
      await waitForEntries(1);
      expect(await health()).toContain('Enable it under Status.');
      expect(await health()).not.toContain('Solved:');
      await panel.post('/status', { enabled: 'true' });
      for (let requests = 0; requests < 3; requests++) await panel.scim('get', '/Users', key);
      await waitForEntries(4);
      const text = await health();
      expect(text).not.toContain('Enable it under Status.');
      expect(text).toContain('<strong>Solved: </strong>3 requests have succeeded since.');
      expect(await since()).toEqual({ count: 3, solved: true });
    });

    it('of a wrong address is explained by the address, and solved by the right one', async () => {
      const key = await enabled();
      for (const [path, detail] of [
        ['/users', 'Copy the base URL again'],
        ['/Users/Users?filter=userName+eq+%22a%22', 'it must not end in /Users'],
        ['/?aadOptscim062020/Users?filter=userName+eq+%22a%22', 'without a question mark'],
      ] as const) {
        expect((await panel.scim('get', path, key)).status).toBeGreaterThanOrEqual(400);
        await waitForEntries(1);
        expect(await health()).toContain(detail);
        expect(await health()).not.toContain('Restart provisioning');
      }
      await panel.scim('get', '/Users', key);
      await waitForEntries(4);
      expect(await health()).toContain('Solved:');
    });

    it('of one user is solved by a later change of that user, and by nothing else', async () => {
      const key = await enabled();
      await panel.scim('post', '/Users', key, user('ada@example.com', { active: 'perhaps' }));
      await panel.scim('post', '/Users', key, user('bo@example.com'));
      await panel.scim('get', '/Users', key);
      await waitForEntries(3);
      expect(await since()).toEqual({ count: 2, solved: false });
      expect(await health()).toContain('2 requests have succeeded since.');
      expect(await health()).toContain('A value does not fit its attribute');
      await panel.scim('post', '/Users', key, user('ada@example.com', { active: true }));
      await waitForEntries(4);
      expect(await since()).toEqual({ count: 3, solved: true });
    });

    it('of a change by ID is solved by a later change with that ID, and not by reading it', async () => {
      const key = await enabled();
      const { body } = await panel.scim('post', '/Users', key, user('ada@example.com'));
      const path = `/Users/${(body as { id: string }).id}`;
      await panel.scim('patch', path, key, patch({ op: 'replace', path: 'active', value: 'perhaps' }));
      await panel.scim('get', path, key);
      await waitForEntries(3);
      expect(await since()).toEqual({ count: 1, solved: false });
      await panel.scim('patch', path, key, patch({ op: 'replace', path: 'active', value: true }));
      await waitForEntries(4);
      expect(await since()).toEqual({ count: 2, solved: true });
    });
  });

  it('marks the requests of its own connection test', async () => {
    await start();
    await panel.post('/status', { enabled: 'true' });
    await panel.post('/provider', { provider: 'entra' });
    const tested = await panel.post('/test');
    expect(tested.text).toContain('The connection works.');
    expect(tested.text).toContain('It does not check the key that you have entered in Microsoft Entra ID.');
    await waitForEntries(1);
    const [entry] = await panel.log.list('default', { limit: 1 });
    expect(entry?.connectionTest).toBe(true);
    for (const path of ['/', '/log']) {
      expect((await panel.get(path)).text).toContain('<span class="badge off">Connection test</span>');
    }
    const { key } = await panel.key();
    await panel.scim('get', '/Users', key);
    await waitForEntries(2);
    expect(await health()).not.toContain('<span class="badge off">Connection test</span>');
  });

  it('names the key that may only read', async () => {
    await start();
    await panel.post('/status', { enabled: 'true' });
    const { key } = await panel.key({ name: 'reader', scope: 'read' });
    expect((await panel.scim('post', '/Users', key, user('ada@example.com'))).status).toBe(403);
    await waitForEntries(1);
    const text = await health();
    expect(text).toContain('The key reader may only read.');
    expect(text).toContain('Create a key with access to everything');
    expect(text).not.toContain('Compare what the key may do');
  });

  it('leads from a refused user to the conflict, until it is decided', async () => {
    const conflicts = memoryConflictStore();
    const account = { id: 'u1', label: 'Ada', active: true, review: true };
    const adopt = adoptBy({ find: () => [account], conflicts });
    const key = await enabled({ admin: { conflicts }, router: { adopt } });
    const created = await panel.scim('post', '/Users', key, user('Ada@example.com', { externalId: 'x' }));
    expect(created.status).toBe(409);
    await waitForEntries(1);
    const [conflict] = await conflicts.list('default');
    const id = conflict?.id ?? '';
    for (const path of ['/', '/log']) {
      const { text } = await panel.get(path);
      expect(text).toContain('An existing account may belong to this user.');
      expect(text).toContain(`href="/settings/scim/conflicts#conflict-${id}"`);
      expect(text).not.toContain('change the name of one of the two users');
    }
    await panel.post(`/conflicts/${id}`, { choice: 'refuse' });
    expect((await panel.get('/log')).text).toContain('has decided that this user is not allowed here');
  });

  describe('the log', () => {
    it('says what was searched, sets attributes of a new resource, and calls a resource by its name', async () => {
      const key = await enabled();
      await panel.scim('get', `/Users?filter=${encodeURIComponent('userName eq "ada+1@example.com"')}`, key);
      const { body } = await panel.scim('post', '/Groups', key, {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Night shift',
        externalId: 'n',
      });
      const { id } = body as { id: string };
      await panel.scim('patch', `/Groups/${id}`, key, patch({ op: 'replace', path: 'externalId', value: 'm' }));
      await panel.scim('delete', `/Groups/${id}`, key);
      await waitForEntries(4);
      const { text } = await panel.get('/log');
      expect(text).toContain(
        '<span class="strong">Search users</span><code class="who">userName eq &quot;ada+1@example.com&quot;</code>',
      );
      expect(text).toMatch(/Create group<\/span>.{1,80}Night shift.{1,60}set [a-zA-Z, ]*displayName/);
      expect(text).toMatch(/Change group<\/span><span class="who"><bdi>Night shift<\/bdi>.{1,60}changed externalId/);
      expect(text).toMatch(/Delete group<\/span><span class="who"><bdi>Night shift<\/bdi>/);
      expect(text).toContain('Times are in UTC.');
      const discreet = (await panel.get('/log', as('discreet'))).text;
      expect(discreet).not.toMatch(/Night shift|ada\+1/);
      expect(discreet).toContain('<code class="who">userName eq');
    });

    it('keeps no names where no bodies are logged', async () => {
      const key = await enabled({ logging: { bodies: 'errors' } });
      const { body } = await panel.scim('post', '/Users', key, user('ada@example.com'));
      await panel.scim('get', `/Users/${(body as { id: string }).id}`, key);
      await waitForEntries(2);
      expect(JSON.stringify(await panel.log.list('default', { limit: 9 }))).not.toContain('ada@example.com');
    });
  });
});
