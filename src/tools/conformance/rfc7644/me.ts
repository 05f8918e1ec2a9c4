import { must, should, tests } from '../conformance-test.js';

/** RFC 7644 3.11: /Me. */
export const meTests = tests('me', [
  should('7644-3.11-01', 'GET /Me returns 501 where /Me is not offered', async (ctx) => {
    if (ctx.service.capabilities.has('me')) ctx.skip('/Me is offered');
    ctx.refused(await ctx.get('/Me'), [501, 404]);
  }),
  must(
    '7644-3.11-03',
    'The response to /Me has the URI of the user',
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
  must('7644-3.13-02', 'An unknown version of the protocol is rejected', async (ctx) => {
    ctx.refused(await ctx.get('/v1/Users'), [400, 404]);
  }),
]);
