// `options.access`: what is hidden from a client shows in no response, and in no difference between responses.
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import {
  ConflictError,
  connectorKeys,
  createScimRouter,
  defineSchema,
  MemoryStore,
  type ScimRouterOptions,
} from '../../src/index.js';
import { sqlStore, createScimTables } from '../../src/sql.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { clientOf, enterprise, expresses, groupSchemas, key, type Scim, userSchemas } from './app.js';

type Access = NonNullable<ScimRouterOptions['access']>;
type Restrictions = Awaited<ReturnType<Access>>;

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const deviceSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Device',
  attributes: [
    { name: 'displayName', required: true },
    { name: 'pin' },
    { name: 'model', required: true },
    {
      name: 'place',
      type: 'complex',
      subAttributes: [{ name: 'room' }, { name: 'safe', type: 'string' }],
    },
  ],
});

interface Clients {
  /** Sees and writes everything. */
  readonly admin: Scim;
  /** The client that `access` restricts. */
  readonly scim: Scim;
  readonly errors: unknown[];
}

function clients(
  access: Restrictions | Access,
  options: Partial<ScimRouterOptions> = {},
  store = new MemoryStore(),
  make = express,
): Clients {
  const errors: unknown[] = [];
  const mounted = (more: Partial<ScimRouterOptions>): Scim => {
    const app = make();
    app.use(
      '/scim/v2',
      createScimRouter(store, {
        authenticate: connectorKeys([{ key }]),
        baseUrl: 'https://app.example.com/scim/v2',
        secret: 'a secret of at least thirty-two bytes',
        resourceTypes: [{ name: 'Device', schema: deviceSchema, store: store.resources('Device') }],
        onError: (error) => errors.push(error),
        ...options,
        ...more,
      }),
    );
    return clientOf(app);
  };
  return {
    admin: mounted({}),
    scim: mounted({ access: typeof access === 'function' ? access : () => access }),
    errors,
  };
}

const ada = {
  schemas: userSchemas,
  userName: 'ada@example.com',
  displayName: 'Ada',
  title: 'Countess',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { value: 'ada@example.com', type: 'work' },
    { value: 'ada@home.example', type: 'home' },
  ],
  roles: [{ value: 'analyst' }],
  [enterprise]: { department: 'Engines', employeeNumber: '7' },
};

const hidden = {
  hidden: ['roles', 'name.familyName', `${enterprise}:department`, 'emails.type', 'externalId'],
};

async function withAda(access: Restrictions | Access, options?: Partial<ScimRouterOptions>) {
  const made = clients(access, options);
  const id = await made.admin.user({ ...ada, externalId: 'x1' });
  return { ...made, id, stored: async () => (await made.admin.get(`/Users/${id}`)).body as Record<string, unknown> };
}

const visiblePart = {
  userName: 'ada@example.com',
  displayName: 'Ada',
  title: 'Countess',
  name: { givenName: 'Ada' },
  emails: [{ value: 'ada@example.com' }, { value: 'ada@home.example' }],
  [enterprise]: { employeeNumber: '7' },
};

describe.each(expresses)('hidden attributes on %s', (_, make) => {
  it('show in no response to GET, list, .search and a query over all types', async () => {
    const { admin, scim } = clients(hidden, {}, new MemoryStore(), make);
    const id = await admin.user({ ...ada, externalId: 'x1' });
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'title pr' };
    const responses = await Promise.all([
      scim.get(`/Users/${id}`),
      scim.get(`/Users/${id}?attributes=roles,name,externalId,${enterprise}:department,userName`),
      scim.get('/Users'),
      scim.post('/Users/.search', search),
      scim.get('/'),
      scim.post('/.search', search),
    ]);
    for (const { status, text, body } of responses) {
      expect(status).toBe(200);
      expect(text ?? JSON.stringify(body)).not.toMatch(/analyst|Lovelace|Engines|"x1"|home"/);
    }
    const { schemas, id: shown, meta, active, ...others } = responses[0].body as Record<string, unknown>;
    expect([schemas, shown, active]).toEqual([[core, enterprise], id, true]);
    expect(meta).toHaveProperty('version');
    expect(others).toEqual(visiblePart);
  });
});

