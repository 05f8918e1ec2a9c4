import { implied, may, must, should, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';
import { idsOf, createUsers } from './listed-users.js';

/** RFC 7644 3.4.2: lists. */
export const queryTests = tests('query', [
  should('7644-3.4.2-01', 'Unknown query parameters are ignored', async (ctx) => {
    ctx.status(await ctx.get('/Users?count=1&foo=bar&aadOptscim062020&'), 200);
  }),
  must('7644-3.4.2-02', 'Responses are ListResponses', async (ctx) => {
    const response = await ctx.get('/Users?count=1');
    ctx.status(response, 200);
    ctx.equal(response.get('schemas'), [urn.list], '"schemas"');
  }),
  must('7644-3.4.2-03', 'totalResults is a number, and Resources a list', async (ctx) => {
    await ctx.user();
    const response = await ctx.get('/Users?count=1');
    ctx.check(Number.isInteger(response.get('totalResults')), 'totalResults should be an integer');
    ctx.check(Array.isArray(response.get('Resources')), 'Resources should be a list');
    ctx.equal(response.resources.length, 1, 'resources on the page');
  }),
  must(
    '7644-3.4.2-04',
    'A partial result has startIndex and itemsPerPage',
    async (ctx) => {
      const { filter } = await createUsers(ctx, 3);
      const response = await ctx.query('/Users', { filter, count: 2 });
      ctx.equal(response.get('startIndex'), 1, 'startIndex');
      ctx.equal(response.get('itemsPerPage'), 2, 'itemsPerPage');
    },
    ['filter'],
  ),
  must(
    '7644-3.4.2-05',
    'A query without a match returns 200 and totalResults 0',
    async (ctx) => {
      const response = await ctx.query('/Users', { filter: `userName eq "${ctx.unique()}"` });
      ctx.status(response, 200);
      ctx.equal(response.get('totalResults'), 0, 'totalResults');
      ctx.equal(response.get('Resources'), [], 'Resources');
    },
    ['filter'],
  ),
  implied(
    '7644-3.4.2-06',
    'itemsPerPage is the number of resources on the page',
    async (ctx) => {
      const { filter } = await createUsers(ctx, 3);
      const response = await ctx.query('/Users', { filter, startIndex: 3, count: 2 });
      ctx.equal(response.get('itemsPerPage'), 1, 'itemsPerPage of the last page');
      ctx.equal(response.resources.length, 1, 'resources on the last page');
    },
    ['filter'],
  ),
  may('7644-3.4.2.1-01', 'A filter on a single resource is ignored, or applied', async (ctx) => {
    const user = await ctx.user();
    ctx.status(await ctx.query(`/Users/${user.id}`, { filter: 'userName pr' }), [200, 400]);
  }),
  must('7644-3.4.2.1-05', 'Too many results are rejected with 400 tooMany, or paged', async (ctx) => {
    const response = await ctx.get('/Users');
    if (response.status === 200) ctx.equal(response.get('schemas'), [urn.list], '"schemas"');
    else ctx.refused(response, 400, 'tooMany');
  }),
]);

/** RFC 7644 3.4.3: POST .search. */
export const searchTests = tests(
  'search',
  [
    must('7644-3.4.3-01', 'POST to .search is a query', async (ctx) => {
      const response = await ctx.post('/Users/.search', { schemas: [urn.search], count: 1 });
      ctx.status(response, 200);
      ctx.equal(response.get('schemas'), [urn.list], '"schemas"');
    }),
    must('7644-3.4.3-02', 'The body of a search must be a SearchRequest', async (ctx) => {
      for (const schemas of ctx.reading([[urn.user]], [undefined, [urn.user]]))
        ctx.refused(await ctx.post('/Users/.search', { schemas }), 400, 'invalidSyntax');
    }),
    must(
      '7644-3.4.3-03',
      'The members of a SearchRequest have the meaning of the query parameters',
      async (ctx) => {
        const { filter } = await createUsers(ctx, 3);
        const search = {
          schemas: [urn.search],
          filter,
          sortBy: 'userName',
          sortOrder: 'descending',
          startIndex: 2,
          count: 1,
          attributes: ['userName'],
        };
        const query = {
          filter,
          sortBy: 'userName',
          sortOrder: 'descending',
          startIndex: 2,
          count: 1,
          attributes: 'userName',
        };
        ctx.equal(
          (await ctx.post('/Users/.search', search)).body,
          (await ctx.query('/Users', query)).body,
          'the response',
        );
      },
      ['filter'],
    ),
    implied('7644-3.4.3-04', 'A search without a filter returns all resources', async (ctx) => {
      await ctx.user();
      ctx.check(
        Number((await ctx.post('/Users/.search', { schemas: [urn.search], count: 1 })).get('totalResults')) > 0,
        'totalResults should count all',
      );
    }),
    implied('7644-3.4.3-05', 'attributes as one comma-separated string is accepted', async (ctx) => {
      const response = await ctx.post('/Users/.search', {
        schemas: [urn.search],
        count: 1,
        attributes: 'userName,title',
      });
      ctx.status(response, ctx.reading([200, 400], [200, 400]));
    }),
  ],
  ['search'],
);

/** RFC 7644 3.4.2.1: queries across resource types. */
export const rootTests = tests(
  'root',
  [
    must(
      '7644-3.4.2.1-02',
      'A query at the root returns users and groups',
      async (ctx) => {
        const marker = ctx.unique('r');
        await ctx.user({ displayName: marker });
        await ctx.group({ displayName: marker });
        for (const response of [
          await ctx.query('/', { filter: `displayName eq "${marker}"` }),
          await ctx.post('/.search', { schemas: [urn.search], filter: `displayName eq "${marker}"` }),
        ]) {
          ctx.status(response, 200);
          ctx.equal(
            response.resources
              .map((resource) => (resource['meta'] as { resourceType?: unknown } | undefined)?.resourceType)
              .sort(),
            ['Group', 'User'],
            'the types found',
          );
        }
      },
      ['groups'],
    ),
    may('7644-3.4.2.1-03', 'A filter on meta.resourceType selects a resource type', async (ctx) => {
      const marker = ctx.unique('r');
      const user = await ctx.user({ displayName: marker });
      const response = await ctx.post('/.search', {
        schemas: [urn.search],
        filter: `displayName eq "${marker}" and meta.resourceType eq "User"`,
      });
      ctx.equal(idsOf(response), [user.id], 'what is found');
    }),
    must('7644-3.4.2.1-04', 'An attribute that a resource type lacks counts as unassigned there', async (ctx) => {
      const marker = ctx.unique('r');
      const user = await ctx.user({ displayName: marker });
      if (ctx.service.capabilities.has('groups')) await ctx.group({ displayName: marker });
      const response = await ctx.post('/.search', {
        schemas: [urn.search],
        filter: `displayName eq "${marker}" and userName pr`,
      });
      ctx.status(response, 200);
      ctx.equal(idsOf(response), [user.id], 'what is found');
    }),
  ],
  ['rootQuery', 'filter'],
);
