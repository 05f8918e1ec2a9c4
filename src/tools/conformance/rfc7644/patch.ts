import { implied, must, should, tests } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';
import { success, readPatched, rejects, twoMails } from './patched-user.js';

/** RFC 7644 3.5.2: PATCH. */
export const patchTests = tests(
  'patch',
  [
    should('7644-3.5-02', 'PATCH is supported and announced', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('patch', 'supported'), true, 'patch.supported');
      ctx.equal((await readPatched(ctx, {}, [{ op: 'add', path: 'title', value: 'x' }])).get('title'), 'x', 'title');
    }),
    must('7644-3.5.2-01', 'The body must be a PatchOp message', async (ctx) => {
      const user = await ctx.user();
      const Operations = [{ op: 'add', path: 'title', value: 'x' }];
      for (const schemas of ctx.reading([[urn.user], []], [undefined, [urn.user], []]))
        ctx.refused(await ctx.patch(`/Users/${user.id}`, { schemas, Operations }), 400, 'invalidSyntax');
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
    }),
    must('7644-3.5.2-02', 'Operations must be a non-empty list', async (ctx) => {
      const user = await ctx.user();
      for (const Operations of ctx.reading([{}, 'x'], [undefined, {}, 'x'])) {
        ctx.refused(await ctx.patch(`/Users/${user.id}`, { schemas: [urn.patch], Operations }), 400, [
          'invalidSyntax',
          'invalidValue',
        ]);
      }
      const empty = await ctx.patch(`/Users/${user.id}`, []);
      if (ctx.mode === 'strict') ctx.refused(empty, 400, 'invalidSyntax');
      else ctx.status(empty, [200, 204, 400]);
    }),
    must('7644-3.5.2-03', 'op must be add, remove or replace', async (ctx) => {
      await rejects(ctx, {}, [{ op: 'move', path: 'title', value: 'x' }], ['invalidSyntax', 'invalidValue']);
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'Replace', path: 'title', value: 'x' }]);
      if (ctx.mode === 'default') ctx.status(response, success);
    }),
    must('7644-3.5.2-04', 'A malformed path is rejected with 400 invalidPath', async (ctx) => {
      for (const path of ['emails[type eq', 'emails[type eq "work"', 'title..x', '[type eq "work"]']) {
        await rejects(ctx, {}, [{ op: 'replace', path, value: 'x' }], ['invalidPath', 'invalidFilter']);
      }
    }),
    implied('7644-3.5.2-05', 'A path that is not in the schema is rejected with 400 invalidPath', (ctx) =>
      rejects(ctx, {}, [{ op: 'replace', path: 'nosuch', value: 'x' }], ['invalidPath', 'noTarget']),
    ),
    must('7644-3.5.2-06', 'Changing a read-only attribute is rejected with 400 mutability', async (ctx) => {
      for (const path of ['id', 'meta.created', 'groups']) {
        await rejects(
          ctx,
          {},
          [{ op: 'replace', path, value: path === 'groups' ? [{ value: 'x' }] : 'x' }],
          'mutability',
        );
      }
    }),
    must('7644-3.5.2-07', 'An immutable attribute can be set once', async (ctx) => {
      const attribute = ctx.attribute({
        mutability: 'immutable',
        type: 'string',
        multiValued: false,
        resourceType: 'User',
      });
      const user = await ctx.user();
      const set = (value: string): Promise<HttpResponse> =>
        ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: attribute.path, value }]);
      ctx.status(await set('first'), success);
      ctx.refused(await set('second'), 400, 'mutability');
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get(...attribute.steps), 'first', attribute.path);
    }),
    must('7644-3.5.2-08', 'A value of the wrong type is rejected with 400 invalidValue', async (ctx) => {
      await rejects(ctx, {}, [{ op: 'replace', path: 'active', value: 'maybe' }], ['invalidValue', 'invalidSyntax']);
      await rejects(ctx, {}, [{ op: 'replace', path: 'title', value: 7 }], ['invalidValue', 'invalidSyntax']);
    }),
    must('7644-3.5.2-09', 'Paths can have their URN as a prefix', async (ctx) => {
      const read = await readPatched(ctx, {}, [
        { op: 'add', path: `${urn.user}:title`, value: 'x' },
        { op: 'add', path: `${urn.user.toUpperCase()}:NAME.givenName`, value: 'y' },
      ]);
      ctx.equal(read.get('title'), 'x', 'title');
      ctx.equal(read.get('name', 'givenName'), 'y', 'name.givenName');
      if (!ctx.service.capabilities.has('enterprise')) return;
      const extended = await readPatched(ctx, {}, [
        { op: 'add', path: `${urn.enterprise.toUpperCase()}:department`, value: 'D' },
      ]);
      ctx.equal(extended.get(urn.enterprise, 'department'), 'D', 'department');
    }),
    must(
      '7644-3.5.2-10',
      'Setting an extension attribute adds the URI of the extension to "schemas"',
      async (ctx) => {
        const read = await readPatched(ctx, {}, [{ op: 'add', path: `${urn.enterprise}:department`, value: 'D' }]);
        ctx.includes(read.get('schemas'), urn.enterprise, '"schemas"');
        ctx.equal(read.get(urn.enterprise, 'department'), 'D', 'department');
      },
      ['enterprise'],
    ),
    implied(
      '7644-3.5.2-11',
      'A path can be the URI of an extension',
      async (ctx) => {
        const value = { department: 'D', costCenter: 'C' };
        const named = { op: 'add', path: urn.enterprise, value };
        // The interoperability profile requires a path in every operation.
        for (const operation of ctx.reading([named, { op: 'add', value: { [urn.enterprise]: value } }], [named])) {
          ctx.equal((await readPatched(ctx, {}, [operation])).get(urn.enterprise, 'costCenter'), 'C', 'costCenter');
        }
      },
      ['enterprise'],
    ),
    must('7644-3.5.2-12', 'Operations are applied in order', async (ctx) => {
      const read = await readPatched(ctx, {}, [
        { op: 'add', path: 'title', value: 'a' },
        { op: 'replace', path: 'title', value: 'b' },
        { op: 'add', path: 'nickName', value: 'c' },
        { op: 'remove', path: 'nickName' },
      ]);
      ctx.equal(read.get('title'), 'b', 'title');
      ctx.absent(read, 'nickName');
    }),
    must('7644-3.5.2-13', 'A new primary value replaces the old one as primary', async (ctx) => {
      const read = await readPatched(ctx, twoMails, [
        { op: 'add', path: 'emails', value: [{ value: 'o@x.example', type: 'other', primary: true }] },
      ]);
      const primary = read.list('emails').filter((email) => email['primary'] === true);
      ctx.equal(
        primary.map((email) => email['value']),
        ['o@x.example'],
        'the primary values',
      );
    }),
    must('7644-3.5.2-14', 'All operations are applied, or none', (ctx) =>
      rejects(
        ctx,
        { title: 'a' },
        [
          { op: 'replace', path: 'title', value: 'b' },
          { op: 'replace', path: 'active', value: 'maybe' },
        ],
        ['invalidValue', 'invalidSyntax'],
      ),
    ),
    must('7644-3.5.2-15', 'The response is 200 with the resource, or 204', async (ctx) => {
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: 'title', value: 'x' }]);
      ctx.status(response, success);
      if (response.status === 200) ctx.equal(response.body, (await ctx.get(`/Users/${user.id}`)).body, 'the response');
      else ctx.equal(response.text, '', 'the body of the 204');
    }),
    must('7644-3.5.2-16', 'The response is 200 when attributes are requested', async (ctx) => {
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}?attributes=userName`, [
        { op: 'add', path: 'title', value: 'x' },
      ]);
      ctx.status(response, 200);
      ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas', 'userName'], 'the names in the response');
    }),
    implied('7644-3.5.2-17', 'PATCH of an unknown id returns 404', async (ctx) => {
      ctx.refused(await ctx.patch(`/Users/${ctx.unique()}`, [{ op: 'add', path: 'title', value: 'x' }]), 404);
    }),
    implied('7644-3.5.2-18', 'PATCH to a userName that is in use is rejected', async (ctx) => {
      const [first, second] = [await ctx.user(), await ctx.user()];
      const operations = [{ op: 'replace', path: 'userName', value: first.get('userName') }];
      ctx.refused(await ctx.patch(`/Users/${second.id}`, operations), [409, 400], 'uniqueness');
      ctx.equal((await ctx.get(`/Users/${second.id}`)).get('userName'), second.get('userName'), 'userName');
    }),
    implied(
      '7644-3.5.2-19',
      'Property names of JavaScript objects, such as __proto__, are no attributes',
      async (ctx) => {
        const user = await ctx.user();
        const raw = `{"schemas":["${urn.patch}"],"Operations":[{"op":"add","value":{"__proto__":{"title":"x"},"constructor":{"prototype":{"title":"x"}}}}]}`;
        ctx.status(await ctx.send('PATCH', `/Users/${user.id}`, undefined, { raw }), [200, 204, 400]);
        ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
        ctx.absent(await ctx.user(), 'title');
      },
    ),
  ],
  ['patch'],
);
