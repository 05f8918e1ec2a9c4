import { describe, expect, it } from '@jest/globals';
import { MemoryStore } from '../../src/index.js';
import { enterprise, expresses, groupSchemas, type Scim, scimOn, userSchemas } from './app.js';

interface Described {
  readonly name: string;
  readonly type: string;
  readonly canonicalValues?: readonly string[];
  readonly subAttributes?: readonly Described[];
}

const mails = [
  { value: 'w1@example.com', type: 'work' },
  { value: 'w2@example.com', type: 'work' },
  { value: 'h@example.com', type: 'home' },
];

async function emailsOf(scim: Scim, id: string): Promise<unknown> {
  return ((await scim.get(`/Users/${id}`)).body as { emails?: unknown }).emails;
}

describe.each(expresses)('strict mode on %s', (_, make) => {
  const scim = scimOn(make, { strict: true });
  const lenient = scimOn(make);
  const refused = (response: { status: number; body: unknown }, scimType: string): void => {
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ status: '400', scimType });
  };

  it('announces the profile where all of it is on, and only there (INTEROP-4-01)', async () => {
    const announced = async (options: Parameters<typeof scimOn>[1]): Promise<unknown> =>
      ((await scimOn(make, options).get('/ServiceProviderConfig')).body as Record<string, unknown>)[
        'urn:express-scim:params:scim:schemas:extension:interop:2.0:ServiceProviderConfig'
      ];
    expect(await announced({ strict: true })).toEqual({ interopProfileConformant: true });
    expect(await announced({})).toBeUndefined();
    expect(await announced({ strict: true, quirks: { 'op-case': true } })).toBeUndefined();
    expect(await announced({ strict: true, limits: { defaultResults: 50, maxResults: 99 } })).toBeUndefined();
  });

  it('refuses unknown attributes and schema URIs (INTEROP-5.3-01)', async () => {
    const body = { schemas: userSchemas, userName: 'unknown@example.com' };
    refused(await scim.post('/Users', { ...body, nosuch: 1 }), 'invalidSyntax');
    refused(await scim.post('/Users', { ...body, schemas: [...userSchemas, 'urn:example:nosuch'] }), 'invalidSyntax');
    const id = await scim.user();
    refused(await scim.put(`/Users/${id}`, { ...body, nosuch: 1 }), 'invalidSyntax');
    expect((await lenient.post('/Users', { ...body, nosuch: 1 })).status).toBe(201);
  });

  it('names the canonical values of every type (INTEROP-5.4-01)', async () => {
    const bare = async (from: Scim): Promise<string[]> => {
      const { Resources } = (await from.get('/Schemas')).body as { Resources: { attributes: Described[] }[] };
      return Resources.flatMap(({ attributes }) => attributes)
        .filter(({ subAttributes = [] }) =>
          subAttributes.some(({ name, canonicalValues = [] }) => name === 'type' && canonicalValues.length === 0),
        )
        .map(({ name }) => name);
    };
    expect(await bare(scim)).toEqual([]);
    expect(await bare(lenient)).toEqual(['entitlements', 'roles', 'x509Certificates']);
    await scim.user({ roles: [{ value: 'admin', type: 'of my own' }] });
  });

  it('requires a path in every PATCH operation (INTEROP-6.5-01)', async () => {
    const id = await scim.user({ title: 'before' });
    for (const operation of [
      { op: 'replace', value: { title: 'x' } },
      { op: 'add', value: { title: 'x' } },
      { op: 'replace', path: null, value: { title: 'x' } },
      { op: 'remove' },
    ]) {
      refused(await scim.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'x' }, operation]), 'invalidSyntax');
    }
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
    const other = await lenient.user();
    expect((await lenient.patch(`/Users/${other}`, [{ op: 'replace', value: { title: 'x' } }])).status).toBe(200);
  });

  it('replaces complex attributes whole, and adds into them (INTEROP-6.5-02)', async () => {
    const id = await scim.user({ name: { givenName: 'A', familyName: 'B' } });
    const named = async (op: string, value: object): Promise<unknown> =>
      ((await scim.patch(`/Users/${id}`, [{ op, path: 'name', value }])).body as { name: unknown }).name;
    expect(await named('add', { givenName: 'X' })).toEqual({ givenName: 'X', familyName: 'B' });
    expect(await named('replace', { givenName: 'Y' })).toEqual({ givenName: 'Y' });
  });

  it('requires a sub-attribute after the filter of a value (INTEROP-6.5-03)', async () => {
    const id = await scim.user({ emails: mails });
    for (const op of ['add', 'replace']) {
      const operation = { op, path: 'emails[type eq "home"]', value: { value: 'x@example.com', type: 'home' } };
      refused(await scim.patch(`/Users/${id}`, [operation]), 'invalidPath');
    }
    expect(await emailsOf(scim, id)).toEqual(mails);
  });

  it('refuses a filter that picks several values (INTEROP-6.5-03)', async () => {
    const id = await scim.user({ emails: mails });
    const set = { op: 'replace', path: 'emails[type eq "work"].display', value: 'x' };
    refused(await scim.patch(`/Users/${id}`, [set]), 'invalidFilter');
    refused(await scim.patch(`/Users/${id}`, [{ ...set, op: 'add' }]), 'invalidFilter');
    refused(await scim.patch(`/Users/${id}`, [{ op: 'remove', path: set.path }]), 'invalidFilter');
    expect(await emailsOf(scim, id)).toEqual(mails);
    const one = { ...set, path: 'emails[type eq "home"].display' };
    expect((await scim.patch(`/Users/${id}`, [one])).body).toMatchObject({
      emails: [mails[0], mails[1], { ...mails[2], display: 'x' }],
    });
    const other = await lenient.user({ emails: mails });
    expect((await lenient.patch(`/Users/${other}`, [set])).status).toBe(200);
  });

  it('still removes whole values and members by filter: RFC 7644 has no other way to (INTEROP-6.5-03)', async () => {
    const id = await scim.user({ emails: mails });
    const gone = await scim.patch(`/Users/${id}`, [{ op: 'remove', path: 'emails[type eq "work"]' }]);
    expect(gone.body).toMatchObject({ emails: [mails[2]] });
    const group = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'Crew', members: [{ value: id }] });
    const url = `/Groups/${(group.body as { id: string }).id}`;
    expect((await scim.patch(url, [{ op: 'remove', path: `members[value eq "${id}"]` }])).status).toBe(204);
    expect((await scim.get(url)).body).toMatchObject({ members: [] });
  });

  it('takes fifty member operations in one PATCH (IPSIE-AL2-02)', async () => {
    const group = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'Many', externalId: 'many' });
    const url = `/Groups/${(group.body as { id: string }).id}`;
    const ids = await Promise.all(Array.from({ length: 50 }, () => scim.user()));
    const operations = ids.map((value) => ({ op: 'add', path: 'members', value: [{ value }] }));
    expect((await scim.patch(url, operations)).status).toBe(204);
    const { members } = (await scim.get(url)).body as { members: { value: string }[] };
    expect(members.map(({ value }) => value)).toEqual(ids);
    for (const filter of [`members[value eq "${String(ids[7])}"]`, 'externalId eq "many"', 'displayName eq "Many"']) {
      const found = await scim.get(`/Groups?filter=${encodeURIComponent(filter)}`);
      expect(found.body).toMatchObject({ totalResults: 1 });
    }
  });

  it('has no quirk on (INTEROP-6.3-01)', async () => {
    const id = await scim.user();
    refused(await scim.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: false }]), 'invalidSyntax');
    refused(await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: 'False' }]), 'invalidValue');
    refused(await scim.get('/Users?filter=nosuch eq "x"'), 'invalidFilter');
    refused(await scim.get('/Users?filter=userName eq ada'), 'invalidFilter');
    refused(
      await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'manager', value: { value: id } }]),
      'invalidPath',
    );
    const manager = { op: 'replace', path: `${enterprise}:manager`, value: { value: id } };
    expect((await scim.patch(`/Users/${id}`, [manager])).status).toBe(200);
  });

  it('describes exactly what it serves, each resource type under its name (INTEROP-5.1-01)', async () => {
    interface Type {
      readonly id: string;
      readonly name: string;
      readonly schema: string;
      readonly schemaExtensions?: readonly { readonly schema: string }[];
    }
    const types = ((await scim.get('/ResourceTypes')).body as { Resources: Type[] }).Resources;
    const schemas = ((await scim.get('/Schemas')).body as { Resources: { id: string }[] }).Resources;
    for (const { id, name } of types) expect(id).toBe(name);
    const served = types.flatMap(({ schema, schemaExtensions = [] }) => [
      schema,
      ...schemaExtensions.map((extension) => extension.schema),
    ]);
    const ofDiscovery = ['ServiceProviderConfig', 'ResourceType', 'Schema'];
    const profile = 'urn:express-scim:params:scim:schemas:extension:interop:2.0:ServiceProviderConfig';
    expect(schemas.map(({ id }) => id).sort()).toEqual(
      [profile, ...served, ...ofDiscovery.map((name) => `urn:ietf:params:scim:schemas:core:2.0:${name}`)].sort(),
    );
  });

  it('compares names alike in filters and for uniqueness, ids as they are (INTEROP-5.2-01)', async () => {
    const id = await scim.user({ userName: 'Case@example.com', externalId: 'Ab1' });
    const total = async (filter: string): Promise<unknown> =>
      ((await scim.get(`/Users?filter=${encodeURIComponent(filter)}`)).body as Record<string, unknown>)['totalResults'];
    expect(await total('userName eq "CASE@example.com"')).toBe(1);
    expect(await total('externalId eq "Ab1"')).toBe(1);
    expect(await total('externalId eq "aB1"')).toBe(0);
    expect(await total(`id eq "${id}"`)).toBe(1);
    expect(await total(`id eq "${id.toUpperCase()}"`)).toBe(0);
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'case@EXAMPLE.com' })).status).toBe(409);
  });

  it('responds in application/scim+json, errors too (INTEROP-6.2-01)', async () => {
    for (const path of ['/Users', '/ServiceProviderConfig', '/Users/nobody', '/nowhere', '/Users?filter=x']) {
      expect((await scim.get(path)).headers['content-type']).toBe('application/scim+json');
    }
  });

  it('gives a hundred results, and caps what asks for more (INTEROP-6.4-01)', async () => {
    const many = scimOn(make, { strict: true, limits: { maxResults: 110 } });
    for (let made = 0; made < 120; made += 40) await Promise.all(Array.from({ length: 40 }, () => many.user()));
    const shown = async (query: string): Promise<unknown> =>
      ((await many.get(`/Users${query}`)).body as Record<string, unknown>)['itemsPerPage'];
    expect(await shown('?count=100')).toBe(100);
    expect(await shown('')).toBe(100);
    expect(await shown('?count=5000')).toBe(110);
    expect(await shown('?cursor&count=100')).toBe(100);
  });

  it('deletes for good, and frees the names (INTEROP-6.6-01, IPSIE-AL1-01)', async () => {
    const names = { userName: 'gone@example.com', externalId: 'gone' };
    const id = await scim.user(names);
    expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }])).status).toBe(200);
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ active: false });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }])).status).toBe(200);
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ active: true });
    expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
    expect((await scim.get(`/Users/${id}`)).status).toBe(404);
    expect(await scim.user(names)).not.toBe(id);
  });

  it('finds a user by each of the filters that lifecycle needs (IPSIE-AL1-01)', async () => {
    const mail = 'ipsie@example.com';
    await scim.user({ userName: mail, externalId: 'ipsie', emails: [{ value: mail, type: 'work' }] });
    for (const filter of [
      `userName eq "${mail}"`,
      'externalId eq "ipsie"',
      `emails[value eq "${mail}"]`,
      `emails[type eq "work" and value eq "${mail}"]`,
    ]) {
      const found = await scim.get(`/Users?filter=${encodeURIComponent(filter)}`);
      expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ userName: mail }] });
    }
  });

  it('returns 409 uniqueness to POST and PATCH (INTEROP-6.9-01)', async () => {
    await scim.user({ userName: 'taken@example.com' });
    const id = await scim.user();
    const conflict = { status: '409', scimType: 'uniqueness' };
    expect((await scim.post('/Users', { schemas: userSchemas, userName: 'taken@example.com' })).body).toMatchObject(
      conflict,
    );
    const rename = { op: 'replace', path: 'userName', value: 'taken@example.com' };
    expect((await scim.patch(`/Users/${id}`, [rename])).body).toMatchObject(conflict);
  });

  it('takes bulk, and a PATCH of many attributes (IPSIE-shared-02)', async () => {
    const bulk = await scim.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'a', data: { schemas: userSchemas, userName: 'bulk@example.com' } },
      ],
    });
    expect(bulk.body).toMatchObject({ Operations: [{ bulkId: 'a', status: '201' }] });
    const id = await scim.user();
    const values = { displayName: 'D', title: 'T', nickName: 'N', userType: 'U', active: false, locale: 'en-GB' };
    const operations = Object.entries(values).map(([path, value]) => ({ op: 'add', path, value }));
    expect((await scim.patch(`/Users/${id}`, operations)).body).toMatchObject(values);
  });

  it('has the attributes of accounts in its schema, and no password (IPSIE-AL2-01)', async () => {
    const schema = (await scim.get(`/Schemas/${String(userSchemas[0])}`)).body as { attributes: Described[] };
    const names = schema.attributes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['userName', 'displayName', 'active']));
    expect(names).not.toContain('password');
  });

  it('reports every change to the host, and nothing of a fault to the client (IPSIE-security-01)', async () => {
    const events: string[] = [];
    const store = new MemoryStore();
    const reporting = scimOn(make, { strict: true, onChange: (event) => void events.push(event.type) }, store);
    const id = await reporting.user();
    await reporting.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'x' }]);
    await reporting.delete(`/Users/${id}`);
    expect(events).toHaveLength(3);
    store.get = () => {
      throw new Error('secret at 10.0.0.1');
    };
    const fault = await reporting.get(`/Users/${id}`);
    expect(fault.status).toBe(500);
    expect(JSON.stringify(fault.body)).not.toMatch(/secret|10\.0/);
  });
});
