import { afterEach, describe, expect, it } from '@jest/globals';
import { hashPassword } from '../../examples/asset-tracker/passwords.js';
import { databases, keyIn, openTracker, panel, password, Provider, until, Visitor } from './asset-tracker-visitor.js';

type Tracker = Awaited<ReturnType<typeof openTracker>>;
const setup = '/provisioning-setup';
const priya = 'priya.raman@fernhill.example';
const sam = 'sam.ortiz@fernhill.example';

describe.each(databases)('the connection of the asset tracker over %s', (database) => {
  let tracker: Tracker;
  afterEach(() => tracker.stop());

  it('is set up by somebody who has a set-up link and no account', async () => {
    tracker = await openTracker(database);
    const { visitor, address } = tracker;
    const { html } = await visitor.submit(panel, `${panel}/setup-links`, { hours: '24' });
    const [, link = ''] = /id="shown-link">([^<]+)</.exec(html) ?? [];
    expect(link).toMatch(new RegExp(`^${address}${setup}/setup#[\\w.-]+$`));

    const guest = new Visitor(address);
    expect((await guest.see(`${setup}/`)).status).toBe(403);
    expect((await guest.post(`${setup}/setup`, { code: link })).status).toBe(303);
    await guest.submit(`${setup}/`, `${setup}/status`, { enabled: 'true' });
    const made = await guest.submit(`${setup}/`, `${setup}/keys`, { name: 'Okta', days: '90', scope: 'everything' });
    const provider = new Provider(address, keyIn(made.html));
    expect((await provider.createUser({ userName: 'new@fernhill.example' })).status).toBe(201);
    // The session is one of the panel, not of the product.
    expect((await guest.see('/members')).html).toContain('Sign in');
    expect((await guest.see(`${setup}/audit-trail`)).status).toBe(403);
    expect((await new Visitor(address).post(`${setup}/setup`, { code: link })).status).toBe(410);

    const trail = (await visitor.see(`${panel}/audit-trail`)).html;
    for (const action of [
      'Created a set-up link',
      'Opened a set-up link',
      'Created the key ',
      'Enabled provisioning',
    ]) {
      expect(trail).toContain(action);
    }
    expect(trail).toContain('Robin Hale');
    expect(trail).not.toContain(link.slice(-20));
  });

  it('tells the sign-in who is suspended', async () => {
    tracker = await openTracker(database);
    const { db } = tracker.services.database;
    const { links, statusOf } = tracker.services.connections;
    const { id } = await db.selectFrom('members').select('id').where('email', '=', priya).executeTakeFirstOrThrow();
    await db
      .insertInto('credentials')
      .values({ member_id: id, hash: await hashPassword(password) })
      .execute();
    const signIn = async (): Promise<number> => (await new Visitor(tracker.address).signIn(priya)).status;
    expect(await signIn()).toBe(200);
    await links.suspend('default', `m${String(id)}`, { by: 'administrator', reason: 'Lost laptop' });
    expect(await signIn()).toBe(401);
    expect(await statusOf(priya)).toMatchObject({ state: 'suspended', by: 'administrator' });
    await links.resume('default', `m${String(id)}`);
    expect(await signIn()).toBe(200);
    await db.updateTable('members').set({ may_sign_in: 0 }).where('id', '=', id).execute();
    expect(await signIn()).toBe(401);
    expect(await statusOf('nobody@fernhill.example')).toMatchObject({ state: 'unknown' });
  });

  it('ends: its users are deactivated and off-boarded, and the last owner stays', async () => {
    tracker = await openTracker(database);
    const { visitor, address, services } = tracker;
    await visitor.enable();
    const provider = new Provider(address, await visitor.createKey());
    const { body } = await provider.createUser({ userName: sam, externalId: 'ext-sam' });
    const linked = body['id'] ?? (await provider.idOf(sam));
    // A change of the provider links the owner too.
    const owner = await provider.idOf(tracker.email);
    await provider.patch(`/Users/${String(linked)}`, { op: 'replace', path: 'title', value: 'Engineer' });
    await services.connections.links.onChange({
      ...{ id: 'x', type: 'user.updated', time: new Date().toISOString(), tenant: 'default', requestId: 'r' },
      ...{ actor: provider.key.split('_')[1] ?? '', resourceType: 'User', resourceId: owner, changed: [] },
      ...{ quirks: [], data: {} },
    });
    await until(async () => (await services.connections.endings.count('default', 'default')) === 2);
    expect((await visitor.see(`${panel}/end`)).html).toContain('This connection manages 2 users.');
    await visitor.submit(`${panel}/end`, `${panel}/end`, { users: 'deactivate', confirmed: 'true' });
    const job = await until(async () => {
      const current = await services.connections.endings.progress('default', 'default');
      return current?.state === 'done' && current;
    });
    expect(job).toMatchObject({ processed: 1, refused: 1, refusals: [{ userId: owner }] });
    expect((await provider.send('GET', '/Users')).status).toBe(401);
    const { db } = services.database;
    const row = await db.selectFrom('members').select('may_sign_in').where('email', '=', sam).executeTakeFirstOrThrow();
    expect(row.may_sign_in).toBe(0);
    expect(await services.connections.statusOf(sam)).toMatchObject({ state: 'suspended', by: 'connection-ended' });
    expect(await services.connections.statusOf(tracker.email)).toMatchObject({ maySignIn: true });
    // The event has reached off-boarding.
    await until(async () => (await db.selectFrom('flags').selectAll().execute()).length > 0);
    expect((await visitor.see(`${panel}/end`)).html).toContain('This connection has ended');
  });
});
