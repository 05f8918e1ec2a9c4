import { implied, must, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7644 3.4.2.5, 3.9: which attributes are returned. */
export const projectTests = tests('project', [
  must('7644-3.4.2.5-01', 'attributes and excludedAttributes are supported', async (ctx) => {
    const user = await ctx.user({ title: 'x', displayName: 'y' });
    ctx.absent(await ctx.query(`/Users/${user.id}`, { attributes: 'title' }), 'displayName');
    const excluded = await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'title' });
    ctx.absent(excluded, 'title');
    ctx.present(excluded, 'displayName');
  }),
  must('7644-3.4.2.5-02', 'Attributes that are always returned cannot be excluded', async (ctx) => {
    const user = await ctx.user();
    ctx.equal((await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'id,schemas' })).id, user.id, 'id');
  }),
  must('7644-3.9-01', 'attributes returns the named attributes, and those that are always returned', async (ctx) => {
    const user = await ctx.user({ title: 'x', displayName: 'y' });
    const response = await ctx.query(`/Users/${user.id}`, { attributes: 'userName' });
    ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas', 'userName'], 'the names in the response');
  }),
  must('7644-3.9-02', 'attributes accepts sub-attributes and URNs, in any case', async (ctx) => {
    const user = await ctx.user({
      name: { givenName: 'A', familyName: 'B' },
      emails: [{ value: 'a@x.example', type: 'work' }],
    });
    const response = await ctx.query(`/Users/${user.id}`, { attributes: `NAME.givenName, ${urn.user}:emails.value` });
    ctx.equal(response.get('name'), { givenName: 'A' }, 'name');
    ctx.equal(response.get('emails'), [{ value: 'a@x.example' }], 'emails');
    ctx.absent(response, 'userName');
  }),
  must('7644-3.9-03', 'excludedAttributes returns all but the named attributes', async (ctx) => {
    const user = await ctx.user({ title: 'x', emails: [{ value: 'a@x.example', type: 'work' }] });
    const response = await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'title,emails.type' });
    ctx.absent(response, 'title');
    ctx.equal(response.get('emails', 0, 'value'), 'a@x.example', 'emails[0].value');
    ctx.absent(response, 'emails', 0, 'type');
  }),
  must(
    '7644-3.9-04',
    'attributes and excludedAttributes work wherever a resource is returned',
    async (ctx) => {
      const made = await ctx.post('/Users?attributes=userName', ctx.userBody({ title: 'x' }));
      const path = `/Users/${made.id}?attributes=userName`;
      const responses = [
        made,
        await ctx.get(path),
        await ctx.put(path, ctx.userBody({ title: 'y' })),
        await ctx.patch(path, [{ op: 'replace', path: 'title', value: 'z' }]),
      ];
      for (const response of responses) {
        ctx.status(response, [200, 201]);
        ctx.present(response, 'userName');
        ctx.absent(response, 'title');
      }
      const listed = await ctx.query('/Users', { attributes: 'userName', filter: `id eq "${made.id}"` });
      ctx.equal(Object.keys(listed.resources[0] ?? {}).sort(), ['id', 'schemas', 'userName'], 'the names in a list');
    },
    ['patch', 'filter'],
  ),
  implied('7644-3.9-05', 'attributes and excludedAttributes cannot be combined', async (ctx) => {
    ctx.refused(await ctx.get('/Users?attributes=userName&excludedAttributes=title'), 400, [
      'invalidValue',
      'invalidSyntax',
    ]);
  }),
  implied('7644-3.9-06', 'Unknown names in attributes are ignored', async (ctx) => {
    const user = await ctx.user();
    const response = await ctx.query(`/Users/${user.id}`, { attributes: 'nosuch' });
    ctx.status(response, 200);
    ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas'], 'the names in the response');
  }),
  implied('7644-3.9-07', 'A projected resource keeps "schemas"', async (ctx) => {
    const user = await ctx.user();
    ctx.includes(
      (await ctx.query(`/Users/${user.id}`, { attributes: 'userName' })).get('schemas'),
      urn.user,
      '"schemas"',
    );
  }),
]);

/** RFC 7644 3.10: how attributes are named. */
export const notationTests = tests('notation', [
  must(
    '7644-3.10-01',
    'Attribute names with their URN work everywhere and in any case',
    async (ctx) => {
      const user = await ctx.user({ title: 'x' });
      const name = `${urn.user.toUpperCase()}:TITLE`;
      ctx.equal((await ctx.query(`/Users/${user.id}`, { attributes: name })).get('title'), 'x', 'title by attributes');
      ctx.equal(
        (await ctx.query('/Users', { filter: `${name} eq "x" and id eq "${user.id}"` })).get('totalResults'),
        1,
        'found by filter',
      );
      ctx.status(await ctx.query('/Users', { sortBy: name }), 200);
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: name, value: 'y' }]);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('title'), 'y', 'title by PATCH');
    },
    ['filter', 'patch'],
  ),
]);
