import { tests, client } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** Requests of Okta. */
export const oktaTests = tests('clients', [
  client('OKTA-test-01', 'The first request is a page of two users, with totals as integers', async (ctx) => {
    const response = await ctx.query('/Users', { startIndex: 1, count: 2 });
    ctx.status(response, 200);
    for (const name of ['totalResults', 'startIndex', 'itemsPerPage']) {
      ctx.check(Number.isInteger(response.get(name)), `${name} should be an integer`);
    }
    ctx.check(Array.isArray(response.get('Resources')), 'Resources should be an array');
  }),
  client(
    'OKTA-patch-01',
    'A user is deactivated by a replace without path',
    async (ctx) => {
      const user = await ctx.user({ active: true, title: 'Engineer' });
      ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', value: { active: false } }]), [200, 204]);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('active'), false, 'active');
      ctx.equal(read.get('title'), 'Engineer', 'title, which the PATCH does not name');
    },
    ['patch', 'defaultMode'],
  ),
  client(
    'OKTA-rename-01',
    'A group is renamed by a replace without path that repeats its id',
    async (ctx) => {
      const group = await ctx.group();
      const displayName = ctx.unique();
      ctx.status(
        await ctx.patch(`/Groups/${group.id}`, [{ op: 'replace', value: { id: group.id, displayName } }]),
        [200, 204],
      );
      ctx.equal((await ctx.get(`/Groups/${group.id}`)).get('displayName'), displayName, 'displayName');
    },
    ['patch', 'groups', 'defaultMode'],
  ),
  client(
    'OKTA-put-01',
    'PUT repeats what was read, with groups, meta and a password',
    async (ctx) => {
      const user = await ctx.user({ externalId: ctx.unique(), name: { givenName: 'Ada', familyName: 'Lovelace' } });
      const read = await ctx.get(`/Users/${user.id}`);
      const body = { ...read.body, groups: [], password: ctx.unique('Pw'), active: false, title: 'Engineer' };
      const response = await ctx.put(`/Users/${user.id}`, body);
      ctx.status(response, 200);
      const after = await ctx.get(`/Users/${user.id}`);
      ctx.equal(after.id, user.id, 'id');
      ctx.equal(after.get('active'), false, 'active');
      ctx.equal(after.get('title'), 'Engineer', 'title');
      ctx.equal(after.get('externalId'), user.get('externalId'), 'externalId');
      ctx.check(!response.text.includes('"password"'), 'PUT /Users/{id}: the response should not contain a password');
    },
    ['defaultMode'],
  ),
  client(
    'OKTA-members-01',
    'Members are removed by a filter, added, and replaced, in one request or several',
    async (ctx) => {
      const [a, b, c] = [await ctx.user(), await ctx.user(), await ctx.user()];
      const group = await ctx.group({ members: [{ value: a.id }] });
      const members = async (): Promise<unknown[]> => {
        const read = await ctx.get(`/Groups/${group.id}`);
        return read
          .list('members')
          .map((member) => member['value'])
          .sort();
      };
      const both = [
        { op: 'remove', path: `members[value eq "${a.id}"]` },
        { op: 'add', path: 'members', value: [{ value: b.id, display: 'B' }, { value: c.id }] },
      ];
      ctx.status(await ctx.patch(`/Groups/${group.id}`, both), [200, 204]);
      ctx.equal(await members(), [b.id, c.id].sort(), 'members after a removal and an addition');
      const all = [{ op: 'replace', path: 'members', value: [{ value: a.id }, { value: c.id }] }];
      ctx.status(await ctx.patch(`/Groups/${group.id}`, all), [200, 204]);
      ctx.equal(await members(), [a.id, c.id].sort(), 'members after a replace');
      const gone = [{ op: 'remove', path: `members[value eq "${b.id}"]` }];
      ctx.status(await ctx.patch(`/Groups/${group.id}`, gone), [200, 204, 400]);
      ctx.equal(await members(), [a.id, c.id].sort(), 'members after the removal of one who had left');
    },
    ['patch', 'groups'],
  ),
  client(
    'OKTA-password-01',
    'A create contains a random password, used or not',
    async (ctx) => {
      const password = `${ctx.unique('Pw')}!x9`;
      const user = await ctx.user({
        password,
        emails: [{ primary: true, value: 'ada@example.com', type: 'work' }],
        groups: [],
        locale: 'en-US',
      });
      for (const response of [user, await ctx.get(`/Users/${user.id}`)]) {
        ctx.check(
          !response.text.includes('"password"') && !response.text.includes(password),
          `${response.request}: the response should not contain a password`,
        );
      }
    },
    ['defaultMode'],
  ),
  client(
    'OKTA-delete-01',
    'A pushed group is deleted with 204, and its members stay',
    async (ctx) => {
      const user = await ctx.user();
      const group = await ctx.group({ members: [{ value: user.id }], schemas: [urn.group] });
      ctx.status(await ctx.delete(`/Groups/${group.id}`), 204);
      ctx.refused(await ctx.get(`/Groups/${group.id}`), 404);
      ctx.status(await ctx.get(`/Users/${user.id}`), 200);
    },
    ['groups'],
  ),
]);
