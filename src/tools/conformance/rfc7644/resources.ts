import { type TestContext, implied, may, must, should, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';
import { patchTitle } from './patch-title.js';

/** RFC 7644 3.3: POST. */
export const createTests = tests('create', [
  must('7644-3.3-01', 'POST creates a resource and returns 201', async (ctx) => {
    const response = await ctx.post('/Users', ctx.userBody());
    ctx.status(response, 201);
    ctx.status(await ctx.get(`/Users/${response.id}`), 200);
  }),
  should('7644-3.3-02', 'The body of the 201 is the new resource', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada', title: 'Countess' });
    for (const name of ['id', 'meta', 'schemas', 'userName']) ctx.present(user, name);
    ctx.equal(user.get('displayName'), 'Ada', 'displayName');
    ctx.equal(user.get('title'), 'Countess', 'title');
  }),
  must('7644-3.3-03', 'Location and meta.location are the URI of the resource', async (ctx) => {
    const user = await ctx.user();
    ctx.matches(user.headers.get('location'), /^https?:\/\//, 'Location');
    ctx.equal(user.get('meta', 'location'), user.headers.get('location'), 'meta.location');
    ctx.equal((await ctx.follow(user.headers.get('location'))).id, user.id, 'id of the resource at Location');
  }),
  must('7644-3.3-04', 'Read-only attributes in the body are ignored', async (ctx) => {
    const meta = { resourceType: 'X', created: '1999-01-01T00:00:00Z' };
    const user = await ctx.user({ id: 'mine', meta, groups: [{ value: 'x' }] });
    ctx.differs(user.id, 'mine', 'id');
    ctx.differs(user.get('meta', 'created'), meta.created, 'meta.created');
    ctx.absent(user, 'groups');
  }),
  may('7644-3.3-05', 'An omitted attribute can get a default, which is returned', async (ctx) => {
    const user = await ctx.user();
    ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), user.get('active'), 'active, read again');
  }),
  may('7644-3.3-06', 'null unassigns an attribute, and is no error', async (ctx) => {
    const user = await ctx.user({ title: null, emails: [], name: { givenName: null } });
    for (const name of ['title', 'emails', 'name']) ctx.absent(user, name);
  }),
  must('7644-3.3-07', 'A conflict with an existing resource returns 409 uniqueness', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') })), 409, 'uniqueness');
  }),
  must('7644-3.3-08', 'A missing required attribute or malformed JSON returns 400', async (ctx) => {
    ctx.refused(await ctx.post('/Users', { schemas: [urn.user] }), 400, 'invalidValue');
    ctx.refused(await ctx.post('/Users', undefined, { raw: '{"schemas":' }), 400, 'invalidSyntax');
  }),
  must('7644-3.3.1-01', 'meta.resourceType is determined by the endpoint', async (ctx) => {
    ctx.equal(
      (await ctx.user({ meta: { resourceType: 'Group' } })).get('meta', 'resourceType'),
      'User',
      'meta.resourceType',
    );
  }),
]);

/** RFC 7644 3.4.1: GET of one resource. */
export const readTests = tests('read', [
  must('7644-3.4-01', 'Attributes that are returned by default are present', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada', emails: [{ value: 'a@example.com' }] });
    const read = await ctx.get(`/Users/${user.id}`);
    for (const name of ['schemas', 'id', 'meta', 'userName', 'displayName', 'emails']) ctx.present(read, name);
  }),
  must('7644-3.4.1-01', 'GET of a resource returns 200', async (ctx) => {
    const user = await ctx.user();
    const read = await ctx.get(`/Users/${user.id}`);
    ctx.status(read, 200);
    ctx.equal(read.id, user.id, 'id');
  }),
  implied('7644-3.4.1-02', 'GET of an unknown id returns 404', async (ctx) => {
    ctx.refused(await ctx.get(`/Users/${ctx.unique()}`), 404);
    if (!ctx.service.capabilities.has('groups')) return;
    const user = await ctx.user();
    ctx.refused(await ctx.get(`/Groups/${user.id}`), 404);
  }),
  implied('7644-3.4.1-03', 'The response has the URI in Location or Content-Location', async (ctx) => {
    const user = await ctx.user();
    const read = await ctx.get(`/Users/${user.id}`);
    const location = read.headers.get('location') ?? read.headers.get('content-location');
    ctx.equal(location, read.get('meta', 'location'), 'Location');
    if (ctx.service.capabilities.has('etag')) ctx.equal(read.headers.get('etag'), read.get('meta', 'version'), 'ETag');
  }),
]);