describe('hidden attributes', () => {
  it.each([
    ['roles.value eq "analyst"'],
    ['roles pr'],
    ['name.familyName sw "L"'],
    [`${enterprise}:department eq "Engines"`],
    ['department eq "Engines"'],
    ['emails[type eq "home"]'],
    ['externalId eq "x1"'],
    [`${core}:roles pr`],
    ['userName pr and not (roles pr)'],
    ['meta.version sw "W"'],
  ])('cannot be filtered on: %s', async (filter) => {
    const { scim } = await withAda(hidden);
    const response = await scim.get(`/Users?filter=${encodeURIComponent(filter)}`);
    expect(response.body).toMatchObject({ status: '400', scimType: 'invalidFilter' });
    // Over all types an attribute that a type lacks has no value.
    const all = await scim.get(`/?filter=${encodeURIComponent(filter.replace(/^userName pr and not (.*)$/, '$1'))}`);
    expect([all.status, (all.body as { totalResults?: number }).totalResults ?? 0]).toEqual([all.status, 0]);
  });

  it.each([
    ['roles'],
    ['name.familyName'],
    [`${enterprise}:department`],
    ['externalId'],
    ['emails.type'],
    ['meta.version'],
  ])('cannot be sorted by: %s', async (sortBy) => {
    const { scim } = await withAda(hidden);
    expect((await scim.get(`/Users?sortBy=${sortBy}`)).body).toMatchObject({ status: '400' });
  });

  it('stay what they are whatever a PUT says', async () => {
    const { scim, id, stored } = await withAda(hidden);
    const before = await stored();
    const { emails: _, ...body } = ada;
    const changed = {
      ...body,
      title: 'Analyst',
      externalId: 'x2',
      roles: [{ value: 'owner' }],
      name: { givenName: 'A' },
    };
    const response = await scim.put(`/Users/${id}`, { ...changed, [enterprise]: { department: 'Sales' } });
    expect(response.status).toBe(200);
    expect(JSON.stringify(response.body)).not.toMatch(/Lovelace|Engines|analyst|x1|x2|owner|Sales/);
    const after = await stored();
    expect(after).toMatchObject({
      title: 'Analyst',
      externalId: 'x1',
      roles: [{ value: 'analyst' }],
      name: { givenName: 'A', familyName: 'Lovelace' },
      [enterprise]: { department: 'Engines' },
    });
    expect(after[enterprise]).toEqual({ department: 'Engines' });
    // One cannot say of which stored value a new one would keep the type.
    expect(after['emails']).toEqual(before['emails']);
    const bare = { schemas: userSchemas, userName: 'ada@example.com' };
    expect((await scim.put(`/Users/${id}`, bare)).status).toBe(200);
    expect(await stored()).toMatchObject({
      externalId: 'x1',
      roles: [{ value: 'analyst' }],
      name: { familyName: 'Lovelace' },
      [enterprise]: { department: 'Engines' },
      emails: before['emails'],
    });
    expect((await stored())['name']).toEqual({ familyName: 'Lovelace' });
  });

  it.each([
    [{ op: 'remove', path: 'name' }, { name: { familyName: 'Lovelace' } }],
    [{ op: 'replace', path: 'name', value: { givenName: 'A' } }, { name: { givenName: 'A', familyName: 'Lovelace' } }],
    [{ op: 'add', path: 'name.givenName', value: 'B' }, { name: { givenName: 'B', familyName: 'Lovelace' } }],
    [{ op: 'remove', path: enterprise }, { [enterprise]: { department: 'Engines' } }],
    [
      { op: 'replace', value: { roles: [], title: 'T' } },
      { title: 'T', roles: [{ value: 'analyst' }] },
    ],
    [{ op: 'replace', path: 'roles', value: [{ value: 'owner' }] }, { roles: [{ value: 'analyst' }] }],
    [{ op: 'remove', path: 'roles[value eq "analyst"]' }, { roles: [{ value: 'analyst' }] }],
    [{ op: 'replace', path: 'name.familyName', value: 'X' }, { name: { givenName: 'Ada', familyName: 'Lovelace' } }],
    [{ op: 'replace', path: 'externalId', value: 'x2' }, { externalId: 'x1' }],
    // What the client has read is the current value, although it lacks the types.
    [{ op: 'replace', path: 'emails', value: visiblePart.emails }, { emails: ada.emails }],
    [
      { op: 'replace', value: { [`${enterprise}:department`]: 'Sales' } },
      { [enterprise]: { department: 'Engines', employeeNumber: '7' } },
    ],
  ])('stay what they are after PATCH %j', async (operation, expected) => {
    const { scim, id, stored } = await withAda(hidden);
    const response = await scim.patch(`/Users/${id}?attributes=userName,name,roles`, [operation]);
    expect(response.status).toBe(200);
    expect(JSON.stringify(response.body)).not.toMatch(/Lovelace|Engines|analyst|x1/);
    const after = await stored();
    for (const [name, value] of Object.entries(expected)) expect(after[name]).toEqual(value);
  });

  it.each([['emails[type eq "home"].value'], ['emails[type eq "work"].value']])(
    'cannot be guessed by a value filter: %s',
    async (path) => {
      const { scim, id } = await withAda({ hidden: ['emails.type'] });
      const response = await scim.patch(`/Users/${id}`, [{ op: 'replace', path, value: 'b@example.com' }]);
      expect(response.body).toMatchObject({ status: '400', scimType: 'invalidFilter' });
    },
  );

  it('are kept in a bulk request, and its POST ignores them', async () => {
    const { admin, scim, id, stored } = await withAda(hidden);
    const response = await scim.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'PUT', path: `/Users/${id}`, data: { ...ada, roles: [{ value: 'owner' }] } },
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'b',
          data: { ...ada, userName: 'bob@example.com', externalId: 'x9' },
        },
      ],
    });
    const [put, post] = (response.body as { Operations: { status: string; location: string; version: string }[] })
      .Operations;
    expect([put?.status, post?.status]).toEqual(['200', '201']);
    expect((await stored())['roles']).toEqual([{ value: 'analyst' }]);
    const bob = (await admin.get(new URL(post?.location ?? '').pathname.replace('/scim/v2', ''))).body as object;
    expect(bob).not.toHaveProperty('roles');
    expect(bob).not.toHaveProperty('externalId');
    expect(bob).toMatchObject({ active: true, name: { givenName: 'Ada' } });
    expect((bob as { name: object }).name).not.toHaveProperty('familyName');
  });

  it('are not in /Schemas, which tells each client its own truth', async () => {
    const { admin, scim } = clients((actor) => (actor.id === 'nobody' ? {} : hidden));
    const attributesOf = async (client: Scim, uri: string) =>
      (
        (await client.get(`/Schemas/${uri}`)).body as {
          attributes: { name: string; subAttributes?: { name: string }[] }[];
        }
      ).attributes;
    const names = (attributes: readonly { name: string }[]) => attributes.map(({ name }) => name);
    expect(names(await attributesOf(admin, core))).toContain('roles');
    const seen = await attributesOf(scim, core);
    expect(names(seen)).not.toContain('roles');
    expect(names(seen.find(({ name }) => name === 'name')?.subAttributes ?? [])).not.toContain('familyName');
    expect(names(await attributesOf(scim, enterprise))).not.toContain('department');
    const emails = seen.find(({ name }) => name === 'emails');
    expect(emails).toMatchObject({ mutability: 'readOnly' });
    const all = (await scim.get('/Schemas')).body as { Resources: { id: string }[] };
    expect(all.Resources.map(({ id }) => id)).toContain(enterprise);
  });

  it('take a whole extension with them, also from /ResourceTypes and schemas', async () => {
    const { scim, id, stored } = await withAda({ hidden: [enterprise] });
    const user = (await scim.get(`/Users/${id}`)).body as Record<string, unknown>;
    expect(user['schemas']).toEqual([core]);
    expect(user).not.toHaveProperty(enterprise);
    expect((await scim.get('/ResourceTypes/User')).body).not.toHaveProperty('schemaExtensions');
    expect((await scim.get(`/Schemas/${enterprise}`)).status).toBe(404);
    expect((await scim.put(`/Users/${id}`, { ...ada, schemas: [core, enterprise] })).status).toBe(200);
    expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path: enterprise }])).status).toBe(200);
    expect((await stored())[enterprise]).toEqual({ department: 'Engines', employeeNumber: '7' });
  });

  it('change an entity tag to one that tells nothing of what it was made of', async () => {
    const { admin, scim, id } = await withAda({ hidden: ['roles'] });
    const [whole, seen] = [await admin.get(`/Users/${id}`), await scim.get(`/Users/${id}`)];
    const tag = String(seen.headers['etag']);
    expect(tag).not.toBe(whole.headers['etag']);
    expect(seen.body).toMatchObject({ meta: { version: tag } });
    const path = `/Users/${id}`;
    const renamed = [{ op: 'replace', path: 'title', value: 'A' }];
    // The store's own version is none that this client has.
    const own = { 'if-match': String(whole.headers['etag']) };
    expect((await scim.patch(path, renamed, own)).status).toBe(412);
    expect((await scim.delete(path, own)).status).toBe(412);
    expect((await scim.get(path, { 'if-none-match': tag })).status).toBe(304);
    expect((await scim.get(path, { 'if-match': own['if-match'] })).status).toBe(412);
    const patched = await scim.patch(`${path}?attributes=title`, renamed, { 'if-match': tag });
    expect(patched.status).toBe(200);
    expect((await scim.put(path, ada, { 'if-match': tag })).status).toBe(412);
    const next = String(patched.headers['etag']);
    const put = await scim.put(path, { ...ada, title: 'B' }, { 'if-match': next });
    expect(put.status).toBe(200);
    expect((await scim.delete(path, { 'if-match': String(put.headers['etag']) })).status).toBe(204);
  });

  it('are not told by a conflict', async () => {
    const { admin, scim } = clients(hidden, {
      beforeChange: () => {
        throw new ConflictError('externalId');
      },
    });
    expect((await admin.post('/Users', ada)).body).toMatchObject({
      status: '409',
      detail: expect.stringContaining('externalId'),
    });
    const response = await scim.post('/Users', ada);
    expect(response.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect(JSON.stringify(response.body)).not.toContain('externalId');
  });

  it('do not show as the name of a reference', async () => {
    const { admin, scim } = clients({ hidden: [`${core}:displayName`] });
    const boss = await admin.user({ displayName: 'Secret Boss' });
    const id = await admin.user({ [enterprise]: { manager: { value: boss } } });
    const group = { schemas: groupSchemas, displayName: 'Engineers', members: [{ value: boss }] };
    const { id: groupId } = (await admin.post('/Groups', group)).body as { id: string };
    expect(JSON.stringify((await admin.get(`/Groups/${groupId}`)).body)).toContain('Secret Boss');
    for (const path of [`/Users/${id}`, `/Groups/${groupId}`, '/Groups', '/Users']) {
      const { status, body } = await scim.get(path);
      expect([status, JSON.stringify(body).includes('Secret')]).toEqual([200, false]);
    }
    expect((await scim.get(`/Users/${boss}`)).body).toMatchObject({ groups: [{ display: 'Engineers' }] });
    const filters = ['members.display co "Secret"', 'members[display co "Secret"]'];
    for (const filter of filters) {
      expect((await scim.get(`/Groups?filter=${encodeURIComponent(filter)}`)).status).toBe(400);
    }
    const byName = [{ op: 'remove', path: 'members[display eq "Secret Boss"]' }];
    expect((await scim.patch(`/Groups/${groupId}`, byName)).status).toBe(400);
    // The other type's attribute of the same name is still there.
    expect((await scim.get(`/Groups/${groupId}`)).body).toMatchObject({
      displayName: 'Engineers',
      members: [{ value: boss }],
    });
    const put = await scim.put(`/Users/${id}`, {
      schemas: userSchemas,
      userName: 'c',
      [enterprise]: { manager: { value: boss } },
    });
    expect(put.body).toMatchObject({ [enterprise]: { manager: { value: boss } } });
  });

  it('of groups hide the names of groups in users', async () => {
    const { admin, scim } = clients({ hidden: ['urn:ietf:params:scim:schemas:core:2.0:Group:displayName'] });
    const id = await admin.user();
    await admin.post('/Groups', { schemas: groupSchemas, displayName: 'Layoffs', members: [{ value: id }] });
    const { body } = await scim.get(`/Users/${id}`);
    expect(body).toMatchObject({ groups: [{ type: 'direct' }] });
    expect(JSON.stringify(body)).not.toContain('Layoffs');
  });

  it.each([[{ hidden: ['members'] }], [{ readOnly: ['members'] }], [{ hidden: ['members.type'] }]])(
    'keep the members of a group: %j',
    async (access) => {
      const { admin, scim } = clients(access);
      const ids = [await admin.user(), await admin.user()];
      const members = ids.map((value) => ({ value, type: 'User' }));
      const group = { schemas: groupSchemas, displayName: 'Engineers' };
      const { id } = (await admin.post('/Groups', { ...group, members })).body as { id: string };
      const stored = async () => ((await admin.get(`/Groups/${id}`)).body as { members?: unknown[] }).members?.length;
      expect((await scim.put(`/Groups/${id}`, { ...group, displayName: 'E' })).status).toBe(200);
      expect((await scim.put(`/Groups/${id}`, { ...group, members: [{ value: ids[0] }] })).status).toBe(200);
      await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: 'members' }]);
      await scim.patch(`/Groups/${id}`, [{ op: 'replace', path: 'members', value: [] }]);
      await scim.patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${String(ids[0])}"]` }]);
      await scim.patch(`/Groups/${id}`, [{ op: 'replace', value: { members: [] } }]);
      expect(await stored()).toBe(2);
      const created = await scim.post('/Groups', { ...group, displayName: 'F', members });
      expect(created.status).toBe(201);
      const { body } = await admin.get(`/Groups/${(created.body as { id: string }).id}`);
      expect((body as { members?: unknown[] }).members ?? []).toEqual([]);
    },
  );

  it('of a type of your own', async () => {
    const { admin, scim } = clients({ hidden: ['pin', 'place.safe'] });
    const device = {
      schemas: [deviceSchema.id],
      displayName: 'Lab',
      pin: '1234',
      model: 'm',
      place: { room: '1', safe: 'left' },
    };
    const { id } = (await admin.post('/Devices', device)).body as { id: string };
    expect((await scim.put(`/Devices/${id}`, { ...device, pin: '9', place: { room: '2', safe: 'x' } })).status).toBe(
      200,
    );
    expect((await scim.patch(`/Devices/${id}`, [{ op: 'remove', path: 'place' }])).status).toBe(200);
    const { body } = await scim.get(`/Devices/${id}`);
    expect(JSON.stringify(body)).not.toMatch(/1234|safe/);
    expect((await admin.get(`/Devices/${id}`)).body).toMatchObject({ pin: '1234', place: { safe: 'left' } });
    expect((await scim.get('/Devices?filter=pin%20eq%20%221234%22')).status).toBe(400);
    expect((await scim.get('/Devices?sortBy=pin')).status).toBe(400);
  });

  it('that a resource needs keep a client from creating one, and from nothing else', async () => {
    const { admin, scim } = clients({ readOnly: ['model'] });
    const device = { schemas: [deviceSchema.id], displayName: 'Lab', model: 'm' };
    expect((await scim.post('/Devices', device)).body).toMatchObject({ status: '403' });
    const { id } = (await admin.post('/Devices', device)).body as { id: string };
    const put = await scim.put(`/Devices/${id}`, { schemas: [deviceSchema.id], displayName: 'Shed' });
    expect(put.body).toMatchObject({ displayName: 'Shed', model: 'm' });
    expect((await scim.post('/Users', ada)).status).toBe(201);
  });
});

