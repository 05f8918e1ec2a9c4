/** Requests that one holder of a valid key sends to hold up everybody else. */
export interface HostileRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: string | undefined;
}

/** A series of requests under a name: the first ones prepare what the last one needs. `{id}` is the id of the last creation. */
export interface Attack {
  readonly name: string;
  requests(): Iterable<HostileRequest>;
  /** The only store that it is sent to. Default: all. */
  readonly only?: string | undefined;
}

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const bulkRequest = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

let count = 0;

function user(more: object = {}): HostileRequest {
  return post('/Users', { schemas: [userSchema], userName: `user${String(++count)}@example.com`, ...more });
}

function post(path: string, body: object): HostileRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function patch(path: string, Operations: readonly object[]): HostileRequest {
  return { method: 'PATCH', path, body: JSON.stringify({ schemas: [patchOp], Operations }) };
}

function bulk(Operations: readonly object[], more: object = {}): HostileRequest {
  return post('/Bulk', { schemas: [bulkRequest], Operations, ...more });
}

const get = (path: string): HostileRequest => ({ method: 'GET', path });
const filter = (text: string): HostileRequest => get(`/Users?filter=${encodeURIComponent(text)}`);
const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
/** As long as a UUID. */
const longId = (prefix: string, i: number): string => prefix + String(i).padStart(35, '0');
const marks = (length: number): string => `a${'\u0315\u0300'.repeat(length / 2)}`;