/** RFC 7644 3.5.1: PUT. */
export const replaceTests = tests('replace', [
  must('7644-3.5-01', 'PUT of a resource is supported', async (ctx) => {
    const user = await ctx.user();
    ctx.status(await ctx.put(`/Users/${user.id}`, ctx.userBody({ userName: user.get('userName') })), 200);
  }),
  must('7644-3.5.1-01', 'Values in the body replace the old values', async (ctx) => {
    const { user, put } = await replaced(ctx, { title: 'old' }, { title: 'new' });
    ctx.equal(put.get('title'), 'new', 'title in the response');
    ctx.equal((await ctx.get(`/Users/${user.id}`)).get('title'), 'new', 'title');
  }),
  may('7644-3.5.1-02', 'Omitted attributes are cleared, or get their default', async (ctx) => {
    const { user } = await replaced(ctx, { title: 'old', emails: [{ value: 'a@example.com' }] }, {});
    const read = await ctx.get(`/Users/${user.id}`);
    ctx.absent(read, 'title');
    ctx.absent(read, 'emails');
  }),
  must('7644-3.5.1-03', 'An immutable attribute accepts its current value, and no other', async (ctx) => {
    const attribute = ctx.attribute({ mutability: 'immutable', type: 'string', multiValued: false });
    const { endpoint } = attribute.resourceType;
    const body = ctx.bodyWith(attribute, 'first');
    const made = ctx.need(await ctx.post(endpoint, body), 201);
    ctx.status(await ctx.put(`${endpoint}/${made.id}`, body), 200);
    const other = ctx.bodyWith(attribute, 'second', { userName: made.get('userName') });
    ctx.refused(await ctx.put(`${endpoint}/${made.id}`, other), 400, 'mutability');
    ctx.equal((await ctx.get(`${endpoint}/${made.id}`)).get(...attribute.steps), 'first', attribute.path);
  }),
  must('7644-3.5.1-04', 'Values of read-only attributes are ignored', async (ctx) => {
    const meta = { created: '1999-01-01T00:00:00Z' };
    const { user, put } = await replaced(ctx, {}, { id: 'other', meta });
    ctx.equal(put.id, user.id, 'id');
    ctx.equal(put.get('meta', 'created'), user.get('meta', 'created'), 'meta.created');
  }),
  must('7644-3.5.1-05', 'Required attributes must be in the body', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], title: 'x' }), 400, 'invalidValue');
  }),
  must('7644-3.5.1-06', 'The response is 200 with the whole resource', async (ctx) => {
    const { user, put } = await replaced(ctx, {}, { title: 'new', displayName: 'Ada' });
    ctx.equal(put.body, (await ctx.get(`/Users/${user.id}`)).body, 'the response');
  }),
  must('7644-3.5.1-07', 'PUT with a userName that is in use is rejected', async (ctx) => {
    const [first, second] = [await ctx.user(), await ctx.user()];
    const response = await ctx.put(`/Users/${second.id}`, ctx.userBody({ userName: first.get('userName') }));
    ctx.refused(response, [409, 400], 'uniqueness');
    ctx.equal((await ctx.get(`/Users/${second.id}`)).get('userName'), second.get('userName'), 'userName');
  }),
  implied('7644-3.5.1-08', 'PUT keeps created, and updates lastModified and version', async (ctx) => {
    const user = await ctx.user({ title: 'old' });
    await ctx.wait(20);
    const put = await ctx.put(`/Users/${user.id}`, ctx.userBody({ userName: user.get('userName'), title: 'new' }));
    ctx.equal(put.get('meta', 'created'), user.get('meta', 'created'), 'meta.created');
    ctx.check(
      Date.parse(String(put.get('meta', 'lastModified'))) >= Date.parse(String(user.get('meta', 'lastModified'))),
      'meta.lastModified should not go back',
    );
    if (ctx.service.capabilities.has('etag'))
      ctx.differs(put.get('meta', 'version'), user.get('meta', 'version'), 'meta.version');
  }),
]);

async function replaced(ctx: TestContext, before: object, after: object) {
  const user = await ctx.user(before);
  const put = await ctx.put(`/Users/${user.id}`, ctx.userBody({ userName: user.get('userName'), ...after }));
  ctx.need(put, 200);
  return { user, put };
}

/** RFC 7644 3.6: DELETE. */
export const deleteTests = tests('delete', [
  must('7644-3.6-01', 'DELETE returns 204 without a body', async (ctx) => {
    const user = await ctx.user();
    const response = await ctx.delete(`/Users/${user.id}`);
    ctx.status(response, 204);
    ctx.equal(response.text, '', 'the body');
  }),
  must(
    '7644-3.6-02',
    'After a DELETE every operation on the resource returns 404',
    async (ctx) => {
      const user = await ctx.user();
      ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
      ctx.refused(await ctx.get(`/Users/${user.id}`), 404);
      ctx.refused(await ctx.put(`/Users/${user.id}`, ctx.userBody()), 404);
      ctx.refused(await ctx.patch(`/Users/${user.id}`, patchTitle('x')), 404);
      ctx.refused(await ctx.delete(`/Users/${user.id}`), 404);
    },
    ['patch'],
  ),
  must(
    '7644-3.6-03',
    'After a DELETE no query returns the resource',
    async (ctx) => {
      const user = await ctx.user();
      const group = ctx.service.capabilities.has('groups')
        ? await ctx.group({ members: [{ value: user.id }] })
        : undefined;
      ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
      const found = await ctx.query('/Users', { filter: `userName eq "${String(user.get('userName'))}"` });
      ctx.equal(found.get('totalResults'), 0, 'users found');
      if (group !== undefined) ctx.absent(await ctx.get(`/Groups/${group.id}`), 'members');
    },
    ['filter'],
  ),
  should('7644-3.6-04', 'After a DELETE the userName can be used again', async (ctx) => {
    const user = await ctx.user();
    ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
    const again = await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') }));
    ctx.status(again, 201);
    ctx.differs(again.id, user.id, 'id');
  }),
  may(
    '7644-3.6-05',
    'A resource that is deleted but kept internally is not visible to clients',
    async (ctx) => {
      const user = await ctx.user({ externalId: ctx.unique('ext') });
      ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
      const found = await ctx.query('/Users', { filter: `externalId eq "${String(user.get('externalId'))}"` });
      ctx.equal(found.get('totalResults'), 0, 'users found');
    },
    ['filter'],
  ),
]);
