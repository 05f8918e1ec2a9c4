import { implied, may, must, tests } from '../conformance-test.js';
import { patchTitle } from './patch-title.js';

/** RFC 7644 3.14: versions. */
export const etagTests = tests(
  'etag',
  [
    may('7644-3.14-01', 'Entity-tags are announced where they are offered', async (ctx) => {
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
      'The version changes when the resource changes, and only then',
      async (ctx) => {
        const user = await ctx.user({ title: 'a' });
        const path = `/Users/${user.id}`;
        await ctx.patch(path, patchTitle('a'));
        ctx.equal((await ctx.get(path)).headers.get('etag'), user.headers.get('etag'), 'ETag after a no-op change');
        await ctx.patch(path, patchTitle('b'));
        ctx.differs((await ctx.get(path)).headers.get('etag'), user.headers.get('etag'), 'ETag after a change');
      },
      ['patch'],
    ),
    must('7644-3.14-04', 'If-None-Match with the current version returns 304', async (ctx) => {
      const user = await ctx.user();
      const etag = String(user.headers.get('etag'));
      // RFC 9110 13.1.2: the comparison is weak, so the prefix makes no difference.
      const other = etag.startsWith('W/') ? etag.slice(2) : `W/${etag}`;
      for (const tag of [etag, other, `"other", ${etag}`, '*']) {
        const response = await ctx.get(`/Users/${user.id}`, { headers: { 'if-none-match': tag } });
        ctx.status(response, 304);
        ctx.equal(response.text, '', 'the body of the 304');
      }
      ctx.status(await ctx.get(`/Users/${user.id}`, { headers: { 'if-none-match': 'W/"other"' } }), 200);
    }),
    must(
      '7644-3.14-05',
      'If-Match with another version returns 412, and changes nothing',
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
      'If-Match accepts the version as it was returned',
      async (ctx) => {
        const user = await ctx.user();
        const headers = { 'if-match': String(user.headers.get('etag')) };
        ctx.status(await ctx.patch(`/Users/${user.id}`, patchTitle('b'), { headers }), [200, 204]);
      },
      ['patch'],
    ),
    implied('7644-3.14-07', 'Of concurrent writes with the same version exactly one succeeds', async (ctx) => {
      const user = await ctx.user();
      const headers = { 'if-match': String(user.headers.get('etag')) };
      const bodies = Array.from({ length: 8 }, (_, i) =>
        ctx.userBody({ userName: user.get('userName'), title: `t${String(i)}` }),
      );
      const responses = await Promise.all(bodies.map((body) => ctx.put(`/Users/${user.id}`, body, { headers })));
      ctx.equal(responses.filter((response) => response.status === 200).length, 1, 'successes');
      ctx.equal(responses.filter((response) => response.status === 412).length, 7, 'responses with 412');
    }),
  ],
  ['etag'],
);
