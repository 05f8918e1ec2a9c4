// Memory over a million mixed requests: `npm run bench:million`, some minutes. Keeps bench/results/million.json.
//
//   node bench/million.mjs [--requests 1000000] [--users 1000] [--no-keep]
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { bulkCreation, groupSchemas, patch, seedUsers, user } from './data.mjs';
import { keep, measuredAt } from './results.mjs';
import { key, startServer } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '1000' },
    'no-keep': { type: 'boolean', default: false },
  },
});
const users = Number(options.users);
const turns = 10;
const each = Math.floor(Number(options.requests) / turns);
const at = measuredAt();
const authorized = { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' };
const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';

const server = await startServer('ours');
const ids = await seedUsers(server, users);
const members = ids.slice(0, users >> 1).map((value) => ({ value }));
const group = await server.send('POST', '/Groups?excludedAttributes=members', {
  schemas: groupSchemas,
  displayName: 'Half',
  members,
});

let n = 0;
/** Users spread over the store: others for each request. */
const someId = () => ids[(n++ * 7919) % users];
const filtered = (text) => `/Users?filter=${encodeURIComponent(text)}`;
const asking = (path) => ({ setupRequest: (request) => ({ ...request, method: 'GET', path: path() }) });
const sending = (method, path, body) => ({
  setupRequest: (request) => ({ ...request, method, path: path(), body: JSON.stringify(body()) }),
});

/** What one connection sends, again and again. Each filter, path and projection is one never seen before. */
const requests = [
  asking(() => `/Users/${someId()}`),
  asking(() => filtered(`userName eq "USER${n % users}@example.com" and displayName ne "${n++}"`)),
  asking(() => filtered(`userName eq "nobody-${n++}@example.com"`)),
  asking(() => filtered(`emails[type eq "work" and value eq "user${n++ % users}@example.com"]`)),
  asking(() => `/Users?startIndex=${1 + (n++ % users)}&count=10&attributes=userName,x${n}`),
  sending(
    'PATCH',
    () => `/Users/${someId()}`,
    () => patch({ op: 'Replace', path: 'active', value: n % 2 === 0 }),
  ),
  sending(
    'PATCH',
    () => `/Users/${someId()}`,
    () => patch({ op: 'replace', value: { displayName: `Name ${n}`, [department]: `Department ${n}` } }),
  ),
  sending(
    'PATCH',
    () => `/Users/${someId()}`,
    () => patch({ op: 'Replace', path: `emails[type eq "work" and value ne "${n}"].display`, value: `Display ${n}` }),
  ),
  sending(
    'PATCH',
    () => `/Groups/${group.id}`,
    () => patch({ op: n % 2 === 0 ? 'Add' : 'Remove', path: 'members', value: [{ value: someId() }] }),
  ),
  {
    setupRequest: (request) => {
      const number = (n++ * 7919) % users;
      const body = JSON.stringify({ ...user(number), title: `Title ${n}` });
      return { ...request, method: 'PUT', path: `/Users/${ids[number]}`, body };
    },
  },
  // A user comes and goes; the connection remembers which.
  {
    setupRequest: (request) => ({
      ...request,
      method: 'POST',
      path: '/Users',
      body: JSON.stringify(user(1_000_000 + n++)),
    }),
    onResponse: (_status, body, context) => (context.id = JSON.parse(body).id),
  },
  {
    setupRequest: (request, context) => ({
      ...request,
      method: 'DELETE',
      path: `/Users/${context.id}`,
      body: undefined,
    }),
  },
  {
    setupRequest: (request) => ({
      ...request,
      method: 'POST',
      path: '/Bulk',
      body: JSON.stringify(bulkCreation([2_000_000 + n++])),
    }),
    onResponse: (_status, body, context) => (context.path = /\/Users\/[^"]+/.exec(body)[0]),
  },
  { setupRequest: (request, context) => ({ ...request, method: 'DELETE', path: context.path, body: undefined }) },
  // Refusals: nothing there, a body that does not fit, a name that is taken, a key that is none.
  asking(() => `/Users/nobody-${n++}`),
  sending(
    'POST',
    () => '/Users',
    () => ({ ...user(1), userName: n++ }),
  ),
  sending(
    'POST',
    () => '/Users',
    () => user(n++ % users),
  ),
  {
    setupRequest: (request) => ({
      ...request,
      method: 'GET',
      path: '/Users',
      body: undefined,
      headers: { authorization: `Bearer wrong-${n++}` },
    }),
  },
];
const mix =
  'lookups by id, by filters and projections never seen before, pages, PATCH of users and groups, PUT, creations one by one and in bulk, deletions, and refusals (400, 401, 404, 409)';
const refusals = ['400', '401', '404', '409'];

const seeded = await server.memory();
console.log(`${users} users: ${(seeded / 1e6).toFixed(2)} MB`);
const heaps = [];
for (let turn = 1; turn <= turns; turn++) {
  const began = performance.now();
  const result = await autocannon({
    url: server.baseUrl,
    connections: 10,
    amount: each,
    requests: requests.map((request) => ({ method: 'GET', headers: authorized, ...request })),
  });
  if (result.errors + result.timeouts > 0)
    throw new Error(`${result.errors + result.timeouts} requests had no response`);
  // Each refusal that is expected is one of the requests of a connection's turn; nothing else may fail.
  const counts = result.statusCodeStats;
  for (const status of Object.keys(counts).filter((each) => each >= '300')) {
    const expected = refusals.includes(status) ? each / requests.length : 0;
    if (Math.abs(counts[status].count - expected) > 10) {
      throw new Error(`${counts[status].count} responses were ${status}, expected ${expected.toFixed(0)}`);
    }
  }
  heaps.push(await server.memory());
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${turn * each} requests: ${(heaps.at(-1) / 1e6).toFixed(2)} MB, ${(each / seconds).toFixed(0)} a second`,
  );
}
await server.stop();
if (!options['no-keep']) keep('million', { at, users, each, seeded, heaps, mix });
