import { implied, must, tests } from '../conformance-test.js';
import { idsOf, createUsers } from './listed-users.js';

/** RFC 7644 3.4.2.4: index pages. */
export const pageTests = tests(
  'page',
  [
    must('7644-3.4.2.4-01', 'startIndex is 1-based; its default is 1', async (ctx) => {
      const { filter } = await createUsers(ctx, 2);
      const first = await ctx.query('/Users', { filter, count: 1 });
      ctx.equal(first.get('startIndex'), 1, 'startIndex');
      ctx.equal(idsOf(await ctx.query('/Users', { filter, count: 1, startIndex: 1 })), idsOf(first), 'the first page');
    }),
    must('7644-3.4.2.4-02', 'startIndex below 1 counts as 1', async (ctx) => {
      const { filter } = await createUsers(ctx, 2);
      const first = idsOf(await ctx.query('/Users', { filter, count: 1 }));
      for (const startIndex of [0, -5]) {
        const response = await ctx.query('/Users', { filter, count: 1, startIndex });
        ctx.status(response, 200);
        ctx.equal(idsOf(response), first, `the page at ${String(startIndex)}`);
      }
    }),
    must('7644-3.4.2.4-03', 'A page never has more than count resources', async (ctx) => {
      const { filter } = await createUsers(ctx, 3);
      ctx.equal((await ctx.query('/Users', { filter, count: 2 })).resources.length, 2, 'resources');
    }),
    must('7644-3.4.2.4-04', 'count below 0 counts as 0', async (ctx) => {
      const { filter } = await createUsers(ctx, 1);
      const response = await ctx.query('/Users', { filter, count: -1 });
      ctx.status(response, 200);
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    must('7644-3.4.2.4-05', 'count=0 returns only the total', async (ctx) => {
      const { filter } = await createUsers(ctx, 2);
      const response = await ctx.query('/Users', { filter, count: 0 });
      ctx.equal(response.get('totalResults'), 2, 'totalResults');
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    must('7644-3.4.2.4-06', 'Without count a page is limited by the maximum of the service provider', async (ctx) => {
      const most = (await ctx.get('/ServiceProviderConfig')).get('filter', 'maxResults');
      const response = await ctx.get('/Users');
      ctx.status(response, 200);
      ctx.check(response.resources.length <= Number(most), 'a page should have no more than filter.maxResults');
      ctx.status(await ctx.get('/Users?count=1000000'), 200);
    }),
    must('7644-3.4.2.4-07', 'totalResults counts all matches', async (ctx) => {
      const { filter } = await createUsers(ctx, 3);
      ctx.equal((await ctx.query('/Users', { filter, count: 1 })).get('totalResults'), 3, 'totalResults');
    }),
    implied('7644-3.4.2.4-08', 'A page beyond the end returns 200 and no resources', async (ctx) => {
      const { filter } = await createUsers(ctx, 2);
      const response = await ctx.query('/Users', { filter, startIndex: 999 });
      ctx.status(response, 200);
      ctx.equal(response.get('totalResults'), 2, 'totalResults');
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    implied('7644-3.4.2.4-09', 'The order is the same on all pages', async (ctx) => {
      const { filter, ids } = await createUsers(ctx, 5);
      const seen: unknown[] = [];
      for (const startIndex of [1, 3, 5])
        seen.push(...idsOf(await ctx.query('/Users', { filter, startIndex, count: 2 })));
      ctx.equal([...seen].sort(), [...ids].sort(), 'the resources on all pages');
    }),
    implied(
      '7644-3.4.2.4-10',
      'A count or startIndex that is not an integer is rejected with 400 invalidValue',
      async (ctx) => {
        for (const query of ['count=abc', 'startIndex=1.5'])
          ctx.refused(await ctx.get(`/Users?${query}`), 400, 'invalidValue');
      },
    ),
  ],
  ['filter'],
);