describe('read-only attributes', () => {
  const frozen = { readOnly: ['roles', 'name.familyName', `${enterprise}:department`, 'title', 'active'] };

  it('show, can be filtered and sorted, and are kept by PUT and ignored in POST', async () => {
    const { admin, scim, id, stored } = await withAda(frozen);
    expect((await scim.get(`/Users/${id}`)).body).toEqual((await admin.get(`/Users/${id}`)).body);
    const listed = await scim.get('/Users?filter=roles.value%20eq%20%22analyst%22&sortBy=title');
    expect(listed.body).toMatchObject({ totalResults: 1 });
    const body = { ...ada, title: 'X', active: false, roles: [{ value: 'owner' }], name: { familyName: 'Y' } };
    expect((await scim.put(`/Users/${id}`, { ...body, [enterprise]: { department: 'Sales' } })).status).toBe(200);
    expect(await stored()).toMatchObject({
      title: 'Countess',
      active: true,
      roles: [{ value: 'analyst' }],
      name: { familyName: 'Lovelace' },
      [enterprise]: { department: 'Engines' },
    });
    const created = (await scim.post('/Users', { ...body, userName: 'bob' })).body as Record<string, unknown>;
    expect(created).toMatchObject({ userName: 'bob', active: true });
    expect(created).not.toHaveProperty('title');
    expect(created).not.toHaveProperty('roles');
  });

  it.each([
    [{ op: 'replace', path: 'title', value: 'X' }],
    [{ op: 'replace', path: 'active', value: false }],
    [{ op: 'remove', path: 'roles' }],
    [{ op: 'add', path: 'roles', value: [{ value: 'owner' }] }],
    [{ op: 'replace', path: 'roles[value eq "analyst"].display', value: 'X' }],
    [{ op: 'replace', path: 'name.familyName', value: 'X' }],
    [{ op: 'replace', path: `${enterprise}:department`, value: 'X' }],
  ])('are refused in the path of a PATCH, and nothing else of it is done: %j', async (operation) => {
    const { scim, id, stored } = await withAda(frozen);
    const before = await stored();
    const response = await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'displayName', value: 'N' }, operation]);
    expect(response.body).toMatchObject({ status: '400', scimType: 'mutability' });
    expect(await stored()).toEqual(before);
  });

  it('survive a PATCH of what holds them', async () => {
    const { scim, id, stored } = await withAda(frozen);
    const operations = [
      { op: 'remove', path: 'name' },
      { op: 'remove', path: enterprise },
      { op: 'replace', value: { roles: [], title: 'X' } },
    ];
    expect((await scim.patch(`/Users/${id}`, operations)).status).toBe(200);
    const after = await stored();
    expect(after).toMatchObject({ title: 'Countess', roles: [{ value: 'analyst' }] });
    expect([after['name'], after[enterprise]]).toEqual([{ familyName: 'Lovelace' }, { department: 'Engines' }]);
  });

  it('are read-only in /Schemas', async () => {
    const { scim } = clients(frozen);
    const { attributes } = (await scim.get(`/Schemas/${core}`)).body as {
      attributes: { name: string; mutability: string }[];
    };
    expect(attributes.find(({ name }) => name === 'title')?.mutability).toBe('readOnly');
    expect(attributes.find(({ name }) => name === 'displayName')?.mutability).toBe('readWrite');
  });
});

