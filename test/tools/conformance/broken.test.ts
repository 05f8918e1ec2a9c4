import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { runConformanceTests } from '../../../src/tools/index.js';
import { type RunningServer, startServer } from '../../servers.js';
import { patient } from '../../patient.js';

/** One fault in the responses of a server, and the tests that must detect it. */
interface Fault {
  readonly name: string;
  readonly caughtBy: readonly string[];
  /** Replaces the response of the server; undefined keeps it. */
  readonly change?: (request: Asked, response: Given) => Partial<Given> | undefined;
  /** The request in place of the client's own. */
  readonly rewrite?: (request: Asked) => Partial<Asked> | undefined;
}

interface Asked {
  readonly method: string;
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Given {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown> | undefined;
}

const without = <T extends object>(object: T, name: string): T =>
  Object.fromEntries(Object.entries(object).filter(([each]) => each !== name)) as T;
const isList = (response: Given): boolean => Array.isArray(response.body?.['Resources']);
const parsed = (request: Asked): Record<string, unknown> => JSON.parse(request.body ?? '{}') as Record<string, unknown>;
const operationsOf = (request: Asked): { op: string; path?: string; value?: unknown }[] =>
  request.method === 'PATCH'
    ? ((parsed(request)['Operations'] ?? []) as { op: string; path?: string; value?: unknown }[])
    : [];

const faults: readonly Fault[] = [
  {
    name: 'creates with 200',
    caughtBy: ['7644-3.3-01'],
    change: (request, response) => (response.status === 201 && request.path === '/Users' ? { status: 200 } : undefined),
  },
  {
    name: 'gives no Location',
    caughtBy: ['7644-3.3-03', '7644-1.3-01'],
    change: (_, response) => ({ headers: without(response.headers, 'location') }),
  },
  {
    name: 'gives plain JSON as its type',
    caughtBy: ['7644-3.1-01', '7644-8.1-01'],
    change: (_, response) => ({ headers: { ...response.headers, 'content-type': 'application/json' } }),
  },
  {
    name: 'gives the status of errors as a number',
    caughtBy: ['7644-3.12-01', '7644-3.2-05'],
    change: (_, response) =>
      response.status >= 400 ? { body: { ...response.body, status: response.status } } : undefined,
  },
  {
    name: 'counts the page and not the matches',
    caughtBy: ['7644-3.4.2.4-07', '7644-3.4.2.4-05'],
    change: (_, response) =>
      isList(response)
        ? { body: { ...response.body, totalResults: (response.body?.['Resources'] as unknown[]).length } }
        : undefined,
  },
  {
    name: 'returns 404 when nothing matches',
    caughtBy: ['7644-3.4.2-05', 'ENTRA-test-01'],
    change: (_, response) => (isList(response) && response.body?.['totalResults'] === 0 ? { status: 404 } : undefined),
  },
  {
    name: 'returns totals as strings',
    caughtBy: ['7644-3.4.2-03', 'OKTA-test-01'],
    change: (_, response) =>
      isList(response)
        ? { body: { ...response.body, totalResults: String(response.body?.['totalResults']) } }
        : undefined,
  },
  {
    name: 'ignores sortOrder',
    caughtBy: ['7644-3.4.2.3-03'],
    rewrite: (request) => ({ path: request.path.replace(/&sortOrder=descending/, '') }),
  },
  {
    name: 'ignores excludedAttributes',
    caughtBy: ['7644-3.9-03', '7644-3.4.2.5-01'],
    rewrite: (request) => ({ path: request.path.replace('excludedAttributes=', 'x=') }),
  },
  {
    name: 'lets ids through in another case',
    caughtBy: ['7643-3.1-06'],
    rewrite: (request) =>
      request.method === 'GET'
        ? { path: request.path.replace(/\/Users\/[^?]*/, (text) => `/Users/${text.slice(7).toLowerCase()}`) }
        : undefined,
  },
  {
    name: 'forgets the version in meta',
    caughtBy: ['7644-3.14-02', '7643-3.1-17'],
    change: (_, response) =>
      response.body?.['meta'] === undefined
        ? undefined
        : { body: { ...response.body, meta: without(response.body['meta'] as object, 'version') } },
  },
  {
    name: 'ignores If-Match',
    caughtBy: ['7644-3.14-05', '7644-3.14-07'],
    rewrite: (request) => ({ headers: without(request.headers, 'if-match') }),
  },
  {
    name: 'ignores If-None-Match',
    caughtBy: ['7644-3.14-04'],
    rewrite: (request) => ({ headers: without(request.headers, 'if-none-match') }),
  },
  {
    name: 'empties a group where some members are listed for removal',
    caughtBy: ['7644-3.5.2.2-08', 'ENTRA-remove-01'],
    rewrite: (request) => {
      const operations = operationsOf(request);
      if (!operations.some((each) => each.op.toLowerCase() === 'remove' && each.path === 'members')) return undefined;
      return {
        body: JSON.stringify({
          ...parsed(request),
          Operations: operations.map((each) =>
            each.path === 'members' && each.op.toLowerCase() === 'remove' ? without(each, 'value') : each,
          ),
        }),
      };
    },
  },
  {
    name: 'replaces where it should add',
    caughtBy: ['7644-3.5.2.1-05'],
    rewrite: (request) => {
      const operations = operationsOf(request);
      if (operations.length === 0) return undefined;
      return {
        body: JSON.stringify({
          ...parsed(request),
          Operations: operations.map((each) => (each.op === 'add' ? { ...each, op: 'replace' } : each)),
        }),
      };
    },
  },
  {
    name: 'accepts only lower-case operations',
    caughtBy: ['ENTRA-ops-01'],
    change: (request) => {
      if (!operationsOf(request).some((each) => /[A-Z]/.test(each.op))) return undefined;
      return {
        status: 400,
        body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', scimType: 'invalidSyntax' },
      };
    },
  },
  {
    name: 'shows who asks without a key',
    caughtBy: ['7644-2-01', '7644-3.12-01'],
    rewrite: (request) => ({
      headers: {
        ...request.headers,
        authorization: request.headers['authorization'] ?? 'Bearer a-connector-key-for-tests',
      },
    }),
  },
  {
    name: 'lists filtered schemas',
    caughtBy: ['7644-4-05'],
    rewrite: (request) => ({
      path: request.path.replace(/^(\/(?:Schemas|ResourceTypes|ServiceProviderConfig))\?.*/, '$1'),
    }),
  },
  {
    name: 'stops a bulk request only at the first failure',
    caughtBy: ['7644-3.7-14'],
    rewrite: (request) =>
      request.path === '/Bulk' && parsed(request)['failOnErrors'] !== 1
        ? { body: JSON.stringify(without(parsed(request), 'failOnErrors')) }
        : undefined,
  },
  {
    name: 'compares the tags of If-None-Match exactly',
    caughtBy: ['7644-3.14-04'],
    rewrite: (request) =>
      /^"[^"]*"$/.test(request.headers['if-none-match'] ?? '')
        ? { headers: without(request.headers, 'if-none-match') }
        : undefined,
  },
  {
    name: 'offers no PUT of groups',
    caughtBy: ['7644-3.2-01'],
    change: (request) => (request.method === 'PUT' && request.path.startsWith('/Groups') ? { status: 405 } : undefined),
  },
  {
    name: 'reads the URI of an extension in one case only',
    caughtBy: ['7644-3.5.2-09'],
    rewrite: (request) =>
      request.method === 'PATCH'
        ? { body: (request.body ?? '').replace(/"URN:[^"]*:department"/, '"nosuch"') }
        : undefined,
  },
  {
    name: 'replaces only one of several matching values',
    caughtBy: ['7644-3.5.2.3-07'],
    rewrite: (request) =>
      request.method === 'PATCH' ? { body: (request.body ?? '').replace('[type pr]', '[primary eq true]') } : undefined,
  },
  {
    name: 'replaces only the first attribute of a value without a path',
    caughtBy: ['7644-3.5.2.3-01'],
    rewrite: (request) =>
      request.method === 'PATCH'
        ? { body: (request.body ?? '').replace('"active":false,"title":"b"', '"active":false') }
        : undefined,
  },
  {
    name: 'counts no matches on an empty page',
    caughtBy: ['9865-2-05'],
    change: (request, response) =>
      /[?&]count=0\b/.test(request.path) ? { body: { ...response.body, totalResults: 0 } } : undefined,
  },
  {
    name: 'returns previous cursors that need escaping',
    caughtBy: ['9865-2-02'],
    change: (request, response) =>
      /[?&]cursor=[^&]/.test(request.path) ? { body: { ...response.body, previousCursor: 'a=' } } : undefined,
  },
];

describe('a server with one fault', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(express);
  });
  afterAll(() => server.close());

  const faulty =
    (fault: Fault): typeof fetch =>
    async (input, init = {}) => {
      const url = String(input);
      const asked: Asked = {
        method: init.method ?? 'GET',
        path: url.slice(server.baseUrl.length),
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === 'string' ? init.body : undefined,
      };
      const request = { ...asked, ...fault.rewrite?.(asked) };
      const response = await fetch(server.baseUrl + request.path, {
        ...init,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const text = await response.text();
      const given: Given = {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
      };
      const changed = { ...given, ...fault.change?.(request, given) };
      const empty = changed.body === undefined || changed.status === 204 || changed.status === 304;
      return new Response(empty ? null : JSON.stringify(changed.body), {
        status: changed.status,
        headers: without(changed.headers, 'content-length'),
      });
    };

  it.each(faults.map((fault) => [fault.name, fault] as const))(
    'that %s fails the tests that name it',
    async (_, fault) => {
      const target = { baseUrl: server.baseUrl, key: server.key };
      const sound = await runConformanceTests({ ...target, fetch }, { ...patient, only: fault.caughtBy });
      expect(sound.results.map((result) => [result.id, result.status])).toEqual(
        sound.results.map((result) => [result.id, 'passed']),
      );
      const report = await runConformanceTests({ ...target, fetch: faulty(fault) }, { only: fault.caughtBy });
      expect(report.results.map((result) => [result.id, result.status])).toEqual(
        report.results.map((result) => [result.id, 'failed']),
      );
    },
  );
});
