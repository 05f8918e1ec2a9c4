import { implied, must, tests } from '../conformance-test.js';
import { success, readPatched, rejects, twoMails, valuesOf, workMail } from './patched-user.js';

/** RFC 7644 3.5.2.3: replace. */
export const patchReplaceTests = tests(
  'patch-replace',
  [
    must('7644-3.5.2.3-01', 'replace without a path replaces each attribute of the value', async (ctx) => {
      const user = await ctx.user({ title: 'a', nickName: 'c' });
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', value: { active: false, title: 'b' } }]);
      if (ctx.mode === 'strict') {
        ctx.status(response, [200, 204, 400]);
        return;
      }
      ctx.status(response, success);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('active'), false, 'active');
      ctx.equal(read.get('title'), 'b', 'title');
      ctx.equal(read.get('nickName'), 'c', 'nickName');
    }),
    must('7644-3.5.2.3-02', 'replace replaces the value of a single-valued attribute', async (ctx) => {
      ctx.equal(
        (await readPatched(ctx, { title: 'a' }, [{ op: 'replace', path: 'title', value: 'b' }])).get('title'),
        'b',
        'title',
      );
    }),
    must('7644-3.5.2.3-03', 'replace replaces all values of a multi-valued attribute', async (ctx) => {
      ctx.equal(
        valuesOf(
          await readPatched(ctx, twoMails, [{ op: 'replace', path: 'emails', value: [{ value: 'n@x.example' }] }]),
        ),
        ['n@x.example'],
        'e-mails',
      );
    }),
    must('7644-3.5.2.3-04', 'replace sets an attribute that has no value', async (ctx) => {
      ctx.equal(
        (await readPatched(ctx, {}, [{ op: 'replace', path: 'title', value: 'x' }])).get('title'),
        'x',
        'title',
      );
    }),
    must('7644-3.5.2.3-05', 'replace of a complex attribute keeps the other sub-attributes', async (ctx) => {
      const read = await readPatched(ctx, { name: { givenName: 'A', familyName: 'B' } }, [
        { op: 'replace', path: 'name', value: { givenName: 'X' } },
      ]);
      ctx.equal(read.get('name', 'givenName'), 'X', 'name.givenName');
      ctx.equal(read.get('name', 'familyName'), ctx.reading('B', undefined), 'name.familyName');
    }),
    must('7644-3.5.2.3-06', 'replace with a value path replaces the matching values', async (ctx) => {
      const user = await ctx.user(twoMails);
      const response = await ctx.patch(`/Users/${user.id}`, [
        { op: 'replace', path: workMail, value: { value: 'n@x.example', type: 'work' } },
      ]);
      if (ctx.mode === 'strict' && response.status === 400) return;
      ctx.status(response, success);
      ctx.equal(valuesOf(await ctx.get(`/Users/${user.id}`)), ['h@x.example', 'n@x.example'], 'e-mails');
    }),
    must(
      '7644-3.5.2.3-07',
      'replace with a value path and sub-attribute replaces it in the matching values',
      async (ctx) => {
        const read = await readPatched(ctx, twoMails, [
          { op: 'replace', path: `${workMail}.value`, value: 'n@x.example' },
        ]);
        ctx.equal(valuesOf(read), ['h@x.example', 'n@x.example'], 'e-mails');
        // The interoperability profile permits a server to reject a filter that matches several values.
        if (ctx.mode === 'strict') return;
        const both = await readPatched(ctx, twoMails, [{ op: 'replace', path: 'emails[type pr].display', value: 'D' }]);
        ctx.equal(
          both.list('emails').map((email) => email['display']),
          ['D', 'D'],
          'display of both e-mails',
        );
      },
    ),
    must(
      '7644-3.5.2.3-08',
      'replace with a value path without a match is rejected with 400 noTarget, or creates a value as Entra requires',
      async (ctx) => {
        const operations = [{ op: 'replace', path: 'emails[type eq "other"].value', value: 'o@x.example' }];
        if (ctx.mode === 'strict') return rejects(ctx, twoMails, operations, 'noTarget');
        ctx.equal(
          valuesOf(await readPatched(ctx, twoMails, operations)),
          ['h@x.example', 'o@x.example', 'w@x.example'],
          'e-mails',
        );
        await rejects(
          ctx,
          twoMails,
          [{ op: 'replace', path: 'emails[value sw "zz"].display', value: 'x' }],
          'noTarget',
        );
      },
    ),
    implied('7644-3.5.2.3-09', 'replace with null unassigns; required attributes cannot be unassigned', async (ctx) => {
      ctx.absent(await readPatched(ctx, { title: 'a' }, [{ op: 'replace', path: 'title', value: null }]), 'title');
      ctx.absent(await readPatched(ctx, twoMails, [{ op: 'replace', path: 'emails', value: [] }]), 'emails');
      await rejects(ctx, {}, [{ op: 'replace', path: 'userName', value: null }], ['invalidValue', 'mutability']);
    }),
  ],
  ['patch'],
);
