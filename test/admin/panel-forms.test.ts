import { afterEach, describe, expect, it } from '@jest/globals';
import { connectionEnding, memoryConnectionEndingStore, memoryUserLinkStore } from '../../src/lifecycle/index.js';
import { memoryConnectionStore, memorySetupLinkStore, setupLinks } from '../../src/admin/index.js';
import { MemoryStore } from '../../src/index.js';
import { expresses } from '../http/app.js';
import { type Panel, panelOfTests } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

describe.each(expresses)('a form of the panel with a mistake on %s', (_, make) => {
  const { start } = panelOfTests(make, (started) => (panel = started));
  const entered = { name: 'Office', scope: 'read', days: '30', networks: '192.0.2.0/24\n10.0.0.0/33' };

  it('is shown again, with what was entered and with the wrong field marked', async () => {
    await start();
    const { status, text } = await panel.post('/keys', entered);
    expect(status).toBe(400);
    expect(text).toContain('Create a connector key');
    expect(text).not.toContain('Something went wrong');
    expect(text).toMatch(/<input [^>]*name="name"[^>]*value="Office"/);
    expect(text).toMatch(/<input [^>]*value="read" checked/);
    expect(text).toMatch(/<option value="30" selected/);
    expect(text).toMatch(
      /<textarea [^>]*aria-describedby="key-networks-problem key-networks-hint" aria-invalid="true"/,
    );
    expect(text).toContain('192.0.2.0/24\n10.0.0.0/33</textarea>');
    expect(text).toMatch(
      /<p class="problem" id="key-networks-problem" role="alert">10\.0\.0\.0\/33 is not a network\./,
    );
    expect(text).not.toMatch(/aria-describedby="key-name-problem/);
  });

  it('names a hostile value as text', async () => {
    await start();
    const { text } = await panel.post('/keys', { ...entered, networks: '<img/src=x>\u202e' });
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img/src=x>\\u{202e} is not a network.');
  });

  it.each([
    ['name', { name: ' ' }, 'Enter a name of 1 to 80 characters.'],
    ['scope', { scope: 'all' }, 'Choose what the key may do'],
    ['days', { days: '7' }, 'Choose a lifetime'],
  ])('marks %s', async (field, change, message) => {
    await start();
    const { status, text } = await panel.post('/keys', { ...entered, networks: '', ...change });
    expect([status, text.includes(`id="key-${field}-problem"`), text.includes(message)]).toEqual([400, true, true]);
    expect(await panel.connections.get('default', 'default')).toBeUndefined();
  });

  it('names the field in the JSON API', async () => {
    await start();
    const { status, body } = await panel.post('/api/keys', entered);
    expect([status, body]).toEqual([
      400,
      { error: expect.stringContaining('10.0.0.0/33 is not a network.') as unknown, field: 'networks' },
    ]);
  });

  it('is shown again on the overview, for the networks of the connection and for what no browser sends', async () => {
    await start();
    await panel.key();
    const { status, text } = await panel.post('/networks', { networks: '10.0.0.300' });
    expect(status).toBe(400);
    expect(text).toMatch(/<details class="more" id="networks" open/);
    expect(text).toContain('10.0.0.300</textarea>');
    expect(text).toContain('10.0.0.300 is not a network.');
    for (const path of ['/status', '/provider']) {
      const other = await panel.post(path, {});
      expect(other.status).toBe(400);
      expect(other.text).toMatch(/<p class="notice bad" role="alert">Choose /);
      expect(other.text).toContain('id="health"');
    }
  });

  it('asks what happens to the users, and keeps the choice', async () => {
    const connections = memoryConnectionStore();
    const endings = connectionEnding({
      ...{ connections, store: new MemoryStore(), links: memoryUserLinkStore(), jobs: memoryConnectionEndingStore() },
      settleMilliseconds: 1,
    });
    await start({ connections, admin: { endings } });
    await panel.key();
    const { status, text } = await panel.post('/end', { users: 'keep' });
    expect(status).toBe(400);
    expect(text).toContain('Confirm that you want to end the connection.');
    expect(text).toMatch(/<input type="radio" name="users" value="keep" checked/);
    expect(text).toContain('What should happen to the users?');
    await endings.stop();
  });

  it('is shown again for the lifetime of a set-up link', async () => {
    const links = setupLinks({
      secret: 'a secret of 32 bytes, or of more',
      store: memorySetupLinkStore(),
      url: () => 'https://x.example',
    });
    await start({ admin: { setupLinks: links } });
    const { status, text } = await panel.post('/setup-links', { hours: '1' });
    expect([status, text.includes('Choose how long the link can be used')]).toEqual([400, true]);
  });

  it('asks before a second key has the name of the first, and suggests another one', async () => {
    await start();
    await panel.post('/provider', { provider: 'okta' });
    expect((await panel.get('/keys/new')).text).toMatch(/name="name"[^>]*value="Okta"/);
    await panel.post('/keys', { name: 'Okta', scope: 'everything', days: '365' });
    expect((await panel.get('/keys/new')).text).toMatch(/name="name"[^>]*value="Okta 2"/);
    const again = await panel.post('/keys', { name: ' okta ', scope: 'read', days: '365' });
    expect(again.status).toBe(400);
    expect(again.text).toContain('There is already a key named okta. Enter another name.');
    const named = async () => (await panel.connections.get('default', 'default'))?.keys.length;
    expect(await named()).toBe(1);
    expect(again.text).toContain('name="duplicate"');
    expect((await panel.post('/keys', { name: 'okta', scope: 'read', days: '365', duplicate: 'true' })).status).toBe(
      200,
    );
    expect(await named()).toBe(2);
  });

  it('says before a key is revoked which one it is, when it was last used, and that it is in use', async () => {
    await start();
    const { id } = await panel.key({ name: 'Entra' });
    const before = (await panel.get(`/keys/${id}/revoke`)).text;
    expect(before).toContain(`scim_${id.slice(0, 8)}…`);
    expect(before).toContain('<dd>Never</dd>');
    expect(before).not.toContain('This key is in use.');
    await panel.connections.touchKey(id, new Date());
    const { text } = await panel.get(`/keys/${id}/revoke`);
    expect(text).toContain('This key is in use. Provisioning stops until another key is entered');
    await panel.connections.touchKey(id, new Date(Date.now() - 3 * 86_400_000));
    expect((await panel.get(`/keys/${id}/revoke`)).text).not.toContain('This key is in use.');
  });

  it('warns that a new key is refused while provisioning is disabled', async () => {
    await start();
    const warning = 'Provisioning is disabled: every request is refused, with this key too.';
    expect((await panel.get('/keys/new')).text).toContain(warning);
    expect((await panel.post('/keys', { name: 'a', scope: 'read', days: '30' })).text).toContain(warning);
    await panel.post('/status', { enabled: 'true' });
    expect((await panel.get('/keys/new')).text).not.toContain(warning);
    expect((await panel.post('/keys', { name: 'b', scope: 'read', days: '30' })).text).not.toContain(warning);
  });
});
