import { describe, expect, it } from '@jest/globals';
import {
  type AppliedQuirk,
  type ChangeEvent,
  defineSchema,
  MemoryStore,
  type ResourceTypeOption,
  type ScimRouterOptions,
} from '../../src/index.js';
import { expresses, groupSchemas, patchSchemas, type Scim, scimOn, userSchemas } from './app.js';

const bulkSchemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
const taken = { status: 409, body: expect.objectContaining({ scimType: 'uniqueness' }) };
const deviceSchema = defineSchema({ id: 'urn:example:Device', attributes: [{ name: 'label' }] });

function device(rules: Partial<ResourceTypeOption>): ScimRouterOptions['resourceTypes'] {
  return [{ name: 'Device', schema: deviceSchema, store: new MemoryStore().resources('Device'), ...rules }];
}

async function schemaOf(scim: Scim, uri: string, name: string): Promise<unknown> {
  const { body } = await scim.get(`/Schemas/${uri}`);
  return (body as { attributes: { name: string }[] }).attributes.find((each) => each.name === name);
}

describe.each(expresses)('unique attributes on %s (reading 63)', (_, make) => {
  const scim = scimOn(make, {
    users: { unique: ['externalId'] },
    groups: { unique: ['externalId', 'displayName'] },
    resourceTypes: device({ unique: ['externalId'] }),
  });
  const create = (path: string, schema: string, attributes: object) =>
    scim.post(path, { schemas: [schema], ...attributes });
  const idOf = (response: { readonly body: unknown }): string => (response.body as { id: string }).id;

  it.each([
    ['/Users', userSchemas[0] ?? '', 'externalId', () => ({ userName: `x${String(Math.random())}` }), false],
    ['/Groups', groupSchemas[0] ?? '', 'externalId', () => ({ displayName: `x${String(Math.random())}` }), false],
    ['/Groups', groupSchemas[0] ?? '', 'displayName', () => ({}), true],
    ['/Devices', deviceSchema.id, 'externalId', () => ({}), false],
  ] as const)(
    '%s %s %s: POST, PUT and PATCH get 409 for a value that is taken',
    async (path, schema, name, more, folded) => {
      const first = await create(path, schema, { ...more(), [name]: 'Same' });
      expect(first.status).toBe(201);
      expect(await create(path, schema, { ...more(), [name]: 'Same' })).toMatchObject(taken);
      const second = idOf(await create(path, schema, { ...more(), [name]: 'Other' }));
      expect(await scim.put(`${path}/${second}`, { schemas: [schema], ...more(), [name]: 'Same' })).toMatchObject(
        taken,
      );
      expect(await scim.patch(`${path}/${second}`, [{ op: 'replace', path: name, value: 'Same' }])).toMatchObject(
        taken,
      );
      // externalId is case exact, displayName is not.
      const cased = await scim.patch(`${path}/${second}`, [{ op: 'replace', path: name, value: 'SAME' }]);
      expect(cased.status).toBe(folded ? 409 : path === '/Groups' ? 204 : 200);
      await scim.delete(`${path}/${idOf(first)}`);
      expect(
        (await scim.patch(`${path}/${second}`, [{ op: 'replace', path: name, value: 'Same' }])).status,
      ).toBeLessThan(300);
      expect(await schemaOf(scim, schema, name)).toMatchObject({ name, uniqueness: 'server' });
    },
  );

  it('a PATCH that unassigns a unique value frees it', async () => {
    const id = await scim.user({ externalId: 'free' });
    await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'externalId' }]);
    await scim.user({ externalId: 'free' });
  });

  it('are off by default, and /Schemas says so', async () => {
    const plain = scimOn(make);
    await plain.user({ externalId: 'same' });
    await plain.user({ externalId: 'same' });
    const group = { schemas: groupSchemas, displayName: 'Same' };
    expect((await plain.post('/Groups', group)).status).toBe(201);
    expect((await plain.post('/Groups', group)).status).toBe(201);
    expect(await schemaOf(plain, groupSchemas[0] ?? '', 'displayName')).toMatchObject({ uniqueness: 'none' });
    expect(await schemaOf(plain, userSchemas[0] ?? '', 'externalId')).toBeUndefined();
  });

  it.each([
    [{ users: { unique: ['nosuch'] } }, 'User has no attribute "nosuch" that can be unique'],
    [{ users: { unique: ['emails'] } }, 'User has no attribute "emails" that can be unique'],
    [{ users: { unique: ['id'] } }, 'User has no attribute "id" that can be unique'],
    [{ users: { unique: 'externalId' } }, 'users.unique must be a list of attribute names'],
    [{ users: { uniqe: [] } }, 'There is no option "users.uniqe". Did you mean users.unique?'],
    [{ groups: { operations: ['list'] } }, 'groups.operations must be a list of create, read, query'],
    [{ groups: { operations: [] } }, 'groups.operations must be a list of create, read, query'],
    [{ resourceTypes: device({ unique: ['lable'] }) }, 'Device has no attribute "lable" that can be unique'],
  ])('refuses %j at creation', (options, sentence) => {
    expect(() => scimOn(make, options as never)).toThrow(sentence);
  });

  it('refuses what the store has no index for', () => {
    const store = new MemoryStore();
    Object.defineProperty(store, 'supports', { value: { keys: ['userName'] } });
    expect(() => scimOn(make, { users: { unique: ['externalId'] } }, store)).toThrow(
      'users.unique: the store of User does not keep externalId unique.',
    );
    expect(() => scimOn(make, { users: { unique: ['USERNAME'] } }, store)).not.toThrow();
  });
});

