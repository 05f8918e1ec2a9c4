import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hosts } from './hosts.js';
import { type RunningServer, startServer } from '../servers.js';
import { type Case, cases, expand, type Expectation, holds, isGone } from './patch-cases.js';

interface Response {
  readonly status: number;
  readonly text: string;
  readonly etag: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

describe.each(hosts)('PATCH cases over HTTP on %s', (_, make, open, nests) => {
  let server: RunningServer;
  const helpers = new Map<string, string>();

  const send = async (
    method: string,
    path: string,
    body?: string,
    type = 'application/scim+json',
  ): Promise<Response> => {
    const headers = { authorization: `Bearer ${server.key}`, ...(body === undefined ? {} : { 'content-type': type }) };
    const response = await fetch(server.baseUrl + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, etag: response.headers.get('etag'), body: parse(text) };
  };
  const post = async (path: string, body: unknown): Promise<string> => {
    const response = await send('POST', path, JSON.stringify(body));
    expect(response.status).toBe(201);
    return String(response.body['id']);
  };

  beforeAll(async () => {
    server = await startServer(make, {}, await open());
    for (let n = 1; n <= 12; n++) {
      const user = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: `helper${String(n)}@example.com`,
        displayName: `Helper ${String(n)}`,
        externalId: `x${String(n)}`,
      };
      helpers.set(`user:${String(n)}`, await post('/Users', user));
      const group = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: `helper group ${String(n)}`,
      };
      helpers.set(`group:${String(n)}`, await post('/Groups', group));
    }
  });
  afterAll(() => server.close());

  const filler = (run: string, uuid: string, id: string | undefined) => (text: string) =>
    text.replace(/\{\{(\w+)(?::(\d+))?\}\}/g, (whole, name: string, n = '') => {
      const known: Readonly<Record<string, string | undefined>> = {
        run,
        id,
        uuid,
        gone: uuid,
        base: server.baseUrl,
        user: helpers.get(`user:${n}`),
        USER: helpers.get(`user:${n}`)?.toUpperCase(),
        group: helpers.get(`group:${n}`),
        gname: `helper group ${n}`,
        uname: `helper${n}@example.com`,
        UNAME: `HELPER${n}@EXAMPLE.COM`,
        uext: `x${n}`,
      };
      return known[name] ?? whole;
    });

  const run = async (one: Case, n: number): Promise<string> => {
    const names = [`c${String(n)}x${randomUUID().slice(0, 8)}`, randomUUID()] as const;
    const endpoint = one.resourceType === 'Group' ? '/Groups' : '/Users';
    const id =
      one.before === undefined ? undefined : await post(endpoint, expand(one.before, filler(...names, undefined)));
    const fill = filler(...names, id);
    const path = `${endpoint}/${String(id)}`;
    const to =
      (one.target === undefined ? path : fill(one.target)) + (one.query === undefined ? '' : `?${fill(one.query)}`);
    let before = await send('GET', path);
    const bodies = one.raw === undefined ? (one.patches ?? [one.patch]) : [];
    for (const body of bodies.slice(0, -1)) {
      expect((await send('PATCH', to, JSON.stringify(expand(body, fill)))).status).toBeLessThan(300);
      before = await send('GET', path);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
    const last = one.raw === undefined ? JSON.stringify(expand(bodies.at(-1), fill)) : fill(one.raw);
    const response = await send('PATCH', to, last, one.contentType);
    const after = await send('GET', path);
    const problems = [one.expect, ...(one.expect.or ?? [])].map((expected) =>
      problemOf(expand(expected, fill) as Expectation, one, response, before, after),
    );
    return problems.includes('') ? '' : `${one.id}: ${problems.join(' / ')} (${response.text.slice(0, 200)})`;
  };

  const groups = [...new Set(cases.map((one) => one.group))];
  it.each(groups)('%s', async (group) => {
    const found: string[] = [];
    for (const [n, one] of cases.entries()) {
      if (one.group !== group || (!nests && JSON.stringify(one).includes('{{group:'))) continue;
      found.push(await run(one, n));
    }
    expect(found.filter((problem) => problem !== '')).toEqual([]);
  });
});

function problemOf(expected: Expectation, one: Case, response: Response, before: Response, after: Response): string {
  if (![expected.status].flat().includes(response.status)) return `status ${String(response.status)}`;
  if (response.status >= 400) {
    if (response.body['status'] !== String(response.status)) return 'the body is no SCIM error';
    const types = expected.scimType === undefined ? undefined : [expected.scimType].flat();
    if (types !== undefined && !types.includes((response.body['scimType'] ?? null) as string))
      return `scimType ${String(response.body['scimType'])}`;
  }
  if (response.status === 204 && response.text !== '') return '204 with a body';
  for (const name of expected.body?.has ?? [])
    if (response.status === 200 && isGone(response.body[name])) return `the response lacks ${name}`;
  for (const name of expected.body?.lacks ?? []) if (!isGone(response.body[name])) return `the response has ${name}`;
  if (one.before === undefined) return '';
  const still = expected.unchanged === true || (response.status >= 400 && expected.unchanged !== false);
  if (still && (after.text !== before.text || after.etag !== before.etag)) return 'the resource has changed';
  if (expected.after !== undefined && !holds(expected.after, after.body)) return `became ${after.text.slice(0, 300)}`;
  const shows = response.status === 200 && one.query === undefined && one.target === undefined;
  return shows && response.text !== after.text ? 'the response is not what a GET returns' : '';
}

function parse(text: string): Readonly<Record<string, unknown>> {
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
