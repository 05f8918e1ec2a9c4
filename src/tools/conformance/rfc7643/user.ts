import { type TestContext, tests, may, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 4.1: the User resource. */
export const userTests = tests('user', [
  must(
    '7643-4.1.1-01',
    'userName is required and not empty',
    async (ctx) => {
      for (const userName of [undefined, '', null]) {
        ctx.refused(await ctx.post('/Users', ctx.userBody({ userName })), 400, 'invalidValue');
      }
      const user = await ctx.user();
      ctx.refused(await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], title: 'x' }), 400, 'invalidValue');
      const removal = await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: 'userName' }]);
      ctx.refused(removal, 400, ['mutability', 'invalidValue']);
      ctx.equal(
        (await ctx.get(`/Users/${user.id}`)).get('userName'),
        user.get('userName'),
        'userName after the refusals',
      );
    },
    ['patch'],
  ),
  must(
    '7643-4.1.1-02',
    'userName is unique among the users',
    async (ctx) => {
      const [first, second] = [await ctx.user(), await ctx.user()];
      const userName = first.get('userName');
      ctx.refused(await ctx.post('/Users', ctx.userBody({ userName })), 409, 'uniqueness');
      ctx.refused(await ctx.put(`/Users/${second.id}`, { schemas: [urn.user], userName }), [409, 400], 'uniqueness');
      const patched = await ctx.patch(`/Users/${second.id}`, [{ op: 'replace', path: 'userName', value: userName }]);
      ctx.refused(patched, [409, 400], 'uniqueness');
      const own = await ctx.put(`/Users/${second.id}`, { schemas: [urn.user], userName: second.get('userName') });
      ctx.status(own, 200);
    },
    ['patch'],
  ),
  must(
    '7643-4.1.1-03',
    'userName is case-insensitive, for uniqueness and in filters',
    async (ctx) => {
      const userName = ctx.unique('BJensen');
      const user = await ctx.user({ userName });
      ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: userName.toLowerCase() })), 409, 'uniqueness');
      const found = await ctx.query('/Users', { filter: `userName eq "${userName.toUpperCase()}"` });
      ctx.equal(found.get('Resources', 0, 'id'), user.id, 'id of the user found in another case');
      ctx.equal(found.get('Resources', 0, 'userName'), userName, 'userName, as it was sent');
    },
    ['filter'],
  ),
  should(
    '7643-4.1.1-04',
    'name.formatted is set by the client: changing another sub-attribute does not rewrite it',
    async (ctx) => {
      const user = await ctx.user({
        name: { formatted: 'Ms. Ada Lovelace', givenName: 'Ada', familyName: 'Lovelace' },
      });
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'name.givenName', value: 'Augusta' }]);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('name', 'givenName'), 'Augusta', 'name.givenName');
      ctx.equal(read.get('name', 'formatted'), 'Ms. Ada Lovelace', 'name.formatted');
    },
    ['patch'],
  ),
  must('7643-4.1.1-05', 'profileUrl is a URL', async (ctx) => {
    const wrong = await ctx.post('/Users', ctx.userBody({ profileUrl: 'not a url with spaces' }));
    if (ctx.mode === 'strict') ctx.refused(wrong, 400, 'invalidValue');
    else ctx.status(wrong, [201, 400]);
    const profileUrl = 'https://example.com/users/ada';
    ctx.equal((await ctx.user({ profileUrl })).get('profileUrl'), profileUrl, 'profileUrl');
  }),
  must('7643-4.1.1-06', 'preferredLanguage has the syntax of Accept-Language', (ctx) =>
    keeps(ctx, { preferredLanguage: 'en-US,en;q=0.8' }),
  ),
  must('7643-4.1.1-07', 'locale is a language tag; the form with an underscore can be accepted', async (ctx) => {
    await keeps(ctx, { locale: 'en-US' });
    const underscore = await ctx.post('/Users', ctx.userBody({ locale: 'en_US' }));
    ctx.status(underscore, ctx.reading([201], [201, 400]));
  }),
  should('7643-4.1.1-08', 'timezone is the name of an IANA time zone', (ctx) =>
    keeps(ctx, { timezone: 'America/Los_Angeles' }),
  ),
  must(
    '7643-4.1.1-09',
    'active is an administrative status: an inactive user can still be read and listed',
    async (ctx) => {
      const user = await ctx.user({ active: true });
      ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'active', value: false }]), [200, 204]);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), false, 'active');
      const listed = await ctx.query('/Users', { filter: `userName eq "${String(user.get('userName'))}"` });
      ctx.equal(listed.get('Resources', 0, 'active'), false, 'active in a list');
    },
    ['patch'],
  ),
  should('7643-4.1.2-01', 'emails.value is an e-mail address; a server need not validate it', async (ctx) => {
    await keeps(ctx, { emails: [{ value: 'ada@example.com', type: 'work' }] });
    ctx.status(await ctx.post('/Users', ctx.userBody({ emails: [{ value: 'x' }] })), [201, 400]);
  }),
  should('7643-4.1.2-02', 'phoneNumbers.value has the form of RFC 3966 and is returned unchanged', (ctx) =>
    keeps(ctx, { phoneNumbers: [{ value: 'tel:+1-201-555-0184', type: 'work' }] }),
  ),
  must('7643-4.1.2-03', 'photos.value is the URL of an image, absolute or relative', async (ctx) => {
    for (const value of ['https://example.com/photos/ada.jpg', '../photos/ada.jpg'])
      await keeps(ctx, { photos: [{ value }] });
  }),
  must('7643-4.1.2-04', 'addresses.country is an ISO 3166-1 alpha-2 code', async (ctx) => {
    await keeps(ctx, { addresses: [{ country: 'US', type: 'work' }] });
    const long = await ctx.post('/Users', ctx.userBody({ addresses: [{ country: 'USA', type: 'work' }] }));
    // Directories of large clients contain free text here: only strict mode rejects it.
    if (ctx.mode === 'strict') ctx.refused(long, 400, 'invalidValue');
    else ctx.status(long, 201);
  }),
  must(
    '7643-4.1.2-05',
    'groups is readOnly: membership is changed only through groups',
    async (ctx) => {
      const group = await ctx.group();
      const groups = [{ value: group.id }];
      const user = await ctx.user({ groups });
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'groups');
      ctx.status(
        await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], userName: user.get('userName'), groups }),
        200,
      );
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'groups');
      ctx.refused(
        await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: 'groups', value: groups }]),
        400,
        'mutability',
      );
      ctx.absent(await ctx.get(`/Groups/${group.id}`), 'members');
    },
    ['groups', 'patch'],
  ),
  must(
    '7643-4.1.2-06',
    'groups of a user have the id of each group and its URI',
    async (ctx) => {
      const user = await ctx.user();
      const group = await ctx.group({ members: [{ value: user.id }] });
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('groups', 0, 'value'), group.id, 'groups[0].value');
      ctx.equal((await ctx.follow(read.get('groups', 0, '$ref'))).id, group.id, 'id of what groups[0].$ref leads to');
      ctx.equal(read.get('groups', 0, 'display'), group.get('displayName'), 'groups[0].display');
      ctx.includes(['direct', 'indirect'], read.get('groups', 0, 'type') ?? null, 'types a membership may have');
    },
    ['userGroups', 'groups'],
  ),
  should(
    '7643-4.1.2-07',
    'groups.type distinguishes a direct membership from an indirect one',
    async (ctx) => {
      const user = await ctx.user();
      const inner = await ctx.group({ members: [{ value: user.id }] });
      const nested = await ctx.post('/Groups', ctx.groupBody({ members: [{ value: inner.id, type: 'Group' }] }));
      const groups = (await ctx.get(`/Users/${user.id}`)).list('groups');
      for (const { value, type } of groups) {
        if (value === inner.id) ctx.equal(type, 'direct', 'type of the group that names the user');
        if (value === nested.id) ctx.equal(type, 'indirect', 'type of the group that names the group');
      }
      ctx.check(groups.length > 0, 'groups of the user should name the group');
    },
    ['userGroups', 'groups'],
  ),
  must('7643-4.1.2-08', 'x509Certificates.value is one certificate in base64', async (ctx) => {
    await keeps(ctx, { x509Certificates: [{ value: 'MIIBAQ==' }] });
    ctx.refused(
      await ctx.post('/Users', ctx.userBody({ x509Certificates: [{ value: 'no base64 at all!' }] })),
      400,
      'invalidValue',
    );
  }),
]);

