import { implied, must, should, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';
import { success, readPatched, rejects, twoMails, valuesOf, workMail } from './patched-user.js';

/** RFC 7644 3.5.2.1: add. */
export const patchAddTests = tests(
  'patch-add',
  [
    must('7644-3.5.2.1-01', 'add requires a value', (ctx) =>
      rejects(ctx, {}, [{ op: 'add', path: 'title' }], ['invalidValue', 'invalidSyntax']),
    ),
    must('7644-3.5.2.1-02', 'add without a path takes an object of attributes', async (ctx) => {
      const user = await ctx.user(twoMails);
      const operations = [{ op: 'add', value: { nickName: 'B', emails: [{ value: 'o@x.example', type: 'other' }] } }];
      const response = await ctx.patch(`/Users/${user.id}`, operations);
      if (ctx.mode === 'strict') {
        ctx.status(response, [200, 204, 400]);
        return;
      }
      ctx.status(response, success);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('nickName'), 'B', 'nickName');
      ctx.equal(valuesOf(read), ['h@x.example', 'o@x.example', 'w@x.example'], 'e-mails');
      await rejects(ctx, {}, [{ op: 'add', value: 'x' }], ['invalidValue', 'invalidSyntax']);
    }),
    must('7644-3.5.2.1-03', 'add sets an attribute that has no value', async (ctx) => {
      ctx.equal((await readPatched(ctx, {}, [{ op: 'add', path: 'title', value: 'x' }])).get('title'), 'x', 'title');
    }),
    must('7644-3.5.2.1-04', 'add to a complex attribute keeps the other sub-attributes', async (ctx) => {
      const read = await readPatched(ctx, { name: { givenName: 'A', familyName: 'B' } }, [
        { op: 'add', path: 'name', value: { givenName: 'X' } },
      ]);
      ctx.equal(read.get('name'), { givenName: 'X', familyName: 'B' }, 'name');
    }),
    must('7644-3.5.2.1-05', 'add to a multi-valued attribute keeps the existing values', async (ctx) => {
      for (const value of [[{ value: 'o@x.example', type: 'other' }], { value: 'o@x.example', type: 'other' }]) {
        const read = await readPatched(ctx, twoMails, [{ op: 'add', path: 'emails', value }]);
        ctx.equal(valuesOf(read), ['h@x.example', 'o@x.example', 'w@x.example'], 'e-mails');
      }
    }),
    must('7644-3.5.2.1-06', 'add to a single-valued attribute replaces its value', async (ctx) => {
      ctx.equal(
        (await readPatched(ctx, { title: 'a' }, [{ op: 'add', path: 'title', value: 'b' }])).get('title'),
        'b',
        'title',
      );
    }),
    should('7644-3.5.2.1-07', 'add of an existing value succeeds and creates no duplicate', async (ctx) => {
      const read = await readPatched(ctx, twoMails, [{ op: 'add', path: 'emails', value: [twoMails.emails[1]] }]);
      ctx.equal(valuesOf(read), ['h@x.example', 'w@x.example'], 'e-mails');
    }),
    must('7644-3.5.2.1-08', 'add that changes nothing keeps lastModified', async (ctx) => {
      const user = await ctx.user({ title: 'a' });
      await ctx.wait(20);
      ctx.need(await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: 'title', value: 'a' }]), success);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('meta'), user.get('meta'), 'meta');
    }),
    implied(
      '7644-3.5.2.1-09',
      'add with a value path without a match creates a value, or is rejected with noTarget',
      async (ctx) => {
        const operations = [{ op: 'add', path: `${workMail}.value`, value: 'n@x.example' }];
        if (ctx.mode === 'strict') return rejects(ctx, {}, operations, 'noTarget');
        ctx.equal(
          (await readPatched(ctx, {}, operations)).get('emails'),
          [{ type: 'work', value: 'n@x.example' }],
          'emails',
        );
      },
    ),
    implied(
      '7644-3.5.2.1-10',
      'add without a path accepts paths as keys',
      async (ctx) => {
        const read = await readPatched(ctx, {}, [
          { op: 'add', value: { 'name.givenName': 'K', [`${urn.user}:title`]: 'T' } },
        ]);
        ctx.equal(read.get('name', 'givenName'), 'K', 'name.givenName');
        ctx.equal(read.get('title'), 'T', 'title');
        ctx.absent(read, 'name.givenName');
      },
      ['defaultMode'],
    ),
  ],
  ['patch'],
);
