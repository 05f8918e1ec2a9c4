import { implied, may, must, tests } from '../conformance-test.js';
import { idsOf, createUsers } from './listed-users.js';

/** RFC 7644 3.4.2.3: sorting. */
export const sortTests = tests(
  'sort',
  [
    may('7644-3.4.2.3-01', 'Sorting is announced where it is offered', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('sort', 'supported'), true, 'sort.supported');
    }),
    must('7644-3.4.2.3-02', 'sortBy sorts, ascending by default', async (ctx) => {
      const { filter, ids } = await createUsers(ctx, 3, (i) => ({ title: `t${String(2 - i)}` }));
      ctx.equal(idsOf(await ctx.query('/Users', { filter, sortBy: 'title' })), [...ids].reverse(), 'the order');
    }),
    must('7644-3.4.2.3-03', 'sortOrder is ascending or descending', async (ctx) => {
      const { filter, ids } = await createUsers(ctx, 3);
      const order = async (sortOrder: string): Promise<unknown> =>
        idsOf(await ctx.query('/Users', { filter, sortBy: 'userName', sortOrder }));
      ctx.equal(await order('ascending'), ids, 'the order ascending');
      ctx.equal(await order('descending'), [...ids].reverse(), 'the order descending');
      ctx.refused(await ctx.query('/Users', { sortBy: 'userName', sortOrder: 'sideways' }), 400, 'invalidValue');
    }),
    must('7644-3.4.2.3-04', 'A multi-valued attribute is sorted by its primary value', async (ctx) => {
      const { filter, ids } = await createUsers(ctx, 2, (i) => ({
        emails: [
          { value: `${i === 0 ? 'a' : 'z'}@x.example` },
          { value: `${i === 0 ? 'y' : 'b'}@x.example`, primary: true },
        ],
      }));
      ctx.equal(idsOf(await ctx.query('/Users', { filter, sortBy: 'emails' })), [...ids].reverse(), 'the order');
    }),
    must('7644-3.4.2.3-05', 'Sorting by a complex attribute requires a sub-attribute', async (ctx) => {
      const { filter, ids } = await createUsers(ctx, 2, (i) => ({ name: { givenName: i === 0 ? 'b' : 'a' } }));
      ctx.equal(
        idsOf(await ctx.query('/Users', { filter, sortBy: 'name.givenName' })),
        [...ids].reverse(),
        'the order',
      );
      ctx.refused(await ctx.query('/Users', { sortBy: 'name' }), 400, ['invalidPath', 'invalidValue']);
    }),
    must(
      '7644-3.4.2.3-06',
      'Resources without a value are last in ascending order, first in descending order',
      async (ctx) => {
        const { filter, ids } = await createUsers(ctx, 2, (i) => (i === 0 ? {} : { title: 'x' }));
        const order = async (sortOrder: string): Promise<unknown> =>
          idsOf(await ctx.query('/Users', { filter, sortBy: 'title', sortOrder }));
        ctx.equal(await order('ascending'), [...ids].reverse(), 'the order ascending');
        ctx.equal(await order('descending'), ids, 'the order descending');
      },
    ),
    must('7644-3.4.2.3-07', 'Sorting is case-sensitive where the schema says so', async (ctx) => {
      const marker = ctx.unique('c');
      const { filter, ids } = await createUsers(ctx, 2, (i) => ({
        title: i === 0 ? 'B' : 'a',
        externalId: `${marker}-${i === 0 ? 'B' : 'a'}`,
      }));
      ctx.equal(
        idsOf(await ctx.query('/Users', { filter, sortBy: 'title' })),
        [...ids].reverse(),
        'the order by title',
      );
      ctx.equal(idsOf(await ctx.query('/Users', { filter, sortBy: 'externalId' })), ids, 'the order by externalId');
    }),
    implied(
      '7644-3.4.2.3-08',
      'Times are sorted chronologically, and equal keys keep their order across pages',
      async (ctx) => {
        const { filter, ids } = await createUsers(ctx, 4, () => ({ title: 'same' }));
        ctx.equal(
          [...idsOf(await ctx.query('/Users', { filter, sortBy: 'meta.created' }))].sort(),
          [...ids].sort(),
          'all of them',
        );
        const all = idsOf(await ctx.query('/Users', { filter, sortBy: 'title' }));
        const halves = [
          ...idsOf(await ctx.query('/Users', { filter, sortBy: 'title', count: 2 })),
          ...idsOf(await ctx.query('/Users', { filter, sortBy: 'title', count: 2, startIndex: 3 })),
        ];
        ctx.equal(halves, all, 'the order over two pages');
      },
    ),
  ],
  ['sort', 'filter'],
);