describe.each(expresses)('operations that are switched off on %s', (_, make) => {
  const readOnlyDevices = device({ operations: ['read', 'query'] });

  it('are 405 with Allow, in a bulk request too, and announced as read-only', async () => {
    const store = new MemoryStore().resources('Device');
    const writer = scimOn(make, { resourceTypes: device({ store }) });
    const scim = scimOn(make, { resourceTypes: device({ store, operations: ['read', 'query'] }) });
    const body = { schemas: [deviceSchema.id], label: 'A' };
    const { id } = (await writer.post('/Devices', body)).body as { id: string };
    const refused = [
      await scim.post('/Devices', body),
      await scim.put(`/Devices/${id}`, body),
      await scim.patch(`/Devices/${id}`, [{ op: 'replace', path: 'label', value: 'B' }]),
      await scim.delete(`/Devices/${id}`),
    ];
    expect(refused.map(({ status, headers }) => [status, headers['allow']])).toEqual([
      [405, 'GET, HEAD, OPTIONS'],
      [405, 'GET, HEAD, OPTIONS'],
      [405, 'GET, HEAD, OPTIONS'],
      [405, 'GET, HEAD, OPTIONS'],
    ]);
    const data = { schemas: patchSchemas, Operations: [{ op: 'replace', path: 'label', value: 'B' }] };
    const bulk = await scim.post('/Bulk', {
      schemas: bulkSchemas,
      Operations: [
        { method: 'POST', path: '/Devices', bulkId: '1', data: body },
        { method: 'PATCH', path: `/Devices/${id}`, data },
        { method: 'POST', path: '/Users', bulkId: '2', data: { schemas: userSchemas, userName: 'fine' } },
      ],
    });
    expect(bulk.body).toMatchObject({ Operations: [{ status: '405' }, { status: '405' }, { status: '201' }] });
    expect((await scim.get(`/Devices/${id}`)).body).toMatchObject({ label: 'A' });
    expect((await scim.get('/Devices')).body).toMatchObject({ totalResults: 1 });
    expect(await schemaOf(scim, deviceSchema.id, 'label')).toMatchObject({ mutability: 'readOnly' });
    expect(await schemaOf(writer, deviceSchema.id, 'label')).toMatchObject({ mutability: 'readWrite' });
    expect((await scim.get('/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true },
    });
  });

  it('a service that only reads announces it; PATCH and Bulk are 501 (RFC 7644 3.12)', async () => {
    const readOnly = { operations: ['read', 'query'] } as const;
    const scim = scimOn(make, { users: readOnly, groups: readOnly, password: true, me: () => 'u1' });
    expect((await scim.patch('/Users/1', [])).status).toBe(501);
    expect((await scim.post('/Bulk', { schemas: bulkSchemas, Operations: [] })).status).toBe(501);
    expect((await scim.put('/Me', {})).status).toBe(405);
    expect((await scim.get('/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: false },
      bulk: { supported: false },
      changePassword: { supported: false },
      filter: { supported: true },
    });
  });

  it('a type without query cannot be listed, by the root and searches either', async () => {
    const scim = scimOn(make, { users: { operations: ['create', 'read'] }, resourceTypes: readOnlyDevices });
    const id = await scim.user();
    expect((await scim.get(`/Users/${id}`)).status).toBe(200);
    expect((await scim.get('/Users')).status).toBe(405);
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] };
    expect((await scim.post('/Users/.search', search)).status).toBe(405);
    expect((await scim.get('/')).body).toMatchObject({ totalResults: 0 });
  });
});

describe.each(expresses)("groups.pendingMembers: 'ignore' on %s", (_, make) => {
  it('skips members that do not exist, and reports it', async () => {
    const applied: AppliedQuirk[] = [];
    const events: ChangeEvent[] = [];
    const scim = scimOn(make, {
      groups: { pendingMembers: 'ignore' },
      onQuirk: (each) => applied.push(each),
      onChange: (event) => void events.push(event),
    });
    const member = { value: await scim.user() };
    const group = { schemas: groupSchemas, displayName: 'Team', members: [member, { value: 'nobody' }] };
    const { id, members } = (await scim.post('/Groups', group)).body as { id: string; members: object[] };
    expect(members).toMatchObject([member]);
    await scim.patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: [{ value: 'no1' }, { value: 'no2' }] }]);
    const put = await scim.put(`/Groups/${id}`, { ...group, members: [{ value: 'nobody' }] });
    expect((put.body as { members?: object[] }).members ?? []).toEqual([]);
    expect(applied.map(({ quirk }) => quirk)).toEqual(['unknown-member', 'unknown-member', 'unknown-member']);
    const ofGroup = events.filter(({ resourceType }) => resourceType === 'Group');
    expect(ofGroup.length).toBeGreaterThan(1);
    for (const { quirks } of ofGroup) expect(quirks).toEqual(['unknown-member']);
  });

  it('contradicts a quirk that says otherwise', () => {
    const options = { groups: { pendingMembers: 'keep' }, quirks: { 'unknown-member': true } } as const;
    expect(() => scimOn(make, options)).toThrow('contradict each other');
  });
});