describe('visible attributes', () => {
  it('are all that a client sees', async () => {
    const { scim, id } = await withAda({ visible: ['displayName', 'name.givenName', 'userName'] });
    const { meta: _, ...user } = (await scim.get(`/Users/${id}`)).body as Record<string, unknown>;
    expect(user).toEqual({
      schemas: [core],
      id,
      userName: 'ada@example.com',
      displayName: 'Ada',
      name: { givenName: 'Ada' },
    });
    expect((await scim.get('/Users?filter=title%20pr')).status).toBe(400);
    expect((await scim.get('/Users?filter=displayName%20eq%20%22ada%22')).body).toMatchObject({ totalResults: 1 });
  });
});

describe('the result of access', () => {
  it.each<[unknown]>([
    [undefined],
    [null],
    [true],
    [[]],
    [['roles']],
    [{ hide: ['roles'] }],
    [{ hidden: 'roles' }],
    [{ hidden: null }],
    [{ hidden: [1] }],
    [{ hidden: ['role'] }],
    [{ hidden: ['department'] }],
    [{ hidden: ['id'] }],
    [{ readOnly: ['meta.created'] }],
    [{ visible: ['users'] }],
    [{ hidden: Array.from({ length: 1_001 }, () => 'roles') }],
    [new Map([['hidden', ['roles']]])],
  ])('%j is a 500 that shows nothing, on every endpoint', async (returned) => {
    const { scim, errors } = clients(() => returned as Restrictions);
    for (const path of ['/Users', '/Schemas', '/ServiceProviderConfig', '/']) {
      expect((await scim.get(path)).body).toMatchObject({ status: '500' });
    }
    expect((await scim.post('/Users', ada)).status).toBe(500);
    expect(String(errors[0])).toContain('access');
  });

  it.each<[string, Access]>([
    [
      'throws',
      () => {
        throw new Error('access is broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('access is broken'))],
  ])('is a 500 where the function %s', async (__, access) => {
    const { scim, errors } = clients(access);
    expect((await scim.get('/Users')).status).toBe(500);
    expect(String(errors[0])).toContain('access is broken');
  });

  it('may come later, and differs by client', async () => {
    const { scim, id } = await withAda(async (actor, ctx) => {
      await new Promise((resolve) => setImmediate(resolve));
      return { hidden: ctx.tenant === 'default' && actor.id !== '' ? ['roles'] : [] };
    });
    expect((await scim.get(`/Users/${id}`)).body).not.toHaveProperty('roles');
  });

  it('of {} restricts nothing: the client gets the versions of the store', async () => {
    const { admin, scim, id } = await withAda({});
    expect((await scim.get(`/Users/${id}`)).headers['etag']).toBe((await admin.get(`/Users/${id}`)).headers['etag']);
  });

  it('is resolved for many different clients in bounded memory', async () => {
    let count = 0;
    const all = ['roles', 'title', 'nickName', 'locale', 'timezone', 'photos', 'ims', 'addresses'];
    const { scim, id } = await withAda(() => {
      count++;
      return { hidden: all.filter((_, bit) => (count >> bit) % 2 === 1) };
    });
    for (let i = 0; i < 240; i++) {
      const { body } = await scim.get(`/Users/${id}`);
      expect('title' in (body as object)).toBe((count >> 1) % 2 === 0);
    }
  });
});

it('keeps hidden values in SQL tables too', async () => {
  const { db } = sqlite();
  await createScimTables(db);
  const store = sqlStore(db);
  const mounted = (options: Partial<ScimRouterOptions>): Scim => {
    const app = express();
    app.use('/scim/v2', createScimRouter(store, { authenticate: connectorKeys([{ key }]), ...options }));
    return clientOf(app);
  };
  const admin = mounted({});
  const scim = mounted({ access: () => hidden });
  const id = await admin.user({ ...ada, externalId: 'x1' });
  expect((await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: 'ada@example.com' })).status).toBe(200);
  expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'name', value: { givenName: 'A' } }])).status).toBe(
    200,
  );
  expect((await admin.get(`/Users/${id}`)).body).toMatchObject({
    externalId: 'x1',
    roles: [{ value: 'analyst' }],
    name: { givenName: 'A', familyName: 'Lovelace' },
    [enterprise]: { department: 'Engines' },
    emails: ada.emails,
  });
});
