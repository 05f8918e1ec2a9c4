import { tests, implied, must } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 2.1 and 2.2: names of attributes and their defaults. */
export const coreTests = [
  ...tests('core', [
    must('7643-2.1-01', 'Every resource body declares its schemas in a "schemas" array', async (ctx) => {
      const without = await ctx.post('/Users', ctx.userBody({ schemas: undefined }));
      // Some clients leave it out, and the endpoint says what is meant.
      if (ctx.mode === 'strict') ctx.refused(without, 400, 'invalidSyntax');
      else ctx.status(without, [201, 400]);
      const user = await ctx.user();
      const responses = [user, await ctx.get(`/Users/${user.id}`), await ctx.put(`/Users/${user.id}`, ctx.userBody())];
      for (const response of responses)
        ctx.includes(response.get('schemas'), urn.user, `${response.request}: "schemas"`);
    }),
    must('7643-2.1-02', 'Attribute names in bodies are case-insensitive', async (ctx) => {
      const userName = ctx.unique();
      const made = await ctx.post('/Users', {
        SCHEMAS: [urn.user],
        USERNAME: userName,
        Name: { GIVENNAME: 'Ada' },
      });
      ctx.need(made, 201);
      const read = await ctx.get(`/Users/${made.id}`);
      ctx.equal(read.get('userName'), userName, 'userName, given as USERNAME');
      ctx.equal(read.get('name', 'givenName'), 'Ada', 'name.givenName, given as Name.GIVENNAME');
    }),
    implied(
      '7643-2.1-03',
      'Two members of one object that differ only by case are rejected, not merged',
      async (ctx) => {
        const body = { ...ctx.userBody(), USERNAME: ctx.unique() };
        ctx.refused(await ctx.post('/Users', body), 400, 'invalidSyntax');
      },
    ),
  ]),
  ...tests('schema', [
    must(
      '7643-2.1-04',
      'Attribute names start with a letter; the sub-attribute $ref is the one exception',
      async (ctx) => {
        ctx.refused(await ctx.query('/Users', { filter: '1abc eq "x"' }), 400, 'invalidFilter');
        ctx.status(await ctx.query('/Groups', { filter: 'members.$ref pr', count: 1 }), 200);
      },
      ['groups', 'filter'],
    ),
    must(
      '7643-2.2-01',
      'An attribute without characteristics is a string, optional, readWrite, returned by default and case-insensitive',
      async (ctx) => {
        const plain = ctx.attribute({
          custom: true,
          type: 'string',
          multiValued: false,
          required: false,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'none',
        });
        const value = ctx.unique('MiXeD');
        const made = ctx.need(await ctx.post(plain.resourceType.endpoint, ctx.bodyWith(plain, value)), 201);
        ctx.equal(made.get(...plain.steps), value, plain.path);
        const filter = `${plain.path} eq "${value.toUpperCase()}"`;
        const found = await ctx.query(plain.resourceType.endpoint, { filter });
        ctx.equal(found.get('totalResults'), 1, `totalResults of ${plain.path} compared in another case`);
      },
      ['filter'],
    ),
    must(
      '7643-2.3.8-02',
      'A complex attribute has no complex sub-attributes, except in the schema of schemas',
      async (ctx) => {
        for (const schema of ctx.service.schemas.values()) {
          if (schema.id === urn.schema) continue;
          for (const attribute of schema.attributes) {
            const nested = attribute.subAttributes.filter((sub) => sub.type === 'complex').map((sub) => sub.name);
            ctx.equal(nested, [], `complex sub-attributes of ${schema.id}:${attribute.name}`);
          }
        }
        await Promise.resolve();
      },
    ),
    must('7643-2.3.8-03', 'Complex attributes announce neither uniqueness nor caseExact', async (ctx) => {
      const schema = ctx.need(await ctx.get(`/Schemas/${urn.user}`), 200);
      for (const attribute of schema.list('attributes')) {
        if (attribute['type'] !== 'complex') continue;
        ctx.equal(attribute['uniqueness'], undefined, `uniqueness of ${String(attribute['name'])}`);
        ctx.equal(attribute['caseExact'], undefined, `caseExact of ${String(attribute['name'])}`);
      }
    }),
  ]),
];
