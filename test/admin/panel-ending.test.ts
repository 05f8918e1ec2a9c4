import { describe, expect, it } from '@jest/globals';
import { memoryConnectionStore, memorySetupLinkStore, setupLinks } from '../../src/admin/index.js';
import {
  connectionEnding,
  memoryAuditTrailStore,
  memoryConflictStore,
  memoryConnectionEndingStore,
  memoryUserLinkStore,
  userLinks,
} from '../../src/lifecycle/index.js';
import { MemoryStore } from '../../src/index.js';
import { expresses } from '../http/app.js';
import { as, manager, mount, user } from './panel.js';
import { panelStarter } from './panel-starter.js';

const secret = 'a secret of the app with 32 bytes or more';
const setupMount = '/provisioning-setup';

describe.each(expresses)('the panel on %s', (_, make) => {
  const start = panelStarter(make);

  it('limits the usable keys of a connection, also for requests at the same time', async () => {
    const panel = await start({ admin: { maxKeys: 3 } });
    const fields = { name: 'x', scope: 'read', days: '30' };
    const responses = await Promise.all(Array.from({ length: 12 }, () => panel.post('/api/keys', fields)));
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array(3).fill(201), ...Array(9).fill(409)]);
    const { keys = [] } = (await panel.connections.get('default', 'default')) ?? {};
    expect(keys).toHaveLength(3);
    expect((await panel.post(`/api/keys/${String(keys[0]?.id)}/rotate`, { hours: '1' })).status).toBe(409);
    // The connection test has a key of its own.
    expect((await panel.post('/api/test')).status).toBe(200);
    await panel.post(`/keys/${String(keys[0]?.id)}/revoke`);
    expect((await panel.post('/api/keys', fields)).status).toBe(201);
  });

  describe('ends a connection', () => {
    const startWithUsers = async (users = 2, conflicts = memoryConflictStore()) => {
      const links = memoryUserLinkStore();
      const { onChange } = userLinks({ store: links });
      const connections = memoryConnectionStore();
      const trail = memoryAuditTrailStore();
      const store = new MemoryStore();
      const links_ = setupLinks({ secret, store: memorySetupLinkStore(), url: `https://app.example${setupMount}` });
      let now = Date.now();
      const endings = connectionEnding({
        ...{ connections, store, links, jobs: memoryConnectionEndingStore(), auditTrail: trail, setupLinks: links_ },
        clock: () => now,
      });
      const panel = await start({
        connections,
        store,
        router: { onChange },
        admin: { endings, auditTrail: trail, setupLinks: links_, conflicts },
      });
      await panel.post('/status', { enabled: 'true' });
      const { key } = await panel.key();
      for (let n = 0; n < users; n++) await panel.scim('post', '/Users', key, user(`user${String(n)}`));
      const finish = async () => {
        await endings.run();
        now += 15_000;
        await endings.run();
      };
      return { panel, key, endings, finish, trail, links: links_ };
    };

    it('and says everywhere that it has ended, until it is set up again', async () => {
      const conflicts = memoryConflictStore();
      const { panel, finish } = await startWithUsers(1, conflicts);
      await conflicts.add({ tenant: 'default', kind: 'adopt', fingerprint: 'f', summary: 's', candidates: [] });
      expect((await panel.get('/')).text).toContain('One conflict needs your decision');
      await panel.post('/end', { users: 'off-board', confirmed: 'true' });
      expect((await panel.get('/end?done=ended')).text).toContain('The keys of this connection are revoked.');
      expect((await panel.get('/end')).text).toContain('The application continues in the background.');
      await finish();
      const ended = /Ended on <time [^>]*>[^<]*<\/time> by <bdi>ada@host.example<\/bdi>\. 1 user was deleted\./;
      const end = (await panel.get('/end')).text;
      expect(end).toMatch(ended);
      expect(end).not.toMatch(/in the background|being ended/);
      const overview = (await panel.get('/')).text;
      expect(overview).toMatch(ended);
      expect(overview).toContain('One conflict was not decided before the connection ended.');
      expect(overview).not.toContain('needs your decision');
      expect(overview).toContain('The connection has ended. To use it again, create a key');
      expect((await panel.get('/conflicts')).text).toContain('You need not decide unless you set it up again.');
      expect((await panel.get('/keys/new')).text).toMatch(/This connection ended on .* and provisioning is disabled/);
      const made = await panel.post('/keys', { name: 'again', scope: 'everything', days: '30' });
      expect(made.text).toMatch(/This connection ended on .* and provisioning is disabled/);
      await panel.post('/status', { enabled: 'true' });
      expect((await panel.get('/')).text).toContain('One conflict needs your decision');
      expect((await panel.get('/')).text).not.toContain('was not decided before');
      expect((await panel.get('/audit-trail')).text).toContain('1 user was deleted.');
    });

    it('after it has shown how many users it concerns', async () => {
      const { panel, key, finish } = await startWithUsers();
      expect((await panel.get('/')).text).toContain(`href="${mount}/end"`);
      expect((await panel.get('/end')).text).toContain('This connection manages 2 users.');
      expect((await panel.get('/api/end')).body).toEqual({ users: 2 });
      const response = await panel.post('/end', { users: 'deactivate', confirmed: 'true' });
      expect([response.status, response.headers['location']]).toEqual([303, `${mount}/end?done=ended`]);
      expect((await panel.scim('get', '/Users', key)).status).toBe(401);
      expect((await panel.get('/end')).text).toContain('This connection is being ended');
      await finish();
      const { text } = await panel.get('/end');
      expect(text).toContain('This connection has ended');
      expect(text).toMatch(
        /Ended on <time [^>]*>[^<]*<\/time> by <bdi>ada@host.example<\/bdi>\. 2 users were deactivated\./,
      );
      expect((await panel.get('/api/end')).body).toMatchObject({ users: 0, job: { state: 'done', processed: 2 } });
      // There is nothing more to end, until somebody sets it up again.
      expect(text).not.toContain('action="/settings/scim/end"');
      await panel.key();
      expect((await panel.get('/end')).text).toContain('action="/settings/scim/end"');
    });

    it.each([
      [{ confirmed: 'true' }],
      [{ users: '', confirmed: 'true' }],
      [{ users: 'delete', confirmed: 'true' }],
      [{ users: 'toString', confirmed: 'true' }],
      [{ users: 'keep' }],
      [{ users: 'keep', confirmed: 'false' }],
    ])('only where it is stated and confirmed: %j', async (fields) => {
      const { panel, key, trail } = await startWithUsers();
      const before = (await trail.list('default', { limit: 200 })).length;
      expect((await panel.post('/end', fields as Record<string, string>)).status).toBe(400);
      expect((await panel.scim('get', '/Users', key)).status).toBe(200);
      expect(await trail.list('default', { limit: 200 })).toHaveLength(before);
    });

    it('and lets nobody make it usable again meanwhile', async () => {
      const { panel, finish } = await startWithUsers();
      await panel.post('/end', { users: 'keep', confirmed: 'true' });
      const fields = { name: 'x', scope: 'read', days: '30' };
      for (const [path, body] of [
        ['/status', { enabled: 'true' }],
        ['/api/keys', fields],
        ['/api/test', {}],
        ['/setup-links', { hours: '24' }],
        ['/end', { users: 'off-board', confirmed: 'true' }],
      ] as const) {
        expect([path, (await panel.post(path, body)).status]).toEqual([path, 409]);
      }
      await finish();
      expect((await panel.post('/api/keys', fields)).status).toBe(201);
    });

    it('unless nobody has set it up', async () => {
      const endings = connectionEnding({
        ...{ connections: memoryConnectionStore(), store: new MemoryStore(), links: memoryUserLinkStore() },
        jobs: memoryConnectionEndingStore(),
      });
      const panel = await start({ admin: { endings } });
      expect((await panel.post('/end', { users: 'keep', confirmed: 'true' })).status).toBe(409);
    });

    it('records it once', async () => {
      const { panel, finish, trail } = await startWithUsers(1);
      await panel.post('/api/end', { users: 'keep', confirmed: 'true' });
      await finish();
      const entries = (await trail.list('default', { limit: 2 })).map(({ action, by }) => [action, by]);
      expect(entries).toEqual([
        ['connection.ended', manager.user],
        ['connection.end', manager.user],
      ]);
    });

    it('revokes its set-up links', async () => {
      const { panel, links } = await startWithUsers();
      const { url } = await links.create({ tenant: 'default', connection: 'default', by: 'ada', hours: 1 });
      await panel.post('/end', { users: 'keep', confirmed: 'true' });
      expect(await links.open(url.split('#')[1] ?? '')).toMatchObject({ problem: 'revoked' });
    });

    it('for managers only, and where the app offers it', async () => {
      const { panel } = await startWithUsers();
      const fields = { users: 'keep', confirmed: 'true' };
      expect((await panel.post('/end', fields, as('viewer'))).status).toBe(403);
      expect((await panel.get('/end', as('viewer'))).text).not.toContain('<form');
      const other = await start();
      expect((await other.get('/end')).status).toBe(404);
      expect((await other.post('/end', fields)).status).toBe(404);
      expect((await other.get('/')).text).not.toContain('End this connection');
    });
  });
});
