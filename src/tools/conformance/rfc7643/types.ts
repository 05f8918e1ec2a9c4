import { type AttributeCriteria, type TestContext, tests, may, must } from '../conformance-test.js';
import { isObject } from '../../wire/json.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 2.3: the JSON of each attribute type. */
export const typeTests = tests('types', [
  must('7643-2.3-01', 'A value whose JSON type does not fit the attribute is rejected', async (ctx) => {
    for (const wrong of [
      { displayName: 42 },
      { displayName: true },
      { displayName: {} },
      { name: 'x' },
      { emails: [7] },
    ]) {
      const [name] = Object.keys(wrong);
      const response = await ctx.post('/Users', ctx.userBody(wrong));
      if (!ctx.refused(response, 400, 'invalidValue'))
        ctx.check(false, `the attribute sent with the wrong type was ${String(name)}`);
    }
  }),
  may(
    '7643-2.3.1-01',
    'Values outside canonicalValues are accepted unless the definition closes the list',
    async (ctx) => {
      const user = await ctx.user({
        emails: [{ value: 'a@example.com', type: 'custom' }],
      });
      ctx.equal(user.get('emails', 0, 'type'), 'custom', 'emails[0].type');
    },
  ),
  must('7643-2.3.2-01', 'Booleans are the JSON literals true and false, in requests and responses', async (ctx) => {
    for (const active of [true, false]) {
      const user = await ctx.user({ active });
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), active, 'active');
    }
    for (const active of ['yes', '1', 1, 0])
      ctx.refused(await ctx.post('/Users', ctx.userBody({ active })), 400, 'invalidValue');
  }),
  must('7643-2.3.3-01', 'Decimals are JSON numbers', (ctx) =>
    accepts(ctx, { type: 'decimal' }, { good: [1.5, -2, 0], bad: [...ctx.reading([], ['1.5']), true] }),
  ),
  must('7643-2.3.4-01', 'Integers have no fraction', (ctx) =>
    accepts(ctx, { type: 'integer' }, { good: [1, -7, 0], bad: [1.5, ...ctx.reading([], ['1']), true] }),
  ),
  must('7643-2.3.5-01', 'A dateTime is an xsd:dateTime with both date and time', async (ctx) => {
    const created = (await ctx.user()).get('meta', 'created');
    ctx.matches(created, /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, 'meta.created');
    await accepts(
      ctx,
      { type: 'dateTime' },
      {
        good: ['2008-01-23T04:56:22Z'],
        bad: ['2008-01-23', '04:56:22Z', '2008-13-01T00:00:00Z', 1201064182],
      },
    );
  }),
  must('7643-2.3.6-01', 'Binary values are base64; the padding can be omitted', async (ctx) => {
    const certificate = (value: string): Promise<{ status: number }> =>
      ctx.post('/Users', ctx.userBody({ x509Certificates: [{ value }] })).then((response) => {
        if (value === '%%%') ctx.refused(response, 400, 'invalidValue');
        else ctx.status(response, 201);
        return response;
      });
    for (const value of ['%%%', 'AQI=', 'AQI']) await certificate(value);
    if (ctx.service.find({ type: 'binary', mutability: 'readWrite' }).length > 0) {
      await accepts(ctx, { type: 'binary' }, { good: ['AQID'], bad: ['no base64!', 7] });
    }
  }),
  must(
    '7643-2.3.7-01',
    'A reference is an absolute or relative URI; a relative one is resolved against the base URL',
    async (ctx) => {
      const member = await ctx.user();
      for (const uri of [`../Users/${member.id}`, `Users/${member.id}`, member.get('meta', 'location')]) {
        const group = await ctx.post('/Groups', ctx.groupBody({ members: [{ value: member.id, $ref: uri }] }));
        ctx.need(group, 201);
        const read = await ctx.get(`/Groups/${group.id}`);
        ctx.equal(
          (await ctx.follow(read.get('members', 0, '$ref'))).id,
          member.id,
          'id of what members[0].$ref leads to',
        );
      }
    },
    ['groups'],
  ),
  must(
    '7643-2.3.7-02',
    'A GET of a returned reference returns its target, or reports that it does not exist',
    async (ctx) => {
      const user = await ctx.user();
      const group = await ctx.group({ members: [{ value: user.id }] });
      const member = (await ctx.get(`/Groups/${group.id}`)).get('members', 0, '$ref');
      ctx.equal((await ctx.follow(member)).id, user.id, 'id of what members[0].$ref leads to');
      if (ctx.service.capabilities.has('userGroups')) {
        const owner = (await ctx.get(`/Users/${user.id}`)).get('groups', 0, '$ref');
        ctx.equal((await ctx.follow(owner)).id, group.id, 'id of what groups[0].$ref leads to');
      }
      if (ctx.service.capabilities.has('enterprise')) {
        const enterprise = {
          schemas: [urn.user, urn.enterprise],
          [urn.enterprise]: { manager: { value: user.id } },
        };
        const managed = await ctx.user(enterprise);
        const manager = (await ctx.get(`/Users/${managed.id}`)).get(urn.enterprise, 'manager', '$ref');
        ctx.equal((await ctx.follow(manager)).id, user.id, 'id of what manager.$ref leads to');
      }
      ctx.status(await ctx.delete(`/Users/${user.id}`), 204);
      ctx.refused(await ctx.follow(member), 404);
    },
    ['groups'],
  ),
  must(
    '7643-2.3.7-03',
    'References are case-sensitive',
    async (ctx) => {
      const user = await ctx.user();
      const group = await ctx.group({ members: [{ value: user.id }] });
      const uri = (await ctx.get(`/Groups/${group.id}`)).get('members', 0, '$ref');
      if (typeof uri !== 'string') return ctx.skip('members are returned without $ref');
      const matches = async (value: string): Promise<unknown> => {
        const filter = `id eq "${group.id}" and members.$ref eq "${value}"`;
        return ctx.need(await ctx.query('/Groups', { filter }), 200).get('totalResults');
      };
      ctx.equal(await matches(uri), 1, 'groups that match the $ref as returned');
      ctx.equal(await matches(uri.replace('/Users/', '/USERS/')), 0, 'groups that match the $ref in another case');
    },
    ['groups', 'filter'],
  ),
  may(
    '7643-2.3.7-04',
    'A service provider may or may not enforce that the target of a reference exists',
    async (ctx) => {
      const response = await ctx.post('/Groups', ctx.groupBody({ members: [{ value: ctx.unique('nobody') }] }));
      if (response.status !== 201) ctx.refused(response, 400, 'invalidValue');
    },
    ['groups'],
  ),
  must('7643-2.3.8-01', 'The order of members in an object is not significant', async (ctx) => {
    const userName = ctx.unique();
    const body = {
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      active: true,
      userName,
      schemas: [urn.user],
    };
    const made = ctx.need(await ctx.post('/Users', body), 201);
    const read = await ctx.get(`/Users/${made.id}`);
    ctx.equal(read.get('userName'), userName, 'userName');
    ctx.equal(read.get('name', 'familyName'), 'Lovelace', 'name.familyName');
  }),
  must('7643-7-16', 'referenceTypes is a list, and only on attributes of type reference', async (ctx) => {
    const schemas = ctx.need(await ctx.get('/Schemas'), 200);
    const walk = (attributes: unknown, at: string): void => {
      for (const attribute of Array.isArray(attributes) ? attributes.filter(isObject) : []) {
        const name = `${at}.${String(attribute['name'])}`;
        const types = attribute['referenceTypes'];
        if (attribute['type'] === 'reference')
          ctx.check(
            Array.isArray(types) && types.length > 0,
            `${name}: referenceTypes should be a list that names some`,
          );
        else ctx.equal(types, undefined, `${name}: referenceTypes`);
        walk(attribute['subAttributes'], name);
      }
    };
    for (const schema of schemas.resources) walk(schema['attributes'], String(schema['id']));
  }),
]);

/** Values that an attribute of the type accepts and returns unchanged, and values that it rejects. */
async function accepts(
  ctx: TestContext,
  criteria: AttributeCriteria,
  values: {
    readonly good: readonly unknown[];
    readonly bad: readonly unknown[];
  },
): Promise<void> {
  const attribute = ctx.attribute({
    multiValued: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...criteria,
  });
  for (const value of values.good) {
    const made = await ctx.post(attribute.resourceType.endpoint, ctx.bodyWith(attribute, value));
    if (!ctx.status(made, 201)) continue;
    const read = await ctx.get(`${attribute.resourceType.endpoint}/${made.id}`);
    ctx.equal(read.get(...attribute.steps), value, attribute.path);
  }
  for (const value of values.bad) {
    const response = await ctx.post(attribute.resourceType.endpoint, ctx.bodyWith(attribute, value));
    if (!ctx.refused(response, 400, 'invalidValue'))
      ctx.check(false, `the value was ${JSON.stringify(value)} for ${attribute.path}`);
  }
}
