// What is measured: the requests of each work.
import { bulkBody, patchBody, userAt } from './data.js';
import type { WireRequest } from './load.js';
import type { Engine } from './server-options.js';

/** The resources in one set of tables, and how far each work has come in them. */
export interface Data {
  readonly size: number;
  /** The ID of each user, by number. */
  readonly ids: readonly string[];
  /** The ID of the group of each size. */
  readonly groups: Map<number, string>;
  /** How many requests each work has made. Servers over the same tables go on where the other stopped. */
  readonly counts: Map<string, number>;
}

export interface Work {
  readonly name: string;
  readonly title: string;
  /** The rate that ours must reach, relative to the hand-written app. */
  readonly target?: Readonly<Record<Engine, number>>;
  /** Users that one request creates. */
  readonly creates?: number;
  /** Whether it writes, so that an outbox has something to do. */
  readonly writes?: boolean;
  /** Whether it should take as long with 100,000 users as with 1,000, on all engines. */
  readonly indexed?: boolean;
  /** Least milliseconds of a server in a round, where a request takes long. */
  readonly least?: number;
  /** Makes a group of about this size before the work, where the data is large enough. */
  readonly group?: number;
  /** @returns what makes the next request */
  requests(data: Data): () => WireRequest;
}

const read = { postgres: 0.9, sqlite: 0.9, mariadb: 0.8 };
const name = { postgres: 0.85, sqlite: 0.85, mariadb: 0.8 };
const page = { postgres: 0.9, sqlite: 0.75, mariadb: 0.75 };
const write = { postgres: 0.8, sqlite: 0.6, mariadb: 0.7 };
const member = { postgres: 0.8, sqlite: 0.65, mariadb: 0.5 };

const filtered = (text: string): string => `/Users?filter=${encodeURIComponent(text)}`;
const pageSize = 100;
// No seeded user has such a number.
let fresh = 1_000_000;

export const works: readonly Work[] = [
  {
    name: 'get',
    title: 'get by id',
    indexed: true,
    target: read,
    requests: (data) => reading(data, 'get', (i) => `/Users/${idOf(data, i)}`),
  },
  {
    name: 'userName',
    title: '`userName eq`',
    indexed: true,
    target: name,
    requests: (data) =>
      reading(data, 'userName', (i, pass) =>
        filtered(`${spelled('userName', pass)} eq "User.${String(i)}@example.com"`),
      ),
  },
  {
    name: 'externalId',
    title: '`externalId eq`',
    indexed: true,
    target: read,
    requests: (data) =>
      reading(data, 'externalId', (i, pass) => filtered(`${spelled('externalId', pass)} eq "${userAt(i).externalId}"`)),
  },
  {
    name: 'email',
    title: '`emails[type eq "work" and value eq ...]`',
    indexed: true,
    requests: (data) =>
      reading(data, 'email', (i, pass) =>
        filtered(`${spelled('emails', pass)}[type eq "work" and value eq "user.${String(i)}@example.com"]`),
      ),
  },
  {
    name: 'page',
    title: `page of ${String(pageSize)}`,
    target: page,
    requests: () => () => ({ method: 'GET', path: `/Users?startIndex=1&count=${String(pageSize)}` }),
  },
  {
    name: 'deep',
    title: `page of ${String(pageSize)} at the end`,
    target: page,
    requests:
      ({ size }) =>
      () => ({ method: 'GET', path: `/Users?startIndex=${String(size - pageSize + 1)}&count=${String(pageSize)}` }),
  },
  {
    name: 'cursor',
    title: `walk by cursor, pages of ${String(pageSize)}`,
    indexed: true,
    target: page,
    requests: () => {
      let cursor = '';
      const onResponse = (body: string): void => {
        cursor = /"nextCursor":"([^"]*)"/.exec(body)?.[1] ?? '';
      };
      return () => ({
        method: 'GET',
        path: `/Users?count=${String(pageSize)}&cursor=${encodeURIComponent(cursor)}`,
        onResponse,
      });
    },
  },
  {
    name: 'active',
    title: 'PATCH of `active`',
    writes: true,
    indexed: true,
    target: read,
    requests: (data) =>
      counting(data, 'active', (n) => {
        // Each pass over all users sets the other value, so that no request is a no-op.
        const value = Math.floor(n / data.size) % 2 === 0 ? 'False' : 'True';
        const body = patchBody({ op: 'Replace', path: 'active', value });
        return { method: 'PATCH', path: `/Users/${idOf(data, spread(data, n))}`, body };
      }),
  },
  {
    name: 'attribute',
    title: 'PATCH of an attribute',
    writes: true,
    indexed: true,
    target: write,
    requests: (data) =>
      counting(data, 'attribute', (n) => {
        const body = patchBody({ op: 'Replace', path: 'title', value: `Title ${String(fresh++)}` });
        return { method: 'PATCH', path: `/Users/${idOf(data, spread(data, n))}`, body };
      }),
  },
  {
    name: 'put',
    title: 'PUT',
    writes: true,
    indexed: true,
    target: write,
    requests: (data) =>
      counting(data, 'put', (n) => {
        const i = spread(data, n);
        const body = JSON.stringify(userAt(i, `Title ${String(fresh++)}`));
        return { method: 'PUT', path: `/Users/${idOf(data, i)}`, body };
      }),
  },
  moving('member', 1_000),
  moving('member-large', 50_000),
  // Last, since they make the tables larger.
  {
    name: 'create',
    title: 'create',
    writes: true,
    target: write,
    creates: 1,
    requests: () => () => ({ method: 'POST', path: '/Users', body: JSON.stringify(userAt(fresh++)) }),
  },
  {
    name: 'bulk',
    title: 'bulk of 100 creations',
    writes: true,
    creates: 100,
    least: 1_500,
    requests: () => () => ({
      method: 'POST',
      path: '/Bulk',
      body: bulkBody(Array.from({ length: 100 }, () => fresh++)),
    }),
  },
];

