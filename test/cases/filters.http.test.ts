import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hosts } from './hosts.js';
import { type RunningServer, startServer } from '../servers.js';

interface Data {
  readonly users: readonly { readonly key: string; readonly body: object }[];
  readonly groups: readonly { readonly key: string; readonly body: object }[];
  readonly cases: readonly FilterCase[];
}
interface FilterCase {
  readonly id: string;
  readonly group: string;
  readonly filter?: string;
  readonly query?: string;
  readonly endpoint?: 'Users' | 'Groups';
  readonly expect: 'match' | 'reject';
  readonly matches?: readonly string[];
  readonly matchesIfActiveDefaultsToTrue?: readonly string[];
}
interface Made {
  readonly id: string;
  readonly active?: boolean;
  readonly meta: { readonly created: string; readonly location: string; readonly version: string };
}

const data = JSON.parse(readFileSync(new URL('./filters.json', import.meta.url), 'utf8')) as Data;

describe.each(hosts)('filter cases over HTTP on %s', (_, make, open) => {
  let server: RunningServer;
  const users = new Map<string, Made>();
  const groups = new Map<string, Made>();
  const run = 'h7-';

  const send = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const headers = {
      authorization: `Bearer ${server.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    };
    const response = await fetch(server.baseUrl + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const inside = (text: unknown): string => JSON.stringify(String(text)).slice(1, -1);
  const fill = (text: string): string =>
    text.replace(
      /\{(run|RUN|uuid|id|ID|gid|created|location|version)(?::([^}]*))?\}/g,
      (__, kind: string, argument = '') => {
        const [name = '', ...modifiers] = String(argument).split('|');
        const all = [...users.values()];
        const user = name === 'first' ? all[0] : name === 'last' ? all.at(-1) : users.get(name);
        const values: Readonly<Record<string, () => string>> = {
          run: () => run,
          RUN: () => run.toUpperCase(),
          uuid: () => 'e4b0c9d2-0000-4000-8000-000000000000',
          id: () => inside(user?.id),
          ID: () => inside(user?.id.toUpperCase()),
          gid: () => inside(groups.get(name)?.id),
          created: () => when(String(user?.meta.created), modifiers),
          location: () => inside(user?.meta.location),
          version: () => inside(user?.meta.version),
        };
        return values[kind]?.() ?? '';
      },
    );

  beforeAll(async () => {
    server = await startServer(make, {}, await open());
    const kinds = [
      ['/Users', data.users, users],
      ['/Groups', data.groups, groups],
    ] as const;
    for (const [path, list, made] of kinds) {
      for (const { key, body } of list) {
        const response = await send('POST', path, JSON.parse(fill(JSON.stringify(body))));
        expect(response.status).toBe(201);
        made.set(key, response.body as unknown as Made);
      }
    }
  });
  afterAll(() => server.close());

  const problem = async (one: FilterCase): Promise<string> => {
    const endpoint = one.endpoint ?? 'Users';
    const query = one.query === undefined ? `filter=${encodeURIComponent(fill(one.filter ?? ''))}` : fill(one.query);
    const { status, body } = await send(
      'GET',
      `/${endpoint}?${query}${/(?:^|&)count=|&$/.test(query) ? '' : '&count=200'}`,
    );
    if (one.expect === 'reject') {
      return status === 400 && body['scimType'] === 'invalidFilter'
        ? ''
        : `${one.id}: ${String(status)} ${String(body['scimType'])}`;
    }
    if (status !== 200) return `${one.id}: ${String(status)} ${String(body['detail'])}`;
    const byId = new Map([...users, ...groups].map(([key, made]) => [made.id, key]));
    const found = (body['Resources'] as { id: string }[]).map(({ id }) => byId.get(id)).sort();
    const defaulted = users.get('finn')?.active === true ? one.matchesIfActiveDefaultsToTrue : undefined;
    const expected = [...(defaulted ?? one.matches ?? [])].sort();
    return JSON.stringify(found) === JSON.stringify(expected)
      ? ''
      : `${one.id}: ${found.join()} instead of ${expected.join()}`;
  };

  it.each([...new Set(data.cases.map((one) => one.group))])('%s', async (group) => {
    const problems: string[] = [];
    for (const one of data.cases) if (one.group === group) problems.push(await problem(one));
    expect(problems.filter((each) => each !== '')).toEqual([]);
  });
});

/** An instant in another zone, moved by seconds, with more digits; the digits of its fraction are kept. */
function when(text: string, modifiers: readonly string[]): string {
  let zone = 'Z';
  let moved = Date.parse(text);
  let zeros = '';
  for (const modifier of modifiers) {
    if (/^[+-]\d\d:\d\d$/.test(modifier)) zone = modifier;
    else if (/^0+$/.test(modifier)) zeros = modifier;
    else moved += Number(modifier) * 1_000;
  }
  const minutes =
    zone === 'Z' ? 0 : Number(`${zone.charAt(0)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  return `${new Date(moved + minutes * 60_000).toISOString().slice(0, -1)}${zeros}${zone}`;
}
