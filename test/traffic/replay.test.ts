import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expresses } from '../http/app.js';
import { type RunningServer, startServer } from '../servers.js';
import { contradiction } from '../../src/tools/simulator/fact.js';
import { type Fixture, replay } from './replay.js';

const folder = new URL('./fixtures/', import.meta.url);
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture);

describe.each(expresses)('traffic of identity providers on %s', (_, make) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(make);
  });
  afterAll(() => server.close());

  it.each(fixtures.map((fixture) => [fixture.id, fixture] as const))('%s', async (__, fixture) => {
    const problems = await replay(fixture, { ...server, fetch });
    expect(problems.filter((problem) => problem.severity === 'must')).toEqual([]);
  });
});

describe('the replay', () => {
  it('finds responses that are not as expected', async () => {
    const response = (status: number, body: unknown) => () =>
      Promise.resolve(new Response(JSON.stringify(body), { status }));
    const step = {
      name: 's',
      request: { method: 'GET', path: '/x' },
      expect: { status: 200, json: [{ path: '$.a', equals: 1 }], headers: [{ name: 'etag', exists: true }] },
    };
    const fixture = { id: 'f', client: 'c', title: 't', steps: [step] };
    const target = { baseUrl: 'http://x.example', key: 'k' };
    const problems = await replay(fixture, { ...target, fetch: response(404, { a: 2 }) as typeof fetch });
    expect(problems.map((problem) => problem.problem)).toEqual([
      expect.stringContaining('status 404'),
      'header etag is null',
      '$.a should be 1, is 2',
    ]);
  });

  it.each([
    [{ path: '$.emails[?(@.type=="WORK")].value', equals: 'w' }, true],
    [{ path: '$.emails[*].value', contains: 'h' }, true],
    [{ path: '$.emails', contains: { type: 'home' } }, true],
    [{ path: '$.emails[1].value', equals: 'w' }, false],
    [{ path: "$['urn:x:2.0'].a", equalsIgnoreCase: 'B' }, true],
    [{ path: '$.none', absent: true }, true],
    [{ path: '$.emails', length: 3 }, false],
    [{ path: '$.count', type: 'integer' }, true],
    [{ path: '$.count', oneOf: [1, 2] }, false],
    [{ path: '$.emails', minLength: 2 }, true],
    [{ path: '$.emails', notContains: { type: 'home' } }, false],
    [{ path: '$.empty', absent: 'orEmpty' as const }, true],
    [{ path: '$.count', matches: '^7$' }, true],
    [{ path: '$.count', notEquals: 7 }, false],
  ])('checks %j', (fact, holds) => {
    const document = {
      emails: [
        { type: 'work', value: 'w' },
        { type: 'home', value: 'h' },
      ],
      'urn:x:2.0': { a: 'b' },
      count: 7,
      empty: [],
    };
    expect(contradiction(document, fact) === undefined).toBe(holds);
  });
});
