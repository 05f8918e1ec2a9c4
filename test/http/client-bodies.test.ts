import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  type ChangeEvent,
  defineSchema,
  MemoryStore,
  type ResourceTypeOption,
  type UserStore,
} from '../../src/index.js';
import type { Attributes } from '../../src/contract/attribute.js';
import type { ResourceStore } from '../../src/contract/store.js';
import { createResourceTable, createScimTables, sqlStore } from '../../src/sql.js';
import { mapped, prepareMapped } from '../stores/mapped/mapped.js';
import { sqlite } from '../stores/sql/sqlite.js';
import { enterprise, expresses, groupSchemas, key, type Scim, scimOn, userSchemas } from './app.js';

const teamSchema = defineSchema({
  id: 'urn:example:params:scim:schemas:2.0:Team',
  attributes: [
    { name: 'displayName' },
    { name: 'size', type: 'integer' },
    { name: 'ratio', type: 'decimal' },
    { name: 'active', type: 'boolean' },
    {
      name: 'owners',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', caseExact: true },
        { name: '$ref', type: 'reference', referenceTypes: ['User'] },
        { name: 'display' },
      ],
    },
    {
      name: 'links',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value' },
        { name: 'labels', multiValued: true },
        { name: 'ranks', type: 'integer', multiValued: true },
        { name: 'flags', type: 'boolean', multiValued: true },
        { name: 'dates', type: 'dateTime', multiValued: true },
      ],
    },
    { name: 'box', type: 'complex', subAttributes: [{ name: 'marks', multiValued: true, caseExact: true }] },
    {
      name: 'partner',
      type: 'complex',
      subAttributes: [
        { name: 'value', caseExact: true },
        { name: '$ref', type: 'reference', referenceTypes: ['Team'] },
        { name: 'displayName', mutability: 'readOnly' },
      ],
    },
  ],
});

type Stores = UserStore & { resources(type: string): ResourceStore<Attributes> };
const teams = (store: Stores): ResourceTypeOption => ({
  name: 'Team',
  endpoint: '/Crew',
  schema: teamSchema,
  store: store.resources('Team'),
});

const stores: readonly (readonly [string, () => Promise<Stores>])[] = [
  ['memory', () => Promise.resolve(new MemoryStore())],
  [
    'built-in tables',
    async () => {
      const { db } = sqlite();
      await createScimTables(db);
      await createResourceTable(db, 'Team');
      return sqlStore(db);
    },
  ],
];
const hosts = expresses.flatMap(([express, make]) =>
  stores.map(([kept, open]) => [express, kept, make, open] as const),
);

