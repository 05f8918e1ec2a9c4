import { type TestContext, tests, implied, may, must, should } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

/** Users that a filter of their own tells from all others, in the order of their names. */
async function some(
  ctx: TestContext,
  count: number,
  attributes: (i: number) => object = () => ({}),
): Promise<{ readonly filter: string; readonly ids: readonly string[]; readonly prefix: string }> {
  const prefix = ctx.unique('q');
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await ctx.user({ userName: `${prefix}-${String(i)}`, ...attributes(i) })).id);
  return { filter: `userName sw "${prefix}"`, ids, prefix };
}

const idsOf = (response: HttpResponse): readonly unknown[] => response.resources.map((resource) => resource['id']);

/** RFC 7644 3.4.2: lists. */
export const queryTests = tests('query', [
  should('7644-3.4.2-01', 'Query parameters that are not known are ignored', async (ctx) => {
    ctx.status(await ctx.get('/Users?count=1&foo=bar&aadOptscim062020&'), 200);
  }),
  must('7644-3.4.2-02', 'Answers are ListResponses', async (ctx) => {
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
    'A part says where it begins and how much it is',
    async (ctx) => {
      const { filter } = await some(ctx, 3);
      const response = await ctx.query('/Users', { filter, count: 2 });
      ctx.equal(response.get('startIndex'), 1, 'startIndex');
      ctx.equal(response.get('itemsPerPage'), 2, 'itemsPerPage');
    },
    ['filter'],
  ),
  must(
    '7644-3.4.2-05',
    'No match: 200 and totalResults 0',
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
    'itemsPerPage is what the page holds',
    async (ctx) => {
      const { filter } = await some(ctx, 3);
      const response = await ctx.query('/Users', { filter, startIndex: 3, count: 2 });
      ctx.equal(response.get('itemsPerPage'), 1, 'itemsPerPage of the last page');
      ctx.equal(response.resources.length, 1, 'resources on the last page');
    },
    ['filter'],
  ),
  may('7644-3.4.2.1-01', 'A filter on one resource is ignored, or applied', async (ctx) => {
    const user = await ctx.user();
    ctx.status(await ctx.query(`/Users/${user.id}`, { filter: 'userName pr' }), [200, 400]);
  }),
  must('7644-3.4.2.1-05', 'Where there are too many results the refusal is 400 tooMany', async (ctx) => {
    const response = await ctx.get('/Users');
    if (response.status === 200) ctx.equal(response.get('schemas'), [urn.list], '"schemas"');
    else ctx.refused(response, 400, 'tooMany');
  }),
]);

/** RFC 7644 3.4.2.4: index pages. */
export const pageTests = tests(
  'page',
  [
    must('7644-3.4.2.4-01', 'startIndex counts from 1, and is 1 when left out', async (ctx) => {
      const { filter } = await some(ctx, 2);
      const first = await ctx.query('/Users', { filter, count: 1 });
      ctx.equal(first.get('startIndex'), 1, 'startIndex');
      ctx.equal(idsOf(await ctx.query('/Users', { filter, count: 1, startIndex: 1 })), idsOf(first), 'the first page');
    }),
    must('7644-3.4.2.4-02', 'startIndex below 1 is 1', async (ctx) => {
      const { filter } = await some(ctx, 2);
      const first = idsOf(await ctx.query('/Users', { filter, count: 1 }));
      for (const startIndex of [0, -5]) {
        const response = await ctx.query('/Users', { filter, count: 1, startIndex });
        ctx.status(response, 200);
        ctx.equal(idsOf(response), first, `the page at ${String(startIndex)}`);
      }
    }),
    must('7644-3.4.2.4-03', 'Never more than count', async (ctx) => {
      const { filter } = await some(ctx, 3);
      ctx.equal((await ctx.query('/Users', { filter, count: 2 })).resources.length, 2, 'resources');
    }),
    must('7644-3.4.2.4-04', 'count below 0 is 0', async (ctx) => {
      const { filter } = await some(ctx, 1);
      const response = await ctx.query('/Users', { filter, count: -1 });
      ctx.status(response, 200);
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    must('7644-3.4.2.4-05', 'count=0 gives the total only', async (ctx) => {
      const { filter } = await some(ctx, 2);
      const response = await ctx.query('/Users', { filter, count: 0 });
      ctx.equal(response.get('totalResults'), 2, 'totalResults');
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    must('7644-3.4.2.4-06', 'Without count the provider’s maximum holds', async (ctx) => {
      const most = (await ctx.get('/ServiceProviderConfig')).get('filter', 'maxResults');
      const response = await ctx.get('/Users');
      ctx.status(response, 200);
      ctx.check(response.resources.length <= Number(most), 'a page should hold no more than filter.maxResults');
      ctx.status(await ctx.get('/Users?count=1000000'), 200);
    }),
    must('7644-3.4.2.4-07', 'totalResults counts all matches', async (ctx) => {
      const { filter } = await some(ctx, 3);
      ctx.equal((await ctx.query('/Users', { filter, count: 1 })).get('totalResults'), 3, 'totalResults');
    }),
    implied('7644-3.4.2.4-08', 'Beyond the end: 200 and an empty page', async (ctx) => {
      const { filter } = await some(ctx, 2);
      const response = await ctx.query('/Users', { filter, startIndex: 999 });
      ctx.status(response, 200);
      ctx.equal(response.get('totalResults'), 2, 'totalResults');
      ctx.equal(response.resources.length, 0, 'resources');
    }),
    implied('7644-3.4.2.4-09', 'The order holds over the pages', async (ctx) => {
      const { filter, ids } = await some(ctx, 5);
      const seen: unknown[] = [];
      for (const startIndex of [1, 3, 5])
        seen.push(...idsOf(await ctx.query('/Users', { filter, startIndex, count: 2 })));
      ctx.equal([...seen].sort(), [...ids].sort(), 'what the pages hold together');
    }),
    implied('7644-3.4.2.4-10', 'What is no integer: 400 invalidValue', async (ctx) => {
      for (const query of ['count=abc', 'startIndex=1.5'])
        ctx.refused(await ctx.get(`/Users?${query}`), 400, 'invalidValue');
    }),
  ],
  ['filter'],
);

/** RFC 7644 3.4.2.3: order. */
export const sortTests = tests(
  'sort',
  [
    may('7644-3.4.2.3-01', 'Sorting is announced', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('sort', 'supported'), true, 'sort.supported');
    }),
    must('7644-3.4.2.3-02', 'sortBy orders, ascending by default', async (ctx) => {
      const { filter, ids } = await some(ctx, 3, (i) => ({ title: `t${String(2 - i)}` }));
      ctx.equal(idsOf(await ctx.query('/Users', { filter, sortBy: 'title' })), [...ids].reverse(), 'the order');
    }),
    must('7644-3.4.2.3-03', 'sortOrder is ascending or descending', async (ctx) => {
      const { filter, ids } = await some(ctx, 3);
      const order = async (sortOrder: string): Promise<unknown> =>
        idsOf(await ctx.query('/Users', { filter, sortBy: 'userName', sortOrder }));
      ctx.equal(await order('ascending'), ids, 'the order ascending');
      ctx.equal(await order('descending'), [...ids].reverse(), 'the order descending');
      ctx.refused(await ctx.query('/Users', { sortBy: 'userName', sortOrder: 'sideways' }), 400, 'invalidValue');
    }),
    must('7644-3.4.2.3-04', 'Of several values the primary one counts', async (ctx) => {
      const { filter, ids } = await some(ctx, 2, (i) => ({
        emails: [
          { value: `${i === 0 ? 'a' : 'z'}@x.example` },
          { value: `${i === 0 ? 'y' : 'b'}@x.example`, primary: true },
        ],
      }));
      ctx.equal(idsOf(await ctx.query('/Users', { filter, sortBy: 'emails' })), [...ids].reverse(), 'the order');
    }),
    must('7644-3.4.2.3-05', 'A complex attribute needs its sub-attribute', async (ctx) => {
      const { filter, ids } = await some(ctx, 2, (i) => ({ name: { givenName: i === 0 ? 'b' : 'a' } }));
      ctx.equal(
        idsOf(await ctx.query('/Users', { filter, sortBy: 'name.givenName' })),
        [...ids].reverse(),
        'the order',
      );
      ctx.refused(await ctx.query('/Users', { sortBy: 'name' }), 400, ['invalidPath', 'invalidValue']);
    }),
    must('7644-3.4.2.3-06', 'Without a value: last ascending, first descending', async (ctx) => {
      const { filter, ids } = await some(ctx, 2, (i) => (i === 0 ? {} : { title: 'x' }));
      const order = async (sortOrder: string): Promise<unknown> =>
        idsOf(await ctx.query('/Users', { filter, sortBy: 'title', sortOrder }));
      ctx.equal(await order('ascending'), [...ids].reverse(), 'the order ascending');
      ctx.equal(await order('descending'), ids, 'the order descending');
    }),
    must('7644-3.4.2.3-07', 'Case counts where the schema says so', async (ctx) => {
      const marker = ctx.unique('c');
      const { filter, ids } = await some(ctx, 2, (i) => ({
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
    implied('7644-3.4.2.3-08', 'Times sort as times, and equal keys keep one order', async (ctx) => {
      const { filter, ids } = await some(ctx, 4, () => ({ title: 'same' }));
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
    }),
  ],
  ['sort', 'filter'],
);

/** RFC 7644 3.4.2.5, 3.9: which attributes are shown. */
export const projectTests = tests('project', [
  must('7644-3.4.2.5-01', 'attributes and excludedAttributes are heeded', async (ctx) => {
    const user = await ctx.user({ title: 'x', displayName: 'y' });
    ctx.absent(await ctx.query(`/Users/${user.id}`, { attributes: 'title' }), 'displayName');
    const excluded = await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'title' });
    ctx.absent(excluded, 'title');
    ctx.present(excluded, 'displayName');
  }),
  must('7644-3.4.2.5-02', 'What is always returned cannot be excluded', async (ctx) => {
    const user = await ctx.user();
    ctx.equal((await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'id,schemas' })).id, user.id, 'id');
  }),
  must('7644-3.9-01', 'attributes: what is named, and what is always returned', async (ctx) => {
    const user = await ctx.user({ title: 'x', displayName: 'y' });
    const response = await ctx.query(`/Users/${user.id}`, { attributes: 'userName' });
    ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas', 'userName'], 'the names in the answer');
  }),
  must('7644-3.9-02', 'Names may be sub-attributes, have their URN, be in any case', async (ctx) => {
    const user = await ctx.user({
      name: { givenName: 'A', familyName: 'B' },
      emails: [{ value: 'a@x.example', type: 'work' }],
    });
    const response = await ctx.query(`/Users/${user.id}`, { attributes: `NAME.givenName, ${urn.user}:emails.value` });
    ctx.equal(response.get('name'), { givenName: 'A' }, 'name');
    ctx.equal(response.get('emails'), [{ value: 'a@x.example' }], 'emails');
    ctx.absent(response, 'userName');
  }),
  must('7644-3.9-03', 'excludedAttributes: all but what is named', async (ctx) => {
    const user = await ctx.user({ title: 'x', emails: [{ value: 'a@x.example', type: 'work' }] });
    const response = await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'title,emails.type' });
    ctx.absent(response, 'title');
    ctx.equal(response.get('emails', 0, 'value'), 'a@x.example', 'emails[0].value');
    ctx.absent(response, 'emails', 0, 'type');
  }),
  must(
    '7644-3.9-04',
    'Both work wherever a resource is answered',
    async (ctx) => {
      const made = await ctx.post('/Users?attributes=userName', ctx.userBody({ title: 'x' }));
      const path = `/Users/${made.id}?attributes=userName`;
      const responses = [
        made,
        await ctx.get(path),
        await ctx.put(path, ctx.userBody({ title: 'y' })),
        await ctx.patch(path, [{ op: 'replace', path: 'title', value: 'z' }]),
      ];
      for (const response of responses) {
        ctx.status(response, [200, 201]);
        ctx.present(response, 'userName');
        ctx.absent(response, 'title');
      }
      const listed = await ctx.query('/Users', { attributes: 'userName', filter: `id eq "${made.id}"` });
      ctx.equal(Object.keys(listed.resources[0] ?? {}).sort(), ['id', 'schemas', 'userName'], 'the names in a list');
    },
    ['patch', 'filter'],
  ),
  implied('7644-3.9-05', 'The two exclude each other', async (ctx) => {
    ctx.refused(await ctx.get('/Users?attributes=userName&excludedAttributes=title'), 400, [
      'invalidValue',
      'invalidSyntax',
    ]);
  }),
  implied('7644-3.9-06', 'Unknown names are ignored', async (ctx) => {
    const user = await ctx.user();
    const response = await ctx.query(`/Users/${user.id}`, { attributes: 'nosuch' });
    ctx.status(response, 200);
    ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas'], 'the names in the answer');
  }),
  implied('7644-3.9-07', 'A projected resource keeps its schemas', async (ctx) => {
    const user = await ctx.user();
    ctx.includes(
      (await ctx.query(`/Users/${user.id}`, { attributes: 'userName' })).get('schemas'),
      urn.user,
      '"schemas"',
    );
  }),
]);

/** RFC 7644 3.10: how attributes are named. */
export const notationTests = tests('notation', [
  must(
    '7644-3.10-01',
    'Names with their URN work in any case and everywhere',
    async (ctx) => {
      const user = await ctx.user({ title: 'x' });
      const name = `${urn.user.toUpperCase()}:TITLE`;
      ctx.equal((await ctx.query(`/Users/${user.id}`, { attributes: name })).get('title'), 'x', 'title by attributes');
      ctx.equal(
        (await ctx.query('/Users', { filter: `${name} eq "x" and id eq "${user.id}"` })).get('totalResults'),
        1,
        'found by filter',
      );
      ctx.status(await ctx.query('/Users', { sortBy: name }), 200);
      await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: name, value: 'y' }]);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('title'), 'y', 'title by PATCH');
    },
    ['filter', 'patch'],
  ),
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
    must('7644-3.4.3-02', 'The body is a SearchRequest', async (ctx) => {
      for (const schemas of [undefined, [urn.user]])
        ctx.refused(await ctx.post('/Users/.search', { schemas }), 400, 'invalidSyntax');
    }),
    must(
      '7644-3.4.3-03',
      'The members mean what the parameters of a GET mean',
      async (ctx) => {
        const { filter } = await some(ctx, 3);
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
          'the answer',
        );
      },
      ['filter'],
    ),
    implied('7644-3.4.3-04', 'Without a filter all are found', async (ctx) => {
      await ctx.user();
      ctx.check(
        Number((await ctx.post('/Users/.search', { schemas: [urn.search], count: 1 })).get('totalResults')) > 0,
        'totalResults should count all',
      );
    }),
    implied('7644-3.4.3-05', 'attributes as one text is tolerated', async (ctx) => {
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

/** RFC 7644 3.4.2.1: queries over all types. */
export const rootTests = tests(
  'root',
  [
    must(
      '7644-3.4.2.1-02',
      'A query at the root covers users and groups',
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
    may('7644-3.4.2.1-03', 'meta.resourceType picks a type', async (ctx) => {
      const marker = ctx.unique('r');
      const user = await ctx.user({ displayName: marker });
      const response = await ctx.post('/.search', {
        schemas: [urn.search],
        filter: `displayName eq "${marker}" and meta.resourceType eq "User"`,
      });
      ctx.equal(idsOf(response), [user.id], 'what is found');
    }),
    must('7644-3.4.2.1-04', 'What a type lacks has no value there', async (ctx) => {
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
