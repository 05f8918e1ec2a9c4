import { implied, must, should, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';
import { success, readPatched, rejects, twoMails, valuesOf, workMail } from './patched-user.js';

/** RFC 7644 3.5.2.2: remove. */
export const patchRemoveTests = tests(
  'patch-remove',
  [
    must('7644-3.5.2.2-01', 'remove requires a path: otherwise 400 noTarget', (ctx) =>
      rejects(ctx, {}, [{ op: 'remove' }], ctx.reading(['noTarget'], ['noTarget', 'invalidSyntax'])),
    ),
    must('7644-3.5.2.2-02', 'remove unassigns a single-valued attribute', async (ctx) => {
      ctx.absent(await readPatched(ctx, { title: 'a' }, [{ op: 'remove', path: 'title' }]), 'title');
    }),
    must('7644-3.5.2.2-03', 'remove unassigns all values of a multi-valued attribute', async (ctx) => {
      ctx.absent(await readPatched(ctx, twoMails, [{ op: 'remove', path: 'emails' }]), 'emails');
    }),
    must('7644-3.5.2.2-04', 'remove with a value path removes the matching values', async (ctx) => {
      const user = await ctx.user(twoMails);
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: workMail }]);
      if (ctx.mode === 'strict' && response.status === 400) return;
      ctx.status(response, success);
      ctx.equal(valuesOf(await ctx.get(`/Users/${user.id}`)), ['h@x.example'], 'e-mails');
      ctx.absent(await readPatched(ctx, twoMails, [{ op: 'remove', path: 'emails[type pr]' }]), 'emails');
    }),
    must(
      '7644-3.5.2.2-05',
      'remove with a value path and sub-attribute unassigns it in the matching values',
      async (ctx) => {
        const read = await readPatched(ctx, { emails: [{ value: 'w@x.example', type: 'work', display: 'W' }] }, [
          { op: 'remove', path: `${workMail}.display` },
        ]);
        ctx.equal(read.get('emails'), [{ value: 'w@x.example', type: 'work' }], 'emails');
      },
    ),
    must(
      '7644-3.5.2.2-06',
      'Removing a required or read-only attribute is rejected with 400 mutability',
      async (ctx) => {
        for (const path of ['userName', 'id', 'groups']) await rejects(ctx, {}, [{ op: 'remove', path }], 'mutability');
      },
    ),
    should(
      '7644-3.5.2.2-07',
      'Removing a user who is not a member is no error',
      async (ctx) => {
        const group = await ctx.group();
        const response = await ctx.patch(`/Groups/${group.id}`, [
          { op: 'remove', path: `members[value eq "${ctx.unique()}"]` },
        ]);
        if (ctx.mode === 'strict' && response.status === 400) return;
        ctx.status(response, success);
      },
      ['groups'],
    ),
    implied(
      '7644-3.5.2.2-08',
      'remove with a list of members removes exactly those',
      async (ctx) => {
        const [first, second] = [await ctx.user(), await ctx.user()];
        const group = await ctx.group({ members: [{ value: first.id }, { value: second.id }] });
        const response = await ctx.patch(`/Groups/${group.id}`, [
          { op: 'remove', path: 'members', value: [{ value: first.id }] },
        ]);
        ctx.status(response, ctx.reading(success, [200, 204, 400]));
        const members = (await ctx.get(`/Groups/${group.id}`)).list('members').map((member) => member['value']);
        ctx.includes(members, second.id, 'members');
        if (response.status !== 400) ctx.equal(members, [second.id], 'members');
      },
      ['groups'],
    ),
    implied('7644-3.5.2.2-09', 'Removing an attribute without a value is no error', async (ctx) => {
      const user = await ctx.user({ title: 'a' });
      for (let i = 0; i < 2; i++)
        ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: 'title' }]), success);
    }),
    implied(
      '7644-3.5.2.2-10',
      'Removing the last attribute of an extension removes its URI from "schemas"',
      async (ctx) => {
        const before = { schemas: [urn.user, urn.enterprise], [urn.enterprise]: { department: 'D' } };
        const read = await readPatched(ctx, before, [{ op: 'remove', path: `${urn.enterprise}:department` }]);
        ctx.equal(read.get('schemas'), [urn.user], '"schemas"');
        ctx.absent(read, urn.enterprise);
      },
      ['enterprise'],
    ),
  ],
  ['patch'],
);
