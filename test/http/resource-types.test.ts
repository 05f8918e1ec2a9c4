import { beforeAll, describe, expect, it } from '@jest/globals';
import { defineSchema, MemoryStore, type ResourceTypeOption } from '../../src/index.js';
import { createResourceTable, createScimTables, sqlStore } from '../../src/sql.js';
import type { Attributes } from '../../src/contract/attribute.js';
import type { ResourceStore, UserStore } from '../../src/contract/store.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { expresses, groupSchemas, type Scim, scimOn } from './app.js';

// RFC 9944 3 and 7: a device, and the extension of those that are known by their MAC address.
const deviceSchema = defineSchema({
  id: 'urn:ietf:params:scim:schemas:core:2.0:Device',
  name: 'Device',
  attributes: [
    { name: 'displayName' },
    { name: 'active', type: 'boolean', required: true },
    { name: 'mudUrl', type: 'reference', referenceTypes: ['external'] },
  ],
});
const macSchema = defineSchema({
  id: 'urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device',
  name: 'Ethernet MAB',
  attributes: [{ name: 'deviceMacAddress', required: true, uniqueness: 'server' }],
});
const departmentSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Department',
  attributes: [
    { name: 'displayName', required: true, uniqueness: 'server' },
    { name: 'costCenter', caseExact: true },
  ],
});
const locationSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Location',
  attributes: [
    { name: 'displayName', required: true },
    {
      name: 'parent',
      type: 'complex',
      subAttributes: [
        { name: 'value', caseExact: true },
        { name: '$ref', type: 'reference', referenceTypes: ['Location'] },
        { name: 'displayName', mutability: 'readOnly' },
      ],
    },
  ],
});
// RFC 9944 5: an application that talks to devices.
const endpointAppSchema = defineSchema({
  id: 'urn:ietf:params:scim:schemas:core:2.0:EndpointApp',
  attributes: [
    { name: 'applicationType', required: true, mutability: 'immutable' },
    { name: 'applicationName', required: true },
    { name: 'clientToken', mutability: 'readOnly' },
  ],
});
const mac = macSchema.id;

// Every data type, cardinality, mutability, returned, uniqueness and caseExact that there is.
const testSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:TestResource',
  attributes: [
    { name: 'text' },
    { name: 'exact', caseExact: true },
    { name: 'texts', multiValued: true },
    { name: 'flag', type: 'boolean' },
    { name: 'count', type: 'integer' },
    { name: 'counts', type: 'integer', multiValued: true },
    { name: 'ratio', type: 'decimal' },
    { name: 'since', type: 'dateTime' },
    { name: 'bytes', type: 'binary' },
    { name: 'link', type: 'reference', referenceTypes: ['external'] },
    { name: 'code', uniqueness: 'server' },
    { name: 'serial', uniqueness: 'global', caseExact: true },
    { name: 'once', mutability: 'immutable' },
    { name: 'secret', mutability: 'writeOnly', returned: 'never' },
    { name: 'shown', mutability: 'readOnly' },
    { name: 'always', returned: 'always' },
    { name: 'asked', returned: 'request' },
    { name: 'hidden', returned: 'never' },
    {
      name: 'single',
      type: 'complex',
      subAttributes: [
        { name: 'one' },
        { name: 'once', mutability: 'immutable' },
        { name: 'asked', returned: 'request' },
        { name: 'key', uniqueness: 'server' },
      ],
    },
    {
      name: 'many',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value' },
        { name: 'type' },
        { name: 'primary', type: 'boolean' },
        { name: 'size', type: 'integer' },
      ],
    },
  ],
});

interface Stores extends UserStore {
  resources(type: string): ResourceStore<Attributes>;
}

function types(store: Stores): ResourceTypeOption[] {
  return [
    { name: 'Device', schema: deviceSchema, extensions: [{ schema: macSchema }], store: store.resources('Device') },
    { name: 'Department', schema: departmentSchema, store: store.resources('Department') },
    { name: 'Location', schema: locationSchema, store: store.resources('Location') },
    { name: 'EndpointApp', schema: endpointAppSchema, store: store.resources('EndpointApp') },
    { name: 'TestResource', endpoint: '/Tests', schema: testSchema, store: store.resources('TestResource') },
  ];
}

