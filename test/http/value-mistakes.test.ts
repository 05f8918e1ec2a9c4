import { describe, expect, it } from '@jest/globals';
import { defineSchema, InvalidValueError, MemoryStore, type ResponseRecord } from '../../src/index.js';
import { enterprise, expresses, scimOn, userSchemas } from './app.js';

describe.each(expresses)('every wrong value is named at once on %s', (_, make) => {
  const records: ResponseRecord[] = [];
  const scim = scimOn(make, {
    onResponse: (record) => records.push(record),
    beforeChange: ({ set }) => {
      if (set['title'] !== 'refused') return;
      const message = 'title must be a job title.';
      throw new InvalidValueError(message, [{ path: 'title', code: 'value', message }]);
    },
  });
  const wrong = {
    displayName: 1,
    active: 'secret',
    emails: [{ value: true }, { value: 'fine@example.com' }],
    [enterprise]: { department: [] },
  };
  const sentences = [
    'displayName must be a string.',
    'active must be true or false.',
    'emails.value must be a string.',
    `${enterprise}:department must be a string.`,
  ];

  it.each(['post', 'put'] as const)('in the body of a %s, and in the record of the response', async (method) => {
    const path = method === 'post' ? '/Users' : `/Users/${await scim.user()}`;
    const response = await scim[method](path, { schemas: userSchemas, ...wrong });
    const detail = ['userName is required.', ...sentences];
    expect(response.body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    expect(Object.keys(response.body as object).sort()).toEqual(['detail', 'schemas', 'scimType', 'status']);
    for (const sentence of detail) expect((response.body as { detail: string }).detail).toContain(sentence);
    const { errors = [] } = records.at(-1) ?? {};
    expect(errors.map(({ message }) => message).sort()).toEqual([...detail].sort());
    expect(JSON.stringify([response.body, errors])).not.toContain('secret');
  });

  it('in the operations of a PATCH, with the index of each; nothing changes', async () => {
    const id = await scim.user({ title: 'before' });
    const response = await scim.patch(`/Users/${id}`, [
      { op: 'replace', path: 'title', value: 'after' },
      { op: 'replace', path: 'displayName', value: 1 },
      { op: 'add', path: 'emails', value: ['no object', 'x'] },
      { op: 'replace', path: 'name', value: { givenName: 7 } },
    ]);
    expect(response.status).toBe(400);
    const { errors = [] } = records.at(-1) ?? {};
    expect(errors.length).toBeGreaterThan(0);
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
    const values = await scim.patch(`/Users/${id}`, [
      { op: 'replace', path: 'title', value: 'after' },
      { op: 'replace', path: 'displayName', value: 1 },
      { op: 'replace', path: 'name', value: { givenName: 7 } },
    ]);
    expect((values.body as { detail: string }).detail).toBe(
      'Operations[2]: name.givenName must be a string. Operations[1]: displayName must be a string.',
    );
    expect(records.at(-1)?.errors).toMatchObject([
      { path: 'name.givenName', code: 'type', operation: 2 },
      { path: 'displayName', code: 'type', operation: 1 },
    ]);
  });

  it.each([
    [
      'each attribute by its path',
      [
        { op: 'replace', path: 'name', value: 'secret' },
        { op: 'replace', path: 'active', value: [true, false] },
        { op: 'add', path: 'emails', value: 'secret' },
        { op: 'replace', path: 'title', value: 7 },
        { op: 'replace', path: `${enterprise}:manager`, value: 5 },
      ],
      { name: 0, active: 1, emails: 2, title: 3, [`${enterprise}:manager`]: 4 },
    ],
    [
      'each attribute of an operation without a path',
      [{ op: 'replace', value: { name: 'secret', title: 7, emails: 'secret', displayName: { secret: 1 } } }],
      { name: undefined, title: undefined, emails: undefined, displayName: undefined },
    ],
    [
      'a value that a later operation corrects is not wrong',
      [
        { op: 'replace', path: 'title', value: 7 },
        { op: 'replace', path: 'title', value: 'right' },
        { op: 'replace', path: 'name', value: 'secret' },
      ],
      { name: 2 },
    ],
  ])('in a PATCH in which some values cannot even be read: %s', async (_, operations, wrong) => {
    const id = await scim.user({ title: 'before' });
    const response = await scim.patch(`/Users/${id}`, operations);
    expect(response.body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    const { errors = [] } = records.at(-1) ?? {};
    expect(Object.fromEntries(errors.map(({ path, operation }) => [path, operation]))).toStrictEqual(wrong);
    for (const { message } of errors) expect((response.body as { detail: string }).detail).toContain(message);
    expect(JSON.stringify([response.body, errors])).not.toContain('secret');
    expect((await scim.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
  });

  it.each([{ name: 'secret' }, { [`${enterprise}:manager`]: 5 }, { emails: [7] }, { emails: 7 }])(
    'a value of another type has the same code in every body: %j',
    async (values) => {
      const codes = (): readonly string[] => (records.at(-1)?.errors ?? []).map(({ code }) => code);
      const id = await scim.user();
      const [[path = '', value] = []] = Object.entries(values);
      for (const operation of [
        { op: 'replace', path, value },
        { op: 'add', value: values },
      ]) {
        expect((await scim.patch(`/Users/${id}`, [operation])).status).toBe(400);
        expect(codes()).toEqual(['type']);
      }
      const nested = path.startsWith(enterprise) ? { [enterprise]: { manager: value } } : values;
      expect((await scim.post('/Users', { schemas: userSchemas, userName: 'typed', ...nested })).status).toBe(400);
      expect(codes()).toEqual(['type']);
    },
  );

  it.each([null, ''])(
    'a required attribute that a PATCH unassigns is missing, as it is in a PUT: %j',
    async (value) => {
      const id = await scim.user();
      const required = [expect.objectContaining({ path: 'userName', code: 'required' })];
      for (const operation of [
        { op: 'replace', path: 'userName', value },
        { op: 'replace', value: { userName: value } },
      ]) {
        expect((await scim.patch(`/Users/${id}`, [operation])).status).toBe(400);
        expect(records.at(-1)?.errors).toEqual(required);
      }
      expect((await scim.put(`/Users/${id}`, { schemas: userSchemas, userName: value })).status).toBe(400);
      expect(records.at(-1)?.errors).toEqual(required);
    },
  );

  describe('in the operations of a bulk request', () => {
    const send = async (...operations: readonly object[]): Promise<ResponseRecord | undefined> => {
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
      expect((await scim.post('/Bulk', { schemas, Operations: operations })).status).toBe(200);
      return records.at(-1);
    };
    const post = (more: object): object => ({
      ...{ method: 'POST', path: '/Users', bulkId: JSON.stringify(more).slice(0, 50) },
      data: { schemas: userSchemas, ...more },
    });

    it('with the index of each that failed', async () => {
      const id = await scim.user();
      const record = await send(
        post({ userName: 'bulk-fine' }),
        post({ userName: 'bulk-wrong', active: 'secret', title: 7 }),
        { method: 'DELETE', path: '/Users/nobody' },
        {
          ...{ method: 'PATCH', path: `/Users/${id}` },
          data: {
            Operations: [
              { op: 'replace', path: 'title', value: 'T' },
              { op: 'replace', path: 'name', value: 'secret' },
            ],
          },
        },
      );
      expect(record).toMatchObject({ status: 200, failures: [{ index: 1 }, { index: 2 }, { index: 3 }] });
      expect(record?.errors).toBeUndefined();
      expect(record?.failures?.map(({ status, scimType, code }) => [status, scimType, code])).toEqual([
        [400, 'invalidValue', 'SCIM_INVALID_VALUE'],
        [404, undefined, 'SCIM_NOT_FOUND'],
        [400, 'invalidValue', 'SCIM_INVALID_VALUE'],
      ]);
      const errors = record?.failures?.map((failure) => failure.errors);
      expect(errors).toEqual([
        [
          { path: 'title', code: 'type', message: 'title must be a string.' },
          { path: 'active', code: 'type', message: 'active must be true or false.' },
        ],
        undefined,
        [{ path: 'name', code: 'type', message: 'name must be an object.', operation: 1 }],
      ]);
      expect(JSON.stringify(record)).not.toContain('secret');
    });

    it('at most 100 operations and 100 attributes; none where all succeed', async () => {
      const wrong = Array.from({ length: 105 }, (_, i) =>
        post({ userName: `bulk-${String(i)}`, active: 'x', title: 7 }),
      );
      const { failures = [] } = (await send(...wrong)) ?? {};
      expect(failures).toHaveLength(100);
      expect(failures.flatMap(({ errors = [] }) => errors)).toHaveLength(100);
      expect(await send(post({ userName: 'bulk-alone' }))).not.toHaveProperty('failures');
    });
  });

  describe('with unknown attributes in strict mode', () => {
    const strict = scimOn(make, { strict: true, onResponse: (record) => records.push(record) });
    const core = userSchemas[0] ?? '';
    const unknown = {
      nosuch: 'secret',
      ['long'.repeat(26)]: 'secret',
      'un\u001btold': 'secret',
      name: { nosuch: 'secret', givenName: 7 },
      [enterprise]: { nosuch: 'secret', department: 7 },
    };
    const found = [
      [core, 'unknown'],
      [core, 'unknown'],
      ['name', 'unknown'],
      [enterprise, 'unknown'],
      ['name.givenName', 'type'],
      [`${enterprise}:department`, 'type'],
    ];
    const check = (body: unknown, expected: readonly (readonly string[])[]): void => {
      const { code, errors = [] } = records.at(-1) ?? {};
      const byText = (list: readonly (readonly string[])[]): string[] => list.map((each) => each.join(' ')).sort();
      expect(body).toMatchObject({ status: '400', scimType: 'invalidSyntax' });
      expect(code).toBe('SCIM_INVALID_SYNTAX');
      expect(byText(errors.map((each) => [each.path, each.code]))).toEqual(byText(expected));
      const { detail } = body as { detail: string };
      for (const { message } of errors) expect(detail).toContain(message);
      expect(detail).toContain('name has the attribute nosuch, which User does not have.');
      expect(JSON.stringify([body, errors])).not.toMatch(/secret|longlong|told/);
    };

    it.each(['post', 'put'] as const)('the body of a %s', async (method) => {
      const path = method === 'post' ? '/Users' : `/Users/${await strict.user()}`;
      const schemas = [...userSchemas, enterprise];
      const { body } = await strict[method](path, { schemas, ...unknown });
      check(body, [...found, ['userName', 'required']]);
    });

    it('the values of a PATCH, with the index of each operation', async () => {
      const id = await strict.user({ title: 'before' });
      const { name, ...others } = unknown;
      const { body } = await strict.patch(`/Users/${id}`, [
        { op: 'replace', path: 'title', value: 'after' },
        { op: 'replace', path: 'name', value: name },
        { op: 'add', path: enterprise, value: others[enterprise] },
        { op: 'add', path: 'displayName', value: 7 },
      ]);
      check(body, [
        ['name', 'unknown'],
        ['name.givenName', 'type'],
        [enterprise, 'unknown'],
        [`${enterprise}:department`, 'type'],
        ['displayName', 'type'],
      ]);
      const operations = (records.at(-1)?.errors ?? []).flatMap(({ code, operation }) =>
        code === 'unknown' ? [operation] : [],
      );
      expect(operations).toEqual([1, 2]);
      expect((await strict.get(`/Users/${id}`)).body).toMatchObject({ title: 'before' });
    });

    it('at most 100 of them', async () => {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`nosuch${String(i)}`, 1]));
      const { body } = await strict.post('/Users', { schemas: userSchemas, userName: 'many', ...many });
      expect(records.at(-1)?.errors).toHaveLength(100);
      expect((body as { detail: string }).detail).toMatch(/nosuch19, .* 80 more values are wrong\.$/);
    });
  });

  it('an error that is about no value has the index of its operation', async () => {
    const id = await scim.user();
    const title = { op: 'replace', path: 'title', value: 'T' };
    const detailOf = async (...operations: object[]): Promise<unknown> =>
      ((await scim.patch(`/Users/${id}`, operations)).body as { detail: string }).detail;
    expect(await detailOf(title, { op: 'replace', path: 'nosuch[', value: 1 })).toMatch(/^Operations\[1\]: /);
    expect(await detailOf({ op: 'replace', path: 'nosuch[', value: 1 })).not.toMatch(/Operations\[/);
    const noTarget = { op: 'replace', path: 'emails[type eq "x" or type eq "y"].display', value: 'D' };
    expect(await detailOf(title, title, noTarget)).toMatch(/^Operations\[2\]: /);
  });

  it('by beforeChange too', async () => {
    const response = await scim.post('/Users', { schemas: userSchemas, userName: 'a', title: 'refused' });
    expect(response.body).toMatchObject({ scimType: 'invalidValue', detail: 'title must be a job title.' });
    expect(records.at(-1)?.errors).toEqual([{ path: 'title', code: 'value', message: 'title must be a job title.' }]);
  });
});

describe.each(expresses)('a closed list on %s', (_, make) => {
  it('stores a value in the spelling of the schema, whatever its letter case', async () => {
    const schema = defineSchema({
      id: 'urn:example:Shirt',
      attributes: [
        { name: 'size', canonicalValues: ['S', 'M'], closed: true },
        { name: 'colors', multiValued: true, canonicalValues: ['Red', 'Blue'], closed: true },
        { name: 'code', canonicalValues: ['A'], closed: true, caseExact: true },
      ],
    });
    const resourceTypes = [{ name: 'Shirt', schema, store: new MemoryStore().resources('Shirt') }];
    const scim = scimOn(make, { resourceTypes });
    const created = await scim.post('/Shirts', { schemas: [schema.id], size: 's', colors: ['RED', 'blue'] });
    expect(created.body).toMatchObject({ size: 'S', colors: ['Red', 'Blue'] });
    const { id } = created.body as { id: string };
    const patched = await scim.patch(`/Shirts/${id}`, [{ op: 'replace', path: 'size', value: 'm' }]);
    expect(patched.body).toMatchObject({ size: 'M' });
    expect((await scim.patch(`/Shirts/${id}`, [{ op: 'replace', path: 'code', value: 'a' }])).status).toBe(400);
  });

  it('is described with the constraints of the schema in /Schemas', async () => {
    const schema = defineSchema({
      id: 'urn:example:Shirt',
      attributes: [{ name: 'size', description: 'The size.', maxLength: 3, pattern: '^[SML]+$' }],
    });
    const resourceTypes = [{ name: 'Shirt', schema, store: new MemoryStore().resources('Shirt') }];
    const { body } = await scimOn(make, { resourceTypes }).get(`/Schemas/${schema.id}`);
    expect(body).toMatchObject({
      attributes: [{ description: 'The size. At most 3 characters. Matches ^[SML]+$.' }],
    });
    expect(JSON.stringify(body)).not.toContain('maxLength');
  });
});
