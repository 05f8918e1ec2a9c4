import { describe, expect, it } from '@jest/globals';
import { type ConformanceTest, tests, must, should } from '../../../src/tools/conformance/conformance-test.js';
import { runConformanceTests, type ConformanceOptions } from '../../../src/tools/index.js';
import { urn } from '../../../src/tools/wire/urn.js';

/** A server of a few lines: its requests and responses are easy to see. */
function fakeServer(users: readonly number[] = [201]) {
  const seen: { method: string; path: string; authorization: string | null }[] = [];
  const statuses = [...users];
  let ids = 0;
  const response = (method: string, path: string): [number, object?] => {
    if (path === '/ServiceProviderConfig') return [200, { patch: { supported: true }, filter: { supported: false } }];
    if (path === '/Users' && method === 'POST') {
      const status = statuses.shift() ?? 201;
      return status === 201
        ? [201, { id: String(++ids), userName: 'x' }]
        : [status, { schemas: [urn.error], status: String(status), scimType: 'uniqueness' }];
    }
    return method === 'DELETE' ? [204] : [404, { schemas: [urn.error], status: '404' }];
  };
  const fetch = (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const path = String(input).slice('https://scim.example/v2'.length);
    const method = init.method ?? 'GET';
    seen.push({ method, path, authorization: new Headers(init.headers).get('authorization') });
    if (path === '/hang')
      return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    const [status, body] = response(method, path);
    return Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status }));
  };
  const target = {
    baseUrl: 'https://scim.example/v2/',
    key: 'top-secret-key',
    fetch: fetch as typeof globalThis.fetch,
  };
  const deleted = (): string[] => seen.filter((request) => request.method === 'DELETE').map((request) => request.path);
  return {
    seen,
    deleted,
    run: (list: readonly ConformanceTest[], more: ConformanceOptions = {}) =>
      runConformanceTests(target, { tests: list, ...more }),
  };
}

const one = (run: ConformanceTest['run'], needs: ConformanceTest['needs'] = []): readonly ConformanceTest[] =>
  tests('try', [must('X-1', 'It works', run, needs)]);

describe('running conformance tests', () => {
  it('counts passed, failed and skipped, in the order of the catalog', async () => {
    const list = tests('try', [
      must('X-1', 'It works', async (ctx) => void ctx.status(await ctx.get('/nowhere'), 404)),
      must('X-2', 'It fails', async (ctx) => void ctx.status(await ctx.get('/nowhere'), 200)),
      must('X-3', 'It is not offered', () => Promise.resolve(), ['filter']),
      must('X-4', 'It is not there', (ctx) => ctx.skip('nothing to see')),
    ]);
    const reported: string[] = [];
    const report = await fakeServer().run(list, { onResult: (result) => reported.push(result.id) });
    expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 2 });
    expect(report.results.map(({ id, status }) => [id, status])).toEqual([
      ['X-1', 'passed'],
      ['X-2', 'failed'],
      ['X-3', 'skipped'],
      ['X-4', 'skipped'],
    ]);
    expect(reported.sort()).toEqual(['X-1', 'X-2', 'X-3', 'X-4']);
  });

  it('reports expected and actual for every expectation that was not met', async () => {
    const report = await fakeServer([409]).run(
      one(async (ctx) => {
        const response = await ctx.post('/Users', ctx.userBody());
        ctx.status(response, [200, 201]);
        ctx.refused(response, 409, 'invalidValue');
        ctx.equal(response.get('status'), '400', 'status in the body');
        ctx.absent(response, 'scimType');
      }),
    );
    expect(report.results[0]).toMatchObject({
      status: 'failed',
      messages: [
        'POST /Users should return 200 or 201, returned 409 uniqueness',
        'POST /Users should return 409 invalidValue, returned 409 uniqueness',
        'status in the body should be "400", is "409"',
        'POST /Users: "scimType" should be absent, is "uniqueness"',
      ],
    });
  });

  it('deletes what a test created, newest first, also when it fails', async () => {
    const server = fakeServer();
    const report = await server.run(
      one(async (ctx) => {
        await ctx.user();
        await ctx.post('/Users', {});
        throw new Error('broken');
      }),
    );
    expect(report.results[0]).toMatchObject({ status: 'failed', messages: ['the test threw an error: broken'] });
    expect(server.deleted()).toEqual(['/Users/2', '/Users/1']);
  });

  it('fails a test whose setup is refused', async () => {
    const report = await fakeServer([500]).run(one(async (ctx) => void (await ctx.user())));
    expect(report.results[0]).toMatchObject({
      status: 'failed',
      messages: ['setup of the test: POST /Users should return 201 with an id, returned 500 uniqueness'],
    });
  });

  it('ends a test that takes too long, and cleans up', async () => {
    const server = fakeServer();
    const report = await server.run(
      one(async (ctx) => {
        await ctx.user();
        await ctx.get('/hang');
      }),
      { timeoutMilliseconds: 50 },
    );
    expect(report.results[0]).toMatchObject({ status: 'failed', messages: ['the test took longer than 50 ms'] });
    expect(server.deleted()).toEqual(['/Users/1']);
  });

  it('never puts the key into a message, and sends it nowhere but below the base URL', async () => {
    const server = fakeServer();
    const report = await server.run(
      one(async (ctx) => {
        ctx.status(await ctx.get('/Users'), 200);
        await ctx.follow('https://elsewhere.example/Users/1');
      }),
    );
    expect(JSON.stringify(report)).not.toContain('top-secret-key');
    expect(server.seen.some((request) => request.path.includes('elsewhere'))).toBe(false);
    expect(report.results[0]?.status).toBe('failed');
  });

  it('sends no Authorization header for the key null', async () => {
    const server = fakeServer();
    await server.run(one(async (ctx) => void (await ctx.get('/Users', { key: null }))));
    expect(server.seen.at(-1)).toEqual({ method: 'GET', path: '/Users', authorization: null });
  });

  it.each([
    [{ level: 'SHOULD' }, ['B-2']],
    [{ only: ['B-1', 'B-2'] }, ['B-1', 'B-2']],
    [{ only: ['first'] }, ['A-1']],
    [{ only: ['A-'], level: ['MUST', 'MAY'] }, ['A-1']],
  ] as const)('chooses with %j', async (choice, ids) => {
    const nothing = (): Promise<void> => Promise.resolve();
    const list = [
      ...tests('first', [must('A-1', 'One', nothing)]),
      ...tests('second', [must('B-1', 'Two', nothing), should('B-2', 'Three', nothing)]),
    ];
    const report = await fakeServer().run(list, choice);
    expect(report.results.map((result) => result.id)).toEqual(ids);
  });

  it('creates names that differ between runs and within one', async () => {
    const names: string[] = [];
    const list = one((ctx) => {
      names.push(ctx.unique(), ctx.unique());
      return Promise.resolve();
    });
    await fakeServer().run(list);
    await fakeServer().run(list);
    expect(new Set(names).size).toBe(4);
  });
});
