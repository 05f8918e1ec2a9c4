import { type TestContext, tests, implied, may, must } from '../conformance-test.js';
import { isObject } from '../../wire/json.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

/** RFC 7644 3.7: bulk requests. */
export const bulkTests = [
  ...tests('bulk', [
    may('7644-3.7-01', 'Bulk is announced where it is offered, and rejected where it is not', async (ctx) => {
      const response = await bulk(ctx, [{ method: 'DELETE', path: `/Users/${ctx.unique()}` }]);
      if (ctx.service.capabilities.has('bulk')) ctx.status(response, 200);
      else ctx.refused(response, [501, 404]);
    }),
  ]),
  ...tests(
    'bulk',
    [
      must('7644-3.7-02', 'Request and response name the schemas of a bulk message', async (ctx) => {
        const Operations = [{ method: 'DELETE', path: `/Users/${ctx.unique()}` }];
        ctx.refused(await ctx.post('/Bulk', { schemas: [urn.patch], Operations }), 400, 'invalidSyntax');
        ctx.equal((await bulk(ctx, Operations)).get('schemas'), [urn.bulkResponse], '"schemas" of the response');
      }),
      must('7644-3.7-03', 'Operations is required, and each has a method and a path', async (ctx) => {
        ctx.refused(await ctx.post('/Bulk', { schemas: [urn.bulk] }), 400, ['invalidSyntax', 'invalidValue']);
        for (const operation of [{ path: '/Users/1' }, { method: 'DELETE' }, { method: 'TRACE', path: '/Users/1' }]) {
          failed(ctx, await bulk(ctx, [operation]), 0, ['400', '405', '501']);
        }
      }),
      must('7644-3.7-04', 'A POST requires a bulkId, which is in the result', async (ctx) => {
        failed(ctx, await bulk(ctx, [{ ...creation(ctx, 'x'), bulkId: undefined }]), 0, ['400']);
        const response = await bulk(ctx, [creation(ctx, 'ytrewq')]);
        ctx.equal(response.get('Operations', 0, 'bulkId'), 'ytrewq', 'bulkId of the result');
      }),
      implied('7644-3.7-05', 'A bulkId is unique within the request', async (ctx) => {
        const response = await bulk(ctx, [creation(ctx, 'same'), creation(ctx, 'same')]);
        if (response.status === 200) failed(ctx, response, 1, ['400', '409']);
        else ctx.refused(response, 400, ['invalidSyntax', 'invalidValue']);
      }),
      must('7644-3.7-06', 'POST, PUT and PATCH require data, which for PATCH is a PatchOp message', async (ctx) => {
        const user = await ctx.user();
        const path = `/Users/${user.id}`;
        for (const operation of [
          { method: 'POST', path: '/Users', bulkId: 'a' },
          { method: 'PUT', path },
          { method: 'PATCH', path },
        ]) {
          failed(ctx, await bulk(ctx, [operation]), 0, ['400']);
        }
        const data = { schemas: [urn.patch], Operations: [{ op: 'replace', path: 'title', value: 'Engineer' }] };
        const response = await bulk(ctx, [{ method: 'PATCH', path, data }]);
        ctx.includes(['200', '204'], response.get('Operations', 0, 'status') ?? null, 'statuses a PATCH may have');
        ctx.equal((await ctx.get(path)).get('title'), 'Engineer', 'title');
      }),
      must('7644-3.7-07', 'The path of a POST is an endpoint, that of all other methods a resource', async (ctx) => {
        failed(ctx, await bulk(ctx, [{ ...creation(ctx, 'a'), path: `/Users/${ctx.unique()}` }]), 0, [
          '400',
          '404',
          '405',
        ]);
        failed(ctx, await bulk(ctx, [{ ...creation(ctx, 'a'), path: '/Nonsense' }]), 0, ['404', '400']);
        failed(ctx, await bulk(ctx, [{ method: 'DELETE', path: '/Users' }]), 0, ['400', '404', '405']);
      }),
      may(
        '7644-3.7-08',
        'version is the precondition of an operation',
        async (ctx) => {
          const user = await ctx.user();
          const data = { schemas: [urn.user], userName: user.get('userName'), title: 'new' };
          const stale = await bulk(ctx, [{ method: 'PUT', path: `/Users/${user.id}`, version: 'W/"stale"', data }]);
          failed(ctx, stale, 0, ['412']);
          ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
        },
        ['etag'],
      ),
      must('7644-3.7-09', 'Every result has the location, except that of a failed POST', async (ctx) => {
        const user = await ctx.user();
        const response = await bulk(ctx, [
          creation(ctx, 'a'),
          { method: 'DELETE', path: `/Users/${user.id}` },
          refusedCreation('b'),
        ]);
        for (const place of [0, 1])
          ctx.equal(typeof response.get('Operations', place, 'location'), 'string', 'type of location');
        ctx.equal(
          response.get('Operations', 1, 'location'),
          user.get('meta', 'location'),
          'location of the deleted user',
        );
        ctx.absent(response, 'Operations', 2, 'location');
      }),
      must('7644-3.7-10', 'The result of a failed operation contains the SCIM error', async (ctx) => {
        const response = await bulk(ctx, [refusedCreation('a')]);
        ctx.equal(response.get('Operations', 0, 'response', 'schemas'), [urn.error], '"schemas" of the response');
        ctx.equal(response.get('Operations', 0, 'response', 'status'), '400', 'status in the response');
      }),
      may('7644-3.7-11', 'The result of a successful operation need not contain the resource', async (ctx) => {
        const response = await bulk(ctx, [creation(ctx, 'a')]);
        const result = response.get('Operations', 0, 'response');
        if (result !== undefined) ctx.present(response, 'Operations', 0, 'response', 'id');
      }),
      must(
        '7644-3.7-12',
        'The response to a processed request is 200, even when every operation failed',
        async (ctx) => {
          ctx.status(await bulk(ctx, [refusedCreation('a'), refusedCreation('b')]), 200);
        },
      ),
      must('7644-3.7-13', 'Without failOnErrors every operation is executed', async (ctx) => {
        const response = await bulk(ctx, [
          refusedCreation('a'),
          creation(ctx, 'b'),
          refusedCreation('c'),
          creation(ctx, 'd'),
        ]);
        ctx.equal(statuses(response), ['400', '201', '400', '201'], 'statuses');
      }),
      must('7644-3.7-14', 'After failOnErrors failures no more operations are executed', async (ctx) => {
        const operations = [creation(ctx, 'a'), refusedCreation('b'), creation(ctx, 'c')];
        ctx.equal(
          statuses(await bulk(ctx, operations, { failOnErrors: 1 })),
          ['201', '400'],
          'statuses with failOnErrors 1',
        );
        const userName = ctx.unique('never');
        const more = [refusedCreation('d'), creation(ctx, 'e'), refusedCreation('f'), creation(ctx, 'g', { userName })];
        ctx.equal(
          statuses(await bulk(ctx, more, { failOnErrors: 2 })),
          ['400', '201', '400'],
          'statuses with failOnErrors 2',
        );
        if (!ctx.service.capabilities.has('filter')) return;
        const found = await ctx.query('/Users', { filter: `userName eq "${userName}"` });
        ctx.equal(found.get('totalResults'), 0, 'users of the operation after the last failure');
      }),
      implied('7644-3.7-15', 'failOnErrors is a positive integer', async (ctx) => {
        for (const failOnErrors of ['x', 0, -1, 1.5]) {
          ctx.refused(await bulk(ctx, [creation(ctx, 'a')], { failOnErrors }), 400, ['invalidValue', 'invalidSyntax']);
        }
      }),
      must(
        '7644-3.7-16',
        'Operations that depend on others have the same result as in order',
        async (ctx) => {
          const response = await bulk(ctx, [
            groupOf(ctx, 'team', 'bulkId:one', 'bulkId:two'),
            creation(ctx, 'one'),
            creation(ctx, 'two'),
          ]);
          ctx.equal(statuses(response), ['201', '201', '201'], 'statuses');
          const group = await ctx.follow(response.get('Operations', 0, 'location'));
          ctx.equal(group.list('members').length, 2, 'members of the group');
        },
        ['groups'],
      ),
      must(
        '7644-3.7.1-01',
        'Circular references are created, or rejected as a conflict',
        async (ctx) => {
          const response = await bulk(ctx, [groupOf(ctx, 'a', 'bulkId:b'), groupOf(ctx, 'b', 'bulkId:a')]);
          ctx.status(response, 200);
          if (statuses(response).includes('409')) return;
          const [a, b] = [
            await ctx.follow(response.get('Operations', 0, 'location')),
            await ctx.follow(response.get('Operations', 1, 'location')),
          ];
          ctx.equal(a.get('members', 0, 'value'), b.id, 'member of the first group');
          ctx.equal(b.get('members', 0, 'value'), a.id, 'member of the second group');
        },
        ['groups'],
      ),
      must(
        '7644-3.7.2-01',
        'bulkId:x refers to the id that x gets, before and after it, in any attribute',
        async (ctx) => {
          const managed = {
            [urn.enterprise]: { manager: { value: 'bulkId:boss' } },
            schemas: [urn.user, urn.enterprise],
          };
          const response = await bulk(ctx, [
            creation(ctx, 'before', managed),
            creation(ctx, 'boss'),
            creation(ctx, 'after', managed),
          ]);
          ctx.equal(statuses(response), ['201', '201', '201'], 'statuses');
          const boss = await ctx.follow(response.get('Operations', 1, 'location'));
          for (const place of [0, 2]) {
            const user = await ctx.follow(response.get('Operations', place, 'location'));
            ctx.equal(user.get(urn.enterprise, 'manager', 'value'), boss.id, 'manager.value');
          }
        },
        ['enterprise'],
      ),
      implied('7644-3.7.2-02', 'A bulkId can appear in the path of a later operation', async (ctx) => {
        const data = { schemas: [urn.patch], Operations: [{ op: 'add', path: 'title', value: 'Engineer' }] };
        const response = await bulk(ctx, [creation(ctx, 'a'), { method: 'PATCH', path: '/Users/bulkId:a', data }]);
        const user = await ctx.follow(response.get('Operations', 0, 'location'));
        ctx.equal(user.get('title'), 'Engineer', 'title');
      }),
      implied(
        '7644-3.7.2-03',
        'A reference to a resource that was not created fails its operation, and is never stored as text',
        async (ctx) => {
          const response = await bulk(ctx, [
            refusedCreation('a'),
            groupOf(ctx, 'b', 'bulkId:a'),
            groupOf(ctx, 'c', 'bulkId:nobody'),
          ]);
          for (const place of [1, 2]) failed(ctx, response, place, ['400', '409']);
        },
        ['groups'],
      ),
      must('7644-3.7.3-01', 'Every operation has a result, its status a string', async (ctx) => {
        const response = await bulk(ctx, [creation(ctx, 'a'), refusedCreation('b')]);
        ctx.equal(statuses(response), ['201', '400'], 'statuses');
      }),
      implied('7644-3.7.3-02', 'Results are in the order of the request', async (ctx) => {
        const names = ['c', 'a', 'd', 'b'];
        const response = await bulk(
          ctx,
          names.map((name) => creation(ctx, name)),
        );
        ctx.equal(
          response.list('Operations').map((result) => result['bulkId']),
          names,
          'bulkIds of the results',
        );
      }),
      must('7644-3.7.4-01', 'More operations or bytes than announced are rejected with 413', async (ctx) => {
        const { operations, bytes } = limits(ctx);
        if (operations <= 5_000) ctx.refused(await bulk(ctx, tooMany(operations)), 413);
        if (bytes <= 20_000_000) ctx.refused(await bulk(ctx, [creation(ctx, 'a', { title: 'x'.repeat(bytes) })]), 413);
      }),
      must('7644-3.7.4-02', 'The error with 413 names the limit', async (ctx) => {
        const { operations } = limits(ctx);
        if (operations > 5_000) return ctx.skip('the limit is too high to be tried');
        const response = await bulk(ctx, tooMany(operations));
        ctx.matches(response.get('detail'), new RegExp(String(operations)), 'detail of the 413');
      }),
    ],
    ['bulk'],
  ),
];

