import { type TestContext, tests, implied, may, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

const patchTitle = (value: unknown): { op: string; path: string; value: unknown }[] => [
  { op: 'replace', path: 'title', value },
];

/** RFC 7644 3.3: POST. */
export const createTests = tests('create', [
  must('7644-3.3-01', 'POST creates: 201', async (ctx) => {
    const response = await ctx.post('/Users', ctx.userBody());
    ctx.status(response, 201);
    ctx.status(await ctx.get(`/Users/${response.id}`), 200);
  }),
  should('7644-3.3-02', 'The 201 shows the new resource', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada', title: 'Countess' });
    for (const name of ['id', 'meta', 'schemas', 'userName']) ctx.present(user, name);
    ctx.equal(user.get('displayName'), 'Ada', 'displayName');
    ctx.equal(user.get('title'), 'Countess', 'title');
  }),
  must('7644-3.3-03', 'Location and meta.location hold the URI', async (ctx) => {
    const user = await ctx.user();
    ctx.matches(user.headers.get('location'), /^https?:\/\//, 'Location');
    ctx.equal(user.get('meta', 'location'), user.headers.get('location'), 'meta.location');
    ctx.equal((await ctx.follow(user.headers.get('location'))).id, user.id, 'id of what Location leads to');
  }),
  must('7644-3.3-04', 'Read-only attributes in the body are ignored', async (ctx) => {
    const meta = { resourceType: 'X', created: '1999-01-01T00:00:00Z' };
    const user = await ctx.user({ id: 'mine', meta, groups: [{ value: 'x' }] });
    ctx.differs(user.id, 'mine', 'id');
    ctx.differs(user.get('meta', 'created'), meta.created, 'meta.created');
    ctx.absent(user, 'groups');
  }),
  may('7644-3.3-05', 'What is left out may have a default, and is then shown', async (ctx) => {
    const user = await ctx.user();
    ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), user.get('active'), 'active, read again');
  }),
  may('7644-3.3-06', 'null says unassigned, and is no error', async (ctx) => {
    const user = await ctx.user({ title: null, emails: [], name: { givenName: null } });
    for (const name of ['title', 'emails', 'name']) ctx.absent(user, name);
  }),
  must('7644-3.3-07', 'A conflict with a resource that is there: 409 uniqueness', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') })), 409, 'uniqueness');
  }),
  must('7644-3.3-08', 'What is required and missing, or cannot be read: 400', async (ctx) => {
    ctx.refused(await ctx.post('/Users', { schemas: [urn.user] }), 400, 'invalidValue');
    ctx.refused(await ctx.post('/Users', undefined, { raw: '{"schemas":' }), 400, 'invalidSyntax');
  }),
  must('7644-3.3.1-01', 'meta.resourceType comes from the endpoint', async (ctx) => {
    ctx.equal(
      (await ctx.user({ meta: { resourceType: 'Group' } })).get('meta', 'resourceType'),
      'User',
      'meta.resourceType',
    );
  }),
]);

/** RFC 7644 3.4.1: GET of one resource. */
export const readTests = tests('read', [
  must('7644-3.4-01', 'What is returned by default is shown', async (ctx) => {
    const user = await ctx.user({ displayName: 'Ada', emails: [{ value: 'a@example.com' }] });
    const read = await ctx.get(`/Users/${user.id}`);
    for (const name of ['schemas', 'id', 'meta', 'userName', 'displayName', 'emails']) ctx.present(read, name);
  }),
  must('7644-3.4.1-01', 'A known resource: 200', async (ctx) => {
    const user = await ctx.user();
    const read = await ctx.get(`/Users/${user.id}`);
    ctx.status(read, 200);
    ctx.equal(read.id, user.id, 'id');
  }),
  implied('7644-3.4.1-02', 'An unknown id: 404', async (ctx) => {
    ctx.refused(await ctx.get(`/Users/${ctx.unique()}`), 404);
    if (!ctx.service.capabilities.has('groups')) return;
    const user = await ctx.user();
    ctx.refused(await ctx.get(`/Groups/${user.id}`), 404);
  }),
  implied('7644-3.4.1-03', 'The answer names the URI in Location or Content-Location', async (ctx) => {
    const user = await ctx.user();
    const read = await ctx.get(`/Users/${user.id}`);
    const location = read.headers.get('location') ?? read.headers.get('content-location');
    ctx.equal(location, read.get('meta', 'location'), 'Location');
    if (ctx.service.capabilities.has('etag')) ctx.equal(read.headers.get('etag'), read.get('meta', 'version'), 'ETag');
  }),
]);

