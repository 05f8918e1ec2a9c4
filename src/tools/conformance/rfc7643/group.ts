import { tests, implied, may, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 4.2: the Group resource. */
export const groupTests = tests(
  'group',
  [
    must('7643-4.2-01', 'displayName of a group is required', async (ctx) => {
      for (const displayName of [undefined, '', null]) {
        ctx.refused(await ctx.post('/Groups', ctx.groupBody({ displayName })), 400, 'invalidValue');
      }
    }),
    must('7643-4.2-02', 'A member has the id of a resource, its URI, and the type User or Group', async (ctx) => {
      const [user, inner] = [await ctx.user(), await ctx.group()];
      const group = await ctx.group({ members: [{ value: user.id }] });
      const read = await ctx.get(`/Groups/${group.id}`);
      ctx.equal(read.get('members', 0, 'value'), user.id, 'members[0].value');
      ctx.equal((await ctx.follow(read.get('members', 0, '$ref'))).id, user.id, 'id of what members[0].$ref leads to');
      const type = read.get('members', 0, 'type');
      if (type !== undefined) ctx.equal(type, 'User', 'members[0].type');
      const outer = await ctx.post('/Groups', ctx.groupBody({ members: [{ value: inner.id, type: 'Group' }] }));
      if (outer.status === 201) ctx.equal(outer.get('members', 0, 'type'), 'Group', 'type of a group within a group');
    }),
    must(
      '7643-4.2-03',
      'The sub-attributes of a member cannot be changed: members are added and removed as a whole',
      async (ctx) => {
        const [user, other] = [await ctx.user(), await ctx.user()];
        const group = await ctx.group({ members: [{ value: user.id }] });
        const path = `members[value eq "${user.id}"].value`;
        ctx.refused(
          await ctx.patch(`/Groups/${group.id}`, [{ op: 'replace', path, value: other.id }]),
          400,
          'mutability',
        );
        const read = await ctx.get(`/Groups/${group.id}`);
        ctx.equal(read.get('members', 0, 'value'), user.id, 'members[0].value after the refusal');
      },
      ['patch'],
    ),
    may('7643-4.2-04', 'A group can be a member of a group, or is rejected as a member', async (ctx) => {
      const inner = await ctx.group();
      const outer = await ctx.post('/Groups', ctx.groupBody({ members: [{ value: inner.id, type: 'Group' }] }));
      if (outer.status !== 201) return void ctx.refused(outer, 400);
      ctx.equal((await ctx.get(`/Groups/${outer.id}`)).get('members', 0, 'value'), inner.id, 'members[0].value');
    }),
    implied('7643-4.2-05', 'A group can be created without members', async (ctx) => {
      const group = await ctx.group();
      ctx.absent(await ctx.get(`/Groups/${group.id}`), 'members');
    }),
  ],
  ['groups'],
);

/** RFC 7643 4.3: the enterprise extension of User. */
export const enterpriseTests = tests(
  'enterprise',
  [
    must(
      '7643-4.3-01',
      'Enterprise attributes are in an object under the URI, and in paths that begin with it',
      async (ctx) => {
        const user = await ctx.user();
        const path = `${urn.enterprise}:department`;
        ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path, value: 'Research' }]), [200, 204]);
        const read = await ctx.get(`/Users/${user.id}`);
        ctx.equal(read.get(urn.enterprise, 'department'), 'Research', 'department under the URI');
        ctx.includes(read.get('schemas'), urn.enterprise, '"schemas"');
        const filter = `id eq "${user.id}" and ${path} eq "research"`;
        ctx.equal(
          (await ctx.query('/Users', { filter })).get('totalResults'),
          1,
          'matches of a filter on the department',
        );
      },
      ['patch', 'filter'],
    ),
    must(
      '7643-4.3-02',
      'manager.displayName is readOnly',
      async (ctx) => {
        const boss = await ctx.user({ displayName: 'The Boss' });
        const user = await ctx.user();
        const manager = { value: boss.id, displayName: 'Somebody Else' };
        const body = {
          schemas: [urn.user, urn.enterprise],
          userName: user.get('userName'),
          [urn.enterprise]: { manager },
        };
        ctx.status(await ctx.put(`/Users/${user.id}`, body), 200);
        const read = await ctx.get(`/Users/${user.id}`);
        ctx.equal(read.get(urn.enterprise, 'manager', 'value'), boss.id, 'manager.value');
        ctx.differs(read.get(urn.enterprise, 'manager', 'displayName'), 'Somebody Else', 'manager.displayName');
        const path = `${urn.enterprise}:manager.displayName`;
        ctx.refused(
          await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path, value: 'Somebody Else' }]),
          400,
          'mutability',
        );
      },
      ['patch'],
    ),
    should('7643-4.3-03', 'manager has the id of a user and the URI of the user', async (ctx) => {
      const boss = await ctx.user();
      const manager = { value: boss.id };
      const user = await ctx.user({ schemas: [urn.user, urn.enterprise], [urn.enterprise]: { manager } });
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get(urn.enterprise, 'manager', 'value'), boss.id, 'manager.value');
      ctx.equal(
        (await ctx.follow(read.get(urn.enterprise, 'manager', '$ref'))).id,
        boss.id,
        'id of what manager.$ref leads to',
      );
    }),
  ],
  ['enterprise'],
);