describe.each(hosts)('bodies of real clients on %s in %s', (_, __, make, open) => {
  let scim: Scim;
  const events: ChangeEvent[] = [];
  let hasLists = false;
  const read = async (path: string): Promise<Record<string, unknown>> =>
    (await scim.get(path)).body as Record<string, unknown>;
  const made = async (path: string, body: object): Promise<string> => {
    const response = await scim.post(path, body);
    expect([response.status, response.body]).toEqual([201, expect.anything()]);
    return (response.body as { id: string }).id;
  };
  const group = (...ids: readonly string[]): Promise<string> =>
    made('/Groups', { schemas: groupSchemas, displayName: 'G', members: ids.map((value) => ({ value })) });
  const membersOf = async (id: string): Promise<string[]> =>
    (((await read(`/Groups/${id}`))['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();

  beforeAll(async () => {
    const store = await open();
    scim = scimOn(make, { resourceTypes: [teams(store)], onChange: (event) => void events.push(event) }, store);
  });

  it.each([
    [{ op: 'replace', path: 'active', value: '' }],
    [{ op: 'replace', path: 'ACTIVE', value: null }],
    [{ op: 'add', path: 'active', value: [] }],
    [{ op: 'replace', path: 'active', value: [null] }],
    [{ op: 'replace', path: 'active', value: [''] }],
    [{ op: 'replace', value: { active: [null] } }],
    [{ op: 'remove', path: 'active' }],
    [{ op: 'Remove', path: `${userSchemas[0] ?? ''}:active`, value: true }],
    [{ op: 'replace', path: `${userSchemas[0] ?? ''}.active`, value: null }],
    [{ op: 'replace', value: { active: '' } }],
    [{ op: 'add', value: { [`${userSchemas[0] ?? ''}:Active`]: null } }],
    [{ op: 'replace', path: userSchemas[0], value: { active: [] } }],
    [{ op: 'replace', value: '{"active":null}' }],
  ])('%j never switches a suspended user on (standards reading 53)', async (operation) => {
    const id = await scim.user({ active: false });
    const before = await read(`/Users/${id}`);
    events.length = 0;
    expect((await scim.patch(`/Users/${id}`, [operation])).status).toBe(200);
    const bulk = { Operations: [{ method: 'PATCH', path: `/Users/${id}`, data: { Operations: [operation] } }] };
    const { body } = await scim.post('/Bulk', bulk);
    expect((body as { Operations: { status: string }[] }).Operations[0]?.status).toBe('200');
    expect(await read(`/Users/${id}`)).toEqual(before);
    expect(events).toEqual([]);
  });

  it.each([{ value: '' }, { value: null }, ['', ''], '  ', 0])('refuses %j for active', async (value) => {
    const id = await scim.user({ active: false });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value }])).status).toBe(400);
    expect(await read(`/Users/${id}`)).toMatchObject({ active: false });
  });

  it.each([
    ['members[display eq "Ann"]', ['bob', 'cem']],
    ['members[display eq "ann" and value eq "ANN_ID"]', ['bob', 'cem']],
    ['members[display eq "Ann" and value eq "BOB_ID"]', ['ann', 'bob', 'cem']],
    ['members[display ne "Bob"]', ['bob']],
    ['members[not (display eq "Bob")]', ['bob']],
    ['members[not (display pr)]', ['ann', 'bob', 'cem']],
    ['members[display sw "C" or display ew "n"]', ['bob']],
  ])('remove %s compares the names that responses show (standards reading 56)', async (path, left) => {
    const ids = {
      ann: await scim.user({ displayName: 'Ann' }),
      bob: await scim.user({ displayName: 'Bob' }),
      cem: await scim.user({ displayName: 'Cem' }),
    };
    const id = await group(ids.ann, ids.bob);
    const operations = [
      { op: 'add', path: 'members', value: [{ value: ids.cem }] },
      { op: 'remove', path: path.replace('ANN_ID', ids.ann).replace('BOB_ID', ids.bob) },
    ];
    expect((await scim.patch(`/Groups/${id}`, operations)).status).toBe(204);
    const expected = Object.entries(ids).flatMap(([name, value]) => (left.includes(name) ? [value] : []));
    expect(await membersOf(id)).toEqual(expected.sort());
  });

  it('does the same for references of a resource type of the host', async () => {
    const [ann, bob] = [await scim.user({ displayName: 'Ann' }), await scim.user({ displayName: 'Bob' })];
    const id = await made('/Crew', { schemas: [teamSchema.id], owners: [{ value: ann }, { value: bob }] });
    await scim.patch(`/Crew/${id}`, [{ op: 'remove', path: 'owners[display eq "Ann"]' }]);
    expect(await read(`/Crew/${id}`)).toMatchObject({ owners: [{ value: bob, display: 'Bob' }] });
    await scim.patch(`/Crew/${id}`, [{ op: 'remove', path: 'owners[display ne "Bob"]' }]);
    expect(await read(`/Crew/${id}`)).toMatchObject({ owners: [{ value: bob, display: 'Bob' }] });
  });

  it.each([
    [[{ type: 'User' }]],
    [[{ value: null }]],
    [[{ value: '' }]],
    [[{ value: ' ' }]],
    [[{ display: 'Ann' }]],
    [[{}]],
    [[null]],
    [[{ id: 'x' }]],
    [[{ members: [{ value: 'x' }] }]],
    [[[{ value: 'x' }]]],
    [{ members: [{ value: 'x' }] }],
    [[{ value: 7 }]],
  ])('refuses members %j in POST, PUT and bulk, and changes nothing (standards reading 54)', async (members) => {
    const user = await scim.user();
    const id = await group(user);
    const body = { schemas: groupSchemas, displayName: 'H', members };
    const mixed = Array.isArray(members) ? { ...body, members: [{ value: user }, ...(members as unknown[])] } : body;
    for (const each of [body, mixed]) {
      const responses = [await scim.post('/Groups', each), await scim.put(`/Groups/${id}`, each)];
      for (const { status, body: error } of responses) {
        expect([status, error]).toEqual([400, expect.objectContaining({ scimType: 'invalidValue' })]);
      }
    }
    const operation = { method: 'PUT', path: `/Groups/${id}`, data: body };
    const { body: bulk } = await scim.post('/Bulk', { Operations: [operation] });
    expect((bulk as { Operations: { status: string }[] }).Operations[0]?.status).toBe('400');
    expect([await membersOf(id), (await read(`/Groups/${id}`))['displayName']]).toEqual([[user], 'G']);
    const owners = { schemas: [teamSchema.id], owners: members };
    expect((await scim.post('/Crew', owners)).body).toMatchObject({ scimType: 'invalidValue' });
  });

  it('reads members that are ids or URIs', async () => {
    const [ann, bob, cem] = [await scim.user(), await scim.user(), await scim.user()];
    const members = [ann, { $ref: `https://app.example.com/scim/v2/Users/${bob}` }, { value: cem, $ref: null }];
    const id = await made('/Groups', { schemas: groupSchemas, displayName: 'G', members });
    expect(await membersOf(id)).toEqual([ann, bob, cem].sort());
  });

  it.each([
    ['emails', { emails: [{ value: 'x' }] }],
    ['emails', { foo: 1 }],
    ['emails', [{ mail: 'x' }]],
    ['emails', [{ value: 'ok' }, { mail: 'x' }]],
    ['emails[type eq "work"]', { mail: 'x' }],
    ['name', { foo: 1 }],
    [undefined, { emails: [{ mail: 'x' }] }],
    [`${enterprise}:manager`, { id: 'x' }],
  ])('erases nothing for %s: %j, of which nothing is understood (standards reading 55)', async (path, value) => {
    const boss = await scim.user();
    const extension = { [enterprise]: { manager: { value: boss } } };
    const id = await scim.user({ emails: [{ value: 'a', type: 'work' }], name: { givenName: 'A' }, ...extension });
    const before = await read(`/Users/${id}`);
    for (const op of ['replace', 'add']) {
      const response = await scim.patch(`/Users/${id}`, [{ op, ...(path !== undefined && { path }), value }]);
      expect([response.status, response.body]).toEqual([400, expect.objectContaining({ scimType: 'invalidValue' })]);
    }
    if (path === 'emails' || path === 'name') {
      const body = { schemas: userSchemas, userName: before['userName'], [path]: value };
      expect((await scim.put(`/Users/${id}`, body)).status).toBe(400);
    }
    expect(await read(`/Users/${id}`)).toEqual(before);
  });

  it.each([[[]], [null], [''], [[{ value: null }]], [[{}]]])('clears emails with %j', async (value) => {
    const id = await scim.user({ emails: [{ value: 'a' }] });
    expect((await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'emails', value }])).status).toBe(200);
    expect(await read(`/Users/${id}`)).not.toHaveProperty('emails');
  });

  it('reads numbers as text, and refuses those that a double cannot hold (standards readings 57, 58)', async () => {
    const id = await made('/Crew', { schemas: [teamSchema.id], size: '7', ratio: '1.5', active: 'False' });
    expect(await read(`/Crew/${id}`)).toMatchObject({ size: 7, ratio: 1.5, active: false });
    for (const [name, text] of [
      ['size', '9007199254740993'],
      ['size', '"9007199254740993"'],
      ['ratio', '1e400'],
      ['ratio', '"-1e400"'],
    ] as const) {
      const { status } = await request(scim.app)
        .patch(`/scim/v2/Crew/${id}`)
        .set({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
        .send(`{"Operations":[{"op":"replace","path":"${name}","value":${text}}]}`);
      expect(status).toBe(400);
    }
    expect(await read(`/Crew/${id}`)).toMatchObject({ size: 7, ratio: 1.5 });
  });

  it('asks the served types for endpoints, and shows $ref once a reference resolves', async () => {
    const partner = await made('/Crew', { schemas: [teamSchema.id], size: 1 });
    const id = await made('/Crew', {
      schemas: [teamSchema.id],
      partner: { value: partner },
      owners: [{ value: 'none' }],
    });
    const $ref = `https://app.example.com/scim/v2/Crew/${partner}`;
    expect(await read(`/Crew/${id}`)).toMatchObject({ partner: { value: partner, $ref }, owners: [{ value: 'none' }] });
    expect(JSON.stringify((await read(`/Crew/${id}`))['owners'])).not.toContain('$ref');
    const found = await read(`/Crew?filter=${encodeURIComponent(`partner.$ref eq "${$ref}"`)}`);
    expect((found['Resources'] as { id: string }[]).map((each) => each.id)).toEqual([id]);
  });

  it.each([
    ['links[labels ne "a"]', ['ab', 'b', 'none']],
    ['links.labels ne "A"', ['ab', 'b', 'nothing', 'none']],
    ['links[not (labels eq "a")]', ['b', 'none']],
    ['links[labels ne "a" and value eq "1"]', ['ab', 'b', 'none']],
    ['links[ranks ne 1]', ['ab', 'b', 'none']],
    ['links[flags ne true]', ['ab', 'b', 'none']],
    ['links[dates ne "2020-01-01T00:00:00Z"]', ['ab', 'b', 'none']],
    ['links[labels ne "\\u0000"]', ['a', 'ab', 'b', 'none']],
    ['box.marks ne "a"', ['ab', 'b', 'nothing', 'none']],
    ['box[marks ne "a"]', ['ab', 'b']],
    ['not (box.marks ne "a")', ['a']],
  ])(
    '%s finds any value that differs, also in a list inside a value (standards reading 12)',
    async (filter, expected) => {
      const size = 12;
      if (!hasLists) {
        hasLists = true;
        const day = (n: number): string => `2020-01-0${String(n)}T01:00:00+01:00`;
        const lists: readonly (readonly [string, readonly number[] | undefined])[] = [
          ['a', [1]],
          ['ab', [1, 2]],
          ['b', [2]],
        ];
        for (const [displayName, all = []] of lists) {
          const labels = all.map((n) => 'xab'.charAt(n));
          const link = { value: '1', labels, ranks: all, flags: all.map((n) => n === 1), dates: all.map(day) };
          await made('/Crew', { schemas: [teamSchema.id], displayName, size, links: [link], box: { marks: labels } });
        }
        await made('/Crew', { schemas: [teamSchema.id], displayName: 'none', size, links: [{ value: '1' }] });
        await made('/Crew', { schemas: [teamSchema.id], displayName: 'nothing', size });
      }
      const text = encodeURIComponent(`size eq ${String(size)} and (${filter})`);
      const { Resources } = await read(`/Crew?filter=${text}`);
      const names = (Resources as { displayName: string }[]).map(({ displayName }) => displayName);
      expect(names.sort()).toEqual([...expected].sort());
    },
  );

  it('reads the value path of a schema, in a filter and in a PATCH', async () => {
    const id = await scim.user({ displayName: 'Schema', [enterprise]: { department: 'x' } });
    const before = await read(`/Users/${id}`);
    for (const path of [`schemas[value eq "${enterprise}"]`, 'schemas[value eq "urn:example:none"]']) {
      expect((await scim.patch(`/Users/${id}`, [{ op: 'remove', path }])).status).toBe(200);
    }
    expect(await read(`/Users/${id}`)).toEqual(before);
    const filter = `displayName eq "Schema" and schemas[value eq "${enterprise}"]`;
    expect(await read(`/Users?filter=${encodeURIComponent(filter)}`)).toMatchObject({ totalResults: 1 });
  });

  it('compares the names of references of your own types, as responses show them', async () => {
    const partner = await made('/Crew', { schemas: [teamSchema.id], displayName: 'Partner', size: 11 });
    const ann = await scim.user({ displayName: 'Ann of eleven' });
    const id = await made('/Crew', { schemas: [teamSchema.id], size: 11, partner: { value: partner }, owners: [ann] });
    for (const filter of [
      'partner.displayName eq "partner"',
      'partner.displayName pr and size eq 11',
      'owners[display ew "OF ELEVEN" and not (value eq "x")]',
      'owners.$ref pr and size eq 11',
    ]) {
      const { Resources } = await read(`/Crew?filter=${encodeURIComponent(filter)}`);
      expect((Resources as { id: string }[]).map((each) => each.id)).toEqual([id]);
    }
  });
});