/** The values are returned on a read; the provider may add sub-attributes to a value of a list, such as `display`. */
async function keeps(ctx: TestContext, attributes: Readonly<Record<string, unknown>>): Promise<void> {
  const user = await ctx.user(attributes);
  const read = await ctx.get(`/Users/${user.id}`);
  for (const [name, value] of Object.entries(attributes)) {
    if (!Array.isArray(value)) ctx.equal(read.get(name), value, name);
    else
      for (const [sub, text] of Object.entries(value[0] as object))
        ctx.equal(read.get(name, 0, sub), text, `${name}[0].${sub}`);
  }
}

/** RFC 7643 4.1.1: `password`. */
export const passwordTests = tests('password', [
  must('7643-4.1.1-10', 'password is never returned, in any form, in any response', async (ctx) => {
    const secret = `${ctx.unique('Pw')}!x9`;
    // In strict mode an attribute that /Schemas does not have is rejected, and so is never returned either.
    const refused = ctx.mode === 'strict' && !ctx.service.capabilities.has('password');
    const made = await ctx.user(refused ? {} : { password: secret });
    const filter = `id eq "${made.id}"`;
    const body = { schemas: [urn.user], userName: made.get('userName'), password: secret };
    const responses = [
      made,
      await ctx.get(`/Users/${made.id}`),
      await ctx.query(`/Users/${made.id}`, { attributes: 'password' }),
      await ctx.query('/Users', { filter, attributes: 'userName,password' }),
      await ctx.put(`/Users/${made.id}?attributes=password`, body),
      await ctx.patch(`/Users/${made.id}?attributes=password`, [{ op: 'replace', path: 'password', value: secret }]),
      await ctx.post('/Users/.search', { schemas: [urn.search], filter, attributes: ['password'] }),
      await ctx.post('/Users?attributes=password', ctx.userBody({ password: secret })),
    ];
    for (const { request, text } of responses) {
      ctx.check(
        !text.includes('"password"') && !text.includes(secret),
        `${request.replace(/\?.*/, '')}: the response should not contain a password`,
      );
    }
  }),
  may(
    '7643-4.1.1-13',
    'A filter on password is rejected',
    async (ctx) => {
      ctx.refused(await ctx.query('/Users', { filter: 'password eq "x"' }), [400, 403], ['invalidFilter', 'sensitive']);
      ctx.refused(await ctx.query('/Users', { filter: 'password pr' }), [400, 403], ['invalidFilter', 'sensitive']);
    },
    ['filter'],
  ),
]);
