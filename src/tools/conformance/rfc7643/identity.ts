import { type TestContext, tests, implied, must } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 3.1: `id`. */
export const idTests = tests('id', [
  must('7643-3.1-01', 'Every representation has an id that the service provider assigned', async (ctx) => {
    const user = await ctx.user();
    const read = await ctx.get(`/Users/${user.id}`);
    const listed = await ctx.query('/Users', { filter: `userName eq "${String(user.get('userName'))}"` });
    for (const id of [user.id, read.id, listed.get('Resources', 0, 'id')]) ctx.equal(id, user.id, 'id');
  }),
  must('7643-3.1-02', 'An id is unique across all resources, users and groups together', async (ctx) => {
    const groups = ctx.service.capabilities.has('groups');
    const made: HttpResponse[] = [];
    for (let round = 0; round < 10; round++) {
      const some = Array.from({ length: 10 }, (_, place) => (groups && place % 2 === 0 ? ctx.group() : ctx.user()));
      made.push(...(await Promise.all(some)));
    }
    ctx.equal(
      new Set(made.map((response) => response.id)).size,
      made.length,
      `different ids of ${String(made.length)} resources`,
    );
  }),
  must(
    '7643-3.1-03',
    'An id is stable across reads and changes',
    async (ctx) => {
      const user = await ctx.user();
      ctx.equal((await ctx.put(`/Users/${user.id}`, ctx.userBody())).id, user.id, 'id after PUT');
      ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'title', value: 'new' }]), [200, 204]);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).id, user.id, 'id after PATCH');
    },
    ['patch'],
  ),
  must('7643-3.1-04', 'An id that the client sends is ignored on create', async (ctx) => {
    const id = ctx.unique('mine');
    const made = ctx.need(await ctx.post('/Users', ctx.userBody({ id })), 201);
    ctx.differs(made.id, id, 'id');
    ctx.refused(await ctx.get(`/Users/${id}`), 404);
  }),
  must('7643-3.1-05', 'An id never contains the word bulkId', async (ctx) => {
    const made = [await ctx.user(), ...(ctx.service.capabilities.has('groups') ? [await ctx.group()] : [])];
    for (const response of made) ctx.check(!/bulkid/i.test(response.id), 'an id should not hold the word bulkId');
  }),
  must(
    '7643-3.1-06',
    'An id is case-sensitive',
    async (ctx) => {
      const user = await ctx.user();
      const other = otherCase(user.id);
      if (other === user.id) return ctx.skip('ids have no letters');
      ctx.refused(await ctx.get(`/Users/${other}`), 404);
      ctx.equal(
        (await ctx.query('/Users', { filter: `id eq "${user.id}"` })).get('totalResults'),
        1,
        'matches of the id',
      );
      ctx.equal(
        (await ctx.query('/Users', { filter: `id eq "${other}"` })).get('totalResults'),
        0,
        'matches of the id in another case',
      );
    },
    ['filter'],
  ),
  must('7643-3.1-07', 'An id is always returned', async (ctx) => {
    const user = await ctx.user();
    for (const query of [
      { attributes: 'userName' },
      { excludedAttributes: 'id' },
      { excludedAttributes: 'id,meta,userName' },
    ]) {
      ctx.equal((await ctx.query(`/Users/${user.id}`, query)).id, user.id, `id under ${JSON.stringify(query)}`);
    }
  }),
]);

function otherCase(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
}

/** RFC 7643 3.1: `externalId`. */
export const externalIdTests = tests('externalId', [
  must(
    '7643-3.1-08',
    'externalId is set, changed and cleared only by clients',
    async (ctx) => {
      const user = await ctx.user();
      ctx.absent(user, 'externalId');
      const now = async (): Promise<unknown> => (await ctx.get(`/Users/${user.id}`)).get('externalId');
      const [first, second] = [ctx.unique(), ctx.unique()];
      const userName = user.get('userName');
      ctx.status(await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], userName, externalId: first }), 200);
      ctx.equal(await now(), first, 'externalId after PUT');
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'externalId', value: second }]);
      ctx.equal(await now(), second, 'externalId after PATCH');
      await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: 'externalId' }]);
      ctx.equal((await now()) ?? null, null, 'externalId after remove');
    },
    ['patch'],
  ),
  must(
    '7643-3.1-09',
    'externalId is case-sensitive',
    async (ctx) => {
      const externalId = ctx.unique('aBc');
      await ctx.user({ externalId });
      ctx.equal(await total(ctx, `externalId eq "${externalId}"`), 1, 'matches of the externalId');
      ctx.equal(
        await total(ctx, `externalId eq "${externalId.toUpperCase()}"`),
        0,
        'matches of the externalId in another case',
      );
    },
    ['filter'],
  ),
  implied('7643-3.1-10', 'The service provider does not require that an externalId is unique', async (ctx) => {
    if (ctx.service.find({ resourceType: 'User', name: 'externalId', uniqueness: 'server' }).length > 0) {
      return ctx.skip('the provider announces externalId as unique');
    }
    const externalId = ctx.unique();
    for (const round of [1, 2]) {
      ctx.check(
        (await ctx.post('/Users', ctx.userBody({ externalId }))).status === 201,
        `user ${String(round)} with the externalId should be created`,
      );
    }
  }),
  must(
    '7643-3.1-11',
    'externalId is scoped to the tenant',
    async (ctx) => {
      const externalId = ctx.unique();
      const user = await ctx.user({ externalId });
      const seen = await ctx.otherTenant.query('/Users', { filter: `externalId eq "${externalId}"` });
      ctx.equal(seen.get('totalResults'), 0, 'matches in the other tenant');
      ctx.refused(await ctx.otherTenant.get(`/Users/${user.id}`), 404);
      ctx.equal(await total(ctx, `externalId eq "${externalId}"`), 1, 'matches in its own tenant');
    },
    ['filter', 'secondTenant'],
  ),
]);