describe.each(expresses)('members that a store refuses, on %s', (_, make) => {
  it('are named: the first ids and the number of others', async () => {
    const scim = scimOn(make, { groups: { pendingMembers: 'reject' } });
    const user = await scim.user();
    const members = [user, ...Array.from({ length: 9 }, (_unused, i) => `gone-${String(i)}`)].map((value) => ({
      value,
    }));
    const { status, body } = await scim.post('/Groups', { schemas: groupSchemas, displayName: 'G', members });
    expect([status, body]).toEqual([400, expect.objectContaining({ scimType: 'invalidValue' })]);
    const { detail } = body as { detail: string };
    expect(detail).toContain('gone-0, gone-1, gone-2, gone-3, gone-4 and 4 others. Provision the user first.');
  });

  it('are groups, where the store takes users only', async () => {
    const { db } = sqlite();
    await prepareMapped(db, 'sqlite');
    const scim = scimOn(make, {}, (await mapped(db)).store);
    const made = async (): Promise<string> =>
      ((await scim.post('/Groups', { schemas: groupSchemas, displayName: 'G' })).body as { id: string }).id;
    const [outer, inner] = [await made(), await made()];
    const { body } = await scim.patch(`/Groups/${outer}`, [{ op: 'add', path: 'members', value: [{ value: inner }] }]);
    expect(body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    expect((body as { detail: string }).detail).toContain(`these are groups: ${inner}`);
  });
});