/** RFC 7644 3.5.1: PUT. */
export const replaceTests = tests('replace', [
  must('7644-3.5-01', 'PUT is supported on a resource', async (ctx) => {
    const user = await ctx.user();
    ctx.status(await ctx.put(`/Users/${user.id}`, ctx.userBody({ userName: user.get('userName') })), 200);
  }),
  must('7644-3.5.1-01', 'Values that are given replace the old ones', async (ctx) => {
    const { user, put } = await replaced(ctx, { title: 'old' }, { title: 'new' });
    ctx.equal(put.get('title'), 'new', 'title in the answer');
    ctx.equal((await ctx.get(`/Users/${user.id}`)).get('title'), 'new', 'title');
  }),
  may('7644-3.5.1-02', 'What is left out is cleared, or has its default', async (ctx) => {
    const { user } = await replaced(ctx, { title: 'old', emails: [{ value: 'a@example.com' }] }, {});
    const read = await ctx.get(`/Users/${user.id}`);
    ctx.absent(read, 'title');
    ctx.absent(read, 'emails');
  }),
  must('7644-3.5.1-03', 'An immutable attribute takes its own value, and no other', async (ctx) => {
    const attribute = ctx.attribute({ mutability: 'immutable', type: 'string', multiValued: false });
    const { endpoint } = attribute.resourceType;
    const body = ctx.bodyWith(attribute, 'first');
    const made = ctx.need(await ctx.post(endpoint, body), 201);
    ctx.status(await ctx.put(`${endpoint}/${made.id}`, body), 200);
    const other = ctx.bodyWith(attribute, 'second', { userName: made.get('userName') });
    ctx.refused(await ctx.put(`${endpoint}/${made.id}`, other), 400, 'mutability');
    ctx.equal((await ctx.get(`${endpoint}/${made.id}`)).get(...attribute.steps), 'first', attribute.path);
  }),
  must('7644-3.5.1-04', 'Read-only values are ignored', async (ctx) => {
    const meta = { created: '1999-01-01T00:00:00Z' };
    const { user, put } = await replaced(ctx, {}, { id: 'other', meta });
    ctx.equal(put.id, user.id, 'id');
    ctx.equal(put.get('meta', 'created'), user.get('meta', 'created'), 'meta.created');
  }),
  must('7644-3.5.1-05', 'Required attributes must be given', async (ctx) => {
    const user = await ctx.user();
    ctx.refused(await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], title: 'x' }), 400, 'invalidValue');
  }),
  must('7644-3.5.1-06', 'The answer is 200 with the whole resource', async (ctx) => {
    const { user, put } = await replaced(ctx, {}, { title: 'new', displayName: 'Ada' });
    ctx.equal(put.body, (await ctx.get(`/Users/${user.id}`)).body, 'the answer');
  }),
  must('7644-3.5.1-07', 'A taken name is refused', async (ctx) => {
    const [first, second] = [await ctx.user(), await ctx.user()];
    const response = await ctx.put(`/Users/${second.id}`, ctx.userBody({ userName: first.get('userName') }));
    ctx.refused(response, [409, 400], 'uniqueness');
    ctx.equal((await ctx.get(`/Users/${second.id}`)).get('userName'), second.get('userName'), 'userName');
  }),
  implied('7644-3.5.1-08', 'created stays, lastModified and version move', async (ctx) => {
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
  must('7644-3.6-01', 'DELETE: 204 without a body', async (ctx) => {
    const user = await ctx.user();
    const response = await ctx.delete(`/Users/${user.id}`);
    ctx.status(response, 204);
    ctx.equal(response.text, '', 'the body');
  }),
  must(
    '7644-3.6-02',
    'Afterwards every operation on it is 404',
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
    'Afterwards no query finds it',
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
  should('7644-3.6-04', 'Afterwards its name is free', async (ctx) => {
    const user = await ctx.user();
    ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
    const again = await ctx.post('/Users', ctx.userBody({ userName: user.get('userName') }));
    ctx.status(again, 201);
    ctx.differs(again.id, user.id, 'id');
  }),
  may(
    '7644-3.6-05',
    'What is kept inside shows nowhere outside',
    async (ctx) => {
      const user = await ctx.user({ externalId: ctx.unique('ext') });
      ctx.need(await ctx.delete(`/Users/${user.id}`), 204);
      const found = await ctx.query('/Users', { filter: `externalId eq "${String(user.get('externalId'))}"` });
      ctx.equal(found.get('totalResults'), 0, 'users found');
    },
    ['filter'],
  ),
]);

/** RFC 7644 3.14: versions. */
export const etagTests = tests(
  'etag',
  [
    may('7644-3.14-01', 'Entity-tags are announced', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('etag', 'supported'), true, 'etag.supported');
    }),
    must('7644-3.14-02', 'The version is in ETag and in meta.version', async (ctx) => {
      const user = await ctx.user();
      const responses = [user, await ctx.get(`/Users/${user.id}`), await ctx.put(`/Users/${user.id}`, ctx.userBody())];
      for (const response of responses) {
        ctx.matches(response.headers.get('etag'), /^(?:W\/)?"[^"]+"$/, `ETag of ${response.request}`);
        ctx.equal(response.get('meta', 'version'), response.headers.get('etag'), 'meta.version');
      }
    }),
    implied(
      '7644-3.14-03',
      'The version changes with the resource, and only then',
      async (ctx) => {
        const user = await ctx.user({ title: 'a' });
        const path = `/Users/${user.id}`;
        await ctx.patch(path, patchTitle('a'));
        ctx.equal(
          (await ctx.get(path)).headers.get('etag'),
          user.headers.get('etag'),
          'ETag after a change of nothing',
        );
        await ctx.patch(path, patchTitle('b'));
        ctx.differs((await ctx.get(path)).headers.get('etag'), user.headers.get('etag'), 'ETag after a change');
      },
      ['patch'],
    ),
    must('7644-3.14-04', 'If-None-Match with the version of a GET: 304', async (ctx) => {
      const user = await ctx.user();
      const etag = String(user.headers.get('etag'));
      for (const tag of [etag, `"other", ${etag}`, '*']) {
        const response = await ctx.get(`/Users/${user.id}`, { headers: { 'if-none-match': tag } });
        ctx.status(response, 304);
        ctx.equal(response.text, '', 'the body of the 304');
      }
      ctx.status(await ctx.get(`/Users/${user.id}`, { headers: { 'if-none-match': 'W/"other"' } }), 200);
    }),
    must(
      '7644-3.14-05',
      'If-Match with another version: 412, and nothing changes',
      async (ctx) => {
        const user = await ctx.user({ title: 'a' });
        const path = `/Users/${user.id}`;
        const stale = { headers: { 'if-match': 'W/"stale"' } };
        ctx.refused(await ctx.put(path, ctx.userBody(), stale), 412);
        ctx.refused(await ctx.patch(path, patchTitle('b'), stale), 412);
        ctx.refused(await ctx.delete(path, stale), 412);
        ctx.equal((await ctx.get(path)).get('title'), 'a', 'title');
        ctx.status(await ctx.patch(path, patchTitle('b'), { headers: { 'if-match': '*' } }), [200, 204]);
      },
      ['patch'],
    ),
    implied(
      '7644-3.14-06',
      'If-Match takes the version as it was given',
      async (ctx) => {
        const user = await ctx.user();
        const headers = { 'if-match': String(user.headers.get('etag')) };
        ctx.status(await ctx.patch(`/Users/${user.id}`, patchTitle('b'), { headers }), [200, 204]);
      },
      ['patch'],
    ),
    implied('7644-3.14-07', 'Of parallel writes with one version one succeeds', async (ctx) => {
      const user = await ctx.user();
      const headers = { 'if-match': String(user.headers.get('etag')) };
      const bodies = Array.from({ length: 8 }, (_, i) =>
        ctx.userBody({ userName: user.get('userName'), title: `t${String(i)}` }),
      );
      const responses = await Promise.all(bodies.map((body) => ctx.put(`/Users/${user.id}`, body, { headers })));
      ctx.equal(responses.filter((response) => response.status === 200).length, 1, 'successes');
      ctx.equal(responses.filter((response) => response.status === 412).length, 7, 'answers 412');
    }),
  ],
  ['etag'],
);

/** RFC 7644 3.11: /Me. */
export const meTests = tests('me', [
  should('7644-3.11-01', 'Where /Me is not offered it is 501', async (ctx) => {
    if (ctx.service.capabilities.has('me')) ctx.skip('/Me is offered');
    ctx.refused(await ctx.get('/Me'), [501, 404]);
  }),
  must(
    '7644-3.11-03',
    'The answer of /Me names the URI of the user',
    async (ctx) => {
      const me = await ctx.get('/Me');
      ctx.equal(
        me.headers.get('location') ?? me.headers.get('content-location'),
        me.get('meta', 'location'),
        'Location',
      );
      ctx.equal((await ctx.follow(me.get('meta', 'location'))).id, me.id, 'id');
    },
    ['me'],
  ),
]);

/** RFC 7644 3.13: versions of the protocol. */
export const protocolVersionTests = tests('version', [
  must('7644-3.13-02', 'A version of the protocol that there is not is refused', async (ctx) => {
    ctx.refused(await ctx.get('/v1/Users'), [400, 404]);
  }),
]);