const { db } = sqlite();
const own = ['Device', 'Department', 'Location', 'EndpointApp', 'TestResource'];
beforeAll(async () => {
  for (const tables of ['a_', 'b_']) {
    await createScimTables(db, { tables });
    for (const type of own) await createResourceTable(db, type, { tables });
  }
});
const stores: readonly (readonly [string, () => Stores])[] = [
  ['in memory', () => new MemoryStore()],
  // A table prefix for each version of Express.
  ['in built-in tables', () => sqlStore(db, { tables: prefixes.shift() ?? '' })],
];
const prefixes = ['a_', 'b_'];

describe.each(expresses.flatMap(([name, make]) => stores.map(([kept, open]) => [name, kept, make, open] as const)))(
  'resource types of the host on %s, kept %s',
  (_name, _kept, make, open) => {
    const store = open();
    const scim = scimOn(make, { resourceTypes: types(store) }, store);
    const create = async (
      path: string,
      schemas: readonly string[],
      attributes: object,
    ): Promise<Record<string, unknown> & { id: string }> => {
      const response = await scim.post(path, { schemas, ...attributes });
      expect([response.status, response.body]).toEqual([201, expect.anything()]);
      return response.body as Record<string, unknown> & { id: string };
    };
    const device = (attributes: object): ReturnType<typeof create> =>
      create('/Devices', [deviceSchema.id, mac], { active: true, ...attributes });
    const test = (attributes: object): ReturnType<typeof create> => create('/Tests', [testSchema.id], attributes);
    const found = async (client: Scim, path: string): Promise<unknown[]> =>
      ((await client.get(path)).body as { Resources: Record<string, unknown>[] }).Resources.map(
        (each) => each['text'] ?? each['displayName'],
      );

    it('are discovered (7643-3.2-01, 9944-3-01)', async () => {
      expect((await scim.get('/ResourceTypes/Device')).body).toMatchObject({
        name: 'Device',
        endpoint: '/Devices',
        schema: deviceSchema.id,
        schemaExtensions: [{ schema: mac, required: false }],
      });
      expect((await scim.get(`/Schemas/${mac}`)).body).toMatchObject({
        attributes: [{ name: 'deviceMacAddress', uniqueness: 'server' }],
      });
      expect((await scim.get('/ResourceTypes')).body).toMatchObject({ totalResults: 7 });
    });

    it('have every operation', async () => {
      const made = await device({ displayName: 'Sensor', [mac]: { deviceMacAddress: '00:00:5E:00:53:01' } });
      expect(made).toMatchObject({
        schemas: [deviceSchema.id, mac],
        meta: { resourceType: 'Device', location: `https://app.example.com/scim/v2/Devices/${made.id}` },
      });
      const path = `/Devices/${made.id}`;
      expect(
        (
          await scim.patch(path, [
            { op: 'replace', path: 'active', value: 'False' },
            { op: 'add', path: 'mudUrl', value: 'https://x.example/mud' },
          ])
        ).body,
      ).toMatchObject({ active: false, mudUrl: 'https://x.example/mud' });
      expect(
        (await scim.patch(path, [{ op: 'replace', path: `${mac}:deviceMacAddress`, value: '00:00:5E:00:53:02' }]))
          .status,
      ).toBe(200);
      expect(
        await found(scim, `/Devices?filter=${mac}:deviceMacAddress eq "00:00:5e:00:53:02" and active eq false`),
      ).toEqual(['Sensor']);
      expect(
        (await scim.put(path, { schemas: [deviceSchema.id], displayName: 'Plain', active: true })).body,
      ).toMatchObject({ schemas: [deviceSchema.id], displayName: 'Plain' });
      expect((await scim.put(path, { schemas: [deviceSchema.id], displayName: 'Plain' })).body).toMatchObject({
        scimType: 'invalidValue',
      });
      const search = {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter: 'displayName eq "plain"',
      };
      expect((await scim.post('/Devices/.search', search)).body).toMatchObject({ totalResults: 1 });
      expect((await scim.post('/.search', { ...search, filter: 'meta.resourceType eq "Device"' })).body).toMatchObject({
        totalResults: 1,
      });
      expect((await scim.delete(path)).status).toBe(204);
      expect((await scim.get(path)).status).toBe(404);
    });

    it('are unique where their schema says so, and free again', async () => {
      const address = { [mac]: { deviceMacAddress: 'AA' } };
      const first = await device(address);
      expect(
        (await scim.post('/Devices', { schemas: [deviceSchema.id], active: true, [mac]: { deviceMacAddress: 'aa' } }))
          .body,
      ).toMatchObject({ status: '409', scimType: 'uniqueness' });
      await scim.patch(`/Devices/${first.id}`, [{ op: 'remove', path: mac }]);
      const second = await device(address);
      await scim.delete(`/Devices/${second.id}`);
      await device(address);
      await create('/Departments', [departmentSchema.id], { displayName: 'Research' });
      expect(
        (await scim.post('/Departments', { schemas: [departmentSchema.id], displayName: 'RESEARCH' })).status,
      ).toBe(409);
    });

    it('may name one another', async () => {
      const city = await create('/Locations', [locationSchema.id], { displayName: 'Springfield' });
      const module = await create('/Locations', [locationSchema.id], {
        displayName: 'Room 1',
        parent: { value: city.id },
      });
      const parent = {
        value: city.id,
        $ref: `https://app.example.com/scim/v2/Locations/${city.id}`,
        displayName: 'Springfield',
      };
      expect(module['parent']).toEqual(parent);
      expect(await found(scim, `/Locations?filter=parent eq "${city.id}"`)).toEqual(['Room 1']);
      expect(await found(scim, `/Locations?filter=parent.$ref eq "${parent.$ref}"`)).toEqual(['Room 1']);
      expect((await scim.patch(`/Locations/${module.id}`, [{ op: 'remove', path: 'parent' }])).body).not.toHaveProperty(
        'parent',
      );
    });

    it('may be applications of RFC 9944 (9944-5-01)', async () => {
      const app = await create('/EndpointApps', [endpointAppSchema.id], {
        applicationType: 'telemetry',
        applicationName: 'Reader',
        clientToken: 'mine',
      });
      expect(app).not.toHaveProperty('clientToken');
      expect(
        (await scim.post('/EndpointApps', { schemas: [endpointAppSchema.id], applicationName: 'x' })).body,
      ).toMatchObject({ scimType: 'invalidValue' });
      const path = `/EndpointApps/${app.id}`;
      expect(
        (await scim.patch(path, [{ op: 'replace', path: 'applicationName', value: 'Writer' }])).body,
      ).toMatchObject({
        applicationName: 'Writer',
      });
      expect(
        (await scim.patch(path, [{ op: 'replace', path: 'applicationType', value: 'deviceControl' }])).body,
      ).toMatchObject({ scimType: 'mutability' });
    });

    it('may be members of groups (9944-4-01)', async () => {
      const { id } = await device({ displayName: 'Camera' });
      const response = await scim.post('/Groups', {
        schemas: groupSchemas,
        displayName: 'Things',
        members: [{ value: id }],
      });
      expect(response.body).toMatchObject({
        members: [{ value: id, type: 'Device', $ref: `https://app.example.com/scim/v2/Devices/${id}` }],
      });
    });

    it('run in bulk and page by cursor', async () => {
      const Operations = Array.from({ length: 5 }, (__, i) => ({
        method: 'POST',
        path: '/Departments',
        bulkId: String(i),
        data: { schemas: [departmentSchema.id], displayName: `D${String(i)}`, costCenter: 'bulk' },
      }));
      await scim.post('/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations });
      const seen: unknown[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const { body } = (await scim.get(
          `/Departments?filter=costCenter eq "bulk"&sortBy=displayName&count=2&cursor=${cursor}`,
        )) as unknown as { body: { nextCursor?: string; Resources: { displayName: string }[] } };
        seen.push(...body.Resources.map((each) => each.displayName));
        cursor = body.nextCursor;
      }
      expect(seen).toEqual(['D0', 'D1', 'D2', 'D3', 'D4']);
    });

    it('keep every type of value, and refuse what does not fit (7643-2.3-01 to 7643-2.3.7-01)', async () => {
      const values = {
        text: 't',
        exact: 'E',
        texts: ['a', 'b'],
        flag: true,
        count: 7,
        counts: [1, 2],
        ratio: 1.5,
        since: '2026-01-02T03:04:05+02:00',
        bytes: 'AQID',
        link: 'https://x.example/',
      };
      const made = await test(values);
      expect((await scim.get(`/Tests/${made.id}`)).body).toMatchObject(values);
      for (const wrong of [
        { text: 1 },
        { texts: [1] },
        { flag: 'x' },
        { count: 1.5 },
        { counts: ['1.5'] },
        { counts: ['seven'] },
        { count: 2 ** 53 },
        { ratio: '1,5' },
        { ratio: '1e400' },
        { since: '2026-01-02' },
        { bytes: '%' },
        { link: 1 },
        { many: [1] },
        { single: 'x' },
      ]) {
        expect((await scim.post('/Tests', { schemas: [testSchema.id], ...wrong })).body).toMatchObject({
          status: '400',
          scimType: 'invalidValue',
        });
        const [[path, value] = ['', 1]] = Object.entries(wrong);
        expect((await scim.patch(`/Tests/${made.id}`, [{ op: 'replace', path, value }])).status).toBe(400);
      }
    });

    it('compare by type and case', async () => {
      await test({ text: 'low', count: 9, ratio: 0.5, since: '2026-01-01T00:00:00+05:00', exact: 'b', texts: ['Red'] });
      await test({
        text: 'high',
        count: 10,
        ratio: 1e3,
        since: '2026-01-01T00:00:00Z',
        exact: 'B',
        texts: ['blue', 'RED'],
      });
      const of = (filter: string): Promise<unknown[]> =>
        found(
          scim,
          `/Tests?filter=${encodeURIComponent(`(${filter}) and (text eq "low" or text eq "high")`)}&sortBy=text`,
        );
      expect(await of('count lt 10')).toEqual(['low']);
      expect(await of('ratio ge 1000')).toEqual(['high']);
      expect(await of('since lt "2026-01-01T00:00:00Z"')).toEqual(['low']);
      expect(await of('exact eq "b"')).toEqual(['low']);
      expect(await of('texts eq "red"')).toEqual(['high', 'low']);
      expect(await of('texts co "lu"')).toEqual(['high']);
      expect(await found(scim, '/Tests?filter=text eq "low" or text eq "high"&sortBy=count')).toEqual(['low', 'high']);
      expect(await found(scim, '/Tests?filter=text eq "low" or text eq "high"&sortBy=exact')).toEqual(['high', 'low']);
      for (const filter of [
        'flag gt true',
        'bytes lt "AA"',
        'count co 1',
        'since eq "today"',
        'secret pr',
        'hidden eq "x"',
      ]) {
        expect((await scim.get(`/Tests?filter=${encodeURIComponent(filter)}`)).body).toMatchObject({
          scimType: 'invalidFilter',
        });
      }
    });

    it('heed mutability (7643-7-05 to 7643-7-07)', async () => {
      const made = await test({
        text: 'm',
        once: 'first',
        secret: 'x',
        shown: 'mine',
        single: { one: 'a', once: 'b' },
      });
      const path = `/Tests/${made.id}`;
      expect(made).not.toHaveProperty('secret');
      expect(made).not.toHaveProperty('shown');
      for (const operation of [
        { op: 'replace', path: 'once', value: 'second' },
        { op: 'replace', path: 'shown', value: 'x' },
        { op: 'remove', path: 'once' },
        { op: 'replace', path: 'single.once', value: 'c' },
      ]) {
        expect((await scim.patch(path, [operation])).body).toMatchObject({ status: '400', scimType: 'mutability' });
      }
      for (const operation of [
        { op: 'remove', path: 'single' },
        { op: 'replace', path: 'single', value: null },
        { op: 'replace', value: { single: null } },
      ]) {
        // An immutable value does not go with the one that holds it.
        expect((await scim.patch(path, [operation])).body).toMatchObject({ status: '400', scimType: 'mutability' });
      }
      expect((await scim.patch(path, [{ op: 'add', path: 'once', value: 'first' }])).status).toBe(200);
      expect((await scim.put(path, { schemas: [testSchema.id], text: 'm', once: 'second' })).body).toMatchObject({
        scimType: 'mutability',
      });
      expect(
        (await scim.put(path, { schemas: [testSchema.id], text: 'm', single: { one: 'z', once: 'c' } })).body,
      ).toMatchObject({ scimType: 'mutability' });
      expect((await scim.put(path, { schemas: [testSchema.id], text: 'n', single: { one: 'z' } })).body).toMatchObject({
        text: 'n',
        once: 'first',
        single: { one: 'z', once: 'b' },
      });
    });

    it('heed returned (7643-7-08 to 7643-7-11)', async () => {
      const made = await test({ text: 'r', always: 'a', asked: 'q', hidden: 'h', single: { one: 'x', asked: 'y' } });
      expect(made).toMatchObject({ always: 'a', asked: 'q', single: { one: 'x', asked: 'y' } });
      const read = (query: string): Promise<unknown> =>
        scim.get(`/Tests/${made.id}${query}`).then((response) => response.body as unknown);
      expect(await read('')).toMatchObject({ text: 'r', always: 'a', single: { one: 'x' } });
      expect(JSON.stringify(await read(''))).not.toMatch(/asked|hidden/);
      expect(await read('?attributes=text')).toEqual({ schemas: [testSchema.id], id: made.id, always: 'a', text: 'r' });
      expect(await read('?attributes=asked,hidden,single.asked')).toEqual({
        schemas: [testSchema.id],
        id: made.id,
        always: 'a',
        asked: 'q',
        single: { asked: 'y' },
      });
      expect(await read('?excludedAttributes=always,text')).toMatchObject({ always: 'a' });
      expect(
        (await scim.patch(`/Tests/${made.id}`, [{ op: 'replace', path: 'asked', value: 'new' }])).body,
      ).toMatchObject({ asked: 'new' });
      expect(
        (await scim.patch(`/Tests/${made.id}`, [{ op: 'replace', path: 'text', value: 'new' }])).body,
      ).not.toHaveProperty('asked');
    });

    it('heed uniqueness, nested too (7643-7-14)', async () => {
      await test({ code: 'C', serial: 's', single: { key: 'K' } });
      const post = async (attributes: object): Promise<number> =>
        (await scim.post('/Tests', { schemas: [testSchema.id], ...attributes })).status;
      expect(
        await Promise.all([
          post({ code: 'c' }),
          post({ serial: 's' }),
          post({ serial: 'S' }),
          post({ single: { key: 'k' } }),
        ]),
      ).toEqual([409, 409, 201, 409]);
    });

    it('patch values of every cardinality', async () => {
      const { id } = await test({
        texts: ['a'],
        many: [
          { value: 'x', type: 't', primary: true, size: 1 },
          { value: 'y', size: 2 },
        ],
      });
      const patch = async (operation: object): Promise<Record<string, unknown>> =>
        (await scim.patch(`/Tests/${id}`, [operation])).body as Record<string, unknown>;
      expect((await patch({ op: 'add', path: 'texts', value: ['b', 'a'] }))['texts']).toEqual(['a', 'b']);
      expect((await patch({ op: 'remove', path: 'texts', value: ['a'] }))['texts']).toEqual(['b']);
      expect((await patch({ op: 'replace', path: 'many[size gt 1].type', value: 'u' }))['many']).toMatchObject([
        { type: 't' },
        { type: 'u' },
      ]);
      expect((await patch({ op: 'add', path: 'many', value: { value: 'z', primary: true } }))['many']).toMatchObject([
        { value: 'x' },
        { value: 'y' },
        { value: 'z', primary: true },
      ]);
      const many = (await patch({ op: 'remove', path: 'many[value eq "y"]' }))['many'] as {
        value: string;
        primary?: boolean;
      }[];
      expect(many.map((each) => [each.value, each.primary === true])).toEqual([
        ['x', false],
        ['z', true],
      ]);
    });
  },
);