interface BulkOperation {
  readonly method?: string;
  readonly path?: string;
  readonly bulkId?: string | undefined;
  readonly version?: string;
  readonly data?: object;
}

function bulk(ctx: TestContext, operations: readonly BulkOperation[], more: object = {}): Promise<HttpResponse> {
  return ctx.post('/Bulk', { schemas: [urn.bulk], Operations: operations, ...more });
}

function creation(ctx: TestContext, bulkId: string, attributes?: object): BulkOperation {
  return { method: 'POST', path: '/Users', bulkId, data: ctx.userBody(attributes) };
}

/** Rejected with 400: it has no userName. */
function refusedCreation(bulkId: string): BulkOperation {
  return { method: 'POST', path: '/Users', bulkId, data: { schemas: [urn.user] } };
}

function groupOf(ctx: TestContext, bulkId: string, ...members: readonly string[]): BulkOperation {
  const data = ctx.groupBody({ members: members.map((value) => ({ value })) });
  return { method: 'POST', path: '/Groups', bulkId, data };
}

function tooMany(limit: number): readonly BulkOperation[] {
  return Array.from({ length: limit + 1 }, () => ({ method: 'DELETE', path: '/Users/nobody' }));
}

function limits(ctx: TestContext): { readonly operations: number; readonly bytes: number } {
  const announced = ctx.service.config['bulk'];
  const read = (name: string): number => Number(isObject(announced) ? announced[name] : undefined);
  return { operations: read('maxOperations'), bytes: read('maxPayloadSize') };
}

function statuses(response: HttpResponse): readonly unknown[] {
  return response.list('Operations').map((result) => result['status']);
}

/** The operation failed with one of the statuses; a server may also reject the whole message. */
function failed(ctx: TestContext, response: HttpResponse, place: number, expected: readonly string[]): void {
  if (response.status === 400) return void ctx.refused(response, 400);
  ctx.status(response, 200);
  ctx.includes(
    expected,
    response.get('Operations', place, 'status') ?? null,
    `statuses that operation ${String(place)} may have`,
  );
}
