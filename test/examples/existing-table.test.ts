import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import request from 'supertest';
import { openDatabase } from '../../examples/existing-table/database.js';
import { migrate, scimStore } from '../../examples/existing-table/scim.js';
import { connectorKeys, createScimRouter } from '../../src/index.js';
import { expresses } from '../http/app.js';

const urn = 'urn:ietf:params:scim:schemas';
const core = `${urn}:core:2.0:User`;

async function open(make: (typeof expresses)[number][1]) {
  const db = await openDatabase();
  await migrate(db);
  const app = make();
  const keys = [
    { id: 'acme', tenant: '1', key: 'key-of-acme-0123456789' },
    { id: 'globex', tenant: '2', key: 'key-of-globex-0123456789' },
  ];
  app.use('/scim/v2', createScimRouter(scimStore(db), { authenticate: connectorKeys(keys) }));
  const as = (organization: 'acme' | 'globex') => {
    const send = (method: 'get' | 'post' | 'patch' | 'delete') => (path: string, body?: object) => {
      const sent = request(app)
        [method](`/scim/v2${path}`)
        .set('authorization', `Bearer key-of-${organization}-0123456789`);
      return body === undefined ? sent : sent.set('content-type', 'application/scim+json').send(JSON.stringify(body));
    };
    return { get: send('get'), post: send('post'), patch: send('patch'), delete: send('delete') };
  };
  return { db, acme: as('acme'), globex: as('globex') };
}

const patchActive = (active: boolean) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'Replace', path: 'active', value: active ? 'True' : 'False' }],
});

describe.each(expresses)('SCIM over existing tables on %s', (_, make) => {
  it('finds existing users by userName, and only in their organization', async () => {
    const { acme, globex } = await open(make);
    const filter = `?filter=${encodeURIComponent('userName eq "FREELANCER@example.com"')}`;
    const found = await acme.get(`/Users${filter}`);
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: 'm2', displayName: 'Jo Both', active: true }],
    });
    expect((await globex.get(`/Users${filter}`)).body).toMatchObject({ Resources: [{ id: 'm3' }] });
    expect((await globex.get('/Users/m2')).status).toBe(404);
  });

  it('suspends the membership in one organization and not in another', async () => {
    const { db, acme } = await open(make);
    const response = await acme.patch('/Users/m2', patchActive(false));
    expect(response.body).toMatchObject({ active: false });
    const { rows } = await sql<object>`select id, status from memberships order by id`.execute(db);
    expect(rows).toEqual([
      { id: 1, status: 'active' },
      { id: 2, status: 'suspended' },
      { id: 3, status: 'invited' },
    ]);
  });

  it('never changes a user that other organizations may share', async () => {
    const { db, acme, globex } = await open(make);
    const users = async () => (await sql<object>`select * from users order by id`.execute(db)).rows;
    const seenByGlobex = async () => {
      const { userName, displayName, active, meta } = (await globex.get('/Users/m3')).body;
      return { userName, displayName, active, version: meta.version };
    };
    const [before, seen] = [await users(), await seenByGlobex()];
    const operations = [
      { op: 'replace', path: 'displayName', value: 'Mallory' },
      { op: 'replace', path: 'userName', value: 'ada@acme.example' },
      { op: 'replace', path: 'name.formatted', value: 'Mallory' },
    ];
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    for (const id of ['m2', 'm3']) {
      for (const operation of operations) await acme.patch(`/Users/${id}`, { schemas, Operations: [operation] });
    }
    expect((await acme.patch('/Users/m3', patchActive(false))).status).toBe(404);
    expect((await acme.delete('/Users/m3')).status).toBe(404);
    expect(await users()).toEqual(before);
    expect(await seenByGlobex()).toEqual(seen);
  });

  it('creates a user once for two organizations, and deletes the membership but not the user', async () => {
    const { db, acme, globex } = await open(make);
    const user = { schemas: [core], userName: 'new@example.com', displayName: 'New Person', title: 'Guide' };
    const first = await acme.post('/Users', user);
    expect([first.status, first.body.displayName, first.body.title]).toEqual([201, 'New Person', 'Guide']);
    const second = await globex.post('/Users', { ...user, displayName: 'Somebody Else' });
    expect([second.status, second.body.displayName]).toEqual([201, 'New Person']);
    expect((await acme.post('/Users', user)).status).toBe(409);
    expect((await acme.delete(`/Users/${String(first.body.id)}`)).status).toBe(204);
    expect((await globex.get(`/Users/${String(second.body.id)}`)).status).toBe(200);
    const { rows } = await sql<object>`select count(*) as n from users where email = 'new@example.com'`.execute(db);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('never takes a role from the identity provider, and stores externalId in the side table', async () => {
    const { db, acme } = await open(make);
    const sent = { schemas: [core], userName: 'eve@example.com', roles: [{ value: 'owner' }], externalId: 'x-1' };
    const created = await acme.post('/Users', sent);
    expect(created.status).toBe(201);
    const { rows } =
      await sql<object>`select role from memberships where id = ${Number(String(created.body.id).slice(1))}`.execute(
        db,
      );
    expect(rows).toEqual([{ role: 'viewer' }]);
    const byExternal = await acme.get(`/Users?filter=${encodeURIComponent('externalId eq "x-1"')}`);
    expect(byExternal.body.totalResults).toBe(1);
  });

  it('provisions teams of memberships', async () => {
    const { acme } = await open(make);
    const group = {
      schemas: [`${urn}:core:2.0:Group`],
      displayName: 'Workshop',
      members: [{ value: 'm1' }, { value: 'm2' }],
    };
    const created = await acme.post('/Groups', group);
    expect(created.status).toBe(201);
    expect((await acme.get('/Users/m2')).body.groups).toMatchObject([{ display: 'Workshop', type: 'direct' }]);
    const withForeignMember = { ...group, displayName: 'Other', members: [{ value: 'm3' }] };
    expect((await acme.post('/Groups', withForeignMember)).status).toBe(400);
  });
});