async function total(ctx: TestContext, filter: string): Promise<unknown> {
  return ctx.need(await ctx.query('/Users', { filter }), 200).get('totalResults');
}

/** RFC 7643 3.1: `meta`. */
export const metaTests = tests('meta', [
  must(
    '7643-3.1-12',
    'meta is assigned by the service provider: values that a client sends are ignored',
    async (ctx) => {
      const meta = {
        created: '1999-01-01T00:00:00Z',
        lastModified: '1999-01-01T00:00:00Z',
        resourceType: 'X',
        location: 'https://example.com/x',
        version: 'W/"x"',
      };
      const made = ctx.need(await ctx.post('/Users', ctx.userBody({ meta })), 201);
      const replaced = ctx.need(await ctx.put(`/Users/${made.id}`, ctx.userBody({ meta })), 200);
      for (const response of [made, replaced]) {
        for (const [name, value] of Object.entries(meta))
          ctx.differs(response.get('meta', name), value, `${response.request}: meta.${name}`);
      }
    },
  ),
  must('7643-3.1-13', 'meta.resourceType is the name of the resource type', async (ctx) => {
    ctx.equal((await ctx.user()).get('meta', 'resourceType'), 'User', 'meta.resourceType of a user');
    if (!ctx.service.capabilities.has('groups')) return;
    ctx.equal((await ctx.group()).get('meta', 'resourceType'), 'Group', 'meta.resourceType of a group');
  }),
  must(
    '7643-3.1-14',
    'meta.created is a DateTime and never changes',
    async (ctx) => {
      const user = await ctx.user();
      const created = user.get('meta', 'created');
      ctx.check(typeof created === 'string' && !Number.isNaN(Date.parse(created)), 'meta.created should be a DateTime');
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'title', value: 'new' }]);
      await ctx.put(`/Users/${user.id}`, ctx.userBody());
      ctx.equal(
        (await ctx.get(`/Users/${user.id}`)).get('meta', 'created'),
        created,
        'meta.created after PATCH and PUT',
      );
    },
    ['patch'],
  ),
  must(
    '7643-3.1-15',
    'meta.lastModified equals created until the first change, and is updated with each change',
    async (ctx) => {
      const user = await ctx.user();
      const created = user.get('meta', 'created');
      ctx.equal(user.get('meta', 'lastModified'), created, 'meta.lastModified of a new resource');
      // A clock with a resolution of one second is allowed.
      await ctx.wait(1_050);
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'title', value: 'new' }]);
      const changed = (await ctx.get(`/Users/${user.id}`)).get('meta', 'lastModified');
      ctx.check(
        Date.parse(String(changed)) > Date.parse(String(created)),
        'meta.lastModified should be later after a change',
      );
    },
    ['patch'],
  ),
  must(
    '7643-3.1-16',
    'meta.location is the URI of the resource, the same in Location and Content-Location',
    async (ctx) => {
      const user = await ctx.user();
      const location = user.get('meta', 'location');
      ctx.equal(user.headers.get('location'), location, 'Location of the 201');
      const read = await ctx.follow(location);
      ctx.equal(read.id, user.id, 'id of what meta.location leads to');
      ctx.equal(read.get('meta', 'location'), location, 'meta.location of a GET');
      const header = read.headers.get('content-location') ?? read.headers.get('location');
      if (header !== null) ctx.equal(header, location, 'Content-Location of a GET');
    },
  ),
]);

/** RFC 7643 3.1: `meta.version`. RFC 7644 3.14 defines the preconditions. */
export const versionTests = tests(
  'etag',
  [
    must('7643-3.1-17', 'meta.version equals the ETag header', async (ctx) => {
      const user = await ctx.user();
      for (const response of [
        user,
        await ctx.get(`/Users/${user.id}`),
        await ctx.put(`/Users/${user.id}`, ctx.userBody()),
      ]) {
        ctx.present(response, 'meta', 'version');
        ctx.equal(response.headers.get('etag'), response.get('meta', 'version'), `${response.request}: ETag`);
      }
    }),
    must('7643-3.1-18', 'An entity-tag that does not identify the exact bytes is weak (W/)', async (ctx) => {
      const user = await ctx.user({ title: 'Engineer' });
      const whole = await ctx.get(`/Users/${user.id}`);
      const part = await ctx.query(`/Users/${user.id}`, { attributes: 'title' });
      ctx.matches(whole.headers.get('etag'), /^(W\/)?"[\x21\x23-\x7e]*"$/, 'ETag');
      // Two representations with the same tag: only a weak tag allows that (RFC 9110 8.8.1).
      const shared = whole.headers.get('etag') === part.headers.get('etag') && whole.text !== part.text;
      if (shared) ctx.matches(whole.headers.get('etag'), /^W\//, 'ETag of two different representations');
    }),
  ],
  ['etag'],
);
