import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { anyAuthenticator, generateConnectorKey } from '../../src/index.js';
import {
  connectionAuthenticator,
  memoryConnectionStore,
  memoryLogStore,
  provisioningLog,
} from '../../src/admin/index.js';
import { expresses } from '../http/app.js';
import { as, type Panel, panelOfTests, until } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

const oneTenant = { logging: { unknownKeys: { tenant: 'default', connection: 'default' } } };

/** Sends something else than a whole bearer token. */
async function send(authorization: string | undefined, path = '/Users') {
  const sent = request(panel.baseUrl).get(path);
  return authorization === undefined ? sent : sent.set({ authorization });
}

describe.each(expresses)('the cause of a 401 in the log of the panel on %s', (_, make) => {
  const { start, enabled, waitForEntries } = panelOfTests(make, (started) => (panel = started));
  const newest = async () => (await panel.log.list('default', { limit: 1 }))[0];

  it.each(['revoked', 'expired', 'network'] as const)(
    'names a key that is refused as %s, with its name',
    async (reason) => {
      await start(oneTenant);
      await panel.post('/status', { enabled: 'true' });
      const networks = reason === 'network' ? { networks: '192.0.2.0/24' } : {};
      const { key, id } = await panel.key({ name: 'Entra', ...networks });
      if (reason === 'revoked') await panel.post(`/keys/${id}/revoke`);
      if (reason === 'expired')
        await panel.connections.endKey('default', 'default', id, { expiresAt: new Date(Date.now() - 1) });
      const refused = await panel.scim('get', '/Users', key);
      expect(refused.status).toBe(401);
      await waitForEntries(1);
      const [entry, ...others] = await panel.log.list('default', { limit: 9 });
      expect(others).toEqual([]);
      expect(entry).toMatchObject({ status: 401, actor: id, actorName: 'Entra', keyRefusal: reason });
      expect(entry?.request).toMatchObject({ method: 'GET', url: '/Users' });
      const detail = {
        revoked: /^The key Entra \([0-9a-f]{8}…\) was revoked on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
        expired: /^The key Entra \([0-9a-f]{8}…\) expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
        network:
          /^The key Entra \([0-9a-f]{8}…\) was used from 127\.0\.0\.1, which its allowed networks do not include\.$/,
      };
      expect(entry?.detail).toMatch(detail[reason]);
      const meaning = {
        revoked: 'The identity provider uses the key Entra, which was revoked.',
        expired: 'The identity provider uses the key Entra, which has expired.',
        network: 'its request came from a network that is not allowed',
      };
      for (const path of ['/', '/log']) expect((await panel.get(path)).text).toContain(meaning[reason]);
      const discreet = (await panel.get('/', as('discreet'))).text;
      expect(discreet).toContain(meaning[reason]);
      expect(discreet).not.toContain('127.0.0.1, which');
    },
  );

  it.each([
    ['without its last character', (key: string) => `Bearer ${key.slice(0, -1)}`],
    ['with a blank inside', (key: string) => `Bearer ${key.slice(0, 40)} ${key.slice(40)}`],
    ['with a tab inside its ID', (key: string) => `Bearer ${key.slice(0, 10)}\t${key.slice(10)}`],
    [
      'with a changed character',
      (key: string) => `Bearer ${key.slice(0, 40)}${key[40] === 'a' ? 'b' : 'a'}${key.slice(41)}`,
    ],
    ['of which the ID is all that is left', (key: string) => `Bearer ${key.split('_').slice(0, 2).join('_')}`],
  ])('names a key %s', async (_name, sent) => {
    await start(oneTenant);
    const { key, id } = await panel.key({ name: 'Entra' });
    expect((await send(sent(key))).status).toBe(401);
    await waitForEntries(1);
    expect(await newest()).toMatchObject({ actor: id, keyRefusal: 'altered' });
    const { text } = await panel.get('/');
    expect(text).toContain('incorrectly: a part of it is missing, or was changed');
    expect(text).toContain('Copy the whole key again, without spaces.');
    expect((await panel.get('/log')).text).toContain('<span class="with soft"><bdi>Entra</bdi>');
  });

  it.each([
    ['missing', undefined, 'The identity provider sent no key.'],
    ['unknown', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'sent something that is not a key of this application'],
    ['unknown', `Bearer ${generateConnectorKey().key}`, 'sent something that is not a key of this application'],
  ])('says that a key is %s', async (reason, authorization, meaning) => {
    await start(oneTenant);
    await send(authorization);
    await waitForEntries(1);
    expect(await newest()).toMatchObject({ keyRefusal: reason });
    expect((await panel.get('/')).text).toContain(meaning);
  });

  it('changes nothing in the response', async () => {
    await start(oneTenant);
    const { key: revoked, id } = await panel.key();
    const { key: elsewhere } = await panel.key({ networks: '192.0.2.0/24' });
    await panel.post(`/keys/${id}/revoke`);
    const responses = [];
    for (const text of [revoked, elsewhere, elsewhere.slice(0, -1), generateConnectorKey().key, 'x']) {
      const { status, body, headers } = await send(`Bearer ${text}`);
      responses.push(JSON.stringify([status, body, headers['www-authenticate'], Object.keys(headers).sort()]));
    }
    expect(new Set(responses).size).toBe(1);
  });

  it('logs a key of many tenants in its own tenant only, also before the process has seen it', async () => {
    const connections = memoryConnectionStore();
    await start({ connections });
    const { key, id } = await panel.key({ name: 'Entra' });
    await send(`Bearer ${key.slice(0, -1)}`);
    await waitForEntries(1);
    const entry = await newest();
    expect(entry).toMatchObject({ tenant: 'default', connection: 'default', actor: id, keyRefusal: 'altered' });
    // Whoever knows the ID only must not write what they like into the log.
    await send(`Bearer ${key.slice(0, -2)}`, '/Users/buy-now');
    expect(JSON.stringify(await panel.log.list('default', { limit: 9 }))).not.toContain('buy-now');
    await send('Bearer nothing');
    await send(undefined);
    expect(await panel.log.list('default', { limit: 9 })).toHaveLength(1);
  });

  it('logs a key once a minute for each cause', async () => {
    await enabled();
    const { key, id } = await panel.key({ name: 'Entra' });
    await panel.post(`/keys/${id}/revoke`);
    for (let tries = 0; tries < 4; tries++) {
      await panel.scim('get', '/Users', key);
      await send(`Bearer ${key.slice(0, -1)}`);
    }
    await waitForEntries(2);
    const entries = await panel.log.list('default', { limit: 9 });
    expect(entries.map(({ keyRefusal }) => keyRefusal).sort()).toEqual(['altered', 'revoked']);
  });

  it('looks up at most twenty keys a minute of which only a part was sent', async () => {
    const connections = memoryConnectionStore();
    let lookups = 0;
    await start();
    const findKey = (id: string) => {
      lookups++;
      return connections.findKey(id);
    };
    const { authenticate } = connectionAuthenticator({ ...connections, findKey }, { onRefusedKey: () => undefined });
    for (let index = 0; index < 50; index++) {
      const key = generateConnectorKey().key.slice(0, -1);
      expect(await authenticate({ headers: { authorization: `Bearer ${key}` }, socket: {} } as never)).toBeUndefined();
    }
    await until(() => lookups >= 20);
    expect(lookups).toBe(20);
  });

  it('is not logged where another authenticator accepts the client', async () => {
    const connections = memoryConnectionStore();
    const log = memoryLogStore();
    const { onRefusedKey, ...hooks } = provisioningLog(log, oneTenant.logging);
    const reasons: string[] = [];
    const keys = connectionAuthenticator(connections, {
      onRefusedKey(refused) {
        reasons.push(refused.reason);
        onRefusedKey(refused);
      },
    });
    const authenticate = anyAuthenticator(keys, () => ({ id: 'other' }));
    await start({ connections, log, router: { authenticate, ...hooks } });
    expect((await send('Bearer nothing')).status).toBe(200);
    await waitForEntries(1);
    expect(reasons).toEqual(['unknown']);
    expect(await log.list('default', { limit: 9 })).toEqual([
      expect.not.objectContaining({ keyRefusal: expect.anything() as unknown }),
    ]);
  });
});
