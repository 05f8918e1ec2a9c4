import { type TestContext, tests, implied, may, must, type Query, should } from '../conformance-test.js';
import { valueAt } from '../../wire/json.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

/** RFC 9865: cursor-based pagination. */
export const cursorTests = tests(
  'cursor',
  [
    must('9865-2-01', 'An empty cursor, or one without a value, requests the first page', async (ctx) => {
      const { filter } = await family(ctx, 3);
      const responses = [
        await ctx.get(`/Users?cursor&count=2&filter=${encodeURIComponent(filter)}`),
        await ctx.query('/Users', { cursor: '', count: 2, filter }),
      ];
      for (const response of responses) {
        ctx.status(response, 200);
        ctx.equal(response.resources.length, 2, 'resources of the first page');
        ctx.present(response, 'nextCursor');
      }
    }),
    must('9865-2-02', 'Cursors contain only characters that need no escaping in a URI', async (ctx) => {
      const { filter } = await family(ctx, 3);
      const unreserved = /^[A-Za-z0-9\-._~]+$/;
      for (const [place, page] of (await walk(ctx, { count: 1, filter })).entries()) {
        if (place < 2) ctx.matches(page.get('nextCursor'), unreserved, 'nextCursor');
        const previous = page.get('previousCursor');
        if (previous !== undefined) ctx.matches(previous, unreserved, 'previousCursor');
      }
    }),
    must('9865-2-03', 'nextCursor is on every page except the last', async (ctx) => {
      const { filter } = await family(ctx, 5);
      const pages = await walk(ctx, { filter, count: 2 });
      ctx.equal(
        pages.map((page) => page.resources.length),
        [2, 2, 1],
        'resources of the pages',
      );
      ctx.equal(
        pages.map((page) => typeof page.get('nextCursor')),
        ['string', 'string', 'undefined'],
        'types of nextCursor',
      );
    }),
    may('9865-2-04', 'previousCursor leads to the previous page, and is not on the first', async (ctx) => {
      const { filter } = await family(ctx, 3);
      const [first, second] = await walk(ctx, { filter, count: 2 });
      if (first === undefined || second === undefined) return void ctx.check(false, 'there should be two pages');
      ctx.absent(first, 'previousCursor');
      const cursor = second.get('previousCursor');
      if (typeof cursor !== 'string') return;
      const back = ctx.need(await ctx.query('/Users', { filter, count: 2, cursor }), 200);
      ctx.equal(idsOf([back]), idsOf([first]), 'ids of the page before the second');
    }),
    must(
      '9865-2-05',
      'A page has no more than count resources; a negative count is 0, and 0 returns only the total',
      async (ctx) => {
        const { filter } = await family(ctx, 3);
        for (const [count, expected] of [
          [1, 1],
          [0, 0],
          [-5, 0],
        ] as const) {
          const page = await ctx.query('/Users', { filter, count, cursor: '' });
          ctx.status(page, 200);
          ctx.equal(page.resources.length, expected, `resources of a page of count ${String(count)}`);
          // RFC 9865 2 lets a server omit totalResults.
          const total = page.get('totalResults');
          if (total !== undefined) ctx.equal(total, 3, `totalResults of a page of count ${String(count)}`);
        }
      },
    ),
    should('9865-2-06', 'totalResults is correct where it is present', async (ctx) => {
      const { filter } = await family(ctx, 3);
      for (const page of await walk(ctx, { filter, count: 2 })) {
        const total = page.get('totalResults');
        if (total !== undefined) ctx.equal(total, 3, 'totalResults');
      }
    }),
    implied('9865-2-07', 'The other parameters stay the same from page to page', async (ctx) => {
      const { filter } = await family(ctx, 4);
      const first = ctx.need(await ctx.query('/Users', { filter, count: 2, cursor: '' }), 200);
      const cursor = String(first.get('nextCursor'));
      ctx.refused(await ctx.query('/Users', { filter: 'userName pr', count: 2, cursor }), 400, 'invalidCursor');
      ctx.refused(await ctx.query('/Users', { filter, count: 3, cursor }), 400, ['invalidCount', 'invalidCursor']);
    }),
    implied('9865-2-08', 'A response with a cursor has no startIndex', async (ctx) => {
      const { filter } = await family(ctx, 1);
      ctx.absent(await ctx.query('/Users', { filter, cursor: '' }), 'startIndex');
    }),
    implied('9865-2-09', 'Reading all pages returns each resource once', async (ctx) => {
      const { filter, ids } = await family(ctx, 7);
      const walked = idsOf(await walk(ctx, { filter, count: 3 }));
      ctx.equal(walked.length, 7, 'resources of the walk');
      ctx.equal([...walked].sort(), [...ids].sort(), 'ids of the walk');
    }),
    should('9865-2.1-01', 'An invalid cursor is rejected', async (ctx) => {
      ctx.refused(await ctx.query('/Users', { cursor: 'garbage', count: 1 }), 400, 'invalidCursor');
    }),
    should('9865-2.1-03', 'An invalid count, or one above the maximum, is rejected or lowered', async (ctx) => {
      const { filter } = await family(ctx, 1);
      ctx.refused(await ctx.query('/Users', { filter, cursor: '', count: 'ten' }), 400, [
        'invalidCount',
        'invalidValue',
      ]);
      const large = await ctx.query('/Users', { filter, cursor: '', count: 1_000_000 });
      if (large.status !== 200) ctx.refused(large, 400, 'invalidCount');
    }),
    should(
      '9865-2.2-01',
      'Pages with a cursor are in the requested order',
      async (ctx) => {
        const { filter } = await family(ctx, 5);
        for (const sortOrder of ['ascending', 'descending']) {
          const pages = await walk(ctx, { filter, count: 2, sortBy: 'userName', sortOrder });
          const names = pages.flatMap((page) => page.resources.map((resource) => String(resource['userName'])));
          const sorted = [...names].sort();
          ctx.equal(names, sortOrder === 'ascending' ? sorted : sorted.reverse(), `userNames in ${sortOrder} order`);
          ctx.equal(names.length, 5, 'resources of the walk');
        }
      },
      ['sort'],
    ),
    must(
      '9865-2.4-01',
      'A request without cursor and startIndex is paged by the announced default method',
      async (ctx) => {
        const response = ctx.need(await ctx.query('/Users', { count: 1 }), 200);
        const byIndex = valueAt(ctx.service.config, ['pagination', 'defaultPaginationMethod']) !== 'cursor';
        if (byIndex) ctx.absent(response, 'nextCursor');
      },
    ),
    implied('9865-2.4-02', 'startIndex together with a cursor is rejected', async (ctx) => {
      ctx.refused(await ctx.query('/Users', { startIndex: 1, cursor: '', count: 1 }), 400, [
        'invalidValue',
        'invalidCursor',
      ]);
    }),
    must(
      '9865-3-01',
      'A search by POST has cursor and count in its body',
      async (ctx) => {
        const { filter } = await family(ctx, 3);
        const search = { schemas: [urn.search], filter, cursor: '', count: 2 };
        const first = ctx.need(await ctx.post('/Users/.search', search), 200);
        ctx.equal(first.resources.length, 2, 'resources of the first page');
        const second = await ctx.post('/Users/.search', { ...search, cursor: first.get('nextCursor') });
        ctx.equal(second.resources.length, 1, 'resources of the second page');
      },
      ['search'],
    ),
    should('9865-4-01', 'ServiceProviderConfig announces the supported pagination methods', async (ctx) => {
      const config = await ctx.get('/ServiceProviderConfig');
      for (const name of ['cursor', 'index'])
        ctx.equal(typeof config.get('pagination', name), 'boolean', `type of pagination.${name}`);
      const method = config.get('pagination', 'defaultPaginationMethod');
      if (method !== undefined) ctx.includes(['cursor', 'index'], method, 'values of defaultPaginationMethod');
      for (const name of ['defaultPageSize', 'maxPageSize', 'cursorTimeout']) {
        const value = config.get('pagination', name);
        if (value !== undefined) ctx.check(Number.isInteger(value), `pagination.${name} should be an integer`);
      }
    }),
    must(
      '9865-5.2-01',
      'A cursor of one tenant gives no access to another',
      async (ctx) => {
        const { filter } = await family(ctx, 3);
        const first = ctx.need(await ctx.query('/Users', { filter, count: 1, cursor: '' }), 200);
        const stolen = await ctx.otherTenant.query('/Users', {
          filter,
          count: 1,
          cursor: String(first.get('nextCursor')),
        });
        ctx.refused(stolen, 400, 'invalidCursor');
      },
      ['secondTenant'],
    ),
    should('9865-5.2-03', 'A modified cursor is detected', async (ctx) => {
      const { filter } = await family(ctx, 3);
      const first = ctx.need(await ctx.query('/Users', { filter, count: 1, cursor: '' }), 200);
      const cursor = String(first.get('nextCursor'));
      const middle = cursor.length >> 1;
      const forged = cursor.slice(0, middle) + (cursor[middle] === 'A' ? 'B' : 'A') + cursor.slice(middle + 1);
      ctx.refused(await ctx.query('/Users', { filter, count: 1, cursor: forged }), 400, 'invalidCursor');
    }),
    must(
      '9865-5.2-04',
      'A cursor of another tenant and an invalid cursor are rejected with the same error',
      async (ctx) => {
        const { filter } = await family(ctx, 3);
        const first = ctx.need(await ctx.query('/Users', { filter, count: 1, cursor: '' }), 200);
        const query = (cursor: string): Promise<HttpResponse> =>
          ctx.otherTenant.query('/Users', { filter, count: 1, cursor });
        const [stolen, garbage] = [await query(String(first.get('nextCursor'))), await query('garbage')];
        ctx.equal(
          [stolen.status, stolen.get('scimType')],
          [garbage.status, garbage.get('scimType')],
          'status and scimType',
        );
        ctx.equal(stolen.get('detail'), garbage.get('detail'), 'detail');
      },
      ['secondTenant'],
    ),
  ],
  ['cursor', 'filter'],
);

/** Creates users, and returns a filter that matches only them. */
async function family(
  ctx: TestContext,
  size: number,
): Promise<{ readonly filter: string; readonly ids: readonly string[] }> {
  const title = ctx.unique('family');
  const users = await Promise.all(Array.from({ length: size }, () => ctx.user({ title })));
  return { filter: `title eq "${title}"`, ids: users.map((user) => user.id) };
}

async function walk(ctx: TestContext, query: Query): Promise<readonly HttpResponse[]> {
  const pages: HttpResponse[] = [];
  let cursor: unknown = '';
  while (typeof cursor === 'string' && pages.length < 50) {
    const page: HttpResponse = ctx.need(await ctx.query('/Users', { ...query, cursor }), 200);
    pages.push(page);
    cursor = page.get('nextCursor');
  }
  return pages;
}

function idsOf(pages: readonly HttpResponse[]): string[] {
  return pages.flatMap((page) => page.resources.map((resource) => String(resource['id'])));
}
