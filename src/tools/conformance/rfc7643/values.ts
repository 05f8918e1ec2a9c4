import { type TestContext, tests, may, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

const work = (value: string, more: object = {}): object => ({
  value,
  type: 'work',
  ...more,
});

/** RFC 7643 2.4: lists of values. */
export const multiTests = tests('multi', [
  must('7643-2.4-01', 'Multi-valued attributes are JSON arrays, in requests and responses', async (ctx) => {
    const value = `${ctx.unique()}@example.com`;
    const object = await ctx.post('/Users', ctx.userBody({ emails: { value } }));
    // Templates of a large client send a single object; only strict mode rejects it.
    if (ctx.mode === 'strict') ctx.refused(object, 400, 'invalidValue');
    else if (ctx.status(object, [201, 400]) && object.status === 201)
      ctx.equal(object.get('emails', 0, 'value'), value, 'emails[0].value');
    const user = await ctx.user({ emails: [{ value }] });
    ctx.check(
      Array.isArray((await ctx.get(`/Users/${user.id}`)).get('emails')),
      'GET /Users/{id}: "emails" should be an array',
    );
  }),
  must('7643-2.4-02', 'primary is true in at most one value of an attribute', async (ctx) => {
    const emails = [work('a@example.com', { primary: true }), { value: 'b@example.com', type: 'home', primary: true }];
    ctx.refused(await ctx.post('/Users', ctx.userBody({ emails })), 400, 'invalidValue');
    const user = await ctx.user();
    ctx.refused(await ctx.put(`/Users/${user.id}`, ctx.userBody({ emails })), 400, 'invalidValue');
  }),
  must(
    '7643-2.4-03',
    'A value without primary is not primary',
    async (ctx) => {
      const [silent, without] = [await ctx.user({ emails: [work('a@example.com')] }), await ctx.user()];
      ctx.equal(
        await matched(ctx, silent.id, 'emails[primary eq false]'),
        1,
        'matches for an e-mail that leaves primary out',
      );
      ctx.equal(await matched(ctx, without.id, 'emails[primary eq false]'), 0, 'matches for a user without e-mails');
    },
    ['filter'],
  ),
  should('7643-2.4-04', 'The same pair of type and value is not returned twice', async (ctx) => {
    const same = work('twice@example.com');
    const response = await ctx.post('/Users', ctx.userBody({ emails: [same, same] }));
    if (response.status !== 201) return void ctx.refused(response, 400);
    const emails = (await ctx.get(`/Users/${response.id}`)).get('emails');
    ctx.equal(Array.isArray(emails) ? emails.length : emails, 1, 'number of e-mails after the same one was sent twice');
  }),
  may('7643-2.4-05', 'The same value can appear under two types', async (ctx) => {
    const user = await ctx.user({
      emails: [work('one@example.com'), { value: 'one@example.com', type: 'home' }],
    });
    const types = [0, 1].map((place) => user.get('emails', place, 'type'));
    ctx.equal(types.sort(), ['home', 'work'], 'types of the e-mail sent under two');
  }),
  must(
    '7643-2.4-06',
    'The URI of a member is recognized with and without a version segment',
    async (ctx) => {
      for (const spelling of [(uri: string) => uri, withoutVersion]) {
        const member = await ctx.user();
        const group = await ctx.group({ members: [{ value: member.id }] });
        const uri = (await ctx.get(`/Groups/${group.id}`)).get('members', 0, '$ref');
        if (typeof uri !== 'string') return ctx.skip('members are returned without $ref');
        const operation = {
          op: 'remove',
          path: `members[$ref eq "${spelling(uri)}"]`,
        };
        ctx.status(await ctx.patch(`/Groups/${group.id}`, [operation]), [200, 204]);
        ctx.absent(await ctx.get(`/Groups/${group.id}`), 'members');
      }
    },
    ['groups', 'patch'],
  ),
  should('7643-2.4-07', 'Values are returned as sent: canonical forms are opt-in', async (ctx) => {
    const user = await ctx.user({
      emails: [work('Ada.Lovelace@EXAMPLE.Com')],
    });
    ctx.equal(user.get('emails', 0, 'value'), 'Ada.Lovelace@EXAMPLE.Com', 'emails[0].value');
  }),
]);

/** `https://h/scim/v2/Users/1` -> `https://h/scim/Users/1`. */
function withoutVersion(uri: string): string {
  return uri.replace(/\/v\d+(?=\/[A-Za-z]+\/[^/]+$)/, '');
}

async function matched(ctx: TestContext, id: string, filter: string): Promise<unknown> {
  const response = await ctx.query('/Users', {
    filter: `id eq "${id}" and ${filter}`,
  });
  return response.status === 200 ? response.get('totalResults') : `${response.status}`;
}

/** RFC 7643 2.5: no value, null and an empty list are the same state. */
export const nullTests = tests('null', [
  must(
    '7643-2.5-01',
    'Absent, null and an empty list are the same state',
    async (ctx) => {
      const user = await ctx.user({
        title: null,
        emails: [],
        nickName: 'given',
      });
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.absent(read, 'title');
      ctx.absent(read, 'emails');
      for (const name of ['title', 'emails'])
        ctx.equal(await matched(ctx, user.id, `${name} pr`), 0, `matches of "${name} pr"`);
      ctx.equal(await matched(ctx, user.id, 'nickName pr'), 1, 'matches of "nickName pr"');
    },
    ['filter'],
  ),
  must(
    '7643-2.5-02',
    'Assigning null or an empty list removes the value',
    async (ctx) => {
      const full = { title: 'Engineer', emails: [work('a@example.com')] };
      const ways = [
        (id: string, userName: unknown) =>
          ctx.put(`/Users/${id}`, {
            schemas: [urn.user],
            userName,
            title: null,
            emails: [],
          }),
        (id: string) =>
          ctx.patch(`/Users/${id}`, [
            { op: 'replace', path: 'title', value: null },
            { op: 'replace', path: 'emails', value: [] },
          ]),
      ];
      for (const unassign of ways) {
        const user = await ctx.user(full);
        ctx.status(await unassign(user.id, user.get('userName')), [200, 204]);
        const read = await ctx.get(`/Users/${user.id}`);
        ctx.absent(read, 'title');
        ctx.absent(read, 'emails');
        ctx.equal(await matched(ctx, user.id, 'not (title pr)'), 1, 'matches of "not (title pr)"');
      }
    },
    ['filter', 'patch'],
  ),
  may(
    '7643-2.5-03',
    'Unassigned attributes can be omitted from responses',
    async (ctx) => {
      const user = await ctx.user({ title: 'Engineer' });
      await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: 'title' }]);
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
    },
    ['patch'],
  ),
]);
