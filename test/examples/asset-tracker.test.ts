import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LogEntry } from '../../src/admin/index.js';
import { hashPassword } from '../../examples/asset-tracker/passwords.js';
import { sqlOffboardingTaskStore } from '../../src/sql.js';
import {
  databases,
  enterprise,
  keyIn,
  openTracker,
  panel,
  password,
  Provider,
  tokensIn,
  until,
  Visitor,
} from './asset-tracker-visitor.js';

type Tracker = Awaited<ReturnType<typeof openTracker>>;
const sam = 'sam.ortiz@fernhill.example';

describe.each(databases)('the asset tracker over %s', (database) => {
  let tracker: Tracker;
  let visitor: Visitor;
  let provider: Provider;

  beforeAll(async () => {
    tracker = await openTracker(database);
    ({ visitor } = tracker);
    await visitor.enable();
    provider = new Provider(tracker.address, await visitor.createKey());
  });
  afterAll(() => tracker.stop());

  const openFlags = async () => {
    const { db } = tracker.services.database;
    return db.selectFrom('flags').selectAll().where('cleared_at', 'is', null).execute();
  };

  /** Waits until the open flags have these origins. */
  const untilFlags = (...origins: readonly string[]) =>
    until(async () => {
      const found = await openFlags();
      const foundOrigins = found.map(({ origin }) => origin).sort();
      return JSON.stringify(foundOrigins) === JSON.stringify(origins) && found;
    });

  /** An administrator links the account of the only conflict. */
  const decideToLink = async (): Promise<void> => {
    const { html } = await visitor.see(`${panel}/conflicts`);
    const conflict = /action="[^"]*\/conflicts\/([^"]+)"/.exec(html)?.[1] ?? '';
    const choice = /name="choice" value="(link:[^"]+)"/.exec(html)?.[1] ?? '';
    await visitor.submit(`${panel}/conflicts`, `${panel}/conflicts/${conflict}`, { choice });
  };

  describe('access', () => {
    it('requires a sign-in for every page', async () => {
      const stranger = new Visitor(tracker.address);
      for (const path of [
        '/',
        '/members',
        '/assets',
        '/hand-over',
        '/teams',
        '/settings',
        panel,
        `${panel}/log`,
        `${panel}/api/connection`,
      ]) {
        const seen = await stranger.send(path, { method: 'GET' });
        expect([path, seen.status, seen.headers.get('location')]).toEqual([
          path,
          303,
          path === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(path)}`,
        ]);
      }
    });

    it('refuses a wrong password, and a member who is not an administrator', async () => {
      const stranger = new Visitor(tracker.address);
      const { db } = tracker.services.database;
      const { id } = await db.selectFrom('members').select('id').where('email', '=', sam).executeTakeFirstOrThrow();
      await db
        .insertInto('credentials')
        .values({ member_id: id, hash: await hashPassword(password) })
        .execute();
      expect((await stranger.signIn(tracker.email, 'a wrong password')).status).toBe(401);
      expect((await stranger.signIn(sam)).status).toBe(401);
      expect((await stranger.signIn(tracker.email)).html).toContain('Robin Hale');
    });

    it('rejects a session cookie with an invalid signature', async () => {
      const [name, value] = ['session', 'AAAA.BBBB'];
      const response = await fetch(`${tracker.address}/members`, {
        headers: { cookie: `${name}=${value}` },
        redirect: 'manual',
      });
      expect(response.status).toBe(303);
    });

    it.each([
      ['a page', '/teams', '/teams/1/role', { role: 'admin' }],
      ['the panel', panel, `${panel}/status`, { enabled: 'false' }],
    ])('refuses a form of %s without the token of its session', async (_, page, action, fields) => {
      const other = new Visitor(tracker.address);
      await other.signIn(tracker.email);
      const otherToken = tokensIn((await other.see(page)).html).at(-1) ?? '';
      expect(otherToken).not.toBe('');
      for (const csrf of [undefined, '', otherToken]) {
        expect((await visitor.post(action, { ...fields, ...(csrf !== undefined && { csrf }) })).status).toBe(403);
      }
      const { db } = tracker.services.database;
      const mapped = await db.selectFrom('team_roles').select('set_at').where('team_id', '=', 1).executeTakeFirst();
      expect(mapped?.set_at.slice(0, 10)).not.toBe(new Date().toISOString().slice(0, 10));
      expect(await tracker.services.provisioning.isEnabled()).toBe(true);
    });

    it('allows no frames and no scripts from other origins', async () => {
      const { headers } = await visitor.see('/members');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    });
  });

  describe('provisioning', () => {
    it('creates a member with department and manager, whose fields are locked from then on', async () => {
      const manager = await provider.idOf('dana.whitfield@fernhill.example');
      const made = await provider.createUser({
        userName: 'new.person@fernhill.example',
        externalId: 'ext-1',
        displayName: 'New Person',
        name: { givenName: 'New', familyName: 'Person' },
        addresses: [{ type: 'work', locality: 'Oslo' }],
        [enterprise]: { department: 'Robotics', manager: { value: manager }, employeeNumber: 'F9001' },
      });
      expect(made.status).toBe(201);
      const page = `/members/${String(made.body['id']).slice(1)}`;
      const { html } = await visitor.see(page);
      expect(html).toContain('Managed by SCIM');
      expect(html).toMatch(/<fieldset class="fields" disabled>/);
      for (const text of ['Robotics', 'Oslo', 'Dana Whitfield', 'F9001']) expect(html).toContain(text);
      // The page is not the only one that knows.
      await visitor.submit(page, page, { title: 'Chief', email: 'x@example.com', may_sign_in: '', role: 'technician' });
      const now = (await provider.send('GET', `/Users/${String(made.body['id'])}`)).body;
      expect(now).toMatchObject({ userName: 'new.person@fernhill.example', active: true });
      expect(now).not.toHaveProperty('title');
      expect((await visitor.see(page)).html).toContain('assigned by an administrator');
    });

    it('keeps the provider away from privileged members that nobody has linked', async () => {
      const { db } = tracker.services.database;
      const rows = () => db.selectFrom('members').selectAll().where('role', 'in', ['owner', 'admin']).execute();
      const before = await rows();
      const owner = await provider.idOf(tracker.email);
      const rename = { op: 'replace', path: 'userName', value: 'evil@fernhill.example' };
      const link = { op: 'add', path: 'externalId', value: 'x' };
      for (const operations of [[rename, link], [rename], [{ op: 'replace', path: 'active', value: false }]]) {
        expect((await provider.patch(`/Users/${owner}`, ...operations)).status).toBe(403);
      }
      const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'evil@fernhill.example' };
      expect((await provider.send('PUT', `/Users/${owner}`, { ...body, externalId: 'x' })).status).toBe(403);
      expect((await provider.send('DELETE', `/Users/${owner}`)).status).toBe(403);
      expect(await rows()).toEqual(before);
      const { html } = await visitor.see(`${panel}/log`);
      expect(html).toContain('403');
    });

    it('does not take a changed address for a verified one', async () => {
      const hugo = await provider.idOf('hugo.lindqvist@fernhill.example');
      const verified = async () =>
        tracker.services.database.db
          .selectFrom('members')
          .select(['email', 'email_verified'])
          .where('id', '=', Number(hugo.slice(1)))
          .executeTakeFirst();
      const rename = (value: string) => provider.patch(`/Users/${hugo}`, { op: 'replace', path: 'userName', value });
      expect(await verified()).toMatchObject({ email_verified: 1 });
      expect((await rename('hugo.l@fernhill.example')).status).toBe(200);
      expect(await verified()).toEqual({ email: 'hugo.l@fernhill.example', email_verified: 0 });
      expect((await rename('hugo.lindqvist@fernhill.example')).status).toBe(200);
    });

    it('links the member who was there by employee number, and asks before it links one with power', async () => {
      const before = await provider.idOf('mei.chen@fernhill.example');
      const { body } = await provider.send('GET', `/Users/${before}`);
      const { employeeNumber } = body[enterprise] as { readonly employeeNumber: string };
      const linked = await provider.createUser({
        userName: 'mei.c@fernhill.example',
        externalId: 'ext-mei',
        [enterprise]: { employeeNumber },
      });
      expect([linked.status, linked.body['id']]).toEqual([201, before]);
      const owner = { userName: tracker.email, externalId: 'ext-owner', emails: [{ value: tracker.email }] };
      expect((await provider.createUser(owner)).status).toBe(409);
      await decideToLink();
      expect((await provider.createUser(owner)).status).toBe(201);
      expect((await visitor.see(`${panel}/conflicts`)).html).toContain('No conflicts');
    });

    it('gives the members of a group the role of its team, and shows its origin', async () => {
      const hugo = await provider.idOf('hugo.lindqvist@fernhill.example');
      const { db } = tracker.services.database;
      // An owner keeps the role even if its origin is unknown.
      await db.updateTable('members').set({ role_source: 'default' }).where('role', '=', 'owner').execute();
      const owner = await provider.idOf(tracker.email);
      const group = await provider.createGroup({
        displayName: 'Night shift',
        members: [{ value: hugo }, { value: owner }],
      });
      const id = String(group.body['id']).slice(1);
      await visitor.submit('/teams', `/teams/${id}/role`, { role: 'technician' });
      const card = (await visitor.see('/teams')).html.split(`id="team-${id}"`)[1]?.split('</section>')[0] ?? '';
      expect(card).toMatch(/Hugo Lindqvist[\s\S]*technician[\s\S]*from team <bdi>Night shift/);
      // An owner stays an owner.
      expect(card).toMatch(/Robin Hale[\s\S]*owner/);
      await visitor.submit('/teams', `/teams/${id}/role`, { role: 'owner' });
      const owners = await db.selectFrom('members').select('id').where('role', '=', 'owner').execute();
      expect(owners).toHaveLength(1);
      const granted = { op: 'add', path: 'roles', value: [{ value: 'Owner' }] };
      expect((await provider.patch(`/Users/${hugo}`, granted)).status).toBe(403);
      await visitor.submit('/teams', `/teams/${id}/role`, { role: 'admin' });
      const path = `members[value eq "${hugo}"]`;
      expect((await provider.patch(`/Groups/${String(group.body['id'])}`, { op: 'remove', path })).status).toBe(204);
      await until(async () => {
        const row = await db
          .selectFrom('members')
          .select('role')
          .where('id', '=', Number(hugo.slice(1)))
          .executeTakeFirst();
        return row?.role === 'viewer';
      });
    });

    it('never deactivates or deletes the last owner', async () => {
      const owner = await provider.idOf(tracker.email);
      expect((await provider.switch(owner, false)).status).toBe(403);
      expect((await provider.send('DELETE', `/Users/${owner}`)).status).toBe(403);
      expect((await visitor.see('/members')).status).toBe(200);
    });
  });

  describe('a member leaves and comes back', () => {
    it('flags the three assets of the member, and notifies the manager', async () => {
      const id = await provider.idOf(sam);
      expect((await provider.switch(id, false)).status).toBe(200);
      await untilFlags('off-boarding', 'off-boarding', 'off-boarding');
      const { html } = await visitor.see('/hand-over');
      expect(html.split('return due')).toHaveLength(4);
      expect(html).toContain('Sam Ortiz may no longer sign in.');
      expect(html).toMatch(/Dana Whitfield<\/bdi> was notified/);
      const dana = (await provider.idOf('dana.whitfield@fernhill.example')).slice(1);
      const managerPage = (await visitor.see(`/members/${dana}`)).html;
      for (const tag of ['LT-014', 'OS-003', 'PH-021'])
        expect(managerPage).toMatch(new RegExp(`Please collect [^<]*${tag}`));
      // The manager now leads his team, and he still has the assets.
      expect((await visitor.see('/teams')).html).toMatch(/Firmware[\s\S]*?Led by[\s\S]*?Dana Whitfield/);
      const { html: page } = await visitor.see(`/members/${id.slice(1)}`);
      expect(page).toContain('May not sign in');
      expect(page).toContain('May hold assets');
    });

    it('clears its flags when the member returns', async () => {
      expect((await provider.switch(await provider.idOf(sam), true)).status).toBe(200);
      await untilFlags();
      const dana = (await provider.idOf('dana.whitfield@fernhill.example')).slice(1);
      expect((await visitor.see(`/members/${dana}`)).html).toContain('withdrawn');
    });

    it('clears only its own flags', async () => {
      const { db } = tracker.services.database;
      const id = await provider.idOf(sam);
      const asset = await db.selectFrom('assets').select('id').where('tag', '=', 'OS-003').executeTakeFirstOrThrow();
      const page = `/assets/${String(asset.id)}`;
      await visitor.submit(page, `${page}/request-return`, { reason: 'Calibration is due' });
      await provider.switch(id, false);
      await untilFlags('hand', 'off-boarding', 'off-boarding');
      await provider.switch(id, true);
      const [left] = await untilFlags('hand');
      expect(left).toMatchObject({ reason: 'Calibration is due', subject_id: asset.id });
      await visitor.submit('/hand-over', `/hand-over/${left?.id ?? ''}/settle`, {});
      await untilFlags();
    });

    it('does not flag again what an administrator has settled', async () => {
      const id = await provider.idOf(sam);
      await provider.switch(id, false);
      const [first] = await untilFlags('off-boarding', 'off-boarding', 'off-boarding');
      await visitor.submit('/hand-over', `/hand-over/${first?.id ?? ''}/settle`, {});
      const settled = (await sqlOffboardingTaskStore(tracker.services.database.db).list('default', 'settled')).map(
        (each) => each.id,
      );
      expect(settled).toContain(first?.id);
      await provider.switch(id, true);
      await untilFlags();
    });

    it('revokes the sessions and API keys of a member who may no longer sign in', async () => {
      const { db } = tracker.services.database;
      const priya = await provider.idOf('priya.raman@fernhill.example');
      const page = `/members/${priya.slice(1)}`;
      const made = await visitor.submit(page, `${page}/api-keys`, { label: 'Report' });
      const secret = /stock_[\w-]+/.exec(made.html)?.[0] ?? '';
      const callApi = () => fetch(`${tracker.address}/api/assets`, { headers: { authorization: `Bearer ${secret}` } });
      expect((await callApi()).status).toBe(200);
      // An administrator: the provider reaches the account once it is linked.
      expect((await provider.switch(priya, false)).status).toBe(403);
      const linked = { userName: 'priya.raman@fernhill.example', externalId: 'ext-priya' };
      expect((await provider.createUser(linked)).status).toBe(409);
      await decideToLink();
      expect((await provider.createUser(linked)).status).toBe(201);
      expect((await provider.switch(priya, false)).status).toBe(200);
      expect((await callApi()).status).toBe(401);
      await until(async () => {
        const rows = await db
          .selectFrom('api_keys')
          .select('revoked_by')
          .where('member_id', '=', Number(priya.slice(1)))
          .execute();
        return rows.length === 2 && rows.every(({ revoked_by }) => revoked_by === 'off-boarding');
      });
      await provider.switch(priya, true);
      expect((await callApi()).status).toBe(401);
    });

    it('separates the right to hold assets from the right to sign in', async () => {
      const ivo = (await provider.idOf('ivo.petrov@contractors.example')).slice(1);
      const fran = (await provider.idOf('fran.bell@contractors.example')).slice(1);
      const { db } = tracker.services.database;
      const tripod = await db.selectFrom('assets').select('id').where('tag', '=', 'CA-003').executeTakeFirstOrThrow();
      const page = `/assets/${String(tripod.id)}`;
      const refused = await visitor.submit(page, `${page}/check-out`, { member_id: fran });
      expect(refused.html).toContain('This member may not hold assets.');
      const done = await visitor.submit(page, `${page}/check-out`, { member_id: ivo });
      expect(done.html).toContain('Checked out.');
      const again = await visitor.submit(page, `${page}/check-out`, { member_id: ivo });
      expect(again.html).toContain('Somebody else has it already.');
      await visitor.submit(page, `${page}/check-in`, {});
      expect((await visitor.see(page)).html).toContain('In the stores');
    });

    it('recognizes a re-hired user after a deletion, and transfers the assets', async () => {
      const { db } = tracker.services.database;
      const attributes = { externalId: 'ext-re', [enterprise]: { employeeNumber: 'F7777' } };
      const first = await provider.createUser({ ...attributes, userName: 're.hire@fernhill.example' });
      const before = Number(String(first.body['id']).slice(1));
      const spare = await db.selectFrom('assets').select('id').where('tag', '=', 'LT-020').executeTakeFirstOrThrow();
      const page = `/assets/${String(spare.id)}`;
      await visitor.submit(page, `${page}/check-out`, { member_id: String(before) });
      expect((await provider.send('DELETE', `/Users/m${String(before)}`)).status).toBe(204);
      await until(async () => (await openFlags()).some(({ member_id }) => member_id === before));
      const back = await provider.createUser({
        ...attributes,
        externalId: 'ext-re-2',
        userName: 're.hire2@fernhill.example',
      });
      expect(back.status).toBe(201);
      const after = Number(String(back.body['id']).slice(1));
      expect(after).not.toBe(before);
      await until(async () => !(await openFlags()).some(({ member_id }) => member_id === before));
      await until(async () => {
        const row = await db
          .selectFrom('checkouts')
          .select('member_id')
          .where('asset_id', '=', spare.id)
          .where('returned_at', 'is', null)
          .executeTakeFirst();
        return row?.member_id === after;
      });
    });
  });

  describe('keys and status', () => {
    it('shows a key once, stores its digest, and accepts both keys during a rotation', async () => {
      const first = new Provider(tracker.address, await visitor.createKey('Rotated'));
      const id = first.key.split('_')[1] ?? '';
      expect((await visitor.see(panel)).html).not.toContain(first.key);
      const { db } = tracker.services.database;
      const kept = await db.selectFrom('scim_connection_keys').selectAll().execute();
      expect(JSON.stringify(kept)).not.toContain(first.key.split('_')[2]);
      const shown = await visitor.submit(panel, `${panel}/keys/${id}/rotate`, { hours: '1' });
      const second = new Provider(tracker.address, keyIn(shown.html));
      expect(second.key).not.toBe(first.key);
      expect((await first.send('GET', '/Users?count=1')).status).toBe(200);
      expect((await second.send('GET', '/Users?count=1')).status).toBe(200);
      await visitor.submit(panel, `${panel}/keys/${id}/revoke`, {});
      expect((await first.send('GET', '/Users?count=1')).status).toBe(401);
      expect((await second.send('GET', '/Users?count=1')).status).toBe(200);
    });

    it('refuses the old key immediately after a rotation without overlap', async () => {
      const old = new Provider(tracker.address, await visitor.createKey('Ended'));
      expect((await old.send('GET', '/Users?count=1')).status).toBe(200);
      await visitor.submit(panel, `${panel}/keys/${old.key.split('_')[1] ?? ''}/rotate`, { hours: '0' });
      expect((await old.send('GET', '/Users?count=1')).status).toBe(401);
    });

    it('logs each request: the key, the operation, the outcome and the changes', async () => {
      const id = await provider.idOf(sam);
      await provider.patch(`/Users/${id}`, { op: 'Replace', path: 'title', value: 'Principal Engineer' });
      const entry = await until(async () => {
        const { html } = await visitor.see(`${panel}/api/log?about=${id}`);
        const { entries } = JSON.parse(html) as { readonly entries: readonly LogEntry[] };
        return entries.find(({ changes }) => changes.some(({ attributes }) => attributes.includes('title')));
      });
      expect(entry).toMatchObject({ actorName: 'Test provider', operation: 'patch', status: 200, quirks: ['op-case'] });
      expect((await visitor.see(`${panel}/log`)).html).toContain('Test provider');
    });

    it('streams new log entries', async () => {
      const stream = visitor.live(`${panel}/log/stream`);
      await until(() => Promise.resolve(stream.text() !== ''));
      await provider.send('GET', '/Users/m999999');
      const streamed = await until(() => Promise.resolve(stream.text().includes('event: entry') && stream.text()));
      expect(streamed).toContain('404');
      stream.end();
    });

    it('ends an open log when the administrator signs out', async () => {
      const other = new Visitor(tracker.address);
      await other.signIn(tracker.email);
      const stream = other.live(`${panel}/log/stream`);
      await until(() => Promise.resolve(stream.text() !== ''));
      await other.submit('/members', '/sign-out', {});
      expect(stream.hasEnded()).toBe(false);
      await until(() => Promise.resolve(stream.hasEnded()));
    });

    it('refuses texts that are too long with 400', async () => {
      // Random, so that no compression makes them fit into an index.
      const long = Array.from({ length: 20_000 }, () => Math.random().toString(36).charAt(2)).join('');
      const user = { userName: 'long@fernhill.example', externalId: 'long-1' };
      for (const more of [
        { userName: `${long}@fernhill.example` },
        { [enterprise]: { employeeNumber: long } },
        { [enterprise]: { department: long } },
        { addresses: [{ type: 'work', locality: long }] },
      ]) {
        expect([Object.keys(more), (await provider.createUser({ ...user, ...more })).status]).toEqual([
          Object.keys(more),
          400,
        ]);
      }
      expect((await provider.createGroup({ displayName: long })).status).toBe(400);
    });

    it('returns 403 for every request while it is disabled, and unlocks the fields', async () => {
      await visitor.enable('disabled');
      const before = await provider.send('GET', '/Users?count=1');
      const refused = await provider.createUser({ userName: 'nobody@fernhill.example' });
      expect([before.status, refused.status]).toEqual([403, 403]);
      expect((await visitor.see('/members?show=managed')).html).toContain('SCIM');
      const page = '/members?q=New+Person';
      const id = /\/members\/(\d+)"/.exec((await visitor.see(page)).html)?.[1] ?? '';
      expect((await visitor.see(`/members/${id}`)).html).not.toMatch(/<fieldset class="fields" disabled>/);
      await visitor.enable();
      expect((await provider.send('GET', '/Users?count=1')).status).toBe(200);
    });
  });

  describe('hostile input', () => {
    it('shows a hostile name as text', async () => {
      const displayName = '<script>alert(1)</script>"\u202egnp.exe';
      const made = await provider.createUser({
        userName: 'hostile@fernhill.example',
        externalId: 'ext-h',
        displayName,
      });
      expect(made.status).toBe(201);
      const pages = ['/members', `/members/${String(made.body['id']).slice(1)}`, '/members?q=%3Cscript%3E'];
      for (const page of pages) {
        const { html } = await visitor.see(page);
        expect(html).not.toContain('<script>alert');
        expect(html).toContain('<bdi>&lt;script');
      }
    });

    it('handles invalid IDs, pages and searches', async () => {
      for (const path of ['/members/0', '/members/abc', '/assets/99999', "/members/1'%20or%201=1"]) {
        expect((await visitor.see(path)).status).toBe(404);
      }
      for (const path of ["/members?q=%25'%3B--", '/members?q=%00', '/assets?show=constructor', '/members?page=-1']) {
        expect((await visitor.see(path)).status).toBe(200);
      }
      const away = await visitor.submit('/assets/3', '/assets/3/check-in', { back: 'https://evil.example/' });
      expect(away.html).toContain('Stockroom');
    });
  });

  describe('health', () => {
    it('reports that the database responds', async () => {
      const response = await fetch(`${tracker.address}/health`);
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok', database: 'ok' }]);
    });
  });
});