export const attacks: readonly Attack[] = [
  {
    name: 'a userName with 100,000 combining marks',
    requests: () => [user({ userName: marks(100_000) })],
  },
  {
    name: 'combining marks in one attribute, then filters and orders on it',
    requests: () => [user({ title: marks(100_000) }), filter('title co "x"'), get('/Users?sortBy=title')],
  },
  {
    name: 'combining marks in a filter literal, in each operation of a bulk request, and in a path',
    requests: () => [
      filter(`title eq "${marks(2_000)}"`),
      bulk(
        list(100, (i) => ({
          method: 'POST',
          path: '/Users',
          bulkId: `b${String(i)}`,
          data: { schemas: [userSchema], userName: marks(30_000) },
        })),
      ),
      patch('/Users/x', [{ op: 'replace', path: `emails[value eq "${marks(2_000)}"].display`, value: 'x' }]),
    ],
  },
  {
    name: 'a bulk request with a string of bulkId: 40,000 times',
    requests: () => [
      bulk([
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'a',
          data: { schemas: [userSchema], userName: 'x', title: '"bulkId:'.repeat(40_000) },
        },
      ]),
      bulk([
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'a',
          data: { schemas: [userSchema], userName: 'x', title: 'bulkId:'.repeat(40_000) },
        },
      ]),
    ],
  },
  {
    name: 'PATCH with 20 paths of 60,000 brackets',
    requests: () => [
      user(),
      patch(
        '/Users/{id}',
        list(20, () => ({ op: 'replace', path: '['.repeat(60_000), value: 'x' })),
      ),
      patch(
        '/Users/{id}',
        list(20, () => ({ op: 'replace', path: `emails${'[type eq "work"'.repeat(4_000)}`, value: 'x' })),
      ),
    ],
  },
  {
    name: 'value paths of 190 terms over 10,000 e-mails, 30 times',
    requests: () => [
      user({ emails: list(10_000, (i) => ({ value: `e${String(i)}@example.com`, type: 'work' })) }),
      user({ emails: list(1_000, (i) => ({ value: `e${String(i)}@example.com`, type: 'work' })) }),
      patch(
        '/Users/{id}',
        list(30, () => ({
          op: 'replace',
          path: `emails[${list(190, (i) => `value eq "n${String(i)}"`).join(' or ')}].display`,
          value: 'x',
        })),
      ),
      patch(
        '/Users/{id}',
        list(10_000, () => ({ op: 'replace', path: 'emails[value eq "none"].display', value: 'x' })),
      ),
    ],
  },
  {
    name: 'value paths of 190 terms over 50,000 members, 30 times',
    requests: () => [
      post('/Groups', {
        schemas: [groupSchema],
        displayName: 'all',
        members: list(50_000, (i) => ({ value: `m${String(i)}` })),
      }),
      patch(
        '/Groups/{id}',
        list(30, () => ({
          op: 'remove',
          path: `members[${list(190, (i) => `value eq "n${String(i)}"`).join(' or ')}]`,
        })),
      ),
      get(`/Groups?filter=${encodeURIComponent(list(190, (i) => `members.value eq "n${String(i)}"`).join(' or '))}`),
    ],
  },
  {
    name: 'a long needle in a long text',
    requests: () => [
      user({ title: 'a'.repeat(2_000_000) }),
      user({ title: 'a'.repeat(250_000) }),
      filter(`title co "${'a'.repeat(3_500)}b${'a'.repeat(3_500)}"`),
      filter(`title co "${'a'.repeat(7_000)}b"`),
    ],
  },
  {
    name: 'pages of 200 users with large certificates',
    requests: () => [
      ...list(60, () => user({ x509Certificates: [{ value: 'QUJD'.repeat(1_900_000) }] })),
      ...list(60, () => user({ x509Certificates: list(4, () => ({ value: 'QUJD'.repeat(60_000) })) })),
      get('/Users?count=200'),
      get('/Users?count=200&cursor'),
      get('/?count=200'),
    ],
  },
  {
    name: 'a bulk request of 300 changes with 6 MB of ballast',
    requests: () => [
      user(),
      bulk(
        list(300, (i) => ({
          method: 'PATCH',
          path: '/Users/{id}',
          data: {
            schemas: [patchOp],
            Operations: [{ op: 'replace', path: 'title', value: `${String(i)}${'t'.repeat(20_000)}` }],
          },
        })),
      ),
    ],
  },
  {
    name: '8 MB of full-width userName, of Cyrillic, of unknown keys, of equal roles',
    requests: () => [
      user({ userName: 'ａ'.repeat(2_600_000) }),
      user({ userName: 'ａ'.repeat(85_000) }),
      user({ displayName: 'Ж'.repeat(4_000_000) }),
      user({ displayName: 'Ж'.repeat(170_000) }),
      filter(`displayName eq "${'Ж'.repeat(2_000)}"`),
      user(Object.fromEntries(list(600_000, (i) => [`k${String(i)}`, 1]))),
      user({ roles: list(100_000, () => ({ value: 'r' })) }),
      user({ roles: list(100_000, () => 'r') }),
    ],
  },
  {
    name: 'bulk graphs: complete, a reverse chain, a ring',
    requests: () => [
      bulk(
        list(1_000, (i) => ({
          method: 'POST',
          path: '/Groups',
          bulkId: `g${String(i)}`,
          data: {
            schemas: [groupSchema],
            displayName: `g${String(i)}`,
            members: list(300, (j) => ({ value: `bulkId:g${String((i + j + 1) % 1_000)}` })),
          },
        })),
      ),
      bulk(
        list(1_000, (i) => ({
          method: 'POST',
          path: '/Groups',
          bulkId: `g${String(i)}`,
          data: {
            schemas: [groupSchema],
            displayName: `g${String(i)}`,
            members: i === 999 ? [] : [{ value: `bulkId:g${String(i + 1)}` }],
          },
        })),
      ),
    ],
  },
  {
    name: 'roles of JSON text that nests 200,000 deep',
    requests: () => [
      user({
        roles: [
          { value: '['.repeat(100_000) + ']'.repeat(100_000) },
          { value: '['.repeat(100_000) + ']'.repeat(100_000) },
        ],
      }),
      user({ roles: [{ value: `{"value":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}` }] }),
      user({ roles: ['{"value":"q\\u0000"}'] }),
      user({ 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { $ref: '../Users/%00' } } }),
    ],
  },
  {
    name: 'a whole group of 50,000 members replaced, sorted and read',
    requests: () => [
      post('/Groups', {
        schemas: [groupSchema],
        displayName: 'big',
        members: list(50_000, (i) => ({ value: `m${String(i)}` })),
      }),
      patch('/Groups/{id}', [
        { op: 'replace', path: 'members', value: list(50_000, (i) => ({ value: `n${String(i)}` })) },
      ]),
      get('/Groups/{id}'),
    ],
  },
  {
    name: 'a group of 100,000 members created, replaced, emptied and read',
    // On SQLite the statements of such a write are prepared in one go: 250 ms on a busy machine.
    only: 'memory',
    requests: () => [
      post('/Groups', {
        schemas: [groupSchema],
        displayName: 'largest',
        members: list(100_000, (i) => ({ value: longId('m', i) })),
      }),
      patch('/Groups/{id}', [
        { op: 'replace', path: 'members', value: list(100_000, (i) => ({ value: longId('n', i) })) },
      ]),
      get('/Groups/{id}'),
      patch('/Groups/{id}', [
        { op: 'remove', path: 'members', value: list(60_000, (i) => ({ value: longId('n', i) })) },
      ]),
      get('/Groups/{id}'),
      get('/Groups?count=10'),
      patch('/Groups/{id}', [{ op: 'replace', path: 'members', value: [] }]),
    ],
  },
];