/** Moves users into and out of a group that keeps its size. */
function moving(workName: string, group: number): Work {
  return {
    name: workName,
    title: `a member into or out of a group of ${group.toLocaleString('en')}`,
    target: member,
    writes: true,
    group,
    requests: (data) => {
      const outside = data.ids.slice(group, group + spare);
      return counting(data, workName, (n) => {
        // A user leaves ten turns after joining: with ten connections, no request overtakes the one that it undoes.
        const turn = Math.floor(n / 2);
        const isJoining = n % 2 === 0;
        const value = outside[(isJoining ? turn : turn + outside.length - 10) % outside.length] ?? '';
        const body = patchBody({ op: isJoining ? 'Add' : 'Remove', path: 'members', value: [{ value }] });
        return { method: 'PATCH', path: `/Groups/${data.groups.get(group) ?? ''}`, body };
      });
    },
  };
}

/** How many users beside a group move. */
export const spare = 500;

/** @param path of the user with a number, in the nth pass over all users */
function reading(data: Data, workName: string, path: (i: number, pass: number) => string): () => WireRequest {
  return counting(data, workName, (n) => ({ method: 'GET', path: path(spread(data, n), Math.floor(n / data.size)) }));
}

/** The name of an attribute, in another letter case in each pass: so that few users have as many filters as many users. */
function spelled(attribute: string, pass: number): string {
  return [...attribute].map((letter, i) => ((pass >> i) & 1 ? letter.toUpperCase() : letter)).join('');
}

function counting(data: Data, workName: string, request: (n: number) => WireRequest): () => WireRequest {
  return () => {
    const n = data.counts.get(workName) ?? 0;
    data.counts.set(workName, n + 1);
    return request(n);
  };
}

/** The nth of all users, far from the one before; each once in a pass. */
function spread({ size }: Data, n: number): number {
  // A prime that divides no size of a bench.
  return (n * 7_919) % size;
}

function idOf({ ids }: Data, i: number): string {
  return ids[i] ?? '';
}
